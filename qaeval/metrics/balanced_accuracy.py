"""The mean over the true classes of the share that is told rightly: each class weighs alike, however rare it is.

Also known as unweighted average recall (UAR); scikit-learn's ``balanced_accuracy_score``. A model that always says the
same gets 1 over the number of classes. Classes that are only told, ``(none)`` of an unreadable reply among them, are
not classes of their own: such a reply is a miss of the true class. Clips with several true values have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
>>> sorted(on("gender").score(Case(truth, reply, "", find_profile())))
['', 'male → (none)']
"""

from __future__ import annotations

from functools import cache, partial

from qaeval.metrics._labels import confused
from qaeval.reducers import BALANCED_ACCURACY
from qaeval.types import Metric


@cache
def on(field: str) -> Metric:
    """The metric of one label."""
    return Metric(
        "balanced_accuracy",
        field,
        partial(confused, field=field),
        "higher",
        summary="mean recall of the true classes, each weighing alike",
        reduce=BALANCED_ACCURACY,
    )


METRIC = on("emotion")
