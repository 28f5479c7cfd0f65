"""The share of clips whose tempo is told within 4 % of the true one: Accuracy 1 of tempo estimation.

Gouyon et al., "An experimental comparison of audio tempo induction algorithms", IEEE TASLP 14(5), 2006; used for
GiantSteps (Knees et al. 2015), whose Accuracy 1 Qwen2.5-Omni's tables give. (mir_eval.tempo is another measure: the
P-score of two tempi.) A reply that tells no number, or several, is wrong; of several reference values any counts.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"tempo": ("120",)}), Annotation(labels={"tempo": ("124.8",)})
>>> score(Case(truth, reply, "", find_profile()))
Ratio(num=1, den=1)
"""

from __future__ import annotations

from qaeval.metrics._tempo import EXPECTS, FIELD, near, told_tempo, true_tempi
from qaeval.types import Case, Metric, Ratio

TOLERANCE = 0.04
"""Of the true tempo, on each side, its bounds included."""


def score(case: Case) -> Ratio | None:
    """1 when the one told tempo is near enough; None where the reference has no number."""
    true, told = true_tempi(case), told_tempo(case)
    return Ratio(int(told is not None and any(near(told, each, TOLERANCE) for each in true)), 1) if true else None


METRIC = Metric(
    "tempo_acc1", FIELD, score, "higher", summary="share of clips whose tempo is within 4 %", expects=EXPECTS
)
