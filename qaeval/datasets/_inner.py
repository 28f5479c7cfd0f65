"""Archives that lie within a release, as they are distributed: wav/S0002.tar.gz, audio/test.tar.gz."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Callable
from pathlib import Path

from qaeval.datasets._members import UNREADABLE, tar_files
from qaeval.datasets._release import ArchiveRelease, FolderRelease, Member, Release
from qaeval.errors import DatasetError
from qaeval.types import Audio


class InnerArchive:
    """An archive in the folder of a release; nothing of it is read before one of its clips is needed.

    Clips are found by their file names: how many folders the archive has above them does not matter. ``opened`` is the
    archive as a release.
    """

    def __init__(self, release: Release, name: str) -> None:
        if not isinstance(release, FolderRelease):
            raise DatasetError(
                f"{release.where}: it holds another archive, {name}; unpack the outer one and name its folder "
                "(the inner ones may stay as they are)"
            )
        self.path = Path(release.where) / name
        self.opened = ArchiveRelease(self.path, release.layout)

    def audio(self, name: str) -> Audio:
        """The clip of that file name. That it is not there is seen when it is needed."""
        return Audio(Member(str(self.path), name, self._read), name)

    def folder(self) -> str:
        """The folder, with a slash at its end, of the first file in it; read from the beginning of the archive."""
        try:
            first = next((name for name, _, _ in tar_files(self.path) if not hidden(name)), "")
        except UNREADABLE as error:
            raise DatasetError(f"{self.path}: not a readable archive: {error}; fetch it again") from None
        return posixpath.normpath(first).rpartition("/")[0] + "/"

    @functools.cached_property
    def _names(self) -> dict[str, str]:
        return {name.rpartition("/")[2]: name for name in self.opened.names()}

    def _read(self, name: str) -> bytes:
        if name not in self._names:
            raise DatasetError(f"{self.path}: no file {name!r} in it")
        with self.opened.open(self._names[name]) as file:
            return file.read()


def clips_of(release: Release, folder: str, packed: str) -> Callable[[str], Audio]:
    """Gives the clips of a folder of the release by their names, or those of the archive that the folder comes as."""
    unpacked = isinstance(release, FolderRelease) and (Path(release.where) / folder).is_dir()
    if release.has(packed) and not unpacked:
        return InnerArchive(release, packed).audio
    return lambda name: release.audio(f"{folder}/{name}")


def hidden(name: str) -> bool:
    """Whether it is what macOS puts beside each file that it packs."""
    return name.rpartition("/")[2].startswith("._")
