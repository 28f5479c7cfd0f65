"""What of a clip a service would not take, or would cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qaeval.audio import AudioInfo
from qaeval.types import AudioLimits

Kind = Literal["language", "format", "too_large", "too_long"]


@dataclass(frozen=True, slots=True)
class ClipInfo(AudioInfo):
    """What a file holds, and where it is quiet.

    ``pauses`` are (seconds, level in dB of full scale), a place for each second of the clip; ``()``: not looked for.
    """

    pauses: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Misfit:
    """One limit that a clip does not keep: which, and what was seen beside what is expected, for people."""

    kind: Kind
    text: str


def judged(info: AudioInfo, language: str, hears: AudioLimits) -> list[Misfit]:
    """Every limit that the clip does not keep; none when it fits. A clip of unknown language (``""``) is tried.

    A format is known by its container or by its codec. The size is that of the file: how much larger it becomes on its
    way (base64) is for the model's adapter to know.

    >>> song = AudioInfo(95.5, 44100, 2, "flac", "flac", 9_000_000)
    >>> [misfit.kind for misfit in judged(song, "en", AudioLimits(seconds=30, cuts=True, formats=("wav", "mp3")))]
    ['format', 'too_long']
    >>> judged(song, "en", AudioLimits(seconds=30, cuts=True))[0].text
    'it lasts 95.5 s, of which the model hears the first 30 s'
    """
    found = []
    if language and hears.languages and language not in hears.languages:
        found.append(
            Misfit("language", f"its language is {language!r}; the model is known to take {_listed(hears.languages)}")
        )
    if hears.formats and info.container not in hears.formats and info.codec not in hears.formats:
        seen = info.container if info.container == info.codec else f"{info.container} ({info.codec})"
        found.append(Misfit("format", f"its format is {seen}; the model is known to take {_listed(hears.formats)}"))
    if hears.size is not None and info.size > hears.size:
        found.append(Misfit("too_large", f"it has {info.size:,} bytes; the model takes at most {hears.size:,}"))
    if is_too_long(info, hears):
        takes = "of which the model hears the first" if hears.cuts else "the model takes at most"
        found.append(Misfit("too_long", f"it lasts {round(info.duration, 2):g} s, {takes} {hears.seconds:g} s"))
    return found


def is_too_long(info: AudioInfo, hears: AudioLimits) -> bool:
    """Whether a clip lasts longer than the model hears, by a millisecond or more.

    >>> is_too_long(AudioInfo(30.0004, 16000, 1, "mp3", "mp3", 240_000), AudioLimits(seconds=30))
    False
    """
    return hears.seconds is not None and round(info.duration, 3) > hears.seconds


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) < 13 else f"{', '.join(names[:12])} and {len(names) - 12} more"
