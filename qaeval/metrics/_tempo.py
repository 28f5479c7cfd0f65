"""What the metrics of tempo share: the true tempi and the told one, in beats a minute."""

from __future__ import annotations

import functools

from qaeval.text.labels import tempi
from qaeval.types import Case

FIELD = "tempo"
EXPECTS = "beats a minute, a number from 20 to 400"
_CLOSE = 1e-9

beats = functools.lru_cache(1 << 12)(tempi.beats)
tempo_class = functools.lru_cache(1 << 12)(tempi.tempo_class)


def true_tempi(case: Case) -> list[float]:
    """The tempi of the reference that are numbers; several are alternatives (GiantSteps has some with two)."""
    return [number for value in case.reference.labels.get(FIELD, ()) if (number := beats(value))]


def told_tempo(case: Case) -> float | None:
    """The one tempo that a reply tells; None where it tells none, several, or only a word such as Allegro."""
    values = case.hypothesis.labels.get(FIELD, ())
    return beats(values[0]) if len(values) == 1 else None


def near(told: float, true: float, tolerance: float) -> bool:
    """Whether a tempo is at most that share of the true one away from it.

    >>> near(124.8, 120, 0.04), near(124.9, 120, 0.04)
    (True, False)
    """
    return abs(told - true) <= tolerance * true + _CLOSE
