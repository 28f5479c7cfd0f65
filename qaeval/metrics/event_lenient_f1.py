"""F1 of labelled events, where a more general or a more special name of the sound is right as well.

As `qaeval.metrics.event_f1`, but labels that the vocabulary of sounds says to be related (one above the other in
AudioSet's ontology: Dog and Bark) are the same; beside the strict one, never instead of it.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("Dog", 0.0, 2.0),)), Annotation(events=(Event("Bark", 0.0, 2.0),))
>>> score(Case(truth, told, "", find_profile()))[""]
Ratio(num=2, den=2)
"""

from __future__ import annotations

from qaeval.metrics._events import FIELD, Counts, hits, sides
from qaeval.metrics._labels import vocabulary
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """F1, precision, recall and their counts; None if the reference's events are not known."""
    both = sides(case)
    if both is None:
        return None
    known = vocabulary(FIELD)
    same = known.related if known else str.__eq__
    return Counts(hits(*both, same, offsets=True), *map(len, both)).ratios()


METRIC = Metric("event_lenient_f1", "events", score, "higher", summary="event F1 where related names of a sound count")
