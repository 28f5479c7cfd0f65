"""Where samples come from: files, folders, frames, and datasets by name (one module each, with its ``load``)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from qaeval import registry
from qaeval.datasets import folder, frame, hf, manifest, samples, shards
from qaeval.datasets._corrections import correct
from qaeval.datasets._options import checked
from qaeval.datasets._selection import OPTIONS, select
from qaeval.errors import DatasetError, UnknownNameError
from qaeval.types import Dataset

__all__ = ["load", "names", "summaries"]


def load(name_or_source: object, /, *args: Any, **options: Any) -> Dataset:
    """A dataset, opened but not read: every pass over it reads anew, a piece at a time, and checks each row.

    What the first argument is decides:

    * A string with a path separator (``"data/clips.csv"``, ``"./clips"``), one that starts with ``~``, one that ends
      like a manifest (``"clips.csv"``; .tsv, .jsonl, .ndjson, .json, .parquet, .pq), or a `Path`: a file or folder. See
      `qaeval.datasets.manifest.load` for columns and options of a file, `qaeval.datasets.folder.load` for a folder.
    * Any other string: the name of a dataset (see `names`), even when a folder bears it too; ``args`` and ``options``
      go to the ``load`` of the module of that name. ``load("folder", "demo")`` reads a folder called demo.
    * A string with ``*`` or ``?`` in it (``"data/test-*.parquet"``), or the path of an arrow or tar file: shards, see
      `qaeval.datasets.shards.load`.
    * A pandas DataFrame: see `qaeval.datasets.frame.load`. An object of the library ``datasets`` (Dataset,
      IterableDataset, or a dict of them by split): see `qaeval.datasets.hf.load`.
    * A `Dataset`: itself. Any other iterable: its `qaeval.Sample` s (``name=`` may name it).

    Every kind also takes ``corrections=``, a file of what is wrong in the dataset (`qaeval.datasets._corrections`), and
    ``where=``, ``limit=``, ``seed=`` and ``stratify=``, which choose among its samples (`qaeval.datasets._selection`)::

        load("clips.csv", where={"accent": ["us", "gb"]}, limit=200, stratify="accent")

    Raises `DatasetError` naming file and line, or `UnknownNameError` with the nearest names.

    >>> from qaeval.types import Annotation, Sample
    >>> clips = load([Sample("a", "a.wav", Annotation(text="hello"), {"speaker": "s1"})], name="mine")
    >>> clips.name, [clip.reference.text for clip in clips]
    ('mine', ['hello'])
    """
    chosen = {name: options.pop(name) for name in OPTIONS if name in options}
    corrections = options.pop("corrections", None)
    dataset = _loaded(name_or_source, *args, **options)
    return select(dataset if corrections is None else correct(dataset, corrections), **chosen)


def _loaded(source: object, /, *args: Any, **options: Any) -> Dataset:
    if isinstance(source, str) and "://" in source:
        raise DatasetError(f"{source[:80]!r}: a manifest cannot be a URL; download it, its audio cells may be URLs")
    if isinstance(source, str) and not _is_path(source):
        return _named(source, *args, **options)
    if isinstance(source, str | os.PathLike):
        path = Path(source).expanduser()
        if shards.fits(path):
            return _opened(shards.load, path, *args, **options)
        return _opened(folder.load if path.is_dir() else manifest.load, path, *args, **options)
    if isinstance(source, Dataset) and not args and not options:
        return source
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(source, pandas.DataFrame):
        return _opened(frame.load, source, *args, **options)
    if hf.is_one(source):
        return _opened(hf.load, source, *args, **options)
    if isinstance(source, Iterable) and not isinstance(source, bytes):
        return _opened(samples.load, source, *args, **options)
    raise DatasetError(f"expected a path, a name, a DataFrame or samples, seen {type(source).__name__}")


def names() -> list[str]:
    """What `load` knows by name.

    ``folder``, ``frame``, ``hf``, ``manifest``, ``samples`` and ``shards`` take a source of that kind.

    >>> "manifest" in names()
    True
    """
    return registry.names(sys.modules[__name__], "load")


def summaries() -> dict[str, str]:
    """What each of them is, in one line: the first of its loader's docstring.

    >>> summaries()["manifest"]
    'The clips of a manifest, one a row.'
    """
    room = sys.modules[__name__]
    docs = {name: registry.find(room, name, "load", "dataset").__doc__ or "" for name in names()}
    return {name: doc.strip().partition("\n")[0] for name, doc in docs.items()}


def _is_path(source: str) -> bool:
    separators = [mark for mark in (os.sep, os.altsep, "*", "?") if mark]
    return (
        source.startswith("~")
        or source.lower().endswith(manifest.SUFFIXES + shards.SUFFIXES)
        or any(s in source for s in separators)
    )


def _named(name: str, *args: Any, **options: Any) -> Dataset:
    try:
        found: Any = registry.find(sys.modules[__name__], name, "load", "dataset")
    except UnknownNameError as error:
        here = f"a file or folder {name!r} is here: write ./{name}" if os.path.exists(name) else "nor is it a file here"
        raise UnknownNameError(f"{error}; {here}") from None
    if found in (folder.load, manifest.load, shards.load) and args and not isinstance(args[0], str | os.PathLike):
        raise DatasetError(f"{name}: expected a path, seen {type(args[0]).__name__}")
    return _opened(found, *args, **options)


def _opened(load: Callable[..., Dataset], *args: Any, **options: Any) -> Dataset:
    """Calls a loader. Options that it does not take, or that are of another kind, are a `DatasetError`."""
    checked(load, args, options, [*OPTIONS, "corrections"])
    return load(*args, **options)
