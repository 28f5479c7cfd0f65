"""Cohen's kappa: how far replies agree with the references beyond what chance agreement would give; 0 is chance.

``(observed - expected) / (1 - expected)``, where ``expected`` is the agreement of two who draw at random with the same
shares of classes (Cohen 1960; scikit-learn's ``cohen_kappa_score``). A reply that names no value is in a class of its
own, ``(none)``, with which no reference agrees. Clips with several true values have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
>>> sorted(on("gender").score(Case(truth, reply, "", find_profile())))
['', 'male → (none)']
"""

from __future__ import annotations

from functools import cache, partial

from qaeval.metrics._labels import confused
from qaeval.reducers import KAPPA
from qaeval.types import Metric


@cache
def on(field: str) -> Metric:
    """The metric of one label."""
    return Metric(
        "kappa",
        field,
        partial(confused, field=field),
        "higher",
        "κ",
        summary="agreement with the references beyond chance (Cohen)",
        reduce=KAPPA,
    )


METRIC = on("emotion")
