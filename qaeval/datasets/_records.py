"""Lines cut into cells; what cannot be is told where it stands, and the lines after it go on."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from qaeval.datasets._lines import BadLine

LONGEST_CELL = csv.field_size_limit()
"""Characters; a longer one is taken for what follows a quote that nobody closed."""
_MOST_AGAIN = 1 << 26
"""Characters of lines that are read again, since a quote before them was never closed; then no more of the file is."""


class Broken(NamedTuple):
    """Stands for the cells of a record that cannot be read."""

    why: str


Record = tuple[int, list[str] | Broken]


def records(lines: Iterable[str], delimiter: str, quotes: bool) -> Iterator[Record]:
    r"""Each record with the number of the line that it begins on, counted from 1; blank lines are none.

    Without ``quotes`` each line is a record, whatever it holds.

    >>> list(records(["a\tb\n", "\n", "\"c\t\n"], "\t", quotes=False))
    [(1, ['a', 'b']), (3, ['"c', ''])]
    >>> list(records(["a,b\n", 'c,"d\n', "e,f\n"], ",", quotes=True))
    [(1, ['a', 'b']), (2, Broken(why='unexpected end of data')), (3, ['e', 'f'])]
    """
    return _Quoted(lines, delimiter).read() if quotes else _plain(lines, delimiter)


def _plain(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if type(line) is BadLine:
            yield number, Broken(line.why)
            continue
        text = line.rstrip("\r\n")
        if not text:
            continue
        cells = text.split(delimiter)
        if len(text) > LONGEST_CELL and (longest := max(map(len, cells))) > LONGEST_CELL:
            yield number, Broken(f"a cell of {longest:,} characters; expected at most {LONGEST_CELL:,}")
        else:
            yield number, cells


class _Quoted:
    """Lines of CSV whose cells may be in quotes, and then hold delimiters and ends of lines."""

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        self._lines = iter(lines)
        self._delimiter = delimiter
        self._again: deque[str] = deque()
        self._taken: list[str] = []  # of the record that is being read
        self._read_again = 0

    def read(self) -> Iterator[Record]:
        """The records. One that is broken costs its first line only: the next one is read as the next record."""
        number = 1
        while True:
            try:
                for place, cells in self._until_broken(number):
                    if cells:
                        yield place, cells
                return
            except csv.Error as error:
                number, why = self._number, str(error)
            yield number, Broken(why)
            number += 1
            rest = self._taken[1:]
            self._read_again += sum(map(len, rest))
            if self._read_again > _MOST_AGAIN:
                yield number, Broken("too many quotes are not closed: the rest of the file was not read")
                return
            self._again.extendleft(reversed(rest))
            self._taken.clear()

    def _until_broken(self, number: int) -> Iterator[tuple[int, list[str] | Broken]]:
        first = self._number = number
        reader = csv.reader(self._fed(), delimiter=self._delimiter, quoting=csv.QUOTE_MINIMAL, strict=True)
        for cells in reader:
            bad = next((line.why for line in self._taken if type(line) is BadLine), None)
            yield self._number, cells if bad is None else Broken(bad)
            self._taken.clear()
            self._number = first + reader.line_num

    def _fed(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self._taken.append(line)
            yield line
