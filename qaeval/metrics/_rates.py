"""What the error rates of texts share: normalise both sides, count, and keep the counts as parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qaeval.text.alignment import count_texts
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
    """Errors over reference tokens as ``""``, and each count over the same.

    None for a reference that is empty once it is normalised: what is said there is counted by ``hallucination``.
    """
    both = texts(case)
    if both is None or not both[0]:
        return None
    counts = count_texts(*both, split)
    rates = {"": Ratio(counts.errors, counts.total)}
    return rates | {part: Ratio(getattr(counts, part), counts.total) for part in PARTS}
