"""Members of a compressed tar, unpacked once into the cache."""

from __future__ import annotations

import hashlib
import os
import posixpath
import tarfile
import threading
from pathlib import Path

from qaeval.errors import DatasetError

MOST_BYTES = 2 << 30
"""Of one member: a clip of a dataset is smaller."""
MOST_RATIO = 200
"""How many times larger than its archive the content may be: audio and text do not compress that well, bombs do."""


def cache_folder() -> Path:
    """Where things are kept that can be made again: ``QAEVAL_CACHE``, or the user's cache folder."""
    if named := os.environ.get("QAEVAL_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "qaeval"


class Unpacked:
    """The content of a compressed tar, in files of the cache that are named after the sha256 of their names."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        stat = archive.stat()
        digest = hashlib.sha256(f"{archive.resolve()} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:32]
        self.folder = cache_folder() / "archives" / digest
        self._lock = threading.Lock()

    def read(self, name: str) -> bytes:
        """A member. The first call unpacks them all. Raises `DatasetError` when the archive is damaged or a bomb."""
        with self._lock:
            if not (self.folder / "complete").exists():
                self._unpack()
        return self._path(name).read_bytes()

    def _path(self, name: str) -> Path:
        return self.folder / hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:40]

    def _unpack(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        written, most = 0, max(MOST_RATIO * self.archive.stat().st_size, 1 << 20)
        try:
            with tarfile.open(self.archive) as archive:
                for info in archive:
                    archive.members = []  # type: ignore[attr-defined]
                    file = archive.extractfile(info) if info.isreg() else None
                    if file is None:
                        continue
                    written += info.size
                    if written > most:
                        raise DatasetError(
                            f"{self.archive}: holds more than {MOST_RATIO} times its size (at {info.name[:200]!r}); "
                            "a decompression bomb? unpack it yourself if you trust it, and name the folder"
                        )
                    self._keep(info.name, file.read())
        except (tarfile.TarError, OSError, EOFError) as error:
            raise DatasetError(f"{self.archive}: cannot be unpacked: {error}; fetch it again") from None
        (self.folder / "complete").touch()

    def _keep(self, name: str, content: bytes) -> None:
        path = self._path(posixpath.normpath(name.replace("\\", "/")))
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_bytes(content)
        temporary.replace(path)
