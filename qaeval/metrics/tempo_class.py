"""The share of clips told to be slow, medium or fast rightly, in words (快板, Adagio, a slow pace) or by their number.

For replies that tell a tempo only in words, and references that do (the tags slow and fast of MagnaTagATune). The
bounds are 76 and 120 beats a minute (`qaeval.text.labels.tempi`). The part ``off_by_one`` is the share that is told to
be in the class beside the true one. A reply that tells no tempo, or several, is wrong.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"tempo": ("140",)}), Annotation(labels={"tempo": ("fast",)})
>>> score(Case(truth, reply, "", find_profile()))[""]
Ratio(num=1, den=1)
"""

from __future__ import annotations

from qaeval.metrics._tempo import FIELD, tempo_class
from qaeval.text.labels.tempi import CLASSES
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """1 when the class is right; None where the reference is of no one class."""
    reference, hypothesis = (_place(side.labels.get(FIELD, ())) for side in (case.reference, case.hypothesis))
    if reference is None:
        return None
    apart = None if hypothesis is None else abs(reference - hypothesis)
    return {"": Ratio(int(apart == 0), 1), "off_by_one": Ratio(int(apart == 1), 1)}


def _place(values: tuple[str, ...]) -> int | None:
    """Where in the order of the classes all values are; None where they are in none or several."""
    classes = {tempo_class(value) for value in values}
    (found,) = classes if len(classes) == 1 else (None,)
    return CLASSES.index(found) if found else None


METRIC = Metric(
    "tempo_class",
    FIELD,
    score,
    "higher",
    summary="share of clips rightly told to be slow, medium or fast",
    expects="one tempo: beats a minute, or slow, medium or fast",
)
