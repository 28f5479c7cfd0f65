"""Controls: do the models use the audio at all? The same question with silence, with another clip, or no model at all.

``control/silence:<model>`` asks ``<model>`` with silence as long as the clip, ``control/swapped:<model>`` with another
clip of the dataset, and ``control/majority`` gives the dataset's commonest answer. What a model scores above its
controls is what it owes to hearing. `silence` and `swapped` also take a model of one's own.

Over a service they send no more than the request about the clip itself would, in a form that the service takes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import wave
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from qaeval import audio, fitting, models, registry
from qaeval.errors import AudioError, ModelError
from qaeval.fitting import Fitted
from qaeval.models._majority import Majority
from qaeval.types import Ask, Audio, Failure, Model, Reply, Request, Sample

if TYPE_CHECKING:
    from qaeval.models.catalogue import Catalogue

SUMMARY = "the same question with silence, with another clip, or the commonest answer: is the audio used at all?"
EXAMPLES = ("control/majority", "control/silence:whisper/base", "control/swapped:whisper/base")

Prepare = Callable[[Callable[[], Iterator[Sample]]], Ask]


def load(rest: str, catalogue: Catalogue | None = None) -> Model:
    """The control ``silence:<model>``, ``swapped:<model>`` or ``majority``; the inner model is the catalogue's.

    Raises `UnknownNameError` for another, and what finding the inner model raises.
    """
    kind, _, inner = rest.partition(":")
    if rest == "majority":
        return majority()
    if kind in ("silence", "swapped") and inner:
        return (silence if kind == "silence" else swapped)(models.find(inner, catalogue))
    raise registry.unknown("model", f"control/{rest}", EXAMPLES)


def silence(inner: Model) -> Model:
    """``inner``, but what it hears is silence as long as each clip: 16 kHz, mono, 16 bits.

    >>> silence(Model("mine", lambda request: f"{len(request.audio.source)} bytes")).name
    'control/silence:mine'
    """
    listen = _asks_of(inner)

    def ask(request: Request) -> Reply:
        onset, offset = request.span or (0.0, None)
        end = audio.probe(request.audio).duration if offset is None else offset
        seconds = max(end - onset, 0.0)
        return _put(listen, inner, _taken(request, quiet(seconds), seconds, inner))

    return _control("silence", inner, ask=ask)


def swapped(inner: Model) -> Model:
    """``inner``, but what it hears is another clip of the dataset; ``raw`` tells which.

    It is the next one (after the last, the first) that has other audio, of the same language where there is one. For a
    part of a clip it hears as much from the start of the other clip; a service hears never more of it than it would
    have heard of the clip itself. When a dataset grows between two runs, a clip
    asked for before keeps its reply, whichever clip was next at that time.
    """
    listen = _asks_of(inner)

    def prepare(samples: Callable[[], Iterator[Sample]]) -> Ask:
        others = _Others(samples())

        def ask(request: Request) -> Reply:
            other = others.of(request)
            if other is None:
                return Reply(error=Failure("skipped", "the dataset has no other clip to swap with"), attempts=0)
            if inner.endpoint:
                return _put(listen, inner, _taken(request, other, _asked_seconds(request), inner))
            part = dataclasses.replace(request, audio=other, span=_as_long(request, other))
            return _put(listen, inner, Fitted(part, "", None))

        return ask

    return _control("swapped", inner, prepare=prepare)


def majority() -> Model:
    """No model: the commonest reference of the dataset for the task and the language, in words that the task reads.

    For ``transcribe`` the commonest text (of equally common ones, the first in sorted order); for ``locate`` the median
    onset and the median offset of the first span, or that there is none when more than half of the samples have none;
    for ``detect`` the event that most clips have, at its median times. Of labels the commonest value or set of values,
    each label by itself; of ages and tempi the median; for ``answer`` the letter that is right most often among those
    that the question has, or the commonest words.
    """
    return Model(
        "control/majority",
        prepare=lambda samples: Majority(samples()).ask,
        reads_prompt=False,
        refuses=Majority.refuses,
        facts={"control": "majority"},
    )


def quiet(seconds: float) -> Audio:
    """Silence as a WAV file: 16 kHz, mono, 16 bits.

    >>> audio.probe(quiet(1.5)).duration
    1.5
    """
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * max(round(seconds * 16_000), 1)))
    content = buffer.getvalue()
    return Audio(content, f"{seconds:.2f} s of silence", hashlib.sha256(content).hexdigest())


def _asks_of(inner: Model) -> Ask:
    if inner.ask is None:
        raise ModelError(f"{inner.name} does not listen, so it has no control; expected a model that answers by itself")
    return inner.ask


def _control(kind: str, inner: Model, ask: Ask | None = None, prepare: Prepare | None = None) -> Model:
    return dataclasses.replace(
        inner,
        name=f"control/{kind}:{inner.name}",
        ask=ask,
        prepare=prepare,
        script=None,
        facts={**inner.facts, "control": kind, "inner": inner.name},
    )


def _put(ask: Ask, inner: Model, heard: Fitted) -> Reply:
    """The inner model's reply to a request about another clip; ``raw`` tells which clip it heard."""
    said = ask(dataclasses.replace(heard.request, model=inner.name))
    reply = Reply(said) if isinstance(said, str) else said
    clip = heard.request.audio
    raw = {"heard": clip.name, "sha256": clip.sha256, "raw": reply.raw}
    return dataclasses.replace(reply, raw=raw, sent_seconds=heard.seconds)


def _taken(request: Request, clip: Audio, seconds: float, inner: Model) -> Fitted:
    """The request about the first so many seconds of another clip, fitted as the inner model needs it.

    Raises `AudioError` for a clip of which no form fits.
    """
    instead = dataclasses.replace(request, audio=clip, span=None, fitting="")
    if not inner.endpoint:
        return Fitted(instead, "", None)
    info, hears = audio.probe(clip), dataclasses.replace(inner.hears, seconds=round(seconds, 3))  # as clips are judged
    steps = fitting.recipe(info, hears, "cut")
    if not steps and (misfits := fitting.judged(info, "", hears)):
        raise AudioError(f"{clip.name}, to be heard instead: {'; '.join(misfit.text for misfit in misfits)}")
    return fitting.applied(dataclasses.replace(instead, fitting=steps), info, inner)


def _asked_seconds(request: Request) -> float:
    """How many seconds of its own clip a request is about."""
    own = fitting.sent_seconds(request, None)
    return audio.probe(request.audio).duration if own is None else own


def _as_long(request: Request, other: Audio) -> tuple[float, float] | None:
    if request.span is None:
        return None
    onset, offset = request.span
    return 0.0, min(offset - onset, audio.probe(other).duration)


class _Others:
    """For each recording, the next one. It holds addresses, and bytes only of clips that are bytes."""

    def __init__(self, samples: Iterator[Sample]) -> None:
        self._all: list[Audio] = []  # each recording once
        self._groups: dict[str, list[Audio]] = {}  # by language
        self._places: dict[str, tuple[int, str, int]] = {}  # sha256 -> where in all, which group, where in it
        for sample in samples:
            self._add(sample.audio, sample.language)

    def _add(self, clip: Audio, language: str) -> None:
        digest = audio.sha256(clip)
        if digest in self._places:
            return
        source = clip.source if isinstance(clip.source, bytes) else str(clip.source)  # a Path takes twice the memory
        clip = Audio(source, clip.name, digest)
        group = self._groups.setdefault(language, [])
        self._places[digest] = (len(self._all), language, len(group))
        self._all.append(clip)
        group.append(clip)

    def of(self, request: Request) -> Audio | None:
        """The clip to hear instead, None when the dataset has no other."""
        index, language, among = self._places.get(audio.sha256(request.audio), (-1, request.language, -1))
        return _after(self._groups.get(language, []), among) or _after(self._all, index)


def _after(clips: list[Audio], index: int) -> Audio | None:
    """The clip behind the one at ``index`` (-1: not among them), or the first; None when there is no other."""
    return clips[(index + 1) % len(clips)] if len(clips) > (index >= 0) else None
