"""Quadratic-weighted kappa of the decades of the true and the told age: 1 is agreement, 0 chance (J. Cohen 1968).

A decade off costs 1, two cost 4, and so on; what a model gains by always telling the commonest age is taken off. Ranges
count by their middle. A reply that tells no age, or several, agrees no better than chance (`qaeval.reducers`). Clips
without one true age have no row. As scikit-learn's ``cohen_kappa_score(weights="quadratic")`` given all decades.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"age": ("30-39",)}), Annotation(labels={"age": ("25",)})
>>> sorted(score(Case(truth, reply, "", find_profile())))
['', '30-39 → 20-29']
"""

from __future__ import annotations

from qaeval.metrics._ages import EXPECTS, FIELD, both, decade
from qaeval.metrics._labels import NONE
from qaeval.reducers import QUADRATIC_KAPPA, confusion
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """Which decade was told where which is true."""
    ages = both(case)
    if ages is None:
        return None
    true, told = decade(sum(ages[0]) / 2), NONE if ages[1] is None else decade(ages[1])
    return {"": Ratio(int(true == told), 1), confusion(true, told): Ratio(1, 1)}


METRIC = Metric(
    "age_kappa",
    FIELD,
    score,
    "higher",
    "κ",
    summary="agreement of decades of age beyond chance, quadratically weighted",
    reduce=QUADRATIC_KAPPA,
    expects=EXPECTS,
)
