"""The commonest reference of a dataset, as an answer."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from qaeval.models import _majority_prose, prose
from qaeval.models._majority_counts import Known, Values, place, vocabulary
from qaeval.text.answers.choices import read_choices
from qaeval.types import Failure, Reply, Request, Sample

_LABELS = {
    "speaker": ("gender", "age", "language", "dialect", "accent", "emotion", "intent"),
    "music": ("instrument", "tempo", "key", "genre", "mood"),
    "sounds": ("sound",),
    "translate": ("translation",),
    "summarize": ("summary",),
    "chat": ("response",),
}
"""The labels that tell what a task asks for; of any other task, the label of its own name."""

_WITHOUT_REFERENCES = ("rating", "preference")

_T = TypeVar("_T", str, tuple[str, ...])


class Majority:
    """Reads the references once, then answers every request with the commonest one of its language.

    >>> from qaeval.types import Annotation
    >>> samples = [Sample(i, f"{i}.wav", Annotation(text=text)) for i, text in zip("abc", ("no", "yes", "yes"))]
    >>> print(Majority(samples).ask(Request("control/majority", samples[0].audio, task="transcribe")).text)
    这段音频说的是:'yes'
    """

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._known: defaultdict[str, Known] = defaultdict(Known)
        for sample in samples:
            self._known[sample.language].add(sample)

    @staticmethod
    def refuses(request: Request) -> str:
        """Why it cannot answer, or ``""``."""
        if request.task in _WITHOUT_REFERENCES:
            return f"control/majority has no answer to the task {request.task!r}, for which there are no references"
        return ""

    def ask(self, request: Request) -> Reply:
        """The commonest answer; ``skipped`` when no sample of the language has a reference for the task."""
        text = _answer(self._known.get(request.language, Known()), request)
        if text is None:
            reason = f"no sample of the language {request.language!r} has a reference for the task {request.task!r}"
            return Reply(error=Failure("skipped", reason), attempts=0)
        return Reply(text, served_model="control/majority")


def _answer(known: Known, request: Request) -> str | None:
    if request.task == "transcribe":
        return prose.said(_commonest(known.texts)) if known.texts else None
    if request.task in ("locate", "locate_first"):
        return _median_times(known, request.inputs.get("query", ""))
    if request.task == "detect":
        return _commonest_event(known)
    return "\n".join(_told(known, request)) or None


def _commonest(counts: Mapping[_T, int]) -> _T:
    """Of equally common ones the first in sorted order."""
    most = max(counts.values())
    return min(value for value, count in counts.items() if count == most)


def _median_times(known: Known, query: str) -> str | None:
    spans = known.queried
    if spans.absent > len(spans.onsets):
        return prose.absent(query)
    return prose.found(query, [spans.medians]) if spans.onsets else None


def _commonest_event(known: Known) -> str | None:
    """The event that most clips have, at its median times; none where more clips have none."""
    if not known.heard:
        return None
    label = _commonest({label: len(spans.onsets) or spans.absent for label, spans in known.heard.items()})
    return _majority_prose.heard(label, *known.heard[label].medians) if label else _majority_prose.heard_nothing()


def _told(known: Known, request: Request) -> Iterator[str]:
    """What to tell of each label of the task that a reference has, a line each."""
    for attribute in _LABELS.get(request.task, (request.task,)):
        where = place(attribute, request.inputs)
        counts, numbers = known.labels.get(where, Counter()), known.numbers.get(where, ())
        if numbers and len(numbers) >= sum(counts.values()):
            yield _majority_prose.counted(attribute, statistics.median(numbers))
        elif counts:
            yield _said(attribute, counts, request)


def _said(attribute: str, counts: Counter[Values], request: Request) -> str:
    if attribute == "answer" and request.inputs.get("choices"):
        return _majority_prose.answered(_letter(counts, request.inputs["choices"]), is_letter=True)
    values = _commonest(counts)
    if attribute == "answer":
        return _majority_prose.answered(values[0], is_letter=False)
    if attribute in ("translation", "summary"):
        return _majority_prose.rendered(attribute, values[0])
    return _majority_prose.told(attribute, [_name(attribute, value) for value in values])


def _letter(counts: Counter[Values], choices: str) -> str:
    """The commonest of the letters that the question has; the commonest of all where none was ever right."""
    there = {choice.letter for choice in read_choices(choices)}
    return _commonest({values: count for values, count in counts.items() if values[0] in there} or counts)[0]


def _name(attribute: str, value: str) -> str:
    """A name of a value that is read in a sentence: of "Drone (aircraft)" another one."""
    known = vocabulary(attribute)
    aliases = known.labels[value].aliases if known and value in known.labels and value.endswith(")") else ()
    return aliases[0] if aliases else value
