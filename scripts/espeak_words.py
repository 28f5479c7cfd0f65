"""Speech from espeak-ng with the time of every word, through ctypes: used to make the demo, never by the package."""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from espeakng_loader import get_data_path, get_library_path
from numpy.typing import NDArray

# Numbers of espeak-ng's speak_lib.h.
AUDIO_OUTPUT_SYNCHRONOUS = 2
EVENT_LIST_TERMINATED, EVENT_WORD = 0, 1
RATE, PITCH, RANGE = 1, 3, 4
POS_CHARACTER = 1
CHARS_UTF8 = 1

SEED = 7
SILENT = 0.01
"""Below this share of the loudest sample (-40 dB) nothing is heard."""


class Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # in characters, from 1
        ("length", ctypes.c_int),  # in characters
        ("audio_position", ctypes.c_int),  # in ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


@dataclass(frozen=True)
class Voice:
    """A voice with its variant (``en-gb+f3``), speed in words a minute, pitch and pitch range from 0 to 99."""

    name: str
    speed: int = 150
    pitch: int = 50
    range: int = 50


Samples = NDArray[np.float32]
Word = tuple[str, float, float]
"""Label, onset and offset in seconds."""


@functools.cache
def _engine() -> tuple[Any, int]:
    library = ctypes.cdll.LoadLibrary(get_library_path())
    rate = library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, get_data_path().encode(), 0)
    if rate <= 0:
        raise RuntimeError(f"espeak-ng cannot start: {rate}")
    return library, rate


def speak(text: str, voice: Voice) -> tuple[Samples, int, list[Word]]:
    """The samples (float32 in -1..1), their rate in Hz, and the words of the text with their times."""
    library, rate = _engine()
    blocks: list[NDArray[np.int16]] = []
    found: list[tuple[int, int]] = []

    def collect(wave: Any, count: int, events: Any) -> int:
        if wave and count:
            blocks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        for event in events:
            if event.type == EVENT_LIST_TERMINATED:
                break
            if event.type == EVENT_WORD:
                found.append((event.text_position - 1, event.sample))
        return 0

    callback = Callback(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.name.encode()):
        raise ValueError(f"espeak-ng has no voice {voice.name!r}")
    for parameter, value in ((RATE, voice.speed), (PITCH, voice.pitch), (RANGE, voice.range)):
        library.espeak_SetParameter(parameter, value, 0)
    library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))  # breathy voices contain noise
    raw = text.encode() + b"\0"
    if library.espeak_Synth(raw, len(raw), 0, POS_CHARACTER, 0, CHARS_UTF8, None, None):
        raise RuntimeError(f"espeak-ng cannot speak {text!r}")
    samples = np.concatenate(blocks).astype(np.float32) / np.float32(32768)
    return samples, rate, _words(text, found, samples, rate)


def _words(text: str, found: list[tuple[int, int]], samples: Samples, rate: int) -> list[Word]:
    """A word lasts from its event to the next one, or to where its sound ends when a pause follows.

    Chinese has one event a character, or one for several that stand in the dictionary as a word (窗户).
    """
    words = []
    for (position, start), (until, stop) in pairwise([*found, (len(text), len(samples))]):
        label = text[position:until].strip(" ,.?!;:，。？！；：、")
        words.append((label, round(start / rate, 3), round(sound_end(samples, start, stop) / rate, 3)))
    return words


def sound_end(samples: Samples, start: int, stop: int) -> int:
    """Where the sound between two samples ends: behind the last one that is heard."""
    heard = np.flatnonzero(np.abs(samples[start:stop]) > SILENT * np.abs(samples).max())
    return start + int(heard[-1]) + 1 if len(heard) else stop
