"""Rows of Arrow data: record batches, tables and files, a few at a time where they hold audio."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qaeval.datasets._rows import Row
from qaeval.errors import DatasetError

BATCH = 8192
BATCH_OF_AUDIO = 16

Classes = Mapping[str, tuple[str, ...]]
"""The names of the classes of columns whose cells are numbers of them."""


def batch_size(schema: object) -> int:
    """How many rows to hold at once: few where they have bytes in them."""
    return BATCH_OF_AUDIO if "binary" in str(schema) else BATCH


def unpacked(column: Any) -> list[Any]:
    """Python values of an Arrow column; strings take the fast way."""
    if hasattr(column, "dictionary_decode"):
        column = column.dictionary_decode()
    if str(column.type) in ("string", "large_string"):
        values: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
        return values
    values = column.to_pylist()
    return values


def cells_of(batch: Any, classes: Classes) -> Iterator[Sequence[Any]]:
    """The cells of each row of a record batch or table, names in place of the numbers of classes."""
    columns = zip(batch.schema.names, batch.columns, strict=True)
    yield from zip(*(_named(name, unpacked(column), classes) for name, column in columns), strict=True)


def _named(column: str, cells: list[Any], classes: Classes) -> list[Any]:
    names = classes.get(column)
    return cells if names is None else [_name(column, cell, names) for cell in cells]


def _name(column: str, cell: Any, names: tuple[str, ...]) -> Any:
    """The name of a class; -1 and nothing are none, as in the library ``datasets``."""
    if isinstance(cell, list):
        return [_name(column, one, names) for one in cell]
    if cell is None or cell == -1:
        return None
    if not (isinstance(cell, int) and 0 <= cell < len(names)):
        raise DatasetError(f"{column}: expected the number of one of {len(names)} classes, seen {cell!r:.80}")
    return names[cell]


def classes_of(features: object) -> Classes:
    """The classes among the features of a dataset, as the library writes them down in JSON.

    >>> classes_of({"gender": {"names": ["male", "female"], "_type": "ClassLabel"}, "text": {"_type": "Value"}})
    {'gender': ('male', 'female')}
    """
    found = features.items() if isinstance(features, Mapping) else ()
    return {name: names for name, feature in found if (names := _class_names(feature))}


def _class_names(feature: Any) -> tuple[str, ...]:
    if isinstance(feature, list) and len(feature) == 1:
        return _class_names(feature[0])
    if not isinstance(feature, Mapping):
        return ()
    if feature.get("_type") in ("List", "LargeList", "Sequence"):
        return _class_names(feature.get("feature"))
    names = feature.get("names")
    told = feature.get("_type") == "ClassLabel" and isinstance(names, list)
    return tuple(map(str, names)) if told and isinstance(names, list) else ()


def classes_in(schema: Any) -> Classes:
    """The classes that a file of the library ``datasets`` tells in the metadata of its schema."""
    told = (schema.metadata or {}).get(b"huggingface")
    try:
        return classes_of(json.loads(told)["info"]["features"]) if told else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


@dataclass(frozen=True, slots=True)
class ArrowTable:
    """An Arrow file, of the stream or the random-access kind; rows are counted from 1. It is mapped, not read."""

    path: Path
    unit: str = "row"

    def columns(self) -> tuple[int, tuple[str, ...]]:
        """The columns, of the schema that the file begins with."""
        with self._open() as (schema, _):
            return -1, tuple(schema.names)

    def rows(self) -> Iterator[Row]:
        """All rows in order."""
        number = 0
        with self._open() as (schema, batches):
            names, size, classes = tuple(schema.names), batch_size(schema), classes_in(schema)
            for batch in batches:
                for start in range(0, batch.num_rows, size):
                    for cells in cells_of(batch.slice(start, size), classes):
                        number += 1
                        yield number, names, cells

    @contextmanager
    def _open(self) -> Iterator[tuple[Any, Iterator[Any]]]:
        import pyarrow

        try:
            with pyarrow.memory_map(str(self.path)) as file:
                try:
                    stream = pyarrow.ipc.open_stream(file)
                    yield stream.schema, iter(stream)
                except pyarrow.ArrowInvalid:
                    file.seek(0)
                    whole = pyarrow.ipc.open_file(file)
                    yield whole.schema, map(whole.get_batch, range(whole.num_record_batches))
        except (pyarrow.ArrowException, UnicodeDecodeError, OSError) as error:
            raise DatasetError(f"{self.path}: not a readable Arrow file: {error}") from None
