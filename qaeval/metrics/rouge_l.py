"""ROUGE-L of a summary: F1 of the longest common subsequence of tokens; the mean over the replies.

C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004, section 3.1, the sentence level: the text is
one sequence, and newlines mean nothing (the summary level, "ROUGE-Lsum", joins the subsequences of single sentences).
F1 weighs precision and recall alike, as the package rouge-score does; Lin's own beta favours recall. No stemming and no
stop words. Tokens are Chinese characters, kana and words between spaces, of texts normalised by the profile.

Of several references the one with the highest F1 counts. Parts ``precision`` and ``recall`` are of that one. A reply
without a summary is 0.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, told = (Annotation(labels={"summary": (text,)}) for text in ("they talk of the sea", "they talk of ships"))
>>> found = on("summary").score(Case(truth, told, "en", find_profile()))
>>> found["precision"], found["recall"]
(Ratio(num=0.75, den=1), Ratio(num=0.6, den=1))
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

from qaeval.metrics._written import hypothesis, language_of, references, tokens
from qaeval.types import Case, Metric, Ratio


class Overlap(NamedTuple):
    """F1, precision and recall of a longest common subsequence, 0 to 1."""

    f1: float
    precision: float
    recall: float


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label that holds texts."""

    def score(case: Case) -> dict[str, Ratio] | None:
        found = [overlap(*sides) for truth in references(case, field) if (sides := _sides(case, truth, field))[0]]
        if not found:
            return None
        f1, precision, recall = max(found)
        return {"": Ratio(f1, 1), "precision": Ratio(precision, 1), "recall": Ratio(recall, 1)}

    return Metric("rouge_l", field, score, "higher", summary="ROUGE-L F1: shared tokens in order, mean over replies")


def _sides(case: Case, truth: str, field: str) -> tuple[list[str], list[str]]:
    language = language_of(truth, case.language)
    return tokens(case, truth, language), tokens(case, hypothesis(case, field), language)


def overlap(reference: Sequence[str], hypothesis: Sequence[str]) -> Overlap:
    """The longest common subsequence over both lengths; all 0 where nothing is shared.

    >>> overlap("the police killed the gunman".split(), "police kill the gunman".split())
    Overlap(f1=0.6666666666666666, precision=0.75, recall=0.6)
    """
    from rapidfuzz.distance import LCSseq

    shared = LCSseq.similarity(reference, hypothesis)
    if not shared:
        return Overlap(0.0, 0.0, 0.0)
    precision, recall = shared / len(hypothesis), shared / len(reference)
    return Overlap(2 * shared / (len(reference) + len(hypothesis)), precision, recall)


METRIC = on("summary")
