"""Tar files whose members are samples by key, as the WebDataset format says: 0001.flac, 0001.json, 0001.txt."""

from __future__ import annotations

import functools
import itertools
import json
import posixpath
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qaeval.datasets._fingerprint import packed
from qaeval.datasets._release import ArchiveRelease
from qaeval.datasets._rows import Row
from qaeval.datasets.folder import SUFFIXES
from qaeval.errors import AudioError, DatasetError
from qaeval.types import Audio

TEXTS = ("json", "txt", "cls")
MOST_TEXT = 1 << 24
"""Bytes of a JSON, text or class file; a larger one describes no clip."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a file, read when it is needed."""

    path: str
    start: int
    size: int

    def read(self) -> bytes:
        """All of it. Raises `AudioError` where the file ends before it."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self.start)
                content = file.read(self.size)
        except OSError as error:
            raise AudioError(f"{self.path}: {error.strerror}") from None
        if len(content) < self.size:
            raise AudioError(f"{self.path}: ends within the clip at byte {self.start:,}; fetch it again")
        return content


@dataclass(frozen=True, slots=True)
class File:
    """A member: its name in the archive, the sample that it belongs to, what it is, and where its bytes are."""

    name: str
    key: str
    kind: str
    size: int
    place: Any

    @property
    def is_clip(self) -> bool:
        """Whether it is audio."""
        return f".{self.kind.rpartition('.')[2]}" in SUFFIXES


@dataclass(frozen=True, slots=True)
class TarTable:
    """The samples of one tar, counted from 1."""

    path: Path
    unit: str = "sample"

    def columns(self) -> tuple[int, tuple[str, ...]]:
        """Those of the first sample; other samples may have others."""
        for number, names, _ in self.rows():
            return number, names
        raise DatasetError(f"{self.path}: no samples in it; expected KEY.flac (or another audio file) and KEY.json")

    def rows(self) -> Iterator[Row]:
        """All samples, in the order of the archive."""
        seen: dict[tuple[str, ...], tuple[str, ...]] = {}
        for number, (key, files) in enumerate(itertools.groupby(self._files(), lambda file: file.key), 1):
            cells = self._cells(number, key, list(files))
            names = seen.setdefault(tuple(cells), tuple(cells)) if len(seen) < 1000 else tuple(cells)
            yield number, names, list(cells.values())

    def content(self) -> Iterator[bytes]:
        """Names and sizes of the members, and what is no clip."""
        for file in self._files():
            known = not file.is_clip and file.kind in TEXTS and file.size <= MOST_TEXT
            yield packed((file.name, file.size, file.place.read() if known else None))

    def _cells(self, number: int, key: str, files: Sequence[File]) -> dict[str, Any]:
        where = f"{self.path}, sample {number} ({key[:100]!r})"
        clips = [file for file in files if file.is_clip]
        if len(clips) != 1:
            seen = ", ".join(file.name for file in files[:5])
            raise DatasetError(f"{where}: expected one audio file, seen {len(clips)} among {seen}")
        cells: dict[str, Any] = {"audio": Audio(clips[0].place, clips[0].name), "id": key}
        for file in files:
            if file.kind in TEXTS:
                cells.update(self._told(where, file, cells))
        return cells

    def _told(self, where: str, file: File, cells: dict[str, Any]) -> dict[str, Any]:
        if file.size > MOST_TEXT:
            raise DatasetError(f"{where}: {file.name} holds {file.size:,} bytes; expected at most {MOST_TEXT:,}")
        try:
            text = file.place.read().decode("utf-8-sig")
            if file.kind != "json":
                return {"text" if file.kind == "txt" else "label": text.strip()}
            told = json.loads(text)
        except (AudioError, ValueError, RecursionError) as error:
            raise DatasetError(f"{where}: {file.name} cannot be read: {str(error)[:200]}") from None
        if not isinstance(told, dict):
            raise DatasetError(f"{where}: {file.name}: expected a JSON object, seen {type(told).__name__}")
        if "audio" in told:
            raise DatasetError(f"{where}: {file.name} names an audio of its own; the clip is {cells['audio'].name}")
        return told

    def _files(self) -> Iterator[File]:
        if not self.path.name.lower().endswith(".tar"):
            yield from self._unpacked()
            return
        try:
            with tarfile.open(self.path, "r:") as archive:
                for info in archive:
                    archive.members = []  # type: ignore[attr-defined]  # it would keep them all
                    if info.isreg() and not info.issparse():
                        yield _file(info.name, info.size, Slice(str(self.path), info.offset_data, info.size))
        except (tarfile.TarError, OSError, EOFError, ValueError) as error:
            raise DatasetError(f"{self.path}: not a readable tar: {error}; fetch it again") from None

    def _unpacked(self) -> Iterator[File]:
        """The members of a compressed tar, in alphabetical order, out of the cache."""
        archive = ArchiveRelease(self.path, "samples by key: KEY.flac, KEY.json")
        for name in archive.names():
            if _file(name, 0, None).is_clip:
                yield _file(name, 0, archive.audio(name).source)
            else:
                with archive.open(name) as file:
                    content = file.read()
                yield _file(name, len(content), _Read(content))


@dataclass(frozen=True, slots=True)
class _Read:
    """What has been read."""

    content: bytes

    def read(self) -> bytes:
        return self.content


def _file(name: str, size: int, place: Any) -> File:
    """A member by the format's rule: the key goes up to the first dot of the file's name, folders included."""
    clean = posixpath.normpath(name.replace("\\", "/")).lstrip("/")
    folder, _, last = clean.rpartition("/")
    stem, _, kind = last.partition(".")
    return File(clean, f"{folder}/{stem}" if folder else stem, _lower(kind), size, place)


@functools.lru_cache(256)
def _lower(kind: str) -> str:
    return kind.lower()
