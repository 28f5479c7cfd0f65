"""Makes of a request what is sent: the clip itself, or the bytes that its recipe gives."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import PurePosixPath
from typing import NamedTuple

from qaeval import audio
from qaeval.fitting.ways import CUT, FORMS, PLAIN_WAV, Form
from qaeval.types import Audio, Model, Request


class Fitted(NamedTuple):
    """The request to be sent; what was done to its audio, for people (``""``: nothing); how many seconds it holds."""

    request: Request
    said: str
    seconds: float | None


def applied(request: Request, info: audio.AudioInfo | None, model: Model) -> Fitted:
    """The request as the model is to get it. ``info`` is what the clip holds, None where that is not known.

    Nothing is read or copied when there is nothing to do. Else the audio is the bytes of a new file, with a digest and
    a name of its own, and the span None. A model on this machine takes spans itself; a control that hears another clip
    instead (it has ``prepare``) knows clips by their digests, and fits the one that it hears.

    Raises `AudioError`, naming the clip, when it cannot be decoded.
    """
    if not model.endpoint or not (request.fitting or request.span) or not has_audio(request):
        return Fitted(request, "", sent_seconds(request, info))
    onset, offset = request.span or (0.0, _cut_at(request.fitting))
    form = FORMS.get(request.fitting.rpartition("+")[2], PLAIN_WAV)
    said, seconds = _said(request, offset, form), sent_seconds(request, info)
    if model.prepare:
        return Fitted(request, said, seconds)
    content = audio.transcode(request.audio, form.codec, form.rate, form.mono, onset=onset, offset=offset)
    clip = Audio(content, _name(request.audio, form), hashlib.sha256(content).hexdigest())
    return Fitted(dataclasses.replace(request, audio=clip, span=None), said, seconds)


def has_audio(request: Request) -> bool:
    """Whether the clip is sent: a judge, for one, may be asked in words only.

    >>> from qaeval.types import Audio, Message
    >>> [has_audio(Request("m", Audio("a.wav"), turns)) for turns in ((), (Message("user", "Is it so?"),))]
    [True, False]
    """
    return not request.reads_prompt or not request.messages or any(turn.with_audio for turn in request.messages)


def sent_seconds(request: Request, info: audio.AudioInfo | None) -> float | None:
    """How much of the clip is sent for a request, in seconds; None where it is all of it, and that is not known.

    0 where the clip is not sent.

    >>> from qaeval.types import Audio
    >>> clip = audio.AudioInfo(70.5, 16000, 1, "wav", "pcm_s16le", 2_256_044)
    >>> [sent_seconds(Request("m", Audio("a.wav"), fitting=steps), clip) for steps in ("", "cut-1:30", "wav-1")]
    [70.5, 30.0, 70.5]
    """
    if not has_audio(request):
        return 0.0
    if request.span:
        return round(request.span[1] - request.span[0], 3)
    if (cut := _cut_at(request.fitting)) is not None:
        return cut
    return info.duration if info else None


def is_cut(said: str) -> bool:
    """Whether what `applied` says means that only the start of the clip was heard.

    >>> is_cut("cut to 30 s; wav"), is_cut("part 28.4-57.1 s; wav"), is_cut("mono, 16 kHz, mp3")
    (True, False, False)
    """
    return said.startswith("cut to ")


def _cut_at(fitting: str) -> float | None:
    """The end, in seconds, that a recipe keeps of a clip; None: all of it."""
    first = fitting.partition("+")[0]
    return float(first.partition(":")[2]) if first.startswith(CUT) else None


def _name(clip: Audio, form: Form) -> str:
    """What a server may see: the file's bare name, with the extension of what it holds."""
    return f"{PurePosixPath(clip.name.partition('?')[0]).stem or 'clip'}.{form.codec}"


def _said(request: Request, offset: float | None, form: Form) -> str:
    shape = f"mono, {form.rate // 1000} kHz, {form.codec}" if form.rate else form.codec
    if request.span:
        return f"part {request.span[0]:g}-{request.span[1]:g} s; {shape}"
    return shape if offset is None else f"cut to {offset:g} s; {shape}"
