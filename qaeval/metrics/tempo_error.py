"""How far the told tempo is from the true one, in octaves: the mean of abs(log2(told / true)); twice as fast is 1.

AOE1 of Schreiber, Urbano and Müller, "Music Tempo Estimation: Are We Done Yet?", TISMIR 3(1), 2020. It says nothing of
replies that tell no number, or several: they are 0 over 0 (``n_zero_den`` of a summary), so read it beside
`tempo_acc1`, where they are wrong. Of several reference values the nearest counts.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"tempo": ("120",)}), Annotation(labels={"tempo": ("60",)})
>>> score(Case(truth, reply, "", find_profile()))
Ratio(num=1.0, den=1)
"""

from __future__ import annotations

import math

from qaeval.metrics._tempo import EXPECTS, FIELD, told_tempo, true_tempi
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> Ratio | None:
    """The error in octaves over 1; None where the reference has no number."""
    true, told = true_tempi(case), told_tempo(case)
    if not true:
        return None
    return Ratio(min(abs(math.log2(told / each)) for each in true), 1) if told else Ratio(0, 0)


METRIC = Metric(
    "tempo_error",
    FIELD,
    score,
    "lower",
    "octaves",
    "mean error of the tempo, where one number is told",
    expects=EXPECTS,
)
