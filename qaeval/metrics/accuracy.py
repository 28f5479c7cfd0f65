"""The share of clips whose label is told rightly: exactly the values of the reference, no other and none more.

For a label with one value that is plain accuracy (scikit-learn's ``accuracy_score``): several told values are wrong,
even when the right one is among them, since no answer was given. For several values it is the share of exact sets,
scikit-learn's "subset accuracy". Values are compared as `qaeval.metrics._labels` says; a reply that names none is
wrong. No higher than `majority_baseline`? Then the model may not have listened.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"gender": ("female",)}), Annotation(labels={"gender": ("女性",)})
>>> on("gender").score(Case(truth, reply, "", find_profile()))
Ratio(num=1, den=1)
"""

from __future__ import annotations

import functools
import operator

from qaeval.metrics._labels import right
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label."""

    def score(case: Case) -> Ratio | None:
        return right(case, field, operator.eq)

    return Metric("accuracy", field, score, "higher", summary="share of clips whose label is told rightly")


METRIC = on("emotion")
