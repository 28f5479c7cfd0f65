"""F1 of labelled events, each as a whole: right are those with the true label, beginning and end, within collars.

As sed_eval's event-based metric and the DCASE challenges have it (A. Mesaros et al., "Metrics for Polyphonic Sound
Event Detection", Applied Sciences 6(6), 2016): the onset within 200 ms, the offset within 200 ms or half the true
event's length, whichever is more; true and told events are matched one to one, as many as can be (sed_eval's
``optimal`` matching). All clips and labels are summed before dividing. The parts are ``precision`` and ``recall``,
and per clip the counts ``tp``, ``fp`` and ``fn``.

Labels are compared as the vocabulary of sounds names them; what it has no name for is told wrongly unless the
reference calls it the same. A reply that could not be read misses all events; where none is true, all that is told is
wrong.

What differs from sed_eval 0.2.1: it tests collars on binary fractions, so that an onset at 2.5 s told at 2.3 s is
outside of its 200 ms; here it is inside. Its counts ``Nfp`` and ``Nfn`` leave out substitutions, its F1 does not.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth = Annotation(events=(Event("Dog", 0.0, 2.0), Event("Speech", 1.0, 2.0)))
>>> score(Case(truth, Annotation(events=(Event("Dog", 0.1, 1.2),)), "", find_profile()))[""]
Ratio(num=2, den=3)
"""

from __future__ import annotations

from qaeval.metrics._events import by_label, summed
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """F1, precision, recall and their counts; None if the reference's events are not known."""
    counts = by_label(case)
    return None if counts is None else summed(counts.values()).ratios()


METRIC = Metric("event_f1", "events", score, "higher", summary="F1 of events with their label, beginning and end")
