"""The share of replies that do not tell the label: empty, refused, or in words that name no value of it.

They are not dropped anywhere: in `accuracy` they are wrong, in a confusion they are the class ``(none)``. To say that
there is none (no instruments) is an answer and no abstention. Clips whose reference is not known have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> on("gender").score(Case(Annotation(labels={"gender": ("male",)}), Annotation(), "", find_profile()))
Ratio(num=1, den=1)
"""

from __future__ import annotations

import functools

from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label."""

    def score(case: Case) -> Ratio | None:
        if field not in case.reference.labels:
            return None
        return Ratio(int(field not in case.hypothesis.labels), 1)

    return Metric("abstention", field, score, "lower", summary="share of replies that do not tell the label")


METRIC = on("emotion")
