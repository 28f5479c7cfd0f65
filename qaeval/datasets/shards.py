"""Data in several files: Parquet, Arrow (of the library ``datasets``), and tar files with samples by key (WebDataset).

    data/test-00000-of-00002.parquet ...        columns as in a manifest; audio as bytes, or {"bytes", "path"}
    saved/data-00000-of-00001.arrow ...         what Dataset.save_to_disk writes, or the library's cache
    shards/000000.tar ...                       0001.flac 0001.json 0001.txt 0002.flac ...

In a tar the members with the same name up to its first dot are one sample, as the WebDataset format says; they stand
one after another. Clips are read where they lie when they are needed; a compressed tar is unpacked into the cache.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from qaeval.datasets._arrow import ArrowTable
from qaeval.datasets._audio import AudioFolder, Missing
from qaeval.datasets._fingerprint import fingerprint
from qaeval.datasets._readers import ParquetTable
from qaeval.datasets._rows import EmptyText, Reading, Row, Rows, Table
from qaeval.datasets._webdataset import TarTable
from qaeval.errors import DatasetError
from qaeval.types import Audio, Dataset

TARS = (".tar", ".tar.gz", ".tgz")
SUFFIXES = (".arrow", *TARS)
"""What one file of shards may end in when `qaeval.datasets.load` is to know it; Parquet files are manifests."""

_TABLES: Mapping[str, Callable[[Path], Table]] = {
    ".parquet": ParquetTable,
    ".pq": ParquetTable,
    ".arrow": ArrowTable,
    **dict.fromkeys(TARS, TarTable),
}
_BLOCK = 1 << 20


def load(
    source: str | Path,
    *,
    name: str | None = None,
    language: str | None = None,
    columns: Mapping[str, str | None] | None = None,
    root: str | Path | None = None,
    empty_text: EmptyText = "error",
    missing: Missing = "error",
    follow_links: bool = False,
) -> Dataset:
    """The clips of Parquet, Arrow or tar (WebDataset) shards: a file, a folder of them, or a pattern with ``*``.

    Files are read in the order of their names; a folder has shards of one kind only. Columns and options are those of
    `qaeval.datasets.manifest.load`. In a tar, the columns are those of the sample's JSON, ``text`` is its .txt, ``id``
    its key, ``label`` the number in its .cls, other texts are passed over. Where the library ``datasets`` wrote a file,
    numbers of classes are given by their names. A few rows are held at a time.

    The fingerprint covers the files' bytes; of a tar, the names and sizes of the members and what is no clip.

    Raises `DatasetError` naming the file, and row or sample.
    """
    paths, end = _found(Path(source).expanduser())
    table = Shards(paths, end)
    reading = Reading.of(language, columns, empty_text)
    home = paths[0].parent if len(paths) == 1 else Path(os.path.commonpath([path.parent for path in paths]))
    rows = Rows(str(source), table, reading, ShardFolder.of(home, root, missing, follow_links))
    rows.check()
    return Dataset(name or _name(Path(source)), rows.read, partial(fingerprint, table.content, reading))


def fits(path: Path) -> bool:
    """Whether a path means shards, and nothing else: a pattern that no file is called by, an arrow or a tar file."""
    if path.is_dir():
        return False
    pattern = any(mark in str(path) for mark in "*?")
    return (pattern and not path.exists()) or path.name.lower().endswith(SUFFIXES)


def _name(source: Path) -> str:
    plain = [part for part in source.parts if not any(mark in part for mark in "*?")]
    last = plain[-1] if plain else "shards"
    return last if os.path.isdir(source) or len(plain) < len(source.parts) else last.partition(".")[0]


def _end(path: str) -> str:
    return next((end for end in sorted(_TABLES, key=len, reverse=True) if path.lower().endswith(end)), "")


def _found(source: Path) -> tuple[list[Path], str]:
    """The shards in order, and what their names end in."""
    text = str(source)
    if source.is_dir():
        names = [os.path.join(text, entry) for entry in os.listdir(source) if not entry.startswith(".")]
    else:
        names = [text] if source.is_file() else glob.glob(text, recursive=True)
    found = sorted(name for name in names if _end(name) and os.path.isfile(name))
    ends = sorted({_end(name) for name in found})
    if not found:
        raise DatasetError(f"{source}: no shards there; expected files that end in {', '.join(_TABLES)}")
    if len(ends) > 1:
        raise DatasetError(f"{source}: expected shards of one kind, seen {', '.join(ends)}; name them: *{ends[0]}")
    return [Path(name) for name in found], ends[0]


class Place(int):
    """The number of a row among those of all shards; written, it is the number in its shard."""

    told: str

    @classmethod
    def of(cls, number: int, told: str) -> Place:
        """The number, and how it is written."""
        place = cls(number)
        place.told = told
        return place

    def __format__(self, form: str) -> str:
        return self.told

    def __str__(self) -> str:
        return self.told


@dataclass(frozen=True, slots=True)
class Shards:
    """Tables read one after another as one."""

    paths: list[Path]
    end: str

    @property
    def unit(self) -> str:
        """What its numbers count."""
        return _TABLES[self.end](self.paths[0]).unit

    def columns(self) -> tuple[int, tuple[str, ...]]:
        """The columns of the first shard."""
        return _TABLES[self.end](self.paths[0]).columns()

    def rows(self) -> Iterator[Row]:
        """The rows of all shards."""
        number = 0
        for path in self.paths:
            for inner, names, cells in _TABLES[self.end](path).rows():
                number += 1
                yield Place.of(number, f"{inner} of {path.name}"), names, cells

    def content(self) -> Iterator[bytes]:
        """What the fingerprint covers."""
        for path in self.paths:
            yield f"{path.name}\n".encode("utf-8", "surrogateescape")
            if self.end in TARS:
                yield from TarTable(path).content()
                continue
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    yield block


@dataclass(frozen=True, slots=True)
class ShardFolder(AudioFolder):
    """Also takes clips that the shard itself holds."""

    def find(self, cell: Any, row: int) -> Audio:
        """The audio of a cell."""
        return cell if isinstance(cell, Audio) else AudioFolder.find(self, cell, row)

    def fresh(self) -> ShardFolder:
        """The same rules, with nothing remembered about folders."""
        return replace(self)
