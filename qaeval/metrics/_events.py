"""What the metrics of labelled events share: one name for each label, and which told events are right.

A label that the vocabulary of sounds has a name for is that name; others are compared in one width and case, and what
is told and is neither there nor in the clip's reference is `qaeval.text.labels.vocabulary.OTHER`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from qaeval.metrics._labels import canonical, vocabulary
from qaeval.metrics._spans import SLACK
from qaeval.text.labels.vocabulary import OTHER
from qaeval.types import Case, Event, Ratio

ONSET_COLLAR = 0.2
"""Seconds on each side of a true onset, and of a true offset at least."""

OFFSET_SHARE = 0.5
"""An offset may be off by this share of the true event's length, if that is more than the collar."""

FIELD = "sound"

Same = Callable[[str, str], bool]


class Counts(NamedTuple):
    """How many were told rightly, how many are true, and how many were told."""

    hits: int
    true: int
    told: int

    def ratios(self) -> dict[str, Ratio]:
        """F1 as ``""``, precision and recall, and the counts of the clip."""
        return {
            "": Ratio(2 * self.hits, self.true + self.told),
            "precision": Ratio(self.hits, self.told),
            "recall": Ratio(self.hits, self.true),
            "tp": Ratio(self.hits, 1),
            "fp": Ratio(self.told - self.hits, 1),
            "fn": Ratio(self.true - self.hits, 1),
        }


def sides(case: Case) -> tuple[list[Event], list[Event]] | None:
    """The events of reference and hypothesis (none for an unreadable reply), labels by one name; None if unknown."""
    if case.reference.events is None:
        return None
    reference = [_renamed(event, canonical(FIELD, event.label)) for event in case.reference.events]
    true, known = {event.label for event in reference}, vocabulary(FIELD)
    hypothesis = []
    for event in case.hypothesis.events or ():
        name = canonical(FIELD, event.label)
        hypothesis.append(_renamed(event, name if name in true or (known and name in known.labels) else OTHER))
    return reference, hypothesis


def _renamed(event: Event, label: str) -> Event:
    return Event(label, event.onset, event.offset)


def hits(reference: Sequence[Event], hypothesis: Sequence[Event], same: Same, offsets: bool) -> int:
    """The most events that can be matched one to one, each within its collars and with a label that is the same."""
    if not reference or not hypothesis:
        return 0
    fits = [[same(r.label, h.label) and is_near(r, h, offsets) for h in hypothesis] for r in reference]
    if not any(map(any, fits)):
        return 0
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    matrix = np.array(fits)
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    return int(matrix[rows, columns].sum())


def is_near(reference: Event, hypothesis: Event, offsets: bool) -> bool:
    """Whether onset and, with ``offsets``, offset are within their collars.

    >>> [is_near(Event("", 1.0, 5.0), Event("", *told), True) for told in ((1.2, 7.0), (1.3, 5.0), (1.0, 7.1))]
    [True, False, False]
    """
    if abs(hypothesis.onset - reference.onset) > ONSET_COLLAR + SLACK:
        return False
    collar = max(ONSET_COLLAR, OFFSET_SHARE * (reference.offset - reference.onset))
    return not offsets or abs(hypothesis.offset - reference.offset) <= collar + SLACK


def by_label(case: Case, offsets: bool = True) -> dict[str, Counts] | None:
    """The counts of matched events, label by label; None if the reference's events are not known."""
    both = sides(case)
    if both is None:
        return None
    found = {}
    for label in sorted({event.label for side in both for event in side}):
        true, told = ([event for event in side if event.label == label] for side in both)
        found[label] = Counts(hits(true, told, str.__eq__, offsets), len(true), len(told))
    return found


def summed(counts: Iterable[Counts]) -> Counts:
    """All labels together."""
    columns = list(zip(*counts, strict=True)) or [(), (), ()]
    return Counts(*map(sum, columns))


def macro_parts(counts: Mapping[str, Counts]) -> dict[str, Ratio]:
    """The parts that `qaeval.reducers.MACRO_F1_SETS` reads; ``""`` is F1 of the clip over 1."""
    parts: dict[str, Ratio] = {}
    for label, (right, true, told) in counts.items():
        numbers = {"tp": right, "fp": told - right, "fn": true - right}
        parts |= {f"{kind}:{label}": Ratio(number, 1) for kind, number in numbers.items() if number}
    whole = summed(counts.values())
    f1 = 2 * whole.hits / (whole.true + whole.told) if whole.true + whole.told else 1.0
    return {"": Ratio(f1, 1), **parts}


def in_segments(event: Event, seconds: float = 1.0) -> tuple[int, int]:
    """The first segment in which an event is heard, if only for a part, and the one after the last.

    One without length is heard in one segment.

    >>> in_segments(Event("a", 0.5, 2.0)), in_segments(Event("b", 3.0, 3.0))
    ((0, 2), (3, 4))
    """
    first = math.floor(event.onset / seconds + SLACK)
    return first, max(math.ceil(event.offset / seconds - SLACK), first + 1)


class Stretch(NamedTuple):
    """Segments in a row in which the same labels are true and the same are told."""

    segments: int
    true: frozenset[str]
    told: frozenset[str]


def stretches(reference: Iterable[Event], hypothesis: Iterable[Event]) -> Iterator[Stretch]:
    """All segments in which something is true or told, in order.

    >>> [stretch.segments for stretch in stretches([Event("a", 0, 9)], [Event("a", 4, 5), Event("b", 4, 9)])]
    [4, 1, 4]
    """
    changes: dict[int, list[tuple[int, str, int]]] = {}
    for side, events in enumerate((reference, hypothesis)):
        for event in events:
            for place, by in zip(in_segments(event), (1, -1), strict=True):
                changes.setdefault(place, []).append((side, event.label, by))
    active: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    before = 0
    for place in sorted(changes):
        true, told = (frozenset(label for label, number in side.items() if number) for side in active)
        if true or told:
            yield Stretch(place - before, true, told)
        for side, label, by in changes[place]:
            active[side][label] += by
        before = place


def by_label_in_segments(case: Case) -> dict[str, Counts] | None:
    """The counts of segments in which a label is heard, label by label; None if the reference's events are unknown."""
    both = sides(case)
    if both is None:
        return None
    right, true, told = Counter[str](), Counter[str](), Counter[str]()
    for stretch in stretches(*both):
        for labels, counts in ((stretch.true & stretch.told, right), (stretch.true, true), (stretch.told, told)):
            counts.update(dict.fromkeys(labels, stretch.segments))
    return {label: Counts(right[label], true[label], told[label]) for label in sorted({*true, *told})}
