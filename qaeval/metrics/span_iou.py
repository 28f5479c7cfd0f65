"""Intersection over union of the told spans and the true ones, in seconds: 1 is exact, 0 is no overlap.

The mean over the true spans. With several, each is matched with at most one told span so that the sum is greatest
(the Hungarian method). A true span that is not matched counts 0, as does one of a reply that could not be read. The
part ``missed`` is the share of true spans that no told one overlaps, ``spurious`` the number of told spans beyond as
many as are true, over the number of true ones. Clips without a true span have no row: see `presence`.

Times beyond the end of the clip are taken as told. Where its length is known, the part ``beyond`` is the share of the
told spans that end after it (after the next whole second, as ends may be rounded up): such a model does not hear
time.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth = Annotation(events=(Event("a", 1.0, 2.0), Event("a", 5.0, 6.0)))
>>> score(Case(truth, Annotation(events=(Event("a", 1.5, 2.0),)), "", find_profile()))[""]
Ratio(num=0.5, den=2)
"""

from __future__ import annotations

import math

from qaeval.metrics._spans import pairs
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """The sum of the matched spans' IoU, and the missed and the spurious ones, over the number of true spans."""
    matched = pairs(case)
    if matched is None:
        return None
    true, told = len(case.reference.events or ()), case.hypothesis.events or ()
    found = sum(pair.iou > 0 for pair in matched)
    parts = {
        "": Ratio(sum(pair.iou for pair in matched), true),
        "missed": Ratio(true - found, true),
        "spurious": Ratio(max(0, len(told) - true), true),
    }
    if case.seconds is not None:
        parts["beyond"] = Ratio(sum(event.offset > math.ceil(case.seconds) for event in told), len(told))
    return parts


METRIC = Metric("span_iou", "events", score, "higher", summary="intersection over union of told and true spans")
