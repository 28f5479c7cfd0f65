"""Accuracy of multiple choice, each place of the right option weighing alike: the mean over the letters that are true.

A model that always says A gets 1 over the number of letters, however often A is right; far below `choice_accuracy`
means that a preferred place happened to be right often. The parts ``true → said`` are the confusions of letters; a
reply that chooses no option is ``(none)``. scikit-learn's ``balanced_accuracy_score``.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> sorted(score(Case(Annotation(labels={"answer": ("B",)}), Annotation(), "zh", find_profile())))
['', 'B → (none)']
"""

from __future__ import annotations

from qaeval.metrics.choice_accuracy import letter
from qaeval.reducers import BALANCED_ACCURACY, confusion
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """The confusion of the true and the chosen letter; None when the true answer is no letter."""
    true, said = (letter(side.labels.get("answer")) for side in (case.reference, case.hypothesis))
    return {"": Ratio(int(said == true), 1), confusion(true, said or "(none)"): Ratio(1, 1)} if true else None


METRIC = Metric(
    "choice_balanced_accuracy",
    "answer",
    score,
    "higher",
    summary="accuracy of multiple choice, each place of the right option weighing alike",
    reduce=BALANCED_ACCURACY,
)
