"""Rows of any table turned into samples, one by one, with everything checked that a row can get wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal, Protocol

from qaeval.datasets._audio import AudioFolder
from qaeval.datasets._bad_rows import BadRows, Passed
from qaeval.datasets._cells import Inputs, absent, annotated, events_of, id_of, shown
from qaeval.datasets._columns import Layout, Renames
from qaeval.datasets._ids import Identities, Key, key_of
from qaeval.datasets._records import Broken
from qaeval.errors import DatasetError, QaevalError
from qaeval.languages import language_code
from qaeval.types import Annotation, Audio, Sample

EmptyText = Literal["error", "silence", "unknown"]

_SEARCHES = 20
"""A row that is there for the second time is told with the line of the first so often; each takes a pass."""

Row = tuple[int, tuple[str, ...], Sequence[Any]]
"""Number of the line or row, names of its columns, its cells (`Broken` where they cannot be read)."""


class Table(Protocol):
    """A source of rows that can be read anew, a piece at a time."""

    @property
    def unit(self) -> str:
        """``line`` or ``row``: what its numbers count."""

    def columns(self) -> tuple[int, tuple[str, ...]]:
        """The columns and the number of the line that names them, without reading on."""

    def rows(self) -> Iterator[Row]:
        """All rows in order."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the user wants rows to be understood: all that changes what the samples are."""

    language: str = ""
    columns: Renames = ()
    empty_text: EmptyText = "error"

    @classmethod
    def of(cls, language: str | None, columns: Mapping[str, str | None] | None, empty_text: EmptyText) -> Reading:
        """Checks what the user passed."""
        if empty_text not in ("error", "silence", "unknown"):
            raise DatasetError(f'empty_text: expected "error", "silence" or "unknown", seen {empty_text!r}')
        if not all(isinstance(part, str) for pair in (columns or {}).items() for part in pair if part is not None):
            raise DatasetError(f'columns: expected names, such as {{"text": "sentence"}}, seen {shown(columns)}')
        return cls(language_code(language), tuple(sorted((columns or {}).items())), empty_text)

    def text(self, cell: object) -> str | None:
        """The reference text of a cell, just as it stands."""
        if isinstance(cell, str) and cell.strip():
            return cell
        if not (absent(cell) or isinstance(cell, str)):
            raise DatasetError(f"text: expected a string, seen {shown(cell)}")
        if self.empty_text == "error":
            raise DatasetError(
                'the reference text is empty; fill it in, or say empty_text="silence" if such clips are known to be '
                'silent, empty_text="unknown" if it is not known'
            )
        return "" if self.empty_text == "silence" else None


@dataclass(frozen=True, slots=True)
class Rows:
    """A table, what errors call it, the way to understand it, and what one pass over it has seen so far.

    ``bad_rows``: what becomes of rows that are not as they should be (`qaeval.datasets._bad_rows`). ``searches`` has an
    item for each time that a pass may look up where an id came before.
    """

    where: str
    table: Table
    reading: Reading
    folder: AudioFolder
    identities: Identities = field(default_factory=Identities)
    bad_rows: BadRows = "error"
    searches: Iterator[int] = field(default_factory=lambda: iter(range(_SEARCHES)))

    def read(self) -> Iterator[Sample]:
        """A new pass over all rows."""
        searches = iter(range(_SEARCHES))
        return replace(self, folder=self.folder.fresh(), identities=Identities(), searches=searches)._samples()

    def _samples(self) -> Iterator[Sample]:
        known: tuple[str, ...] = ()
        layout = None
        made, passed = 0, Passed(self.where, self.bad_rows)
        for number, columns, cells in self.table.rows():
            try:
                if isinstance(cells, Broken):
                    raise DatasetError(cells.why)
                if layout is None or columns is not known:
                    layout, known = _layout(columns, self.reading.columns), columns
                sample = self._sample(layout, number, cells)
            except QaevalError as error:
                passed.take(self._place(number), error)
                continue
            made += 1
            yield sample
        passed.end(made)

    def check(self) -> None:
        """Raises `DatasetError` when the columns cannot be understood; reads no further than they stand."""
        number, columns = self.table.columns()
        try:
            _layout(columns, self.reading.columns)
        except QaevalError as error:
            raise DatasetError(f"{self._place(number)}: {error}") from None

    def _place(self, number: int) -> str:
        return f"{self.where}, {self.table.unit} {number}" if number >= 0 else self.where

    def _sample(self, layout: Layout, number: int, cells: Sequence[Any]) -> Sample:
        audio = self.folder.find(cells[layout.audio], number)
        labels, inputs = annotated(layout, cells) if layout.is_annotated else ({}, {})
        text = None if layout.text is None else self.reading.text(cells[layout.text])
        events = None if layout.events is None else events_of(cells[layout.events])
        meta = {name: cells[index] for name, index in layout.meta}
        said = "" if layout.language is None else cells[layout.language]
        if language := language_code(said) or self.reading.language:
            meta["language"] = language
        key = _key(layout, cells, audio, inputs)
        if not self.identities.is_new(key):
            self._refuse_repeated(key, number)
        return Sample(self.identities.id_of(key), audio, Annotation(text, events, labels), meta, inputs)

    def _refuse_repeated(self, key: Key, number: int) -> None:
        """Raises `DatasetError` that says where the same id came before, which it looks for from the start."""
        if next(self.searches, None) is None:
            name = key if isinstance(key, str) else key[0]
            raise DatasetError(f"{name!r} stands already in a {self.table.unit} before it")
        for first, columns, cells in self.table.rows():
            if first >= number:  # two ids with one hash, not one id twice
                return
            if isinstance(cells, Broken):
                continue
            try:
                layout = _layout(columns, self.reading.columns)
                audio = self.folder.find(cells[layout.audio], first)
                same = key == _key(layout, cells, audio, annotated(layout, cells)[1])
            except QaevalError:  # a row that was passed over
                continue
            if same:
                what = f"id {key!r}" if layout.id is not None else f"audio {audio.name!r} with the same inputs"
                hint = "" if layout.id is not None else "; an id column would tell them apart"
                raise DatasetError(f"{what} stands already in {self.table.unit} {first}{hint}")


@lru_cache(maxsize=1024)
def _layout(columns: tuple[str, ...], renames: Renames) -> Layout:
    return Layout.of(columns, renames)


def _key(layout: Layout, cells: Sequence[Any], audio: Audio, inputs: Inputs) -> Key:
    return key_of(None if layout.id is None else id_of(cells[layout.id]), audio.name, inputs)
