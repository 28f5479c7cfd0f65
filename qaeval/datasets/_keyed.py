"""Files whose lines are a key, white space, and what belongs to it, as Kaldi and many speech corpora write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qaeval.datasets._corpus import Aside, Cells, Torn, readable, torn
from qaeval.datasets._lines import BadLine, lines
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError


def keyed(file: ReleaseFile) -> Iterator[tuple[str, Cells]]:
    """Each line as its place (``FILE, line N``) and ``key`` and ``value``, or `Torn` where it is no text.

    Blank lines are none; a key may have no value.
    """
    for number, line in enumerate(lines(file, tolerant=True), 1):
        place = f"{file}, line {number}"
        if isinstance(line, BadLine):
            yield place, torn(line.why)
        elif parts := line.split(maxsplit=1):
            yield place, {"key": parts[0], "value": parts[1].strip() if len(parts) > 1 else ""}


def values(release: Release, aside: Aside, *names: str) -> dict[str, str]:
    """All keys with their values, of the first of these files that is there; nothing where none is.

    For files of speakers; those of utterances can be too large for it. Lines that cannot be read go ``aside``.
    """
    name = next(filter(release.has, names), None)
    found = () if name is None else readable(keyed(release.file(name)), aside)
    return {cells["key"]: cells["value"] for _, cells in found}


def joined(files: Mapping[str, ReleaseFile]) -> Iterator[tuple[str, Cells]]:
    """Files of the same utterances in the same order, read side by side: each row has ``key`` and a value a file.

    So they are read without being remembered. A line that is no text costs its utterance. Raises `DatasetError` at an
    utterance that one of the files lacks: what belongs to what could only be guessed after it.
    """
    first, *others = files
    sides = {name: keyed(files[name]) for name in others}
    for place, cells in keyed(files[first]):
        found = {first: (place, cells), **{name: next(side, None) for name, side in sides.items()}}
        bad = next((each for each in found.values() if each is not None and isinstance(each[1], Torn)), None)
        keys = {name: each for name, each in found.items() if each is None or not isinstance(each[1], Torn)}
        _check_same(files, keys)
        yield bad or (place, {"key": cells["key"], **{name: each[1]["value"] for name, each in found.items() if each}})
    for side in sides.values():
        if left := next(side, None):
            raise DatasetError(f"{left[0]}: the utterance {left[1].get('key', '')[:60]!r} is not in {files[first]}")


def _check_same(files: Mapping[str, ReleaseFile], found: Mapping[str, tuple[str, Cells] | None]) -> None:
    """Raises `DatasetError` where lines that stand at the same place of files are of different utterances."""
    known = [each for each in found.values() if each is not None]
    for name, each in found.items():
        if known and (each is None or each[1]["key"] != known[0][1]["key"]):
            place, cells = known[0]
            seen = "the end of the file" if each is None else f"{each[1]['key'][:60]!r} ({each[0]})"
            raise DatasetError(
                f"{place}: expected the utterance {cells['key'][:60]!r} at the same place of {files[name]}, seen "
                f"{seen}; the files of a set have the same utterances in the same order"
            )
