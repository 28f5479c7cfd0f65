"""The audio cells of a dataset: paths that stay below one folder, URLs, or bytes."""

from __future__ import annotations

import difflib
import os
import posixpath
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from qaeval.datasets._cells import empty, shown
from qaeval.errors import DatasetError
from qaeval.types import Audio

Missing = Literal["error", "keep"]

_REMEMBERED_FOLDERS = 65_536


@dataclass(frozen=True, slots=True)
class AudioFolder:
    """The folder that audio paths start from and may not leave.

    ``absolute`` lets absolute paths in (still only below the folder), ``follow_links`` lets symbolic links lead
    elsewhere, ``keep_missing`` lets files be absent. Errors do not say where the cell stands: the caller does.
    """

    path: str
    absolute: bool = False
    follow_links: bool = False
    keep_missing: bool = False
    _inside: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    _prefix: str = field(default="", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_prefix", self.path if self.path.endswith(os.sep) else self.path + os.sep)

    @classmethod
    def of(cls, home: str | Path, root: str | Path | None, missing: Missing, follow_links: bool) -> AudioFolder:
        """The rules as the user gave them: ``root`` replaces the dataset's own folder and lets absolute paths in."""
        if missing not in ("error", "keep"):
            raise DatasetError(f'missing: expected "error" or "keep", seen {missing!r}')
        if root is not None and not os.path.isdir(root):
            raise DatasetError(f"root={str(root)!r}: no such folder")
        return cls(os.path.abspath(home if root is None else root), root is not None, follow_links, missing == "keep")

    def fresh(self) -> AudioFolder:
        """The same rules, with nothing remembered about folders."""
        return replace(self)

    def find(self, cell: Any, row: int) -> Audio:
        """The audio of a cell; bytes that come without a path are named after their row."""
        if isinstance(cell, str) and cell:
            if "://" in cell:
                return Audio(_url(cell), cell)
            name = self.name(cell)
            return Audio(self.resolve(name), name)
        if isinstance(cell, bytes) and cell:
            return Audio(cell, f"row {row}")
        if isinstance(cell, Mapping):
            return self._struct(cell, row)
        if isinstance(cell, os.PathLike):
            return self.find(os.fspath(cell), row)
        if empty(cell):
            raise DatasetError("the audio cell is empty")
        raise DatasetError(f"audio: expected a path, a URL or bytes, seen {shown(cell)}")

    def _struct(self, cell: Mapping[str, Any], row: int) -> Audio:
        """The ``{"bytes": ..., "path": ...}`` form of Hugging Face's Parquet files."""
        data, path = cell.get("bytes"), cell.get("path")
        if isinstance(data, bytes) and data:
            return Audio(data, _tame(path) if isinstance(path, str) and path else f"row {row}")
        if data in (None, b"") and isinstance(path, str) and path:
            return self.find(path, row)
        raise DatasetError(
            f'audio: expected {{"bytes": bytes, "path": string}}, seen {shown(dict(cell))}; '
            "JSON cannot hold bytes: give a path or a URL there"
        )

    def name(self, cell: str) -> str:
        """The path relative to the folder, with forward slashes; judged by its letters alone."""
        if not ("/." in cell or cell[0] in "./" or "//" in cell or cell[-1] == "/" or "\\" in cell or ":" in cell):
            return cell
        if os.path.isabs(cell):
            return self._below(cell)
        name = posixpath.normpath(cell.replace(os.sep, "/"))
        if name == ".." or name.startswith("../"):
            raise DatasetError(
                f"audio path {cell[:200]!r} leaves the dataset's folder; move the manifest above its audio, "
                "or write paths from a folder above both and name that with root="
            )
        return name

    def _below(self, cell: str) -> str:
        if not self.absolute:
            raise DatasetError(
                f"absolute audio path {cell!r}; write it relative to the dataset's folder, or allow it with root="
                f"{os.path.abspath(os.sep)!r} or another folder above it"
            )
        path = os.path.abspath(cell)
        path = os.sep + path.lstrip(os.sep) if path.startswith(os.sep * 2) and os.sep == "/" else path
        if not path.startswith(self._prefix):
            raise DatasetError(f"audio path {cell!r} is not below root={self.path!r}")
        return path[len(self._prefix) :].replace(os.sep, "/")

    def resolve(self, name: str) -> str:
        """The absolute path of a name, after looking that it is a file of this folder (one system call)."""
        path = self._prefix + name
        try:
            if not (self.follow_links or self._is_inside(name)):
                raise DatasetError(f"audio {name!r} lies in a folder that links outside; follow_links=True allows that")
            mode = os.stat(path).st_mode if self.follow_links else os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                mode = self._linked(name, path)
        except (FileNotFoundError, NotADirectoryError):
            if self.keep_missing:
                return path
            raise DatasetError(f"no such audio file: {name[:200]!r}{_near(path)}") from None
        except (OSError, ValueError) as error:
            raise DatasetError(f"audio {name[:200]!r}: {getattr(error, 'strerror', None) or error}") from None
        if not stat.S_ISREG(mode):
            raise DatasetError(f"audio {name!r} is {'a folder' if stat.S_ISDIR(mode) else 'not a regular file'}")
        return path

    def _is_inside(self, name: str) -> bool:
        folder = name.rpartition("/")[0]
        known = self._inside.get(folder)
        if known is None:
            if len(self._inside) >= _REMEMBERED_FOLDERS:
                self._inside.clear()
            known = self._inside[folder] = self._holds(self._prefix + folder)
        return known

    def _holds(self, path: str) -> bool:
        root, real = os.path.realpath(self.path), os.path.realpath(path)
        return real == root or real.startswith(root if root.endswith(os.sep) else root + os.sep)

    def _linked(self, name: str, path: str) -> int:
        if not self._holds(path):
            raise DatasetError(
                f"audio {name!r} is a link that leaves the dataset's folder; follow_links=True allows that"
            )
        return os.stat(path).st_mode


def _url(cell: str) -> str:
    scheme, _, rest = cell.partition("://")
    if scheme.lower() not in ("http", "https") or not rest.strip("/") or any(c.isspace() for c in cell):
        raise DatasetError(f"audio: expected a path or an http(s) URL, seen {shown(cell)}")
    return cell


def _tame(path: str) -> str:
    """What to call bytes that came with a path: the path where it is relative and plain, else its last part."""
    pure = PurePosixPath(path.replace("\\", "/"))
    return str(pure) if not pure.is_absolute() and ".." not in pure.parts and ":" not in path else pure.name or "audio"


def _near(path: str) -> str:
    """What may have been meant: another case, another Unicode form, another slash."""
    folder, _, wanted = path.rpartition(os.sep)
    if "\\" in wanted:
        return "; paths are written with forward slashes"
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, 5000)]
    except OSError:
        return f"; there is no folder {os.path.basename(folder)!r} either"
    same = {unicodedata.normalize("NFC", name).casefold(): name for name in names}
    found = same.get(unicodedata.normalize("NFC", wanted).casefold())
    near = [found] if found else difflib.get_close_matches(wanted, names, n=1, cutoff=0.8)
    return f"; there is {near[0]!r}" if near else ""
