"""How far the told age is from the true one: the mean of the absolute differences, in years.

A told range (30 to 39, 中年) counts by its middle. Where the reference is a range, as Common Voice's decades are, the
difference is to its nearer end, and 0 within it: so far off it is at least. Replies that tell no age, or several, are 0
over 0 (``n_zero_den`` of a summary), so a model that tells an age only where it is easy looks better than it is: read
it beside `age_within`, where such a reply is wrong, and `abstention`. Clips without one true age have no row. The part
``bias`` is the mean signed difference, above 0 where people are taken for older than they are.

Listeners are 9.8 years off on recordings that are balanced by age, machines 7 to 11 (doi 10.1007/978-3-319-25789-1_11,
arXiv 2306.16962).

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"age": ("thirties",)}), Annotation(labels={"age": ("25",)})
>>> score(Case(truth, reply, "", find_profile()))
{'': Ratio(num=5.0, den=1), 'bias': Ratio(num=-5.0, den=1)}
"""

from __future__ import annotations

from qaeval.metrics._ages import EXPECTS, FIELD, both, off
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """The absolute and the signed difference in years."""
    ages = both(case)
    if ages is None:
        return None
    true, told = ages
    if told is None:
        return {"": Ratio(0, 0), "bias": Ratio(0, 0)}
    years = off(true, told)
    return {"": Ratio(abs(years), 1), "bias": Ratio(years, 1)}


METRIC = Metric(
    "age_error", FIELD, score, "lower", "years", "mean error of the age, where one is told", expects=EXPECTS
)
