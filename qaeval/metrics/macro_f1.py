"""F1 of each true class, then the plain mean: each class weighs alike, however rare it is.

scikit-learn's ``f1_score(average="macro", labels=<the classes of the references>)``. Without ``labels`` it averages
over classes that only occur in predictions, too, each with F1 0: one reply that cannot be read (class ``(none)``) would
cost as much as a whole class. Here it is a miss of its true class; a wrong class costs the precision of that class,
where that is a true one elsewhere. Clips with several true values have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
>>> sorted(on("gender").score(Case(truth, reply, "", find_profile())))
['', 'male → (none)']
"""

from __future__ import annotations

from functools import cache, partial

from qaeval.metrics._labels import confused
from qaeval.reducers import MACRO_F1
from qaeval.types import Metric


@cache
def on(field: str) -> Metric:
    """The metric of one label."""
    return Metric(
        "macro_f1",
        field,
        partial(confused, field=field),
        "higher",
        summary="F1 of each true class, the plain mean",
        reduce=MACRO_F1,
    )


METRIC = on("emotion")
