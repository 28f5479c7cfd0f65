"""How much of the labels told and true is shared, clip by clip: what both name over what either names, the mean.

That is scikit-learn's ``jaccard_score(average="samples")``, but that a clip which has none of the labels, and is said
to have none, is 1 (there it is ``zero_division``, by default 0). A reply that could not be read is 0. Labels that a
language model tells have no scores, so mAP and PSDS, which need thresholds, cannot be computed and are not here.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"tag": ("a", "b")}), Annotation(labels={"tag": ("b", "c")})
>>> round(on("tag").score(Case(truth, reply, "", find_profile())).value, 3)
0.333
"""

from __future__ import annotations

import functools

from qaeval.metrics._labels import told
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label that may have several values."""

    def score(case: Case) -> Ratio | None:
        reference, hypothesis = told(case.reference, field), told(case.hypothesis, field)
        if reference is None:
            return None
        if hypothesis is None:
            return Ratio(0, 1)
        either = reference | hypothesis
        return Ratio(len(reference & hypothesis) / len(either) if either else 1, 1)

    return Metric("jaccard", field, score, "higher", summary="shared over all labels of a clip, the mean over clips")


METRIC = on("instrument")
