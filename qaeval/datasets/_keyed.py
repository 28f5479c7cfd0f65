"""Files whose lines are a key, white space, and what belongs to it, as Kaldi and many speech corpora write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qaeval.datasets._corpus import Cells, Torn
from qaeval.datasets._lines import lines
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError


def keyed(file: ReleaseFile) -> Iterator[tuple[str, str, str]]:
    """Each line as its place (``FILE, line N``), key and value; blank lines are none, a key may have no value."""
    for number, line in enumerate(lines(file), 1):
        key, *rest = line.split(maxsplit=1) or [""]
        if key:
            yield f"{file}, line {number}", key, rest[0].strip() if rest else ""


def values(release: Release, *names: str) -> dict[str, str]:
    """All keys with their values, of the first of these files that is there; nothing where none is.

    For files of speakers; those of utterances can be too large for it.
    """
    name = next(filter(release.has, names), None)
    return {} if name is None else {key: value for _, key, value in keyed(release.file(name))}


def joined(files: Mapping[str, ReleaseFile]) -> Iterator[tuple[str, Cells]]:
    """Files of the same utterances in the same order, read side by side: each row has ``key`` and a value a file.

    So they are read without being remembered. Raises `DatasetError` at an utterance that one of the files lacks: what
    belongs to what could only be guessed after it.
    """
    first, *others = files
    sides = {name: keyed(files[name]) for name in others}
    for place, key, value in keyed(files[first]):
        cells = {"key": key, first: value}
        for name, side in sides.items():
            found = next(side, None)
            if found is None or found[1] != key:
                seen = "the end of the file" if found is None else f"{found[1][:60]!r} ({found[0]})"
                raise DatasetError(
                    f"{place}: expected the utterance {key[:60]!r} at the same place of {files[name]}, seen {seen}; "
                    "the files of a set have the same utterances in the same order"
                )
            cells[name] = found[2]
        yield place, cells
    for side in sides.values():
        if found := next(side, None):
            raise DatasetError(f"{found[0]}: the utterance {found[1][:60]!r} is not in {files[first]}")


def torn(why: str) -> Torn:
    """A row that cannot be read, and why."""
    row = Torn()
    row.why = why
    return row
