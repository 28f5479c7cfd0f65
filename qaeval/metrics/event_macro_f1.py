"""F1 of labelled events, macro: that of each label over all clips, then the plain mean: rare sounds weigh alike.

Events are right as in `qaeval.metrics.event_f1`. Averaged are the labels that occur in the references: what is only
told costs there, and nothing here.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("a", 0.0, 2.0),)), Annotation(events=(Event("x", 0.0, 2.0),))
>>> sorted(score(Case(truth, told, "", find_profile())))
['', 'fn:a', 'fp:(other)']
"""

from __future__ import annotations

from qaeval.metrics._events import by_label, macro_parts
from qaeval.reducers import MACRO_F1_SETS
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """The counts of each label; None if the reference's events are not known."""
    counts = by_label(case)
    return None if counts is None else macro_parts(counts)


METRIC = Metric(
    "event_macro_f1", "events", score, "higher", summary="event F1 of each label, the mean", reduce=MACRO_F1_SETS
)
