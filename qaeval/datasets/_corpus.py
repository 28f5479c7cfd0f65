"""What the loaders of corpora share: rows of a release's tables become samples, and errors say where they stand."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Literal

from qaeval.datasets._fingerprint import fingerprint
from qaeval.datasets._ids import Identities
from qaeval.datasets._readers import CsvTable
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError, DatasetWarning, QaevalError
from qaeval.types import Dataset, Sample

BadRows = Literal["error", "skip"]
Cells = Mapping[str, str]
Make = Callable[[Cells], Sample | None]

_BLOCK = 1 << 20


def table(
    file: ReleaseFile, delimiter: str = "\t", *, quotes: bool = False, columns: tuple[str, ...] = ()
) -> Iterator[tuple[str, Cells]]:
    """Each row of a table as the place where it stands (``FILE, line N``) and its cells by column.

    The first line names the columns, unless ``columns`` does. A torn row is given as it is torn: without cells.
    """
    reader = CsvTable(file, delimiter, quotes)
    names = columns
    for number, cells in reader.records():
        place = f"{file}, line {number}"
        if not names:
            names = tuple(name.strip() for name in cells)
            continue
        yield place, dict(zip(names, cells, strict=True)) if len(cells) == len(names) else _torn(len(names), cells)


class Torn(dict[str, str]):
    """Stands for the cells of a row that has too few or too many of them; ``why`` says so."""

    why = ""


def _torn(expected: int, cells: list[str]) -> Torn:
    torn = Torn()
    torn.why = f"expected {expected} cells as the columns are, seen {len(cells)}; begins with {cells[0]!r:.60}"
    return torn


def corpus(
    name: str,
    rows: Callable[[], Iterable[tuple[str, Cells]]],
    make: Make,
    files: Iterable[ReleaseFile],
    options: object = (),
    bad_rows: BadRows = "error",
) -> Dataset:
    """A dataset of the samples that ``make`` makes of rows (None: none of that row).

    ``rows`` gives the place of each row, for errors, and its cells. The fingerprint covers the bytes of ``files`` and
    the ``options``. With ``bad_rows="skip"`` a row that is not as it should be is passed over, and a `DatasetWarning`
    says at the end how many were and what was wrong with the first.
    """
    if bad_rows not in ("error", "skip"):
        raise DatasetError(f'bad_rows: expected "error" or "skip", seen {bad_rows!r}')
    return Dataset(
        name,
        partial(_samples, name, rows, make, bad_rows),
        partial(fingerprint, partial(_bytes, tuple(files)), options),
    )


def _samples(
    name: str, rows: Callable[[], Iterable[tuple[str, Cells]]], make: Make, bad_rows: BadRows
) -> Iterator[Sample]:
    seen, made, bad, first = Identities(), 0, 0, ""
    for place, cells in rows():
        try:
            sample = _made(cells, make, seen)
        except QaevalError as error:
            if bad_rows == "error":
                raise DatasetError(f'{place}: {error}; bad_rows="skip" passes over such rows') from None
            bad, first = bad + 1, first or f"{place}: {error}"
            continue
        if sample is not None:
            made += 1
            yield sample
    if bad:
        warnings.warn(f"{name}: {bad} rows were passed over, the first is {first}", DatasetWarning, stacklevel=2)
    if not made:
        raise DatasetError(f"{name}: no clips in it")


def _made(cells: Cells, make: Make, seen: Identities) -> Sample | None:
    if isinstance(cells, Torn):
        raise DatasetError(cells.why)
    sample = make(cells)
    if sample is not None and not seen.is_new(sample.id):
        raise DatasetError(f"the clip {sample.id!r} stands there a second time")
    return sample


def _bytes(files: tuple[ReleaseFile, ...]) -> Iterator[bytes]:
    for file in files:
        with file.open() as opened:
            while block := opened.read(_BLOCK):
                yield block


def known(cells: Cells, *names: str) -> dict[str, str]:
    """Of these columns those that have something in them, as meta.

    >>> known({"age": "twenties", "gender": ""}, "age", "gender", "accents")
    {'age': 'twenties'}
    """
    return {name: value for name in names if (value := cells.get(name, "").strip())}


def chosen(kind: str, value: str, there: Iterable[str]) -> str:
    """The value itself. Raises `UnknownNameError` when it is none of those that there are."""
    from qaeval import registry

    there = list(there)
    if value not in there:
        raise registry.unknown(kind, value, there)
    return value


def release_of(source: object, layout: str) -> Release:
    """The release that a loader was given. Raises `DatasetError` when that is no path."""
    import os

    if not isinstance(source, str | os.PathLike):
        raise DatasetError(f"expected the path of a release: {layout}; seen {type(source).__name__}")
    return Release.of(os.fspath(source), layout)
