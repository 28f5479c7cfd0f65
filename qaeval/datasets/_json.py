"""JSON files that are one object or one list: its members, one after another, without reading all of it first."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from qaeval.datasets._corpus import Torn, torn
from qaeval.datasets._lines import LONGEST_LINE, TextFile
from qaeval.errors import DatasetError

_BLOCK = 1 << 16
_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()
_ODD = re.compile("[\udc80-\udcff]")


def members(file: TextFile) -> Iterator[tuple[str, str, Any]]:
    """Each member as its place (``FILE, member N``), its key (``""`` in a list) and its value.

    The value is `Torn` where a byte of the member is not UTF-8.

    Raises `DatasetError` at what is no JSON, or no object and no list, or a member of more than 64 MiB.
    """
    with file.open("rb") as opened:
        text = _Text(file, opened)
        start = text.next()
        if start not in ("{", "["):
            raise text.error(text.odd_in(start) or f"expected an object or a list in JSON, seen {start!r}")
        text.place += 1
        end = "}" if start == "{" else "]"
        number = 0
        while (sign := text.next()) != end:
            number += 1
            if number > 1:
                text.take(",", sign, number)
            text.odd = ""
            key = text.key(number) if start == "{" else ""
            value = text.value(number)
            yield f"{file}, member {number}", key, torn(text.odd) if text.odd else value
        text.place += 1
        if text.next():
            raise text.error("something stands after its end")


def loaded(file: TextFile) -> Any:
    """All of a small file. Raises `DatasetError` when it is no JSON object or list."""
    each = list(members(file))
    if bad := next(((place, value.why) for place, _, value in each if isinstance(value, Torn)), None):
        raise DatasetError(": ".join(bad))
    return {key: value for _, key, value in each} if any(key for _, key, _ in each) else [value for *_, value in each]


class _Text:
    """The text of a file from a place on; more is read as it is needed."""

    def __init__(self, file: TextFile, opened: IO[bytes]) -> None:
        self.place = 0
        self._file, self._opened = file, opened
        self._buffer = ""
        self.odd = ""  # what is wrong with the bytes of a value that was read
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._ended = False

    def error(self, why: str) -> DatasetError:
        return DatasetError(f"{self._file}: {why}; is the file whole?")

    def next(self) -> str:
        """The next character that is no white space; ``""`` at the end."""
        while True:
            while self.place < len(self._buffer):
                if self._buffer[self.place] not in _SPACE:
                    return self._buffer[self.place]
                self.place += 1
            if not self._more(_BLOCK):
                return ""

    def take(self, wanted: str, seen: str, number: int) -> None:
        if seen != wanted:
            raise self.error(f"member {number}: expected {wanted!r}, seen {seen!r}")
        self.place += 1

    def key(self, number: int) -> str:
        key = self.value(number)
        if not isinstance(key, str):
            raise self.error(f"member {number}: expected a key in quotes, seen {key!r:.60}")
        self.take(":", self.next(), number)
        return key

    def value(self, number: int) -> Any:
        """The value that begins here; it is tried again with twice as much text when it does not end yet."""
        self.next()
        wanted = _BLOCK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self.place)
                rest = len(self._buffer) - end
                if rest or not self._more(_BLOCK):
                    self.odd = self.odd or self.odd_in(self._buffer[self.place : end])
                    self.place = len(self._buffer) - rest
                    return value
            except (ValueError, RecursionError) as error:
                if len(self._buffer) > LONGEST_LINE or not self._more(wanted):
                    raise self.error(f"member {number} is no JSON: {str(error)[:120]}") from None
                wanted *= 2

    def odd_in(self, text: str) -> str:
        """What is wrong with the bytes that a text was decoded from; ``""``: nothing."""
        byte = None if text.isascii() else _ODD.search(text)
        return f"byte {ord(byte[0]) & 0xFF:#04x} is not UTF-8; convert the file to UTF-8" if byte else ""

    def _more(self, size: int) -> bool:
        """Whether there was more to read; what has been used is let go."""
        if self._ended:
            return False
        block = self._opened.read(size)
        self._ended = not block
        text = self._decoder.decode(block, final=self._ended)
        self._buffer, self.place = self._buffer[self.place :] + text, 0
        return not self._ended
