"""The share of clips that got an answer at all: a reply that is not empty and does not say that it cannot listen.

It says nothing about how good the answer is. The outcome of the row tells an empty reply from a refusal.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> score(Case(Annotation(), Annotation(labels={"response": ("Earplugs help.",)}), "en", find_profile()))
Ratio(num=1, den=1)
"""

from __future__ import annotations

from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> Ratio:
    """1 for a reply that answers."""
    return Ratio(int(bool(case.hypothesis.labels.get("response"))), 1)


METRIC = Metric("chat_answered", "response", score, "higher", summary="share of clips that got an answer, good or bad")
