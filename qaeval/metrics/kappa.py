"""Cohen's kappa: how far replies agree with the references beyond what chance agreement would give; 0 is chance.

``(observed - expected) / (1 - expected)``, where ``expected`` is the agreement of two who draw at random with the same
shares of classes (Cohen 1960; scikit-learn's ``cohen_kappa_score``). A reply that names no value is in a class of its
own, ``(none)``, with which no reference agrees. Clips with several true values have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
>>> sorted(on("gender").score(Case(truth, reply, "", find_profile())))
['', 'male → (none)']
"""

from __future__ import annotations

import functools

from qaeval.metrics._labels import classes
from qaeval.reducers import KAPPA, confusion
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label."""

    def score(case: Case) -> dict[str, Ratio] | None:
        pair = classes(case, field)
        return pair and {"": Ratio(int(pair[0] == pair[1]), 1), confusion(*pair): Ratio(1, 1)}

    return Metric(
        "kappa",
        field,
        score,
        "higher",
        "κ",
        summary="agreement with the references beyond chance (Cohen)",
        reduce=KAPPA,
    )


METRIC = on("emotion")
