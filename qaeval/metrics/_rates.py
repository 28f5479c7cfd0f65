"""What the error rates of texts share: normalise both sides, count, and keep the counts as parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qaeval.text.alignment import Counts, count_texts
from qaeval.types import Case, Ratio

PARTS = ("hits", "substitutions", "deletions", "insertions")
Split = Callable[[str], Sequence[str]]


def texts(case: Case) -> tuple[str, str] | None:
    """Reference and hypothesis, normalised; None when the reference has no text. A missing hypothesis is empty."""
    if case.reference.text is None:
        return None
    normalise, language = case.profile.normalise, case.language
    return normalise(case.reference.text, language), normalise(case.hypothesis.text or "", language)


def error_rate(case: Case, split: Split) -> dict[str, Ratio] | None:
    """Errors over reference tokens as ``""``, and each count over the same; all 0 over 0 for an empty reference.

    What is said where the reference is empty is counted by the metric ``hallucination``.
    """
    both = texts(case)
    if both is None:
        return None
    counts = count_texts(*both, split)
    if counts.total == 0:
        counts = Counts(0, 0, 0, 0)
    rates = {"": Ratio(counts.errors, counts.total)}
    return rates | {part: Ratio(getattr(counts, part), counts.total) for part in PARTS}
