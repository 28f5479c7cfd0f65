"""The share of clips whose tempo is within 4 % of the true one, or of twice, thrice, half or a third of it: Accuracy 2.

Gouyon et al., "An experimental comparison of audio tempo induction algorithms", IEEE TASLP 14(5), 2006: who taps along
at another metrical level is not wrong. Never below `tempo_acc1`; a reply that tells no number, or several, is wrong.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"tempo": ("120",)}), Annotation(labels={"tempo": ("60",)})
>>> score(Case(truth, reply, "", find_profile()))
Ratio(num=1, den=1)
"""

from __future__ import annotations

from qaeval.metrics._tempo import EXPECTS, FIELD, near, told_tempo, true_tempi
from qaeval.metrics.tempo_acc1 import TOLERANCE
from qaeval.types import Case, Metric, Ratio

FACTORS = (1, 2, 3, 1 / 2, 1 / 3)
"""The metrical levels that count, as multiples of the true tempo."""


def score(case: Case) -> Ratio | None:
    """1 when the one told tempo is near enough to a multiple; None where the reference has no number."""
    true, told = true_tempi(case), told_tempo(case)
    if not true:
        return None
    levels = [each * factor for each in true for factor in FACTORS]
    return Ratio(int(told is not None and any(near(told, level, TOLERANCE) for level in levels)), 1)


METRIC = Metric(
    "tempo_acc2",
    FIELD,
    score,
    "higher",
    summary="share of clips whose tempo, or a multiple, is within 4 %",
    expects=EXPECTS,
)
