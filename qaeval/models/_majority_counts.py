"""What the references of a dataset say, counted: one sample after the other, so that it stays small."""

from __future__ import annotations

import functools
import statistics
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from qaeval.errors import UnknownNameError
from qaeval.text.labels.ages import read_ages
from qaeval.text.labels.keys import canonical_key
from qaeval.text.labels.tempi import beats
from qaeval.text.labels.vocabulary import Vocabulary, find_vocabulary
from qaeval.types import Event, Sample

Values = tuple[str, ...]

_ALTERNATIVES = ("answer", "translation", "summary", "response", "intent")
"""Labels whose several values are alternatives: each is as good."""


@dataclass(slots=True)
class Spans:
    """When something begins and ends, in seconds, in the clips that have it; and how many clips have none."""

    onsets: array[float] = field(default_factory=lambda: array("d"))
    offsets: array[float] = field(default_factory=lambda: array("d"))
    absent: int = 0

    def add(self, events: tuple[Event, ...]) -> None:
        """Counts a clip: the first of its events."""
        if not events:
            self.absent += 1
            return
        first = min(events, key=lambda event: event.onset)
        self.onsets.append(first.onset)
        self.offsets.append(first.offset)

    @property
    def medians(self) -> tuple[float, float]:
        """The median onset and the median offset."""
        return statistics.median(self.onsets), statistics.median(self.offsets)


@dataclass(slots=True)
class Known:
    """What the references of one language say; of labels, what `place` tells apart.

    ``queried`` are the spans of queries, ``heard`` those of the events of clips without one, by their label; under
    ``""`` the clips that have none are counted.
    """

    texts: Counter[str] = field(default_factory=Counter)
    queried: Spans = field(default_factory=Spans)
    heard: defaultdict[str, Spans] = field(default_factory=lambda: defaultdict(Spans))
    labels: defaultdict[str, Counter[Values]] = field(default_factory=lambda: defaultdict(Counter))
    numbers: defaultdict[str, array[float]] = field(default_factory=lambda: defaultdict(lambda: array("d")))

    def add(self, sample: Sample) -> None:
        """Counts a sample."""
        reference = sample.reference
        if reference.text is not None:
            self.texts[reference.text.strip()] += 1
        if reference.events is not None and sample.inputs.get("query"):
            self.queried.add(reference.events)
        elif reference.events is not None:
            for label in {event.label for event in reference.events} or {""}:
                self.heard[label].add(tuple(event for event in reference.events if event.label == label))
        for attribute, values in reference.labels.items():
            self._add(attribute, values, place(attribute, sample.inputs))

    def _add(self, attribute: str, values: Values, where: str) -> None:
        number = _number(attribute, values)
        if number is not None:
            self.numbers[where].append(number)
        elif attribute in _ALTERNATIVES:
            self.labels[where].update((value,) for value in dict.fromkeys(values))
        else:
            self.labels[where][tuple(sorted({_canonical(attribute, value) for value in values}))] += 1


def place(attribute: str, inputs: Mapping[str, str]) -> str:
    """Where the values of a label are counted: letters apart from words, and each language that is translated into.

    >>> place("answer", {"choices": "A. yes"}), place("translation", {"target_language": "en"}), place("key", {})
    ('answer, a letter', 'translation en', 'key')
    """
    if attribute == "answer" and inputs.get("choices"):
        return "answer, a letter"
    return f"{attribute} {inputs.get('target_language', '')}" if attribute == "translation" else attribute


@functools.cache
def vocabulary(attribute: str) -> Vocabulary | None:
    """The vocabulary of an attribute, None where it has none."""
    try:
        return find_vocabulary(attribute)
    except UnknownNameError:
        return None


@functools.lru_cache(1 << 12)
def _number(attribute: str, values: Values) -> float | None:
    """The years of an age (the middle of a range), or the beats a minute of a tempo; None where it is no one number."""
    if attribute == "tempo":
        return beats(values[0]) if len(values) == 1 else None
    ages = read_ages(values[0]) if attribute == "age" and len(values) == 1 else ()
    return sum(ages[0]) / 2 if len(ages) == 1 else None


@functools.lru_cache(1 << 12)
def _canonical(attribute: str, value: str) -> str:
    known = vocabulary(attribute)
    name = known.canonical(value) if known else canonical_key(value) if attribute == "key" else None
    return name or value
