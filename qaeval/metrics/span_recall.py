"""Recall of spans: the share of the true spans whose told span overlaps with an IoU of at least 0.5.

The parts ``0.3``, ``0.5`` and ``0.7`` are the usual R@IoU of temporal grounding (J. Gao et al., "TALL", ICCV 2017;
there for the first answer). Spans are matched as in `qaeval.metrics.span_iou`: for the greatest sum of IoU, which may
give one hit less at a single limit than a matching made for that limit. What is not told, or not readable, is a miss.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("a", 1.0, 2.0),)), Annotation(events=(Event("a", 1.4, 2.0),))
>>> {part: ratio.num for part, ratio in score(Case(truth, told, "", find_profile())).items()}
{'': 1, '0.3': 1, '0.5': 1, '0.7': 0}
"""

from __future__ import annotations

from qaeval.metrics._spans import SLACK, shares
from qaeval.types import Case, Metric, Scored

LIMITS = (0.3, 0.5, 0.7)


def score(case: Case) -> Scored:
    """The true spans that are hit, over all of them; None when there are none."""
    return shares(case, lambda pair, limit: pair.iou >= limit - SLACK, LIMITS, 0.5)


METRIC = Metric("span_recall", "events", score, "higher", summary="share of true spans told with an IoU of 0.5 or more")
