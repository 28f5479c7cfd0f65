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
from qaeval.scores import COLUMNS, clear_of
from qaeval.types import Metric, Ratio, Sample

if TYPE_CHECKING:
    import pandas as pd

RECORDING_DIGITS = 16


class Row(NamedTuple):
    """One part of one metric of one reply."""

    outcome: str
    metric: Metric
    part: str
    ratio: Ratio


class _Codes:
    """Values as numbers: what a column of few distinct values takes while it grows."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}
        self._codes = array("i")

    def append(self, value: Any) -> None:
        self._codes.append(self._known.setdefault(value, len(self._known)))

    @property
    def values(self) -> list[Any]:
        return list(self._known)

    @property
    def codes(self) -> NDArray[np.int32]:
        return np.frombuffer(self._codes, np.int32) if self._codes else np.zeros(0, np.int32)


class Gathered:
    """The rows so far, as columns; of the metric, only what the frame says of it."""

    def __init__(self) -> None:
        self.outcome, self.metric, self.part = _Codes(), _Codes(), _Codes()
        self.ask, self.num, self.den = array("q"), array("d"), array("d")

    def extend(self, ask: int, rows: Iterable[Row]) -> None:
        """Adds the rows of an ask, given by its place in the table of asks."""
        for outcome, metric, part, ratio in rows:
            self.ask.append(ask)
            self.outcome.append(outcome)
            self.metric.append((metric.name, metric.field, metric.better, metric.unit, _reducer(metric)))
            self.part.append(part)
            self.num.append(ratio.num)
            self.den.append(ratio.den)


def _reducer(metric: Metric) -> str:
    return reducers.remember(metric.reduce) if metric.reduce else ""


class About(NamedTuple):
    """What the frame says of a sample: the first digits of its audio's sha256, its language, its other meta."""

    recording: str
    language: str
    meta: Mapping[str, Any]

    @classmethod
    def of(cls, sample: Sample) -> About:
        """What there is to say of a sample."""
        meta = {name: value for name, value in sample.meta.items() if name != "language"}
        return cls(sample.audio.sha256[:RECORDING_DIGITS], sample.language, meta)


def frame(rows: Gathered, asks: pd.DataFrame, about: Mapping[str, About], profile: str, dataset: str) -> pd.DataFrame:
    """The scores frame of the rows, in the order of their asks, which have ``fitted`` and ``flags`` too.

    ``about`` says of each sample what there is to say.
    """
    import pandas as pd

    ask = np.array(rows.ask, np.int64)
    order = np.argsort(ask, kind="stable")
    ask = ask[order]
    known = {name: i for i, name in enumerate(about)}
    sample = np.array([known[name] for name in asks["sample"]], np.int64)[ask]
    one = np.zeros(len(ask), np.int64)
    metric = rows.metric.codes[order]
    columns: dict[str, Any] = {
        "dataset": _category([dataset], one),
        "profile": _category([profile], one),
        "repeat": asks["repeat"].to_numpy(np.int64)[ask],
        "outcome": _category(rows.outcome.values, rows.outcome.codes[order]),
        "part": _category(rows.part.values, rows.part.codes[order]),
        "num": np.array(rows.num)[order],
        "den": np.array(rows.den)[order],
        "recording": _category([of.recording for of in about.values()], sample),
        "language": _category([of.language for of in about.values()], sample),
    }
    for name in ("sample", "task", "prompt", "model", "fitted", "flags"):
        columns[name] = _category(asks[name].tolist(), ask)
    for i, name in enumerate(("metric", "field", "better", "unit", "reduce")):
        columns[name] = _category([values[i] for values in rows.metric.values], metric)
    meta = list(dict.fromkeys(name for of in about.values() for name in of.meta))
    renamed = clear_of(meta, COLUMNS)
    for name in meta:
        columns[renamed.get(name, name)] = _meta_column([of.meta.get(name) for of in about.values()], sample)
    return pd.DataFrame(columns)[[*COLUMNS, *(name for name in columns if name not in COLUMNS)]]


def _category(values: Sequence[str | None], codes: NDArray[np.integer[Any]]) -> pd.Categorical:
    """A column that holds ``values[code]`` for each code; None is missing."""
    import pandas as pd

    names = sorted({value for value in values if value is not None})
    place: dict[str | None, int] = {None: -1, **{name: i for i, name in enumerate(names)}}
    number = np.array([place[value] for value in values], np.int32)
    return pd.Categorical.from_codes(number[codes], categories=pd.Index(names, dtype="str"))


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
