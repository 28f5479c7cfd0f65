"""How wide a terminal is, and texts and tables that are no wider."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[Any, Any]


def terminal_width() -> int | None:
    """The columns of the terminal that is written to; None where it is none: a file or a pipe has any width."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wrapped(sentence: str) -> str:
    """A sentence on as many lines as the terminal makes of it; words are not broken."""
    width = terminal_width()
    if width is None:
        return sentence
    return textwrap.fill(sentence, max(width, 20), break_long_words=False, break_on_hyphens=False)


def fitted(rows: Sequence[Row], last_key: str, width: int | None = None) -> str:
    """Rows as a table that is no wider than ``width``: whole, or as two one below the other, or row by row.

    Columns up to ``last_key`` say what a row is about; they stand in both of two. A cell is never cut: one that is
    wider by itself stays so. ``width`` is that of the terminal unless it is given; where it is none, all is one table.

    >>> rows = [{"metric": "wer", "value": "0.020", "interval": "[0.004, 0.096]", "n": 16}]
    >>> print(fitted(rows, "metric", 24))
    metric value
       wer 0.020
    <BLANKLINE>
    metric       interval  n
       wer [0.004, 0.096] 16
    >>> print(fitted(rows, "metric", 23))
    wer
      value: 0.020
      interval: [0.004, 0.096]
      n: 16
    """
    width = width or terminal_width()
    names = list(rows[0])
    keys = names[: names.index(last_key) + 1]
    whole = _table(rows, names)
    if width is None or _widest(whole) <= width:
        return whole
    halves = _halves(rows, keys, names[len(keys) :], width)
    return "\n\n".join(halves or ["\n".join(line for row in rows for line in _stacked(row, keys, width))])


def columns(written: str) -> int:
    """How many columns of a terminal a text takes: a Chinese letter takes two.

    >>> columns("base"), columns("粤语")
    (4, 4)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in written)


def _widest(text: str) -> int:
    return max(map(columns, text.splitlines()))


def _table(rows: Sequence[Row], names: Sequence[Any]) -> str:
    import pandas as pd

    with pd.option_context("display.unicode.east_asian_width", True, "display.max_colwidth", None):
        return str(pd.DataFrame(rows, columns=list(names)).to_string(index=False, na_rep="-"))


def _halves(rows: Sequence[Row], keys: Sequence[Any], names: Sequence[Any], width: int) -> list[str]:
    """Two tables with the same keys, the first with as many columns as fit; none where two do not do."""
    for most in range(len(names) - 1, 0, -1):
        if _widest(first := _table(rows, [*keys, *names[:most]])) <= width:
            second = _table(rows, [*keys, *names[most:]])
            return [first, second] if _widest(second) <= width else []
    return []


def _stacked(row: Row, keys: Sequence[Any], width: int) -> Iterator[str]:
    """What a row is about, and below it its other cells with their names."""
    said = {name: "-" if value is None or value != value else str(value) for name, value in row.items()}
    yield from _filled((said[name] for name in keys), width, "")
    yield from _filled((f"{name}: {value}" for name, value in said.items() if name not in keys), width, "  ")


def _filled(pieces: Iterable[str], width: int, indent: str) -> Iterator[str]:
    """The pieces on lines, as many on each as fit."""
    line = ""
    for piece in pieces:
        longer = f"{line}  {piece}" if line else f"{indent}{piece}"
        if line and columns(longer) > width:
            yield line
            longer = f"{indent}{piece}"
        line = longer
    yield line
