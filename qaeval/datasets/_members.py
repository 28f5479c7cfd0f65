"""The files in an archive that nobody vouches for: none leaves it, none is larger than it says, none stands for others.

Links, devices, folders and sparse files are passed over. Of several members of one name the last counts, as it does
for tar. What can only be meant to do harm (names that leave, bombs, headers that point back) is an error.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import posixpath
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from qaeval.errors import DatasetError

MOST_BYTES = 2 << 30
"""Of one member: a clip of a dataset is smaller."""
MOST_RATIO = 200
"""How many times larger than its archive the content may be: audio and text do not compress that well, bombs do."""
MOST_MEMBERS = 10_000_000
"""The largest corpora have a few millions of clips."""
LONGEST_NAME = 4096
_LONGEST_HEADER = 1 << 20
_MAGIC = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\0": "xz", b"PK\3\4": "zip", b"PK\5\6": "zip"}
_OPENERS: dict[str, Callable[[Path], Any]] = {"gz": gzip.GzipFile, "bz2": bz2.BZ2File, "xz": lzma.LZMAFile}

UNREADABLE = (
    *(tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError),
    NotImplementedError,  # of zipfile, for a version or a method that it does not know
)
"""What reading a damaged archive raises."""


def kind_of(path: Path) -> str:
    """What an archive begins like, whatever it is called: ``zip``, ``gz``, ``bz2``, ``xz``; anything else: ``tar``."""
    with open(path, "rb") as file:
        start = file.read(6)
    return next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "tar")


def tar_files(path: Path) -> Iterator[tuple[str, tarfile.TarInfo, tarfile.TarFile]]:
    """Each regular file of a tar with its name and the open archive, to be read at once.

    Raises `DatasetError` for one that is not to be trusted, and what is in `UNREADABLE`.
    """
    with _watched(path) as file, tarfile.open(
        fileobj=file, mode="r:", encoding="utf-8", errors="surrogateescape"
    ) as archive:  # fmt: skip
        before, count = -1, 0
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it would keep them all
            if info.offset <= before:
                raise tarfile.ReadError(f"the header at byte {info.offset:,} was there before")
            before, count = info.offset, count + 1
            _check_count(path, count)
            if info.isreg() and not info.issparse():
                yield name_of(path, info.name, info.size), info, archive
        _check_end(file, archive.offset)


def _check_end(file: BinaryIO, place: int) -> None:
    """`tarfile` takes a damaged header for the end, and does not read on to where a checksum stands."""
    file.seek(place)
    block = file.read(tarfile.BLOCKSIZE)
    if block and (len(block) < tarfile.BLOCKSIZE or any(block)):
        raise tarfile.ReadError(f"the header at byte {place:,} is damaged")
    while file.read(_LONGEST_HEADER):
        pass


def zip_files(path: Path) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Each regular file of a zip with its name. Raises as `tar_files` does."""
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    _check_count(path, len(infos))
    if sum(info.file_size for info in infos) > most_content(path):
        raise bomb(path)
    for info in infos:
        if not info.is_dir() and stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG):
            yield name_of(path, info.filename, info.file_size), info


def zip_content(path: Path, info: zipfile.ZipInfo) -> bytes:
    """A member, read where it lies: the list of all members, which can be long, is not read again."""
    try:
        if info.flag_bits & 1:
            raise zipfile.BadZipFile("it is encrypted")
        with open(path, "rb") as file:
            file.seek(info.header_offset)
            header = file.read(30)
            if len(header) < 30 or header[:4] != b"PK\3\4":
                raise zipfile.BadZipFile("there is no header where it should be")
            file.seek(sum(struct.unpack("<HH", header[26:])), io.SEEK_CUR)
            with zipfile.ZipExtFile(file, "r", info) as opened:
                content = opened.read(info.file_size + 1)
    except (*UNREADABLE, RuntimeError) as error:
        raise DatasetError(f"{path}: the member {info.filename[:200]!r} cannot be read: {error}") from None
    if len(content) != info.file_size:
        raise DatasetError(
            f"{path}: the member {info.filename[:200]!r} is larger or smaller than the {info.file_size:,} bytes that "
            "the archive says"
        )
    return content


def name_of(path: Path, member: str, size: int) -> str:
    """A member's name. Raises `DatasetError` for one that leaves the archive, or is too large for this machine."""
    name = posixpath.normpath(member.replace("\\", "/"))
    if name.startswith(("/", "../")) or name == ".." or ":" in name.split("/")[0]:
        raise DatasetError(f"{path}: the member {member[:200]!r} leaves the archive; it is not to be trusted")
    if len(member) > LONGEST_NAME:
        raise DatasetError(f"{path}: the member {member[:80]!r} ... has a name of {len(member):,} characters")
    if not 0 <= size <= MOST_BYTES:
        raise DatasetError(f"{path}: the member {member[:200]!r} holds {size:,} bytes; expected at most {MOST_BYTES:,}")
    return name


def most_content(path: Path) -> int:
    """How many bytes an archive may hold in all."""
    return max(MOST_RATIO * path.stat().st_size, 1 << 20)


def bomb(path: Path) -> DatasetError:
    """The error for an archive that holds too much."""
    return DatasetError(
        f"{path}: holds more than {MOST_RATIO} times its size; a decompression bomb? "
        "unpack it yourself if you trust it, and name the folder"
    )


def _check_count(path: Path, count: int) -> None:
    if count > MOST_MEMBERS:
        raise DatasetError(f"{path}: has more than {MOST_MEMBERS:,} members; unpack it yourself if you trust it")


@contextlib.contextmanager
def _watched(path: Path) -> Iterator[BinaryIO]:
    """The tar itself, decompressed while it is read."""
    opener = _OPENERS.get(kind_of(path))
    with opener(path) if opener else open(path, "rb") as file:
        yield cast(BinaryIO, _Watched(path, file, most_content(path) if opener else None))


class _Watched(io.BufferedIOBase):
    """A file that `tarfile` reads headers from, as far as these are no attack."""

    def __init__(self, path: Path, file: BinaryIO, most: int | None) -> None:
        self._path, self._file, self._most = path, file, most
        self._ended = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes; raises `DatasetError` or `tarfile.ReadError` for what nothing needs."""
        if size is None or not 0 <= size <= _LONGEST_HEADER:
            raise tarfile.ReadError(f"a header says that it has {size} bytes")
        content = self._file.read(size)
        self._ended = 0 if content else self._ended + 1
        if self._ended > 100:
            raise tarfile.ReadError("a header says that it goes on where the archive ends")
        self._check(self._file.tell())
        return content

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes to a place."""
        self._check(place)
        if place < 0:
            raise tarfile.ReadError(f"a header points to byte {place:,}")
        return self._file.seek(place, whence)

    def tell(self) -> int:
        """Where it is."""
        return self._file.tell()

    def _check(self, place: int) -> None:
        if self._most is not None and place > self._most:
            raise bomb(self._path)
