"""JSON files that are one object or one list: its members, one after another, without reading all of it first."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

from qaeval.datasets._lines import LONGEST_LINE, TextFile
from qaeval.errors import DatasetError

_BLOCK = 1 << 16
_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


def members(file: TextFile) -> Iterator[tuple[str, str, Any]]:
    """Each member as its place (``FILE, member N``), its key (``""`` in a list) and its value.

    Raises `DatasetError` at what is no JSON, or no object and no list, or a member of more than 64 MiB.
    """
    with file.open("rb") as opened:
        text = _Text(file, opened)
        start = text.next()
        if start not in ("{", "["):
            raise text.error(f"expected an object or a list in JSON, seen {start!r}")
        text.place += 1
        end = "}" if start == "{" else "]"
        number = 0
        while (sign := text.next()) != end:
            number += 1
            if number > 1:
                text.take(",", sign, number)
            key = text.key(number) if start == "{" else ""
            yield f"{file}, member {number}", key, text.value(number)
        text.place += 1
        if text.next():
            raise text.error("something stands after its end")


def loaded(file: TextFile) -> Any:
    """All of a small file. Raises `DatasetError` when it is no JSON object or list."""
    each = list(members(file))
    return {key: value for _, key, value in each} if any(key for _, key, _ in each) else [value for *_, value in each]


class _Text:
    """The text of a file from a place on; more is read as it is needed."""

    def __init__(self, file: TextFile, opened: IO[bytes]) -> None:
        self.place = 0
        self._file, self._opened = file, opened
        self._buffer = ""
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
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
                    self.place = len(self._buffer) - rest
                    return value
            except (ValueError, RecursionError) as error:
                if len(self._buffer) > LONGEST_LINE or not self._more(wanted):
                    raise self.error(f"member {number} is no JSON: {str(error)[:120]}") from None
                wanted *= 2

    def _more(self, size: int) -> bool:
        """Whether there was more to read; what has been used is let go."""
        if self._ended:
            return False
        block = self._opened.read(size)
        self._ended = not block
        try:
            text = self._decoder.decode(block, final=self._ended)
        except UnicodeDecodeError as error:
            raise self.error(f"byte {error.object[error.start]:#04x} is not UTF-8") from None
        self._buffer, self.place = self._buffer[self.place :] + text, 0
        return not self._ended
