"""Metrics that are found out together: what one counts another needs too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qaeval.types import Case, Ratio

Place = tuple[str, str]
"""A metric's name and a part's."""


class Layout:
    """Which parts of which metrics there are, each metric with the part ``""``; made once for all that have them.

    Many of them share numbers: ``ratios`` says which of the ``numbers`` are the numerator and the denominator of each.
    """

    def __init__(self, numbers: Sequence[str], ratios: Mapping[Place, tuple[str, str]]) -> None:
        at = {name: i for i, name in enumerate(numbers)}
        self.size = len(at)
        self.places = tuple(ratios)
        self.num = [at[num] for num, _ in ratios.values()]
        self.den = [at[den] for _, den in ratios.values()]


class Found:
    """What was found out about a case: the numbers of a layout, in its order."""

    __slots__ = ("layout", "numbers")

    def __init__(self, layout: Layout, numbers: list[float]) -> None:
        self.layout, self.numbers = layout, numbers

    def of(self, name: str) -> dict[str, Ratio] | None:
        """The parts of a metric; None where it does not apply."""
        rows = zip(self.layout.places, self.layout.num, self.layout.den, strict=True)
        number = self.numbers
        return {part: Ratio(number[num], number[den]) for (metric, part), num, den in rows if metric == name} or None


@dataclass(frozen=True, slots=True)
class OneOf:
    """The ``score`` of a metric: of what ``together(case)`` finds, that of one name; None where it is not found.

    ``together`` must leave a name out by the reference alone, as a metric's None does. Where all metrics of a task are
    of it, it is asked once a case.
    """

    name: str
    together: Callable[[Case], Found]

    def __call__(self, case: Case) -> Ratio | Mapping[str, Ratio] | None:
        of, known, found = _Last.found
        if known is not case or of is not self.together:
            found = self.together(case)
            _Last.found = self.together, case, found
        parts = found.of(self.name)
        return parts[""] if parts is not None and len(parts) == 1 else parts


class _Last:
    """What was found out last: for metrics that are asked about a case one after another."""

    found: tuple[object, Case | None, Found] = (None, None, Found(Layout((), {}), []))  # as a whole: threads lose time
