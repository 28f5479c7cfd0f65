"""F1 of labels that may have several values, macro: F1 of each label over all clips, then the plain mean.

Each label that occurs in a reference weighs alike, however rare it is; a label that is only told, and is never true,
has no F1 of its own (scikit-learn's ``f1_score(average="macro")`` gives it 0 unless ``labels`` leaves it out). So what
nobody asked for costs nothing here: it costs in `label_f1`, the micro mean, beside which this is to be read. A reply
that could not be read misses all.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"tag": ("a", "b")}), Annotation(labels={"tag": ("b", "c")})
>>> sorted(on("tag").score(Case(truth, reply, "", find_profile())))
['', 'fn:a', 'fp:c', 'tp:b']
"""

from __future__ import annotations

import functools

from qaeval.metrics._labels import both
from qaeval.reducers import MACRO_F1_SETS
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label that may have several values."""

    def score(case: Case) -> dict[str, Ratio] | None:
        sides = both(case, field)
        if sides is None:
            return None
        reference, hypothesis = sides
        kinds = {"tp": reference & hypothesis, "fp": hypothesis - reference, "fn": reference - hypothesis}
        counts = {f"{kind}:{value}": Ratio(1, 1) for kind, values in kinds.items() for value in sorted(values)}
        return {"": Ratio(int(reference == hypothesis), 1), **counts}

    summary = "F1 of each label, the plain mean over labels"
    return Metric("label_macro_f1", field, score, "higher", summary=summary, reduce=MACRO_F1_SETS)


METRIC = on("instrument")
