"""Pandas data frames with one clip a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval.datasets._audio import AudioFolder, Missing
from qaeval.datasets._fingerprint import fingerprint, packed
from qaeval.datasets._rows import EmptyText, Reading, Row, Rows
from qaeval.errors import DatasetError
from qaeval.types import Dataset

if TYPE_CHECKING:
    import pandas as pd

_BATCH = 8192


def load(
    source: pd.DataFrame,
    *,
    name: str = "frame",
    language: str | None = None,
    columns: Mapping[str, str | None] | None = None,
    root: str | Path | None = None,
    empty_text: EmptyText = "error",
    missing: Missing = "error",
    follow_links: bool = False,
) -> Dataset:
    """The clips of a pandas DataFrame, one a row; columns and options are those of `qaeval.datasets.manifest.load`.

    Audio may be a path (relative to the current folder, or to ``root``), a URL, the bytes of an encoded file, or
    ``{"bytes": ..., "path": ...}``. None, NaN and NA are empty cells; other cells keep their type in meta. The dataset
    does not see later changes of the frame. Raises `DatasetError` naming the row, counted from 0 as ``iloc`` does.

    >>> import pandas
    >>> clips = load(pandas.DataFrame({"audio": [b"RIFF..."], "id": ["a"], "text": ["hello"], "age": [34]}))
    >>> next(iter(clips))  # doctest: +NORMALIZE_WHITESPACE
    Sample(id='a', audio=Audio(name='row 0', sha256=''),
           reference=Annotation(text='hello', events=None, labels={}), meta={'age': 34}, inputs={})
    """
    if not hasattr(source, "iloc"):
        raise DatasetError(f"frame: expected a pandas DataFrame, seen {source!r:.80}")
    table = FrameTable(source.copy(deep=False))
    reading = Reading.of(language, columns, empty_text)
    rows = Rows("DataFrame", table, reading, AudioFolder.of(Path.cwd(), root, missing, follow_links))
    rows.check()
    return Dataset(name, rows.read, partial(fingerprint, table.content, reading))


@dataclass(frozen=True, slots=True)
class FrameTable:
    """The rows of a data frame, converted a piece at a time."""

    frame: pd.DataFrame = field(repr=False)
    unit: str = "row"

    def columns(self) -> tuple[int, tuple[str, ...]]:
        names = tuple(self.frame.columns)
        for name in names:
            if not isinstance(name, str):
                raise DatasetError(f"DataFrame: expected strings as names of columns, seen {name!r:.80}")
        return -1, names

    def rows(self) -> Iterator[Row]:
        _, names = self.columns()
        for start in range(0, len(self.frame), _BATCH):
            part = self.frame.iloc[start : start + _BATCH]
            cells = (_unpacked(part.iloc[:, index]) for index in range(len(names)))
            for number, row in enumerate(zip(*cells, strict=True), start):
                yield number, names, row

    def content(self) -> Iterator[bytes]:
        """All cells as bytes, for a fingerprint."""
        yield packed(self.columns()[1])
        for _, _, row in self.rows():
            yield packed(row)


def _unpacked(column: pd.Series) -> list[Any]:
    """Python values of a column, None for what is missing."""
    missing = column.isna()
    if missing.any():
        column = column.astype(object).where(~missing, None)
    return column.tolist()
