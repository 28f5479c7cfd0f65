"""The share of clips whose label is told rightly or nearly: what is near enough is said by the label's vocabulary.

That is its ``lenient`` (`qaeval.text.labels.vocabulary`): one is the other's ancestor in an ontology (a dog where an
animal is heard), or both have the same parent in a path; without a vocabulary only the same is near. A reply is right
when each value that it tells is near a true one and each true one near a told one. Read it beside `accuracy`, which is
strict.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={"gender": ("female",)})
>>> on("gender").score(Case(truth, reply, "", find_profile()))
Ratio(num=0, den=1)
"""

from __future__ import annotations

import functools
import operator

from qaeval.metrics._labels import right, vocabulary
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label."""

    def score(case: Case) -> Ratio | None:
        return right(case, field, agree)

    def agree(reference: frozenset[str], hypothesis: frozenset[str]) -> bool:
        known = vocabulary(field)
        near = known.related if known else operator.eq
        return all(any(near(true, said) for said in hypothesis) for true in reference) and all(
            any(near(true, said) for true in reference) for said in hypothesis
        )

    return Metric("lenient_accuracy", field, score, "higher", summary="share of clips whose label is right or near it")


METRIC = on("sound")
