"""How far the told beginning of a span is from the true one: the mean of the absolute differences, in seconds.

Over the spans that are matched (see `qaeval.metrics.span_iou`). It tells nothing of the replies that name no span:
they are 0 over 0 (``n_zero_den`` of a summary), so a model that answers only where it is easy looks better than it
is. Read it beside ``n``, `span_iou` and `presence`, where such a reply is a miss. Clips without a true span have no
row.

The part ``bias`` is the mean of the signed differences (told - true: above 0 is too late), ``late`` the share of
spans told too late: above a half, the median difference is too late. Neither has a better direction, so they are
parts and no metrics that models are compared by.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("a", 1.0, 2.0),)), Annotation(events=(Event("a", 1.5, 2.0),))
>>> score(Case(truth, told, "", find_profile()))
{'': Ratio(num=0.5, den=1), 'bias': Ratio(num=0.5, den=1), 'late': Ratio(num=1, den=1)}
"""

from __future__ import annotations

from qaeval.metrics._spans import mean_error, onset_shift
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """The sum of |told onset - true onset| over the number of matched spans, and its parts."""
    return mean_error(case, onset_shift)


METRIC = Metric(
    "onset_error",
    "events",
    score,
    "lower",
    "s",
    "mean error of when a span begins, where it is told",
    part_units={"late": ""},
)
