"""Rows of CSV, TSV, JSON Lines and Parquet files, a piece at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qaeval.datasets._arrow import batch_size, cells_of, classes_in
from qaeval.datasets._lines import BadLine, TextFile, lines
from qaeval.datasets._records import Broken, Record, records
from qaeval.datasets._rows import Row
from qaeval.errors import DatasetError


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Cells with a delimiter between them, the first line naming them; lines are counted from 1 as editors do.

    ``passing``: a row that cannot be read has `Broken` for its cells, and the next one follows.
    """

    path: TextFile
    delimiter: str = ","
    quotes: bool = True
    encoding: str | None = None
    unit: str = "line"
    passing: bool = False

    def columns(self) -> tuple[int, tuple[str, ...]]:
        number, header = next(self.tolerant() if self.passing else self.records(), (0, []))
        if isinstance(header, Broken):
            raise DatasetError(f"{self.path}, line {number}: {self.explained(header)}")
        if not header:
            raise DatasetError(f"{self.path}: empty; expected a first line that names the columns")
        return number, tuple(name.strip() or f"column {index}" for index, name in enumerate(header, 1))

    def rows(self) -> Iterator[Row]:
        number, columns = self.columns()
        records = self.tolerant() if self.passing else self.records()
        next(records)
        for number, cells in records:
            if isinstance(cells, Broken):
                yield number, columns, Broken(self.explained(cells))
            elif len(cells) == len(columns):
                yield number, columns, cells
            elif self.passing:
                yield number, columns, Broken(self._torn(len(columns), cells))
            else:
                raise DatasetError(f"{self.path}, line {number}: {self._torn(len(columns), cells)}")

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with the number of the line it begins on; blank lines are none."""
        for number, cells in records(lines(self.path, self.encoding), self.delimiter, self.quotes):
            if isinstance(cells, Broken):
                raise DatasetError(f"{self.path}, line {number}: {self.explained(cells)}")
            yield number, cells

    def tolerant(self) -> Iterator[Record]:
        """The same with what is `Broken` among them: the lines after it are read all the same."""
        return records(lines(self.path, self.encoding, tolerant=True), self.delimiter, self.quotes)

    def explained(self, broken: Broken) -> str:
        """Why a record is broken, and what may be the matter."""
        problem = broken.why
        if not self.quotes or ";" in problem or ": " in problem:
            return problem
        if "field limit" in problem or "end of data" in problem:
            hint = "a quote opens in the record that begins here and is not closed, or a cell is too long"
        else:
            hint = "a quote stands inside a quoted cell; double it"
        return f"{problem}: {hint}; quotes=False takes quotes for plain characters"

    def _torn(self, expected: int, cells: list[str]) -> str:
        delimiter = {"\t": "tab"}.get(self.delimiter, repr(self.delimiter))
        return (
            f"expected {expected} cells as the header has, seen {len(cells)} (delimiter: {delimiter}); begins with "
            f"{cells[0]!r:.60}"
        )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"two values for {twice[:40]!r}")
    return row


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


@dataclass(frozen=True, slots=True)
class JsonlTable:
    """One JSON object a line; objects may differ in their keys. ``passing``: as of `CsvTable`."""

    path: TextFile
    encoding: str | None = None
    unit: str = "line"
    passing: bool = False

    def columns(self) -> tuple[int, tuple[str, ...]]:
        for number, columns, cells in self.rows():
            if not isinstance(cells, Broken):
                return number, columns
        raise DatasetError(f"{self.path}: empty; expected one JSON object a line")

    def rows(self) -> Iterator[Row]:
        if self.passing:
            for number, row in self.tolerant():
                yield (number, (), row) if isinstance(row, Broken) else (number, tuple(row), list(row.values()))
            return
        for number, line in enumerate(lines(self.path, self.encoding), 1):
            if line.isspace():
                continue
            row = self._object(number, line)
            yield number, tuple(row), list(row.values())

    def tolerant(self) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
        """The objects, `Broken` where a line is none: the lines after it are read all the same."""
        for number, line in enumerate(lines(self.path, self.encoding, tolerant=True), 1):
            if line.isspace():
                continue
            try:
                yield number, Broken(line.why) if isinstance(line, BadLine) else self._object(number, line)
            except DatasetError as error:
                yield number, Broken(str(error).removeprefix(f"{self.path}, line {number}: "))

    def _object(self, number: int, line: str) -> dict[str, Any]:
        try:
            row = _DECODER.decode(line)
            if "\\ud" in line or "\\uD" in line:
                json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = error.object[error.start : error.start + 1]
            raise DatasetError(f"{self.path}, line {number}: {half!r} is half a character, not text") from None
        except (ValueError, RecursionError) as error:
            why = f"{error.msg} at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else error
            raise DatasetError(f"{self.path}, line {number}: not JSON: {why}; begins with {line!r:.60}") from None
        if not isinstance(row, dict):
            seen = f"{type(row).__name__}; begins with {line!r:.60}"
            raise DatasetError(f"{self.path}, line {number}: expected a JSON object on each line, seen {seen}")
        return row


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file; rows are counted from 1. Its pages are read one after another, bytes a few rows at a time.

    Where the library ``datasets`` wrote it, numbers of classes are given by their names.
    """

    path: Path
    unit: str = "row"

    def columns(self) -> tuple[int, tuple[str, ...]]:
        with self._open() as file:
            return -1, tuple(file.schema_arrow.names)

    def rows(self) -> Iterator[Row]:
        with self._open() as file:
            columns = tuple(file.schema_arrow.names)
            classes = classes_in(file.schema_arrow)
            number = 0
            for batch in file.iter_batches(batch_size=batch_size(file.schema_arrow)):
                for cells in cells_of(batch, classes):
                    number += 1
                    yield number, columns, cells

    @contextmanager
    def _open(self) -> Iterator[Any]:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile

        try:
            with ParquetFile(self.path, pre_buffer=False) as file:
                yield file
        except (ArrowException, UnicodeDecodeError, OSError) as error:
            raise DatasetError(f"{self.path}: not a readable Parquet file: {error}") from None
