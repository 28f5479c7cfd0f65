"""What the metrics of age share: the true age and the told one, in years."""

from __future__ import annotations

from qaeval.text.labels.ages import Age, read_ages
from qaeval.types import Annotation, Case

FIELD = "age"
EXPECTS = "one age in years, such as 30, 30-39 or thirties"


def age_of(annotation: Annotation) -> Age | None:
    """The age, if there is exactly one and it can be read (``30``, ``30-39``, ``thirties``, 三十多岁)."""
    values = annotation.labels.get(FIELD, ())
    ages = read_ages(values[0]) if len(values) == 1 else ()
    return ages[0] if len(ages) == 1 else None


def both(case: Case) -> tuple[Age, float | None] | None:
    """The true age, and the middle of the told one; None where the reference is none, or several."""
    true, told = age_of(case.reference), age_of(case.hypothesis)
    return None if true is None else (true, sum(told) / 2 if told else None)


def off(true: Age, told: float) -> float:
    """How far what is told is above (or, negative, below) the true age; 0 within a true range.

    >>> off((30, 39), 45), off((30, 30), 25), off((30, 39), 34.5)
    (6, -5, 0)
    """
    low, high = true
    return told - high if told > high else told - low if told < low else 0


def decade(years: float) -> str:
    """The decade of an age.

    >>> decade(34.5), decade(8)
    ('30-39', '0-9')
    """
    low = int(years) // 10 * 10
    return f"{low}-{low + 9}"
