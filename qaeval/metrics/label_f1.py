"""F1 of labels that may have several values, micro: twice the true hits over all values told and all true ones.

All clips and labels are summed before dividing (scikit-learn's ``f1_score(average="micro")`` of a multi-label problem,
the micro-F1 of Qwen3-Omni's tables on MTG-Jamendo and MagnaTagATune), so that frequent labels weigh more:
`label_macro_f1` weighs labels alike. Values that the vocabulary lacks are told wrongly. A reply that could not be read
misses all. The parts are ``precision`` and ``recall``, and per clip the counts ``tp``, ``fp`` and ``fn``. Labels that a
language model tells have no scores, so mAP and PSDS, which need thresholds, cannot be computed and are not here.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"tag": ("a", "b")}), Annotation(labels={"tag": ("b",)})
>>> on("tag").score(Case(truth, reply, "", find_profile()))[""]
Ratio(num=2, den=3)
"""

from __future__ import annotations

import functools

from qaeval.metrics._labels import both
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label that may have several values."""

    def score(case: Case) -> dict[str, Ratio] | None:
        sides = both(case, field)
        if sides is None:
            return None
        reference, hypothesis = sides
        hits, told, true = len(reference & hypothesis), len(hypothesis), len(reference)
        return {
            "": Ratio(2 * hits, told + true),
            "precision": Ratio(hits, told),
            "recall": Ratio(hits, true),
            "tp": Ratio(hits, 1),
            "fp": Ratio(told - hits, 1),
            "fn": Ratio(true - hits, 1),
        }

    return Metric("label_f1", field, score, "higher", summary="F1 of several labels, all summed before dividing")


METRIC = on("instrument")
