"""The mean over the true classes of the share that is told rightly: each class weighs alike, however rare it is.

Also known as unweighted average recall (UAR); scikit-learn's ``balanced_accuracy_score``. A model that always says the
same gets 1 over the number of classes. Classes that are only told, ``(none)`` of an unreadable reply among them, are
not classes of their own: such a reply is a miss of the true class. Clips with several true values have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
>>> sorted(on("gender").score(Case(truth, reply, "", find_profile())))
['', 'male → (none)']
"""

from __future__ import annotations

import functools

from qaeval.metrics._labels import classes
from qaeval.reducers import BALANCED_ACCURACY, confusion
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label."""

    def score(case: Case) -> dict[str, Ratio] | None:
        pair = classes(case, field)
        return pair and {"": Ratio(int(pair[0] == pair[1]), 1), confusion(*pair): Ratio(1, 1)}

    return Metric(
        "balanced_accuracy",
        field,
        score,
        "higher",
        summary="mean recall of the true classes, each weighing alike",
        reduce=BALANCED_ACCURACY,
    )


METRIC = on("emotion")
