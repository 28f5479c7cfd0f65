"""Praat's TextGrids in its text format, long or short.

After Praat's manual ("TextGrid file formats"): what counts in such a file are free-standing numbers, texts in quotation
marks (doubled inside) and flags (``<exists>``); anything else (``xmin =``, ``intervals [1]:``) is there for people, and
``!`` begins a comment. So one reader takes both forms. Written in UTF-8 or, with its mark, in UTF-16.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NoReturn

from qaeval.datasets._lines import TextFile, lines, opened
from qaeval.errors import DatasetError, QaevalError
from qaeval.types import Event

Tiers = dict[str, tuple[Event, ...]]

_TOKEN = re.compile(r'"(?:[^"]|"")*+"|"|![^\n]*|[^\s"]+')
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def read_textgrid(file: TextFile, encoding: str | None = None) -> Tiers:
    """The tiers by name, their labelled intervals as events in seconds; a point is an event without length.

    Intervals without a text are where nothing is said, and left out. Of tiers of one name the second is ``name#2``.

    Raises `DatasetError` naming file and line.
    """
    values = _Values(file, encoding or _mark(file))
    kind, classed = values.text("the type of the file"), values.text("the class of the object")
    if kind != "ooTextFile" or classed != "TextGrid":
        values.fail(f"expected a TextGrid that Praat saved as a text file, seen {kind[:40]!r}, {classed[:40]!r}")
    values.number("xmin"), values.number("xmax")
    tiers: Tiers = {}
    for _ in range(values.count("tiers") if values.flag() else 0):
        name, events = _tier(values)
        key, times = name, 1
        while key in tiers:
            times += 1
            key = f"{name}#{times}"
        tiers[key] = events
    return tiers


def _tier(values: _Values) -> tuple[str, tuple[Event, ...]]:
    kind = values.text("the class of a tier")
    if kind not in ("IntervalTier", "TextTier"):
        values.fail(f"expected an IntervalTier or a TextTier, seen {kind[:40]!r}")
    name = values.text("the name of a tier")
    values.number("xmin"), values.number("xmax")
    found = []
    for _ in range(values.count("intervals")):
        onset = values.number("a time")
        offset = values.number("a time") if kind == "IntervalTier" else onset
        if label := values.text("a label").strip():
            found.append(values.event(label, onset, offset))
    return name, tuple(found)


class _Values:
    """The free-standing values of a file, one after another, and the line of the last one."""

    def __init__(self, file: TextFile, encoding: str | None) -> None:
        self._file = file
        self._line = 1
        self._next = self._read("".join(lines(file, encoding)))

    def _read(self, text: str) -> Iterator[str | float | bool]:
        at = 0
        for token in _TOKEN.finditer(text):
            self._line += text.count("\n", at, token.start())
            at, word = token.start(), token.group()
            if word == '"':
                self.fail("a quotation mark opens here and is not closed")
            if word[0] == '"':
                yield word[1:-1].replace('""', '"')
            elif _NUMBER.fullmatch(word):
                yield float(word)
            elif word in ("<exists>", "<absent>"):
                yield word == "<exists>"

    def fail(self, why: str) -> NoReturn:
        raise DatasetError(f"{self._file}, line {self._line}: {why}")

    def event(self, label: str, onset: float, offset: float) -> Event:
        try:
            return Event(label, onset, offset)
        except QaevalError as error:
            self.fail(str(error))

    def text(self, what: str) -> str:
        value = next(self._next, None)
        return value if isinstance(value, str) else self._not(what, "a text in quotation marks", value)

    def number(self, what: str) -> float:
        value = next(self._next, None)
        return value if isinstance(value, float) else self._not(what, "a number", value)

    def count(self, what: str) -> int:
        number = self.number(f"how many {what}")
        return int(number) if number.is_integer() and number >= 0 else self._not(what, "a count", number)

    def flag(self) -> bool:
        value = next(self._next, None)
        return value if isinstance(value, bool) else self._not("whether there are tiers", "<exists>", value)

    def _not(self, what: str, expected: str, seen: object) -> NoReturn:
        told = "the end of the file" if seen is None else f"{seen!r:.60}"
        self.fail(f"{what}: expected {expected}, seen {told}; it must be saved as a text file, long or short")


def _mark(file: TextFile) -> str | None:
    """UTF-16, where the file begins with its mark."""
    with opened(file) as begun:
        return "utf-16" if begun.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else None
