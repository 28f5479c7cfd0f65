"""Objects of the library ``datasets`` (Dataset, IterableDataset, and dicts of them), straight from a notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from qaeval import registry
from qaeval.datasets._arrow import BATCH_OF_AUDIO, Classes, batch_size, cells_of, classes_of
from qaeval.datasets._audio import AudioFolder, Missing
from qaeval.datasets._fingerprint import fingerprint, packed
from qaeval.datasets._hub_errors import explained
from qaeval.datasets._rows import EmptyText, Reading, Row, Rows
from qaeval.errors import DatasetError
from qaeval.types import Dataset

KINDS = ("Dataset", "IterableDataset", "DatasetDict", "IterableDatasetDict")


def load(
    source: Any,
    *,
    split: str | None = None,
    name: str = "dataset",
    language: str | None = None,
    columns: Mapping[str, str | None] | None = None,
    root: str | Path | None = None,
    empty_text: EmptyText = "error",
    missing: Missing = "error",
    follow_links: bool = False,
) -> Dataset:
    """The clips of a Dataset or IterableDataset of the library ``datasets``, one a row.

    Columns and options are those of `qaeval.datasets.manifest.load`. Audio is taken as it is encoded, whatever its
    feature says of decoding; a path may stand for it as in `qaeval.datasets.frame.load`. Classes (ClassLabel) are given
    by their names. A few rows are held at a time. The fingerprint covers all cells of a Dataset; that of an
    IterableDataset is not known, since it may be endless.

    ``split`` says which one of a DatasetDict; it may be left out where there is one only. Raises `DatasetError` naming
    the row, counted from 0, and what the library says where it cannot go on.
    """
    if not is_one(source):
        raise DatasetError(f"expected one of {', '.join(KINDS)} of the library datasets, seen {type(source).__name__}")
    chosen = one_of(source, split)
    table = HubTable(chosen, classes_of(chosen.features.to_dict() if chosen.features else None))
    reading = Reading.of(language, columns, empty_text)
    rows = Rows(name, table, reading, AudioFolder.of(Path.cwd(), root, missing, follow_links))
    rows.check()
    whole = hasattr(chosen, "num_rows")
    return Dataset(name, rows.read, partial(fingerprint, table.content, reading) if whole else str)


def is_one(source: object) -> bool:
    """Whether it is an object of the library, which is not imported to find out."""
    library = sys.modules.get("datasets")
    kinds = tuple(kind for name in KINDS if isinstance(kind := getattr(library, name, None), type))
    return isinstance(source, kinds)


def one_of(source: Any, split: str | None) -> Any:
    """The dataset itself, or the one of that split. Raises `UnknownNameError` for a split that there is not."""
    if not isinstance(source, dict):
        if split is not None:
            raise DatasetError(f"split={split!r}: it has no splits, it is one {type(source).__name__}")
        return source
    if split is None and len(source) == 1:
        return next(iter(source.values()))
    if split is None:
        raise DatasetError(f"it has several splits; say which: split={' or '.join(map(repr, sorted(source)))}")
    if split not in source:
        raise registry.unknown("split", split, source)
    return source[split]


@dataclass(frozen=True, slots=True)
class HubTable:
    """The rows of a dataset of the library, as Arrow has them: nothing is decoded. ``first``: no more than so many."""

    source: Any = field(repr=False)
    classes: Classes = field(default_factory=dict)
    where: str = "dataset"
    first: int | None = None
    unit: str = "row"

    def columns(self) -> tuple[int, tuple[str, ...]]:
        """The columns as the features tell them; where nothing is told, those of the first row."""
        if self.source.features:
            return -1, tuple(self.source.features)
        for number, names, _ in self.rows():
            return number, names
        raise DatasetError(f"{self.where}: no rows in it")

    def rows(self) -> Iterator[Row]:
        """All rows in order, counted from 0."""
        number = 0
        for batch in self._batches():
            names = tuple(batch.schema.names)
            for cells in cells_of(batch, self.classes):
                if number == self.first:
                    return
                yield number, names, cells
                number += 1

    def _batches(self) -> Iterator[Any]:
        features = self.source.features
        size = batch_size(features.arrow_schema) if features else BATCH_OF_AUDIO
        with explained(self.where):
            yield from self.source.with_format("arrow").iter(batch_size=size)

    def content(self) -> Iterator[bytes]:
        """All cells as bytes, for a fingerprint."""
        yield packed(self.columns()[1])
        for _, _, cells in self.rows():
            yield packed(cells)
