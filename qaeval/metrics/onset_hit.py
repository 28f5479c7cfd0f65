"""The share of the true spans whose beginning is told within 200 ms.

200 ms is the collar of sound event detection (A. Mesaros et al., "Metrics for Polyphonic Sound Event Detection",
Applied Sciences 6(6), 2016). The parts ``0.05``, ``0.1``, ``0.2`` and ``0.5`` are further collars, in seconds on each
side. Spans are matched as in `qaeval.metrics.span_iou`. What is not told, or not readable, is a miss.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("a", 2.5, 3.0),)), Annotation(events=(Event("a", 2.3, 3.0),))
>>> {part: ratio.num for part, ratio in score(Case(truth, told, "", find_profile())).items()}
{'': 1, '0.05': 0, '0.1': 0, '0.2': 1, '0.5': 1}
"""

from __future__ import annotations

from qaeval.metrics._spans import SLACK, onset_shift, shares
from qaeval.types import Case, Metric, Scored

COLLARS = (0.05, 0.1, 0.2, 0.5)


def score(case: Case) -> Scored:
    """The true spans that are hit, over all of them; None when there are none."""
    return shares(case, lambda pair, collar: abs(onset_shift(pair)) <= collar + SLACK, COLLARS, 0.2)


METRIC = Metric("onset_hit", "events", score, "higher", summary="share of true spans whose beginning is within 200 ms")
