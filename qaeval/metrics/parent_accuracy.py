"""The share of clips whose label is right at the top of its path: of 西南官话/重庆话 the 西南官话.

A reply that is exact is right here, too; so is 西南官话/成都话, and plain 西南官话. It stands beside `accuracy`, the
share of exact hits: one number never blends the two. Several told values are right only if all have that parent.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"place": ("asia/china",)}), Annotation(labels={"place": ("asia/japan",)})
>>> on("place").score(Case(truth, reply, "", find_profile()))
Ratio(num=1, den=1)
"""

from __future__ import annotations

import functools

from qaeval.metrics._labels import right
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label whose values are paths."""

    def score(case: Case) -> Ratio | None:
        return right(case, field, lambda reference, hypothesis: _tops(reference) == _tops(hypothesis))

    return Metric("parent_accuracy", field, score, "higher", summary="share of clips right at the top of the hierarchy")


def _tops(values: frozenset[str]) -> set[str]:
    return {value.split("/")[0].strip() for value in values}


METRIC = on("dialect")
