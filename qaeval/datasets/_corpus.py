"""What the loaders of corpora share: rows of a release's tables become samples, and errors say where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from qaeval.datasets._bad_rows import BadRows as BadRows, Passed, check_bad_rows
from qaeval.datasets._fingerprint import fingerprint
from qaeval.datasets._ids import Identities
from qaeval.datasets._readers import CsvTable
from qaeval.datasets._records import Broken
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError, QaevalError
from qaeval.types import Dataset, Sample

Cells = Mapping[str, str]
Make = Callable[[Cells], Sample | None]
Aside = list[tuple[str, Cells]]
"""Rows of a table beside the clips' (of speakers ...) that cannot be read: a loader gives them to `corpus`, too."""

_BLOCK = 1 << 20


def table(
    file: ReleaseFile, delimiter: str = "\t", *, quotes: bool = False, columns: tuple[str, ...] = ()
) -> Iterator[tuple[str, Cells]]:
    """Each row of a table as the place where it stands (``FILE, line N``) and its cells by column.

    The first line names the columns, unless ``columns`` does. A row that is torn, or no text, is given as `Torn`.

    Raises `DatasetError` where the line that names the columns is no text, or names one twice.
    """
    reader = CsvTable(file, delimiter, quotes)
    names = columns
    for number, cells in reader.tolerant():
        place = f"{file}, line {number}"
        if isinstance(cells, Broken):
            if not names:
                raise DatasetError(f"{place}: {reader.explained(cells)}")
            yield place, torn(reader.explained(cells))
        elif not names:
            names = _named(place, cells)
        elif len(cells) == len(names):
            yield place, dict(zip(names, cells, strict=True))
        else:
            seen = f"seen {len(cells)}; begins with {cells[0]!r:.60}"
            yield place, torn(f"expected {len(names)} cells as the columns are, {seen}")


def _named(place: str, cells: list[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in cells)
    if twice := next((name for name, count in Counter(names).items() if count > 1 and name), ""):
        raise DatasetError(f"{place}: the column {twice[:80]!r} is named twice; expected a name of its own for each")
    return names


class Torn(dict[str, str]):
    """Stands for the cells of a row that cannot be read, or has too few or too many of them; ``why`` says so."""

    why = ""


def torn(why: str) -> Torn:
    """What stands for the cells of such a row."""
    row = Torn()
    row.why = why
    return row


def readable(rows: Iterable[tuple[str, Cells]], aside: Aside) -> Iterator[tuple[str, Cells]]:
    """The rows that can be read; those that cannot go ``aside``.

    >>> aside = []
    >>> list(readable([("line 1", {"a": "b"}), ("line 2", torn("why"))], aside)), [place for place, _ in aside]
    ([('line 1', {'a': 'b'})], ['line 2'])
    """
    for place, cells in rows:
        if isinstance(cells, Torn):
            aside.append((place, cells))
        else:
            yield place, cells


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
    says at the end how many were and what was wrong with the first (`qaeval.datasets._bad_rows`).
    """
    check_bad_rows(bad_rows)
    return Dataset(
        name,
        partial(_samples, name, rows, make, bad_rows),
        partial(fingerprint, partial(_bytes, tuple(files)), options),
    )


def _samples(
    name: str, rows: Callable[[], Iterable[tuple[str, Cells]]], make: Make, bad_rows: BadRows
) -> Iterator[Sample]:
    seen, made, passed = Identities(), 0, Passed(name, bad_rows, '; bad_rows="skip" passes over such rows')
    for place, cells in rows():
        try:
            sample = _made(cells, make, seen)
        except QaevalError as error:
            passed.take(place, error)
            continue
        if sample is not None:
            made += 1
            yield sample
    passed.end(made)


def _made(cells: Cells, make: Make, seen: Identities) -> Sample | None:
    if isinstance(cells, Torn):
        raise DatasetError(cells.why)
    try:
        sample = make(cells)
    except (LookupError, ValueError, TypeError, OverflowError) as error:  # the cells are not what they should be
        told = f"there is no column {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"
        raise DatasetError(f"{told:.200}; begins with {next(iter(cells.values()), '')!r:.60}") from error
    if sample is not None and not sample.id.isascii() and _has_surrogates(sample.id):
        raise DatasetError(f"the name {sample.id[:200]!r} is not UTF-8; rename the file")
    if sample is not None and not seen.is_new(sample.id):
        raise DatasetError(f"the clip {sample.id!r} stands there a second time")
    return sample


def _has_surrogates(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return True
    return False


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


def below(release: Release, folder: str | None, *files: str) -> str:
    """The folder, with a slash at its end, that holds one of the files: ``folder`` of the release, or the release.

    For corpora of several languages, each in a folder of its own, that can be named or be itself the release.
    """
    if folder is None:
        return release.top(*files)
    if Path(release.where).name == folder and any(map(release.has, files)):
        return ""
    return f"{release.top(*(f'{folder}/{file}' for file in files))}{folder}/"


def release_of(source: object, layout: str) -> Release:
    """The release that a loader was given. Raises `DatasetError` when that is no path."""
    import os

    if not isinstance(source, str | os.PathLike):
        raise DatasetError(f"expected the path of a release: {layout}; seen {type(source).__name__}")
    return Release.of(os.fspath(source), layout)
