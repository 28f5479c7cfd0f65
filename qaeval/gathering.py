"""The rows of scores while they grow, and the frame that they become; used by `qaeval.scoring`.

Kept as columns of numbers, since a run of a hundred thousand replies has some million rows.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qaeval import reducers
from qaeval.metrics._together import Found, Layout
from qaeval.scores import COLUMNS, clear_of
from qaeval.types import Metric, Ratio, Sample

if TYPE_CHECKING:
    import pandas as pd

RECORDING_DIGITS = 16

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

    ``chosen`` says which of what was found together they are (None: all, in that order); ``held`` keeps alive what the
    shape is known by, so that its `id` stays its own.
    """

    number: int
    metrics: list[int]
    parts: list[int]
    outcomes: list[int]
    chosen: list[int] | None = None
    held: object = None


class Gathered:
    """The rows so far. An ask has a row for each part of each metric; asks come in any order, each once."""

    def __init__(self) -> None:
        self.outcome, self.metric, self.part = _Names(), _Names(), _Names()
        self.ask, self.shape = array("q"), array("i")  # of each ask: its place, its shape
        self.num, self.den = array("d"), array("d")
        self.shapes: list[_Shape] = []
        self._metrics: dict[int, tuple[Metric, int]] = {}
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
            shape = self._given[at] = self._new(given)
        self._append(ask, shape, [ratio.num for ratio in ratios], [ratio.den for ratio in ratios])

    def add_found(self, ask: int, metrics: Mapping[str, Metric], outcome: str, found: Found) -> None:
        """The same for what was found out together: the metrics, by its names, that have something in it.

        ``metrics`` must be the same mapping for all asks of a task.
        """
        at = id(metrics), id(found.layout), outcome
        shape, num, den = self._found.get(at), found.num, found.den
        if shape is None:
            shape = self._found[at] = self._chosen(metrics, outcome, found.layout)
        if shape.chosen is not None:
            num, den = [num[i] for i in shape.chosen], [den[i] for i in shape.chosen]
        self._append(ask, shape, num, den)

    def _append(self, ask: int, shape: _Shape, num: list[float], den: list[float]) -> None:
        self.ask.append(ask)
        self.shape.append(shape.number)
        self.num.fromlist(num)
        self.den.fromlist(den)

    def _chosen(self, metrics: Mapping[str, Metric], outcome: str, layout: Layout) -> _Shape:
        places = [(i, name, part) for name in metrics for i, (of, part) in enumerate(layout.places) if of == name]
        shape = self._new([(metrics[name], part, outcome) for _, name, part in places])
        chosen = [i for i, _, _ in places]
        whole = chosen == list(range(len(layout.places)))
        return shape._replace(chosen=None if whole else chosen, held=(metrics, layout))

    def _new(self, given: Sequence[tuple[Metric, str, str]]) -> _Shape:
        metrics = [self._code(metric) for metric, _, _ in given]
        parts = [self.part(part) for _, part, _ in given]
        shape = _Shape(len(self.shapes), metrics, parts, [self.outcome(outcome) for _, _, outcome in given])
        self.shapes.append(shape)
        return shape

    def _code(self, metric: Metric) -> int:
        """The code of a metric; it is held, so that its `id` stays its own. Equal ones have one code."""
        if (known := self._metrics.get(id(metric))) is None:
            reducer = reducers.remember(metric.reduce) if metric.reduce else ""
            code = self.metric((metric.name, metric.field, metric.better, metric.unit, reducer))
            known = self._metrics[id(metric)] = metric, code
        return known[1]

    def columns(self) -> Columns:
        """All rows in the order of their asks."""
        shape = np.array(self.shape, np.int64)
        sizes = np.array([len(shape.parts) for shape in self.shapes], np.int64)
        rows = sizes[shape]
        # Row i of an ask is row i of its shape; those of all shapes stand one after another.
        first = (np.cumsum(sizes) - sizes)[shape] - (np.cumsum(rows) - rows)
        at = np.repeat(first, rows) + np.arange(rows.sum())
        ask = np.repeat(np.array(self.ask, np.int64), rows)
        in_order = bool(np.all(ask[1:] >= ask[:-1]))
        order = np.argsort(ask, kind="stable")

        def of(lists: Iterable[list[int]]) -> NDArray[np.int32]:
            codes: NDArray[np.int32] = np.array([code for some in lists for code in some], np.int32)[at]
            return codes if in_order else codes[order]

        return Columns(
            ask[order],
            of(shape.outcomes for shape in self.shapes),
            of(shape.metrics for shape in self.shapes),
            of(shape.parts for shape in self.shapes),
            np.array(self.num)[order],
            np.array(self.den)[order],
        )


class Columns(NamedTuple):
    """Of each row: the place of its ask, the numbers of outcome, metric and part, numerator and denominator."""

    ask: NDArray[np.int64]
    outcome: NDArray[np.int32]
    metric: NDArray[np.int32]
    part: NDArray[np.int32]
    num: NDArray[np.float64]
    den: NDArray[np.float64]


class Samples:
    """What the frame says of the samples: the first digits of the audio's sha256, the language, the other meta."""

    def __init__(self) -> None:
        self.place: dict[str, int] = {}
        self.recording: list[str] = []
        self.language: list[str] = []
        self.meta: list[Mapping[str, Any]] = []

    def add(self, sample: Sample) -> None:
        """Adds one whose id is new."""
        self.place[sample.id] = len(self.place)
        self.recording.append(sample.audio.sha256[:RECORDING_DIGITS])
        self.language.append(sample.language)
        self.meta.append(sample.meta)

    def columns(self) -> dict[str, list[Any]]:
        """The names of meta in order of appearance, with the value of each sample (None: it has none)."""
        names = dict.fromkeys(name for meta in self.meta for name in meta if name != "language")
        return {name: [meta.get(name) for meta in self.meta] for name in names}


def frame(rows: Gathered, asks: pd.DataFrame, samples: Samples, profile: str, dataset: str) -> pd.DataFrame:
    """The scores frame of the rows, in the order of their asks, which have ``fitted`` and ``flags`` too."""
    import pandas as pd

    ask, outcome, metric, part, num, den = rows.columns()
    sample = np.array([samples.place[name] for name in asks["sample"].tolist()], np.int64)[ask]
    one = np.zeros(len(ask), np.int8)
    columns: dict[str, Any] = {
        "dataset": _category([dataset], one),
        "profile": _category([profile], one),
        "repeat": asks["repeat"].to_numpy(np.int64)[ask],
        "outcome": _category(rows.outcome.values, outcome),
        "part": _category(rows.part.values, part),
        "num": num,
        "den": den,
        "recording": _category(samples.recording, sample),
        "language": _category(samples.language, sample),
    }
    for name in ("sample", "task", "prompt", "model", "fitted", "flags"):
        columns[name] = _category(asks[name].tolist(), ask)
    for i, name in enumerate(("metric", "field", "better", "unit", "reduce")):
        columns[name] = _category([values[i] for values in rows.metric.values], metric)
    meta = samples.columns()
    renamed = clear_of(meta, COLUMNS)
    for name, values in meta.items():
        columns[renamed.get(name, name)] = _meta_column(values, sample)
    return pd.DataFrame(columns)[[*COLUMNS, *(name for name in columns if name not in COLUMNS)]]


def _category(values: Sequence[str | None], codes: NDArray[np.integer[Any]]) -> pd.Categorical:
    """A column that holds ``values[code]`` for each code; None is missing."""
    import pandas as pd

    names = sorted({value for value in values if value is not None})
    place: dict[str | None, int] = {None: -1, **{name: i for i, name in enumerate(names)}}
    number = np.array([place[value] for value in values], np.min_scalar_type(-1 - len(names)))
    return pd.Categorical.from_codes(number[codes], categories=pd.Index(names, dtype="str"), validate=False)


def _meta_column(values: Sequence[Any], codes: NDArray[np.int64]) -> Any:
    """As numbers or booleans if all known values are; otherwise as text."""
    import pandas as pd

    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    values = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    kinds = {type(value) for value in values if value is not None}
    missing = None in values
    if kinds == {bool}:
        return pd.array(values, dtype="boolean" if missing else "bool").take(codes)
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pd.array(values, dtype="Int64" if missing else "int64").take(codes)
    if float in kinds and kinds <= {int, float}:
        return np.array([math.nan if value is None else float(value) for value in values])[codes]
    return _category([None if value is None else str(value) for value in values], codes)
