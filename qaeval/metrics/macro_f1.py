"""F1 of each true class, then the plain mean: each class weighs alike, however rare it is.

scikit-learn's ``f1_score(average="macro", labels=<the classes of the references>)``. Without ``labels`` it averages
over classes that only occur in predictions, too, each with F1 0: one reply that cannot be read (class ``(none)``) would
cost as much as a whole class. Here it is a miss of its true class; a wrong class costs the precision of that class,
where that is a true one elsewhere. Clips with several true values have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
>>> sorted(on("gender").score(Case(truth, reply, "", find_profile())))
['', 'male → (none)']
"""

from __future__ import annotations

import functools

from qaeval.metrics._labels import classes
from qaeval.reducers import MACRO_F1, confusion
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label."""

    def score(case: Case) -> dict[str, Ratio] | None:
        pair = classes(case, field)
        return pair and {"": Ratio(int(pair[0] == pair[1]), 1), confusion(*pair): Ratio(1, 1)}

    return Metric("macro_f1", field, score, "higher", summary="F1 of each true class, the plain mean", reduce=MACRO_F1)


METRIC = on("emotion")
