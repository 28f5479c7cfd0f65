"""The share of multiple-choice questions whose right option is chosen; whoever chooses none, or several, is wrong.

It has rows where the true answer is a single letter. Unlike MMAU's string match a letter is understood and the right
option's text in Chinese counts; unlike AIR-Bench's script a reply that cannot be read stays in the denominator; and
unlike in VoiceBench and lmms-eval it never gets a random letter, which would be right once in as many times as there
are options. Parts: ``unparsed`` is the share of those; ``rule:<rule>`` counts (its denominator) the replies that a
rule of `qaeval.text.answers.choosing` read, its value is their accuracy; ``true:B`` and ``said:B`` are the same by
letter of the true and of the chosen option: a model that says A more often than A is true prefers that place.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> told = Annotation(labels={"answer": ("A",), "answer_rule": ("statement",)})
>>> score(Case(Annotation(labels={"answer": ("B",)}), told, "zh", find_profile()))["rule:statement"]
Ratio(num=0, den=1)
"""

from __future__ import annotations

from collections.abc import Sequence

from qaeval.text.answers.choices import LETTERS
from qaeval.types import Case, Metric, Ratio


def letter(values: Sequence[str] | None) -> str:
    """The one letter that values are, ``""`` where they are not one.

    >>> letter(("B",)), letter(("B", "C")), letter(("a cat",)), letter(None)
    ('B', '', '', '')
    """
    return values[0] if values and len(values) == 1 and len(values[0]) == 1 and values[0] in LETTERS else ""


def score(case: Case) -> dict[str, Ratio] | None:
    """1 for the right letter; None when the true answer is none."""
    true, said = (letter(side.labels.get("answer")) for side in (case.reference, case.hypothesis))
    if not true:
        return None
    right = Ratio(int(said == true), 1)
    (rule,) = case.hypothesis.labels.get("answer_rule", ("unparsed",))
    by = {f"rule:{rule}": right, f"true:{true}": right, f"said:{said or '(none)'}": right}
    return {"": right, "unparsed": Ratio(int(not said), 1), **by}


METRIC = Metric("choice_accuracy", "answer", score, "higher", summary="share of questions with the right option chosen")
