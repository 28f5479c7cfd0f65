"""The accuracy of who always tells the commonest true class and never listens: what `accuracy` has to be above.

It depends on the references of the clips that the model replied to, not on what it said, so no model is better by it
and none is compared by it; print it beside any accuracy (of MELD's emotions 48 % are neutral). scikit-learn's
``DummyClassifier("most_frequent")``, scored on what it was fitted to. `control/majority` is the same as a model, which
can be compared. Clips with several true values have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
>>> sorted(on("gender").score(Case(truth, reply, "", find_profile())))
['', 'male → (none)']
"""

from __future__ import annotations

from functools import cache, partial

from qaeval.metrics._labels import confused
from qaeval.reducers import MAJORITY
from qaeval.types import Metric


@cache
def on(field: str) -> Metric:
    """The metric of one label."""
    return Metric(
        "majority_baseline",
        field,
        partial(confused, field=field),
        "neither",
        summary="accuracy of always telling the commonest class",
        reduce=MAJORITY,
    )


METRIC = on("emotion")
