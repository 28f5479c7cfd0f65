"""The tables of a run, and the spools in which their rows wait.

While a run works, its rows go line by line into a spool beside the table; when it ends, `Table.fold` makes table and
spool into one. A run that was killed leaves its spool behind: it is read along with the table, and folded by the next.
So rows are replaced by rows of the same name, and never lost to what another command asks.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from qaeval.errors import RunError
from qaeval.store.journal import sync_folder

if TYPE_CHECKING:
    from pyarrow import Schema

Row: TypeAlias = dict[str, Any]

_ENCODER = json.JSONEncoder(ensure_ascii=False)
_ROWS = 2000  # rows held at once while a table is written or read


class Table:
    """Rows on disk. The columns ``names`` tell one thing from another; the rows of one replace all its older ones.

    ``kinds`` gives the columns that are no text, as types of pyarrow; ``blank`` what a column holds in rows that were
    written before there was such a column (None where it does not say).
    """

    def __init__(
        self,
        path: Path,
        columns: Iterable[str],
        names: Iterable[str],
        kinds: dict[str, str],
        blank: Row | None = None,
    ) -> None:
        self.path = path
        self.spool = path.with_suffix(".spool")
        self._columns = tuple(columns)
        self._names = tuple(names)
        self._kinds = kinds
        self._blank: Row = dict.fromkeys(self._columns) | (blank or {})

    def rows(self, stale: Row | None = None) -> Iterator[Row]:
        """Every row once: those of the spool, then those of the table that the spool has none of the same name of.

        ``stale`` is laid over the latter.
        """
        spooled = self.spooled()  # opened before the table: once a spool has gone, the table has its rows
        is_stored = self.path.exists()
        replaced: set[bytes] = set()
        for row in spooled:
            if is_stored:
                replaced.add(self._name(row))
            yield row
        for row in self.stored() if is_stored else ():
            if not replaced or self._name(row) not in replaced:
                yield row | stale if stale else row

    def _name(self, row: Row) -> bytes:
        named = json.dumps([row[name] for name in self._names])
        return hashlib.blake2b(named.encode(), digest_size=12).digest()

    def spooled(self) -> Iterator[Row]:
        """The rows of the spool; a torn line is passed over."""
        try:
            file = open(self.spool, "rb")  # noqa: SIM115 - closed by the generator
        except FileNotFoundError:
            return iter(())
        return (self._blank | row for row in _lines(file))

    def stored(self) -> Iterator[Row]:
        """The rows of the table. Raises `RunError` when it cannot be read."""
        import pyarrow as pa
        import pyarrow.parquet as parquet

        try:
            with parquet.ParquetFile(self.path) as table:
                for batch in table.iter_batches(_ROWS):
                    yield from (self._blank | row for row in batch.to_pylist())
        except FileNotFoundError:
            return
        except (pa.ArrowException, OSError) as error:
            raise RunError(
                f"{self.path} cannot be read ({error}); move it away and run the same command again: it is made anew, "
                "and what has a reply is not asked again"
            ) from error

    def fold(self, stale: Row | None = None) -> None:
        """Makes table and spool into one table, in one step, a few thousand rows in memory at a time."""
        if not self.spool.exists():
            return
        with replacing(self.path) as temporary:
            self._write(temporary, self.rows(stale))
        with contextlib.suppress(OSError):  # Windows keeps a file that is open elsewhere; it is folded again then
            self.spool.unlink()

    def _write(self, path: Path, rows: Iterator[Row]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as parquet

        schema = self._schema()
        with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            group: list[Row] = []
            for row in rows:
                group.append(row)
                if len(group) == _ROWS:
                    writer.write_table(pa.Table.from_pylist(group, schema))
                    group.clear()
            writer.write_table(pa.Table.from_pylist(group, schema))

    def _schema(self) -> Schema:
        import pyarrow as pa

        return pa.schema([(name, self._kinds.get(name, "string")) for name in self._columns])


class replacing:
    """Writes a file beside its place and moves it there in one step, durably; on an error the old file stays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(path.name + ".new")

    def __enter__(self) -> Path:
        return self.temporary

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is not None:
            with contextlib.suppress(OSError):
                self.temporary.unlink()
            return
        with open(self.temporary, "r+b") as file:
            os.fsync(file.fileno())
        os.replace(self.temporary, self.path)
        sync_folder(self.path.parent)


def to_spool(row: Row) -> bytes:
    """A row as a line of a spool. A lone surrogate, which no table could hold, is written as U+FFFD."""
    text = _ENCODER.encode(row) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _lines(file: Any) -> Iterator[Row]:
    with file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                continue
