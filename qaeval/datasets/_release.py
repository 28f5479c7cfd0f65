"""A corpus as it was downloaded: a folder, or a tar or zip archive that is read in place.

Nothing is unpacked to be opened. Members of a zip and of an uncompressed tar are read where they lie; those of a
compressed tar, which can only be read from its start, are unpacked into the cache when they are needed: texts and
tables when the first of them is, all when a clip is.
"""

from __future__ import annotations

import fnmatch
import functools
import io
import os
import posixpath
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from qaeval.datasets._audio import AudioFolder, Missing
from qaeval.datasets._members import UNREADABLE, kind_of, tar_files, zip_content, zip_files
from qaeval.datasets._unpacking import Unpacked
from qaeval.errors import AudioError, DatasetError
from qaeval.types import Audio, Stored

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")


class Release(ABC):
    """Where a corpus lies. Names are relative to it, with forward slashes."""

    def __init__(self, where: str, layout: str) -> None:
        self.where = where
        self.layout = layout

    @classmethod
    def of(cls, source: str | Path, layout: str, *, missing: Missing = "keep", follow_links: bool = False) -> Release:
        """The release at a path. ``layout`` is how it should look, for errors.

        Raises `DatasetError` when there is nothing, or no archive of a known kind.
        """
        path = Path(source).expanduser()
        if path.is_dir():
            return FolderRelease(path, layout, missing, follow_links)
        if not path.is_file():
            raise DatasetError(f"{path}: no such folder or archive; expected {layout}")
        if not path.name.lower().endswith(ARCHIVES):
            raise DatasetError(f"{path}: expected a folder or an archive ({', '.join(ARCHIVES)}) with {layout}")
        return ArchiveRelease(path, layout)

    @abstractmethod
    def names(self) -> Iterable[str]:
        """The names of all files, in alphabetical order."""

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """A file, for reading. Raises `DatasetError` saying what is missing, and how a release should look."""

    @abstractmethod
    def audio(self, name: str) -> Audio:
        """The clip of that name. Raises `DatasetError` for one that leaves the release.

        Whether a folder has it is seen when it is needed; an archive knows its members.
        """

    def file(self, name: str) -> ReleaseFile:
        """A file that is opened when it is read. Raises `DatasetError` when it is not there."""
        if not self.has(name):
            raise self.lacks(name)
        return ReleaseFile(self, name)

    def find(self, pattern: str) -> list[str]:
        """The names that a pattern fits (``*`` does not stop at slashes), in alphabetical order."""
        return [name for name in self.names() if fnmatch.fnmatchcase(name, pattern)]

    def top(self, *wanted: str) -> str:
        """The folder, with a slash at its end, that holds one of the wanted files; ``""`` if it is the top.

        An archive, and what was unpacked from one, often has all below one folder more. Raises `DatasetError` when it
        is nowhere, or in several places.
        """
        if any(map(self.has, wanted)):
            return ""
        found = sorted({name[: -len(end)] for name in self.names() for end in wanted if name.endswith("/" + end)})
        if len(found) == 1:
            return found[0]
        seen = f"in several folders: {', '.join(found[:5])}" if found else f"only {self._seen()}"
        raise DatasetError(f"{self.where}: expected {' or '.join(wanted)}, seen {seen}; a release has {self.layout}")

    def _seen(self) -> str:
        names = [name for name, _ in zip(self.names(), range(5), strict=False)]
        return f"{', '.join(names)} ..." if names else "no files"

    def lacks(self, name: str) -> DatasetError:
        """The error for a file that is not there."""
        return DatasetError(f"{self.where}: no {name} in it, only {self._seen()}; a release has {self.layout}")


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A text file of a release, for the readers of tables: like a path, it is opened and has a name."""

    release: Release
    name: str

    def __str__(self) -> str:
        return f"{self.release.where}/{self.name}"

    def open(self, mode: str = "rb") -> BinaryIO:
        """The file, for reading."""
        return self.release.open(self.name)


class FolderRelease(Release):
    """A release that was unpacked."""

    def __init__(self, path: Path, layout: str, missing: Missing, follow_links: bool) -> None:
        super().__init__(str(path), layout)
        self._path = path
        self._folder = AudioFolder.of(path, None, missing, follow_links)

    def names(self) -> Iterator[str]:
        """The names of all files, folder by folder; links to folders are not followed."""
        for folder, folders, files in os.walk(self._path):
            folders.sort()
            inside = os.path.relpath(folder, self._path).replace(os.sep, "/")
            yield from (name if inside == "." else f"{inside}/{name}" for name in sorted(files))

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return bool(name) and os.path.isfile(self._path / self._folder.name(name))

    def open(self, name: str) -> BinaryIO:
        """A file, for reading."""
        if not self.has(name):
            raise self.lacks(name)
        try:
            return open(self._folder.resolve(self._folder.name(name)), "rb")
        except OSError as error:
            raise DatasetError(f"{self.where}/{name}: {error.strerror or error}") from None

    def audio(self, name: str) -> Audio:
        """The clip of that name."""
        return self._folder.find(name, 0)


@dataclass(frozen=True, slots=True)
class Member:
    """A file within an archive, read when it is needed."""

    archive: str
    name: str
    read_member: Callable[[str], bytes] = field(repr=False, compare=False)

    def read(self) -> bytes:
        """All of it. Raises `AudioError`."""
        try:
            return self.read_member(self.name)
        except DatasetError as error:
            raise AudioError(str(error)) from error


class ArchiveRelease(Release):
    """A release as one archive."""

    def __init__(self, path: Path, layout: str) -> None:
        super().__init__(str(path), layout)
        self._path = path
        self._kind = kind_of(path)
        self._unpacked = None if self._kind in ("zip", "tar") else Unpacked(path)

    def names(self) -> Iterable[str]:
        """The names of all files, in alphabetical order."""
        return self._index

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return name in self._index

    def open(self, name: str) -> BinaryIO:
        """A file, for reading."""
        if name not in self._index:
            raise self.lacks(name)
        return io.BytesIO(self._read(name))

    def audio(self, name: str) -> Audio:
        """The clip of that name; it is read when it is needed."""
        known = posixpath.normpath(name)
        if known not in self._index:
            raise DatasetError(f"no such audio file in the archive: {name[:200]!r}")
        member: Stored = Member(self.where, known, self._read)
        return Audio(member, known)

    @functools.cached_property
    def _index(self) -> Mapping[str, zipfile.ZipInfo | tuple[int, int]]:
        """The files by name, in alphabetical order. Members that a release has no use for are passed over."""
        found: dict[str, zipfile.ZipInfo | tuple[int, int]] = {}
        try:
            if self._kind == "zip":
                found.update(zip_files(self._path))
            else:
                found.update((name, (info.offset_data, info.size)) for name, info, _ in tar_files(self._path))
        except UNREADABLE as error:
            raise DatasetError(f"{self.where}: not a readable archive: {error}; fetch it again") from None
        return {name: found[name] for name in sorted(found)}

    def _read(self, name: str) -> bytes:
        place = self._index[name]
        if isinstance(place, zipfile.ZipInfo):
            return zip_content(self._path, place)
        start, size = place
        if self._unpacked is not None:
            return self._unpacked.read(name, size)
        try:
            with open(self._path, "rb") as file:
                file.seek(start)
                content = file.read(size)
        except OSError as error:
            raise DatasetError(f"{self.where}: the member {name[:200]!r}: {error.strerror or error}") from None
        if len(content) != size:
            raise DatasetError(f"{self.where}: ends within the member {name[:200]!r}; fetch it again")
        return content
