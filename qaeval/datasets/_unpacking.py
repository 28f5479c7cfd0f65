"""Members of a compressed tar, unpacked once into the cache."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from qaeval.datasets._members import UNREADABLE, tar_files
from qaeval.datasets.folder import SUFFIXES
from qaeval.errors import DatasetError

_BLOCK = 1 << 20
_ABANDONED_S = 24 * 3600
"""A file that was begun so long ago, and never finished, is of a process that was killed."""


def cache_folder() -> Path:
    """Where things are kept that can be made again: ``QAEVAL_CACHE``, or the user's cache folder."""
    if named := os.environ.get("QAEVAL_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "qaeval"


class Unpacked:
    """The content of a compressed tar, in files of the cache that are named after the sha256 of their names.

    Each file is written under another name and then renamed: what has its name is whole, whoever wrote it. So several
    processes may unpack the same archive at once, and one that is killed leaves nothing that is taken for a clip.
    """

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        stat = archive.stat()
        digest = hashlib.sha256(f"{archive.resolve()} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:32]
        self.folder = cache_folder() / "archives" / digest
        self._lock = threading.Lock()

    def read(self, name: str, size: int) -> bytes:
        """A member of that size. The first call unpacks them all; that for a text or table, all but the clips.

        Where the cache was emptied or damaged, they are unpacked anew. Raises `DatasetError` when the archive is
        damaged, and when the cache cannot be written.
        """
        with self._lock:
            content = self._kept(name, size) if self._is_unpacked(name) else None
            if content is None:
                self._unpack(clips=_is_clip(name))
                content = self._kept(name, size)
        if content is None:
            raise DatasetError(
                f"{self.archive}: {name[:200]!r} is not as it was; was the archive changed? load it anew"
            )
        return content

    def _is_unpacked(self, name: str) -> bool:
        markers = ("complete",) if _is_clip(name) else ("complete", "texts")
        return any((self.folder / marker).exists() for marker in markers)

    def _kept(self, name: str, size: int) -> bytes | None:
        try:
            content = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DatasetError(
                f"{self._path(name)}: {error.strerror or error}; it is {name[:200]!r}, unpacked"
            ) from None
        return content if len(content) == size else None

    def _path(self, name: str) -> Path:
        return self.folder / hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:40]

    def _unpack(self, clips: bool) -> None:
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
        try:
            for name, info, archive in tar_files(self.archive):
                if clips or not _is_clip(name):
                    file = archive.extractfile(info)
                    assert file is not None  # it is a regular one
                    self._keep(name, file)
        except UNREADABLE as error:
            raise self._unreadable(error) from None
        with self._writing():
            (self.folder / ("complete" if clips else "texts")).touch()

    def _keep(self, name: str, file: IO[bytes]) -> None:
        path = self._path(name)
        temporary = path.with_suffix(f".{secrets.token_hex(8)}")
        try:
            with self._writing(), open(temporary, "wb") as out:
                out.writelines(self._blocks(file))
            with self._writing():
                temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _blocks(self, file: IO[bytes]) -> Iterator[bytes]:
        try:
            while block := file.read(_BLOCK):
                yield block
        except UNREADABLE as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> DatasetError:
        return DatasetError(f"{self.archive}: cannot be unpacked: {error}; fetch it again")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """What goes wrong here is no fault of the archive."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT) and not self._is_unpacked("a text"):
                shutil.rmtree(self.folder, ignore_errors=True)  # a full disk is nothing to be left behind
            raise DatasetError(
                f"{self.archive}: cannot be unpacked into {self.folder}: {error.strerror or error}; "
                "make room there, or name another folder in QAEVAL_CACHE"
            ) from None

    def _sweep(self) -> None:
        """Takes away what processes that were killed left unfinished."""
        for path in self.folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.suffix and time.time() - path.stat().st_mtime > _ABANDONED_S:
                    path.unlink()


def _is_clip(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)
