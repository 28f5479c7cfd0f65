"""F1 of labelled events by label and beginning alone: ends are hard to tell, and often hard to define.

As `qaeval.metrics.event_f1`, without the condition on the offset (sed_eval's ``evaluate_offset=False``).

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("Dog", 0.0, 9.0),)), Annotation(events=(Event("Dog", 0.1, 1.0),))
>>> score(Case(truth, told, "", find_profile()))[""]
Ratio(num=2, den=2)
"""

from __future__ import annotations

from qaeval.metrics._events import by_label, summed
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """F1, precision, recall and their counts; None if the reference's events are not known."""
    counts = by_label(case, offsets=False)
    return None if counts is None else summed(counts.values()).ratios()


METRIC = Metric("event_onset_f1", "events", score, "higher", summary="F1 of events with their label and beginning")
