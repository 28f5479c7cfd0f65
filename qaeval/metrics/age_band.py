"""The share of clips whose told age lies in the true band: the reference's range, else the decade of its years.

Common Voice gives ages in such bands (30 to 39). A told range counts by its middle. The part ``adjacent`` is the share
in the band or at most ten years beside it (one band off), ``bands_off`` how many decades the told one is away on
average, over the replies that tell an age. A reply that tells none, or several, is wrong. Clips without one true age
have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"age": ("thirties",)}), Annotation(labels={"age": ("25",)})
>>> score(Case(truth, reply, "", find_profile()))
{'': Ratio(num=0, den=1), 'adjacent': Ratio(num=1, den=1), 'bands_off': Ratio(num=1, den=1)}
"""

from __future__ import annotations

from qaeval.metrics._ages import EXPECTS, FIELD, both, off
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """1 in the band, 1 in it or the next, and the distance in decades."""
    ages = both(case)
    if ages is None:
        return None
    (low, high), told = ages
    if low == high:
        low, high = low // 10 * 10, low // 10 * 10 + 9
    if told is None:
        return {"": Ratio(0, 1), "adjacent": Ratio(0, 1), "bands_off": Ratio(0, 0)}
    years = abs(off((low, high), int(told)))
    return {
        "": Ratio(int(years == 0), 1),
        "adjacent": Ratio(int(years <= 10), 1),
        "bands_off": Ratio(-(-years // 10), 1),
    }


METRIC = Metric(
    "age_band", FIELD, score, "higher", summary="share of ages told in the true band (decade)", expects=EXPECTS
)
