"""What the metrics of spans share: which told span answers which true one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qaeval.types import Case, Event

_TIE = 1e-6


class Pair(NamedTuple):
    """A span of the reference, the span of the hypothesis that answers it, and how much they overlap."""

    reference: Event
    hypothesis: Event
    iou: float


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
