"""What is to be checked, opened more leniently than for a run: to find what would end one is what a check is for."""

from __future__ import annotations

import inspect
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval import datasets, registry
from qaeval.datasets import manifest, shards
from qaeval.datasets._bad_rows import check_bad_rows
from qaeval.datasets._selection import OPTIONS
from qaeval.datasets.folder import SUFFIXES
from qaeval.errors import UnknownNameError
from qaeval.types import Dataset, Sample

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Opened(Dataset):
    """A dataset whose rows that cannot be read do not end a pass.

    ``refused`` has, once it was read, the place of each (``FILE, line N``) and what is wrong with it; ``lenient`` are
    the options that a run needs to read as much, beside those that the user gave. ``chosen``: not all samples are
    given, so that what is wrong with the others is not known.
    """

    refused: Mapping[str, str] = field(default_factory=dict, repr=False)
    lenient: Mapping[str, str] = field(default_factory=dict, repr=False)
    chosen: bool = field(default=False, repr=False)

    def needed(self, frame: pd.DataFrame) -> dict[str, str]:
        """Those of the lenient options without which a run would end, by what `qaeval.checks.check` found."""
        missing = frame["problems"].str.contains(r"(?:^|; )missing(?:;|$)").any()
        wanted = {"missing": self.chosen or bool(missing), "bad_rows": bool(self.refused)}
        return {name: value for name, value in self.lenient.items() if wanted[name]}


def opened(source: object, /, **options: Any) -> Dataset:
    """As `qaeval.load`, but for one audio file, too, and that missing audio and rows that cannot be read are no errors.

    Raises `DatasetError` and `UnknownNameError` as `qaeval.load` does.
    """
    if not isinstance(source, str | os.PathLike):
        return datasets.load(source, **options)
    name = os.fspath(source)
    if not options and str(name).lower().endswith(SUFFIXES) and os.path.isfile(name):
        return datasets.load([Sample(str(name), str(name))])
    takes = _options(str(name))
    refused: dict[str, str] = {}
    lenient = {option: value for option, value in _LENIENT.items() if option in takes}
    if "missing" in lenient:
        options = {"missing": "keep", **options}
    if "bad_rows" in lenient:
        check_bad_rows(options.get("bad_rows", "error"))
        options["bad_rows"] = refused.__setitem__
    data = datasets.load(source, **options)
    chosen = not options.keys().isdisjoint({"corrections", *OPTIONS})
    return Opened(data.name, data.read, lambda: data.fingerprint, refused, lenient, chosen)


_LENIENT = {"missing": "keep", "bad_rows": "skip"}


def _options(name: str) -> Collection[str]:
    """The options of the loader that reads a path or what has this name; none of one that is not known."""
    if os.path.isdir(name):
        return ()
    if name.lower().endswith(manifest.SUFFIXES):
        load: Any = shards.load if shards.fits(Path(name).expanduser()) else manifest.load
    elif os.sep in name:
        return ()
    else:
        try:
            load = registry.find(datasets, name, "load", "dataset")
        except UnknownNameError:
            return ()
    return inspect.signature(load).parameters
