"""The rows of scores while they grow.

Kept as columns of numbers, since a run of a hundred thousand replies has some million rows.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qaeval import reducers
from qaeval.metrics._together import Found, Layout
from qaeval.types import Metric, Ratio

Scores = Ratio | Mapping[str, Ratio]


class UnsoundError(ValueError):
    """What a metric gave is no score: see `sound`."""

    def __init__(self, metric: Metric, found: object) -> None:
        super().__init__(metric.name, found)
        self.metric, self.found = metric, found


def sound(found: object) -> bool:
    """Whether it is a Ratio of finite numbers, its denominator not below 0, or a mapping to such with the part ``""``.

    >>> sound(Ratio(1, 2)), sound({"": Ratio(1, 2), "hits": Ratio(1, -1)}), sound({"hits": Ratio(1, 2)})
    (True, False, False)
    """
    parts = found if isinstance(found, Mapping) else {"": found}
    if "" not in parts:
        return False
    for ratio in parts.values():
        if not (isinstance(ratio, Ratio) and math.isfinite(ratio.num) and math.isfinite(ratio.den) and ratio.den >= 0):
            return False
    return True


class _Names:
    """Distinct values and their numbers."""

    def __init__(self) -> None:
        self.code: dict[Any, int] = {}

    def __call__(self, value: Any) -> int:
        return self.code.setdefault(value, len(self.code))

    @property
    def values(self) -> list[Any]:
        return list(self.code)


class _Shape(NamedTuple):
    """What is alike in many asks: of each of its rows the metric, the part and the outcome, as numbers.

    An ask has ``size`` numbers; ``num`` and ``den`` say which of them a row is made from. ``held`` keeps alive what the
    shape is known by, so that its `id` stays its own.
    """

    number: int
    metrics: list[int]
    parts: list[int]
    outcomes: list[int]
    size: int
    num: list[int]
    den: list[int]
    held: object = None


class Gathered:
    """The rows so far. An ask has a row for each part of each metric; asks come in any order, each once."""

    def __init__(self) -> None:
        self.outcome, self.metric, self.part = _Names(), _Names(), _Names()
        self.ask, self.shape = array("q"), array("i")  # of each ask: its place, its shape
        self.numbers = array("d")
        self.shapes: list[_Shape] = []
        self._metrics: dict[tuple[int, str], tuple[Metric, int]] = {}
        self._given: dict[tuple[object, ...], _Shape] = {}
        self._found: dict[tuple[int, int, str], _Shape] = {}

    def add(self, ask: int, metrics: Sequence[Metric], outcomes: Sequence[str], scored: Sequence[Scores]) -> None:
        """Adds what metrics give for an ask, which is given by its place in the table of asks, and their outcomes.

        Raises `UnsoundError` where something is not `sound`.
        """
        given: list[tuple[Metric, str, str]] = []
        ratios: list[Ratio] = []
        for metric, outcome, found in zip(metrics, outcomes, scored, strict=True):
            if not sound(found):
                raise UnsoundError(metric, found)
            parts = {"": found} if isinstance(found, Ratio) else found
            given += [(metric, part, outcome) for part in parts]
            ratios += parts.values()
        at = tuple([(self._code(metric), part, outcome) for metric, part, outcome in given])
        if (shape := self._given.get(at)) is None:
            count = len(given)
            shape = self._given[at] = self._new(given, 2 * count, list(range(count)), list(range(count, 2 * count)))
        self._append(ask, shape, [ratio.num for ratio in ratios] + [ratio.den for ratio in ratios])

    def add_found(self, asks: Iterable[int], metrics: Mapping[str, Metric], outcome: str, found: Found) -> None:
        """The same for what was found out together, for several asks: the metrics, by its names, that it tells of.

        ``metrics`` must be the same mapping for all asks of a task.
        """
        at = id(metrics), id(found.layout), outcome
        if (shape := self._found.get(at)) is None:
            shape = self._found[at] = self._told(metrics, outcome, found.layout)
        for ask in asks:
            self._append(ask, shape, found.numbers)

    def _append(self, ask: int, shape: _Shape, numbers: list[float]) -> None:
        self.ask.append(ask)
        self.shape.append(shape.number)
        self.numbers.fromlist(numbers)

    def _told(self, metrics: Mapping[str, Metric], outcome: str, layout: Layout) -> _Shape:
        places = [(i, name, part) for name in metrics for i, (of, part) in enumerate(layout.places) if of == name]
        num, den = [layout.num[i] for i, _, _ in places], [layout.den[i] for i, _, _ in places]
        shape = self._new([(metrics[name], part, outcome) for _, name, part in places], layout.size, num, den)
        return shape._replace(held=(metrics, layout))

    def _new(self, given: Sequence[tuple[Metric, str, str]], size: int, num: list[int], den: list[int]) -> _Shape:
        metrics = [self._code(metric, part) for metric, part, _ in given]
        parts = [self.part(part) for _, part, _ in given]
        outcomes = [self.outcome(outcome) for _, _, outcome in given]
        shape = _Shape(len(self.shapes), metrics, parts, outcomes, size, num, den)
        self.shapes.append(shape)
        return shape

    def _code(self, metric: Metric, part: str = "") -> int:
        """The code of a metric, or of a part with a unit of its own; it is held, so that its `id` stays its own.

        Equal ones have one code.
        """
        at = id(metric), part if part in metric.part_units else ""
        if (known := self._metrics.get(at)) is None:
            reducer = reducers.remember(metric.reduce) if metric.reduce else ""
            unit = metric.part_units.get(part, metric.unit)
            code = self.metric((metric.name, metric.field, metric.better, unit, reducer))
            known = self._metrics[at] = metric, code
        return known[1]

    def columns(self) -> Columns:
        """All rows in the order of their asks."""
        shape, place = np.array(self.shape), np.array(self.ask)
        rows = np.array([len(shape.parts) for shape in self.shapes], np.int64)
        sizes = np.array([shape.size for shape in self.shapes], np.int64)
        first = _starts(sizes[shape])
        if not np.all(place[1:] >= place[:-1]):
            order = np.argsort(place, kind="stable")
            shape, place, first = shape[order], place[order], first[order]
        count = rows[shape]
        # Row i of an ask is row i of its shape; those of all shapes stand one after another.
        row = np.repeat(small(_starts(rows)[shape] - _starts(count)), count)
        row += np.arange(len(row), dtype=row.dtype)
        first = np.repeat(small(first), count)

        def of(lists: Iterable[list[int]]) -> Codes:
            return small(np.array([code for some in lists for code in some], np.int64))

        def numbers(at: Codes) -> NDArray[np.float64]:
            place = at[row]
            place += first
            return np.asarray(self.numbers)[place]

        return Columns(
            np.repeat(small(place), count),
            row,
            of(shape.outcomes for shape in self.shapes),
            of(shape.metrics for shape in self.shapes),
            of(shape.parts for shape in self.shapes),
            numbers(of(shape.num for shape in self.shapes).astype(first.dtype)),
            numbers(of(shape.den for shape in self.shapes).astype(first.dtype)),
        )


Codes = NDArray[np.integer[Any]]


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each begins when they stand one after another."""
    starts: NDArray[np.int64] = np.cumsum(sizes) - sizes
    return starts


def small(numbers: NDArray[np.int64]) -> Codes:
    """In 32 bits, where they fit: tables of some million rows are made from them."""
    return numbers.astype(np.int32) if np.abs(numbers).max(initial=0) < 2**31 else numbers


class Columns(NamedTuple):
    """Of each row: the place of its ask, the row of the shapes that it is one of, numerator and denominator.

    Of each row of the shapes: the numbers of outcome, metric and part.
    """

    ask: Codes
    row: Codes
    outcome: Codes
    metric: Codes
    part: Codes
    num: NDArray[np.float64]
    den: NDArray[np.float64]
