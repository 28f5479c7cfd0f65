"""F1 of labels in segments of one second: is the sound told in the seconds in which it is heard?

As sed_eval's segment-based metric with its default of 1 s (A. Mesaros et al., "Metrics for Polyphonic Sound Event
Detection", Applied Sciences 6(6), 2016): a label is active in every segment of which its events cover a part, from
``floor(onset)`` to ``ceil(offset)``. All segments, clips and labels are summed before dividing. The parts are
``precision`` and ``recall``, and per clip the counts ``tp``, ``fp`` and ``fn`` (of segments).

Segments reach as far as events do, true or told; what is told beyond the end of the clip is wrong. A reply that could
not be read misses all.

What differs from sed_eval 0.2.1: there an event without length is active in no segment if it lies at a whole second
and in one if not; here always in one.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("Dog", 0.0, 2.0),)), Annotation(events=(Event("Dog", 1.5, 3.0),))
>>> score(Case(truth, told, "", find_profile()))[""]
Ratio(num=2, den=4)
"""

from __future__ import annotations

from qaeval.metrics._events import by_label_in_segments, summed
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """F1, precision, recall and their counts; None if the reference's events are not known."""
    counts = by_label_in_segments(case)
    return None if counts is None else summed(counts.values()).ratios()


METRIC = Metric("segment_f1", "events", score, "higher", summary="F1 of labels in segments of 1 s")
