"""What the metrics of spans share: which told span answers which true one, and how far off it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from qaeval.types import Annotation, Case, Event, Metric, Ratio, Reducer, Scored

SLACK = 1e-9
"""Times are decimals in binary: 2.5 - 2.3 is above 0.2 by less than this, and counts as 0.2."""

_TIE = 1e-6


class Pair(NamedTuple):
    """A span of the reference, the span of the hypothesis that answers it, and how much they overlap."""

    reference: Event
    hypothesis: Event
    iou: float


def onset_shift(pair: Pair) -> float:
    """Seconds by which the told onset is later than the true one."""
    return pair.hypothesis.onset - pair.reference.onset


def offset_shift(pair: Pair) -> float:
    """Seconds by which the told offset is later than the true one."""
    return pair.hypothesis.offset - pair.reference.offset


Shift = Callable[[Pair], float]


def intersection_over_union(a: Event, b: Event) -> float:
    """Shared seconds over covered seconds; 1 for two equal spans without length.

    >>> intersection_over_union(Event("", 1, 3), Event("", 2, 4))
    0.3333333333333333
    """
    if (a.onset, a.offset) == (b.onset, b.offset):
        return 1.0
    shared = min(a.offset, b.offset) - max(a.onset, b.onset)
    return max(shared, 0.0) / (max(a.offset, b.offset) - min(a.onset, b.onset)) if shared > 0 else 0.0


def match(reference: Sequence[Event], hypothesis: Sequence[Event]) -> list[Pair]:
    """As many pairs as the shorter side has spans, with the greatest sum of IoU (the Hungarian method).

    Spans that do not overlap are paired too, the nearest first, so that a time far off is an error and not a gap.

    >>> [pair.iou for pair in match([Event("", 1, 2), Event("", 3, 4)], [Event("", 3, 4)])]
    [1.0]
    """
    if len(reference) == len(hypothesis) == 1:
        return [Pair(reference[0], hypothesis[0], intersection_over_union(reference[0], hypothesis[0]))]
    if not reference or not hypothesis:
        return []
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    overlaps = np.array([[intersection_over_union(r, h) for h in hypothesis] for r in reference])
    gaps = np.array([[abs(r.onset - h.onset) + abs(r.offset - h.offset) for h in hypothesis] for r in reference])
    rows, columns = linear_sum_assignment(overlaps - _TIE * gaps / (1 + gaps), maximize=True)
    found = zip(rows.tolist(), columns.tolist(), strict=True)
    return [Pair(reference[i], hypothesis[j], float(overlaps[i, j])) for i, j in found]


def pairs(case: Case) -> list[Pair] | None:
    """The matched spans of a case: none for a reply that names no span; None when the reference has no span."""
    if not case.reference.events:
        return None
    return match(case.reference.events, case.hypothesis.events or ())


def mean_error(case: Case, shift: Shift) -> dict[str, Ratio] | None:
    """The sum of the absolute shifts over the number of pairs; ``bias``: of signed ones; ``late``: share above 0."""
    matched = pairs(case)
    if matched is None:
        return None
    shifts = [shift(pair) for pair in matched]
    return {
        "": Ratio(sum(map(abs, shifts)), len(shifts)),
        "bias": Ratio(sum(shifts), len(shifts)),
        "late": Ratio(sum(by > SLACK for by in shifts), len(shifts)),
    }


def quantile(name: str, shift: Shift, reduce: Reducer, summary: str) -> Metric:
    """The metric that is a quantile of the absolute shifts of all matched spans; each span is a part of its own."""

    def score(case: Case) -> dict[str, Ratio] | None:
        matched = pairs(case)
        if matched is None:
            return None
        amounts = [abs(shift(pair)) for pair in matched]
        each = {str(number): Ratio(amount, 1) for number, amount in enumerate(amounts, 1)}
        return {"": Ratio(sum(amounts), len(amounts)), **each}

    return Metric(name, "events", score, "lower", "s", summary, reduce)


def shares(case: Case, holds: Callable[[Pair, float], bool], limits: Iterable[float], main: float) -> Scored:
    """Of the true spans, those whose pair holds at each limit (its part); ``""`` is the one at ``main``."""
    matched = pairs(case)
    if matched is None:
        return None
    true = len(case.reference.events or ())
    found = {limit: Ratio(sum(holds(pair, limit) for pair in matched), true) for limit in limits}
    return {"": found[main], **{f"{limit:g}": ratio for limit, ratio in found.items()}}


def of_first(metric: Metric) -> Metric:
    """The same metric of the earliest span on both sides, where only the first occurrence was asked for."""

    def score(case: Case) -> Scored:
        reference, hypothesis = map(_first, (case.reference, case.hypothesis))
        return metric.score(case._replace(reference=reference, hypothesis=hypothesis))

    return dataclasses.replace(metric, score=score)


def _first(side: Annotation) -> Annotation:
    earliest = min(side.events or (), key=lambda event: (event.onset, event.offset), default=None)
    return side if earliest is None else dataclasses.replace(side, events=(earliest,))
