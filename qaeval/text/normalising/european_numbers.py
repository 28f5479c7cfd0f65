"""Reading numbers, in words or digits, from the words of a French, Italian, Spanish or German text; and saying them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qaeval.text.normalising.european_words import Words
from qaeval.text.numbers.european import WINDOW, unaccented

_FIGURES = re.compile(r"(\d{1,15})(?:\.(\d{1,9}))?")
_MORE = 9
"""Decimal places that are read."""


class Number(NamedTuple):
    """Digits, with a point if they are decimal; the index of the next word; whether it is said in words."""

    digits: str
    end: int
    worded: bool


class Reader:
    """Finds numbers in one language."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.numerals = words.numerals
        self.scales = {name: 6 + 3 * place for place, names in enumerate(words.numerals.millions) for name in names[1:]}
        self.begins = functools.lru_cache(1 << 12)(self._begins)

    def _begins(self, word: str) -> bool:
        """Whether a number can begin with this word."""
        known = unaccented(word) in self.numerals.words or word[0].isdecimal()
        return known or (self.numerals.joins and self.numerals.value(word) is not None)

    def number(self, words: Sequence[str], at: int) -> Number | None:
        """The longest number that begins here, without sign and unit."""
        found = self._whole(words, at)
        if found and "." not in found.digits and words[found.end : found.end + 1] == [self.words.point]:
            found = self._decimals(words, found) or found
        if (
            found
            and (scale := self.scales.get(_word(words, found.end)))
            and not (found.worded and "." not in found.digits)
        ):
            whole, _, parts = found.digits.partition(".")
            if len(parts) <= scale:
                return Number(f"{whole}{parts.ljust(scale, '0')}".lstrip("0") or "0", found.end + 1, found.worded)
        return found

    def _whole(self, words: Sequence[str], at: int) -> Number | None:
        word = _word(words, at)
        if match := _FIGURES.fullmatch(word):
            return Number(match[0], at + 1, False)
        if not word or not self.begins(word):
            return None
        end = at + 1
        while end < min(len(words), at + WINDOW) and (
            words[end] in self.numerals.connectors or self.begins(words[end])
        ):
            end += 1
        for last in range(end, at, -1):
            value = self.numerals.value(" ".join(words[at:last]))
            if value is not None and words[last - 1] not in self.numerals.connectors:
                return self._after_zero(words, Number(str(value), last, True))
        return None

    def _after_zero(self, words: Sequence[str], found: Number) -> Number:
        """Zero five: 05."""
        digit = self.numerals.value(_word(words, found.end)) if found.digits == "0" else None
        return found if digit is None or digit > 9 else Number(f"0{digit}", found.end + 1, True)

    def _decimals(self, words: Sequence[str], found: Number) -> Number | None:
        """What follows the word for the point: one number, or digits one by one."""
        digits, end = "", found.end + 1
        while len(digits) < _MORE and (part := self._whole(words, end)) and "." not in part.digits:
            if digits and len(part.digits) > 1:
                break
            digits, end = digits + part.digits, part.end
        return Number(f"{found.digits}.{digits}", end, found.worded) if digits else None

    def said(self, digits: str) -> Iterator[str]:
        """The ways to say and to write a number without a unit, in words first."""
        whole, _, parts = digits.partition(".")
        ways = self._said_whole(whole)
        if not parts:
            yield from ways
            yield from self._scaled(whole)
            return
        after = [parts, self._spelled(parts), *([] if parts[0] == "0" else self._said_whole(parts)[:1])]
        yield from (f"{way} {self.words.point} {tail}" for way in [*ways[:2], whole] for tail in after)

    def _said_whole(self, digits: str) -> list[str]:
        if digits[0] == "0" and len(digits) > 1:
            return [self._spelled(digits)]
        ways = self.numerals.forms(int(digits))
        return [*ways, self._spelled(digits)] if len(digits) > 2 and not digits.endswith("00") else ways

    def _spelled(self, digits: str) -> str:
        return " ".join(self.numerals.below(int(digit))[0] for digit in digits)

    def _scaled(self, digits: str) -> Iterator[str]:
        """2.5 million."""
        for size, names in ((6 + 3 * place, names) for place, names in enumerate(self.numerals.millions)):
            whole, parts = digits[:-size], digits[-size:].rstrip("0")
            if size < len(digits) <= size + 3 and len(parts) < 4:
                name = names[1 if whole == "1" else 2]
                decimal = f"{whole}.{parts}" if parts else whole
                yield from (f"{said} {name}" for said in (decimal, *(self.said(decimal) if parts else ())))


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""
