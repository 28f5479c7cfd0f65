"""How far the told end of a span is from the true one: the mean of the absolute differences, in seconds.

Over the spans that are matched (see `qaeval.metrics.span_iou`). It tells nothing of the replies that name no span:
they are 0 over 0 (``n_zero_den`` of a summary), so a model that answers only where it is easy looks better than it is.
Read it beside ``n``, `span_iou` and `presence`, where such a reply is a miss. Clips without a true span have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("a", 1.0, 2.0),)), Annotation(events=(Event("a", 1.0, 2.5),))
>>> score(Case(truth, told, "", find_profile()))
Ratio(num=0.5, den=1)
"""

from __future__ import annotations

from qaeval.metrics._spans import pairs
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> Ratio | None:
    """The sum of |offset of the hypothesis - offset of the reference| over the number of matched spans."""
    matched = pairs(case)
    if matched is None:
        return None
    return Ratio(sum(abs(pair.hypothesis.offset - pair.reference.offset) for pair in matched), len(matched))


METRIC = Metric("offset_error", "events", score, "lower", "s", "mean error of when a span ends, where it is told")
