"""Probes and decodes encoded audio."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from qaeval.audio.cutting import pieces_between
from qaeval.audio.headers import plain_wav
from qaeval.audio.opening import Clip, measure, open_clip
from qaeval.audio.sources import Source, named, opened
from qaeval.audio.waveform import Waveform, joined
from qaeval.errors import AudioError
from qaeval.types import Audio


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file holds.

    ``duration`` in seconds is the true one, of the packets that are there; ``rate`` in Hz; ``codec`` is FFmpeg's name
    (``pcm_s16le``, ``gsm_ms``, ``amr_nb``, ``aac``, ``mp3`` ...); ``container`` is ``wav``, ``flac``, ``mp3``,
    ``ogg``, ``aac`` (ADTS), ``m4a``, ``mp4``, ``3gp``, ``mov``, ``amr``, ``matroska`` ...; ``size`` in bytes.
    """

    duration: float
    rate: int
    channels: int
    codec: str
    container: str
    size: int


def probe(audio: Source) -> AudioInfo:
    """What a clip holds, without decoding it: about a millisecond for a clip of ten seconds.

    The duration does not rest on the header: a WAV's is checked against the bytes that are there, any other format's
    packets are counted. Damage inside a packet shows only when it is decoded. Of several audio streams the one
    that FFmpeg calls the best is meant; cover art and other streams are ignored.

    Raises `AudioError`, naming the clip, when it cannot be read, is not audio, holds no audio, or states a length
    that is more than 0.25 s away from the true one (a cut-off file, a broken header).

    >>> import numpy as np
    >>> from qaeval.audio import Waveform, encode
    >>> probe(encode(Waveform(np.zeros((1, 8000), np.float32), 16000), "wav"))
    AudioInfo(duration=0.5, rate=16000, channels=1, codec='pcm_s16le', container='wav', size=16044)
    """
    audio = named(audio)
    if info := _plain_wav(audio):
        return info
    with open_clip(audio) as clip:
        duration = clip.stated_s if clip.format == "wav" else measure(clip)
        if duration is None:
            duration = sum(piece.duration for piece in pieces_between(clip))
        if duration <= 0:
            raise clip.no_audio()
        clip.check(duration)
        if clip.format == "mov" and clip.stated_s is not None:
            duration = min(duration, clip.stated_s)
        context = clip.stream.codec_context
        codec = context.codec.canonical_name
        return AudioInfo(duration, context.sample_rate, context.channels, codec, _container(clip), clip.size)


def _plain_wav(audio: Audio) -> AudioInfo | None:
    """What most clips of speech corpora are, read without FFmpeg, which takes ten times as long."""
    if audio.is_url:
        return None  # it would be fetched twice
    with opened(audio) as file:
        if (wav := plain_wav(file)) is None:
            return None
        size = file.seek(0, os.SEEK_END)
    return AudioInfo(wav.frames / wav.rate, wav.rate, wav.channels, wav.codec, "wav", size)


def _container(clip: Clip) -> str:
    if clip.format != "mov":
        return clip.format
    brand = clip.container.metadata.get("major_brand", "").strip()
    return "3gp" if brand.startswith("3g") else {"M4A": "m4a", "M4B": "m4a", "qt": "mov"}.get(brand, "mp4")


def decode(
    audio: Source, rate: int | None = None, mono: bool = False, onset: float = 0.0, offset: float | None = None
) -> Waveform:
    """The samples of a clip, or of its part between two times, resampled and mixed down on request.

    ``rate`` in Hz, None for the clip's own; ``mono`` takes the mean of the channels; ``onset`` and ``offset`` in
    seconds (rounded to the nearest sample; an offset may pass the end by up to 0.25 s). Cuts are exact to the sample
    for PCM and FLAC and for lossy codecs to one codec frame. Only the result is held in memory, however long the file.

    Raises `AudioError`, naming the clip, as `probe` does, and when the part lies outside the clip, the format
    changes midway, or more than 0.25 s are damaged (less is left out, as players do).

    >>> import numpy as np
    >>> from qaeval.audio import Waveform, encode
    >>> tone = Waveform(np.sin(np.arange(44100, dtype=np.float32) / 16)[None], 44100)
    >>> decode(encode(tone, "wav"), rate=16000, onset=0.25, offset=0.75).samples.shape
    (1, 8000)
    """
    audio = named(audio)
    _check_arguments(audio.name, rate, onset, offset)
    with open_clip(audio) as clip:
        return joined(pieces_between(clip, onset, offset), rate, mono)


def _check_arguments(name: str, rate: int | None, onset: float, offset: float | None) -> None:
    if rate is not None and rate < 1:
        raise AudioError(f"{name}: expected a rate in Hz above 0, seen {rate}")
    end = math.inf if offset is None else offset
    if not 0 <= onset < end or (offset is not None and not math.isfinite(offset)):
        raise AudioError(f"{name}: expected 0 <= onset < offset in seconds, seen {onset} and {offset}")
