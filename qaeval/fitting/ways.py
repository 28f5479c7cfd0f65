"""How a clip is asked of a model: as it is, fitted by a recipe, in parts, or not at all. Pure decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from qaeval import registry
from qaeval.audio import AudioInfo
from qaeval.fitting.limits import ClipInfo, Misfit, is_too_long, judged
from qaeval.fitting.parts import spans
from qaeval.types import AudioLimits, Model, Span

MODES = ("refuse", "transcode", "cut", "split")

CUT, PART = "cut-1", "part-1"
"""Steps of a recipe, as forms are: ``cut-1:30`` keeps the first 30 s, ``part-1`` what the request's span names."""
_HEADER = 1000  # bytes, more than any header of ours
_CHOICES = {
    "transcode": "fit='transcode' to send it encoded anew",
    "cut": "fit='cut' to ask about its start only",
    "split": "fit='split' to ask about it in parts",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What a clip is encoded as. ``rate`` in Hz and ``mono``: None and False leave them as they are."""

    codec: str
    codec_name: str  # as FFmpeg calls it
    rate: int | None = None
    mono: bool = False
    byte_rate: int = 0  # bytes per second; 0: 16 bits for each sample of the clip's own rate and channels


PLAIN_WAV = Form("wav", "pcm_s16le")
FORMS = {"wav-1": Form("wav", "pcm_s16le", 16_000, True, 32_000), "mp3-1": Form("mp3", "mp3", 16_000, True, 8_000)}
"""The forms by name and version, the better one first. A change of one is a new version: it changes a request's key."""


class Way(NamedTuple):
    """The recipe (``""``: as it is), the span of each part (one None: the whole clip), and why it is not asked."""

    recipe: str = ""
    parts: tuple[Span, ...] = (None,)
    problem: str = ""


_AS_IT_IS = Way()


def checked(mode: str) -> str:
    """The mode. Raises `UnknownNameError` for one that is not among `MODES`."""
    if mode not in MODES:
        raise registry.unknown("way to fit audio (fit=...)", str(mode), MODES)
    return mode


def way(info: ClipInfo | None, language: str, model: Model, mode: str) -> Way:
    """How a clip of that language is asked of the model. None, a clip that cannot be read, is left as it is."""
    if info is None or not model.endpoint:
        return _AS_IT_IS
    found = judged(info, language, model.hears)
    if not found:
        return _AS_IT_IS
    steps = recipe(info, model.hears, mode)
    if found[0].kind == "language" or not steps:
        return Way(problem=_told(found, info, model))
    limit = model.hears.seconds
    if not steps.startswith(PART) or limit is None:
        return Way(steps)
    return Way(steps, tuple(spans(info.duration, limit, info.pauses)))


def recipe(info: AudioInfo, hears: AudioLimits, mode: str) -> str:
    """What is done to a clip so that it fits: the least that suffices. ``""``: nothing, since it fits or none would do.

    Its name is part of a request's key, so it holds versions, and follows from the arguments alone.

    >>> song = AudioInfo(95.5, 44100, 2, "flac", "flac", 9_000_000)
    >>> [recipe(song, AudioLimits(seconds=30, formats=("wav", "mp3")), mode) for mode in MODES]
    ['', '', 'cut-1:30', 'part-1']
    >>> recipe(song, AudioLimits(size=1_000_000), "transcode"), recipe(song, AudioLimits(seconds=30, size=10**6), "cut")
    ('mp3-1', 'cut-1:30+wav-1')
    """
    return next((steps for steps, sent in _candidates(info, hears, mode) if not judged(sent, "", hears)), "")


def _candidates(info: AudioInfo, hears: AudioLimits, mode: str) -> Iterator[tuple[str, AudioInfo]]:
    """Recipes, the least first, with what each would send."""
    yield "", info
    if mode == "refuse":
        return
    start = ""
    if mode in ("cut", "split") and hears.seconds is not None and is_too_long(info, hears):
        start = PART if mode == "split" else f"{CUT}:{hears.seconds!r}".removesuffix(".0")
        info = AudioInfo(hears.seconds, info.rate, info.channels, info.codec, info.container, info.size)
        yield start, _sent(info, PLAIN_WAV)
    for name, form in FORMS.items():
        yield f"{start}+{name}".lstrip("+"), _sent(info, form)


def _sent(info: AudioInfo, form: Form) -> AudioInfo:
    byte_rate = form.byte_rate or 2 * info.rate * info.channels
    size = _HEADER + round(info.duration * byte_rate)
    return AudioInfo(info.duration, info.rate, info.channels, form.codec_name, form.codec, size)


def _told(found: list[Misfit], info: AudioInfo, model: Model) -> str:
    """Why the model is not asked, and what there is to choose."""
    seen = "; ".join(misfit.text for misfit in found)
    choices = [*(_ways_out(info, model.hears) if found[0].kind != "language" else []), "another model"]
    return f"{model.name} was not asked about this clip: {seen}. Choose {', or '.join(choices)}"


def _ways_out(info: AudioInfo, hears: AudioLimits) -> list[str]:
    """The modes that would make the clip fit; of those that would do the same, the first."""
    found: dict[str, str] = {}
    for mode, said in _CHOICES.items():
        if steps := recipe(info, hears, mode):
            found.setdefault(steps, said)
    return list(found.values())
