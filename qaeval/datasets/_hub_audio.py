"""The audio cells of a dataset of the Hub: bytes, files of that dataset, or what the library has put into its cache."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qaeval.datasets._audio import AudioFolder
from qaeval.errors import AudioError, DatasetError
from qaeval.types import Audio


@dataclass(frozen=True, slots=True)
class HubAudio(AudioFolder):
    """Where the clips of one dataset may be: below these folders, or at addresses that begin so.

    A row cannot name any other file of this machine, nor of another dataset: what it names may be sent to a service.
    """

    folders: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)

    def find(self, cell: Any, row: int) -> Audio:
        """The audio of a cell; bytes that come without a path are named after their row."""
        path = cell.get("path") if isinstance(cell, Mapping) and not cell.get("bytes") else cell
        if isinstance(path, str) and "://" in path and not path.lower().startswith(("http://", "https://")):
            return self._remote(path)
        if isinstance(path, str) and os.path.isabs(path):
            return self._local(path, row)
        return AudioFolder.find(self, cell, row)

    def _local(self, path: str, row: int) -> Audio:
        for folder in self.folders:
            if os.path.abspath(path).startswith(folder + os.sep):
                return AudioFolder(folder, absolute=True).find(path, row)
        raise DatasetError(
            f"audio path {path[:200]!r} is neither in this dataset nor in the library's cache; it is not to be trusted"
        )

    def _remote(self, address: str) -> Audio:
        """A file of the dataset itself, perhaps within an archive of it: ``zip://a.wav::hf://datasets/NAME@.../x.zip``."""
        *inner, outer = address.split("::")
        found = [start for start in self.addresses if outer.startswith(start)]
        if not found or ".." in address.split("/"):
            raise DatasetError(f"audio at {address[:200]!r}: expected a file of this dataset; it is not to be trusted")
        name = inner[0].partition("://")[2] if inner else outer[len(found[0]) :].lstrip("@/")
        return Audio(Remote(address, self.token), name)


@dataclass(frozen=True, slots=True)
class Remote:
    """A file that the library opens, read when it is needed."""

    address: str
    token: str | None = field(default=None, repr=False, compare=False)

    def read(self) -> bytes:
        """All of it. Raises `AudioError`."""
        from datasets import DownloadConfig
        from datasets.utils.file_utils import xopen

        from qaeval.datasets._hub_errors import explained

        try:
            with (
                explained(self.address),
                xopen(self.address, "rb", download_config=DownloadConfig(token=self.token)) as file,
            ):
                content: bytes = file.read()
        except DatasetError as error:
            raise AudioError(str(error)) from error
        return content
