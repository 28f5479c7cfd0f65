"""The frame that the rows of scores become."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qaeval.scores import COLUMNS, clear_of
from qaeval.scoring.rows import Codes, Gathered
from qaeval.types import Sample

if TYPE_CHECKING:
    import pandas as pd

RECORDING_DIGITS = 16


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


def frame(
    rows: Gathered, asks: pd.DataFrame, told: Mapping[str, Sequence[str]], samples: Samples, profile: str, dataset: str
) -> pd.DataFrame:
    """The scores frame of the rows, in the order of their asks, of which more columns are ``told``."""
    import pandas as pd

    ask, row, outcome, metric, part, num, den = rows.columns()
    number, names = asks["sample"].factorize()
    sample = np.fromiter(map(samples.place.__getitem__, names.tolist()), np.int32, len(names))[number]
    one = np.zeros(len(ask), np.int8)
    columns: dict[str, Any] = {
        "dataset": _category([dataset], one),
        "profile": _category([profile], one),
        "repeat": asks["repeat"].to_numpy(np.int64)[ask],
        "outcome": _category(rows.outcome.values, outcome, row),
        "part": _category(rows.part.values, part, row),
        "num": num,
        "den": den,
        "recording": _category(samples.recording, sample, ask),
        "language": _category(samples.language, sample, ask),
    }
    for name in ("sample", "task", "prompt", "model"):
        number, names = asks[name].factorize(use_na_sentinel=False)
        columns[name] = _category([None if pd.isna(value) else value for value in names], number, ask)
    columns |= {name: _category(values, ask) for name, values in told.items()}
    for i, name in enumerate(("metric", "field", "better", "unit", "reduce")):
        columns[name] = _category([values[i] for values in rows.metric.values], metric, row)
    columns = {name: columns[name] for name in COLUMNS}
    meta = samples.columns()
    renamed = clear_of(meta, COLUMNS)
    for name, values in meta.items():
        columns[renamed.get(name, name)] = _meta_column(values, sample, ask)
    return pd.DataFrame(columns, copy=False)


def _category(values: Sequence[str | None], *codes: Codes) -> pd.Categorical:
    """A column that holds ``values[code]`` for each code, which may stand for codes in turn; None is missing."""
    import pandas as pd

    names = sorted({value for value in values if value is not None})
    place: dict[str | None, int] = {None: -1, **{name: i for i, name in enumerate(names)}}
    number = np.fromiter(map(place.__getitem__, values), np.min_scalar_type(-1 - len(names)), len(values))
    for places in codes:
        number = number[places]
    return pd.Categorical.from_codes(number, categories=pd.Index(names, dtype="str"), validate=False)


def _meta_column(values: Sequence[Any], sample: Codes, ask: Codes) -> Any:
    """As numbers or booleans if all known values are; otherwise as text."""
    import pandas as pd

    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    values = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    kinds = {type(value) for value in values if value is not None}
    missing = None in values
    if kinds == {bool}:
        return pd.array(values, dtype="boolean" if missing else "bool").take(sample).take(ask)
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pd.array(values, dtype="Int64" if missing else "int64").take(sample).take(ask)
    if float in kinds and kinds <= {int, float}:
        return np.array([math.nan if value is None else float(value) for value in values])[sample][ask]
    return _category([None if value is None else str(value) for value in values], sample, ask)
