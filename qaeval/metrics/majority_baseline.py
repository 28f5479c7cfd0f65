"""The accuracy of who always tells the commonest true class and never listens: what `accuracy` has to be above.

It depends on the references of the clips that the model replied to, not on what it said; print it beside any accuracy
(of MELD's emotions 48 % are neutral). scikit-learn's ``DummyClassifier("most_frequent")``, scored on what it was fitted
to. `control/majority` is the same as a model, where one is to be compared. Clips with several true values have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
>>> sorted(on("gender").score(Case(truth, reply, "", find_profile())))
['', 'male → (none)']
"""

from __future__ import annotations

import functools

from qaeval.metrics._labels import classes
from qaeval.reducers import MAJORITY, confusion
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label."""

    def score(case: Case) -> dict[str, Ratio] | None:
        pair = classes(case, field)
        return pair and {"": Ratio(int(pair[0] == pair[1]), 1), confusion(*pair): Ratio(1, 1)}

    return Metric(
        "majority_baseline",
        field,
        score,
        "higher",
        summary="accuracy of always telling the commonest class",
        reduce=MAJORITY,
    )


METRIC = on("emotion")
