"""The share of clips whose told age is at most ten years off; the part ``5`` is the share at most five years off.

Ten years, because listeners err by about that much on average (9.8 years; doi 10.1007/978-3-319-25789-1_11): a smaller
tolerance asks for what a voice does not tell. Ranges count as in `age_error`. A reply that tells no age, or several, is
wrong. Clips without one true age have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"age": ("38",)}), Annotation(labels={"age": ("30",)})
>>> score(Case(truth, reply, "", find_profile()))
{'': Ratio(num=1, den=1), '5': Ratio(num=0, den=1), '10': Ratio(num=1, den=1)}
"""

from __future__ import annotations

from qaeval.metrics._ages import EXPECTS, FIELD, both, off
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """1 within ten years, and as parts within each tolerance."""
    ages = both(case)
    if ages is None:
        return None
    true, told = ages
    within = {years: Ratio(int(told is not None and abs(off(true, told)) <= years), 1) for years in (5, 10)}
    return {"": within[10], "5": within[5], "10": within[10]}


METRIC = Metric(
    "age_within", FIELD, score, "higher", summary="share of ages told at most ten years off", expects=EXPECTS
)
