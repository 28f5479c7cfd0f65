"""Numbers in words of a European language: from integers to the ways they are said, and back.

What a language has of its own (`Numerals`) stands in a module of its name. Words are as
`qaeval.text.normalising.cleaning.bare` leaves them: lower case, no hyphens (vingt trois), ss for ß.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LONGEST = 12
"""Integers of more digits have no words here."""

LONGEST_SAID = 200
"""Characters that a number in words can have."""

WINDOW = 13
"""Words that one number can have."""


@dataclass(frozen=True, eq=False)
class Numerals:
    """The numerals of a language.

    ``below(n)`` gives the ways to say 0 to 999, the commonest first; ``thousand(ways)`` and ``millions`` build larger
    ones; ``joins`` tells whether a number below a million is one word; ``years(n)`` further ways for four digits.
    """

    below: Callable[[int], Sequence[str]]
    thousand: Callable[[int, Sequence[str]], Sequence[str]]
    millions: tuple[tuple[str, str, str], ...]  # 10^6 (and 10^9): one of it with its article, its name, its plural
    addition: str = ""  # a word that may follow thousands and millions
    full: str = ""  # the ending that a number loses before thousands and millions
    connectors: frozenset[str] = frozenset()  # stand between the words of a number
    joins: bool = False
    years: Callable[[int], Sequence[str]] = lambda n: ()
    thousands: tuple[str, ...] = ()  # the word for 1000 when it is multiplied, or not
    _table: dict[str, int] = field(default_factory=dict, repr=False)

    def forms(self, number: int) -> list[str]:
        """The ways to say an integer, the commonest first; none for a number of more than `LONGEST` digits."""
        return list(dict.fromkeys(self._forms(number))) if number < 10**LONGEST else []

    def _forms(self, number: int) -> list[str]:
        if number < 1000:
            return list(self.below(number))
        if number < 10**6:
            high, low = divmod(number, 1000)
            heads = self.thousand(high, self.shortened(self.below(high)))
            return [*self._together(heads, low), *self.years(number)]
        size = 9 if len(self.millions) > 1 and number >= 10**9 else 6
        one, _, several = self.millions[size // 3 - 2]
        high, low = divmod(number, 10**size)
        head = one if high == 1 else f"{self.shortened(self._forms(high))[0]} {several}"
        joints = (" ", f" {self.addition} ") if self.addition else (" ",)
        return [f"{head}{joint}{rest}" for joint in joints for rest in self._forms(low)] if low else [head]

    def shortened(self, ways: Sequence[str]) -> Sequence[str]:
        """Those without the full ending (veintiún, not veintiuno), if there are such."""
        return [way for way in ways if not way.endswith(self.full)] or ways if self.full else ways

    def _together(self, heads: Sequence[str], low: int) -> list[str]:
        if not low:
            return list(heads)
        joints = [*(("", " ") if self.joins else (" ",)), *([f" {self.addition} "] if self.addition else [])]
        ways = [f"{head}{joint}{tail}" for joint in joints for head in heads for tail in self.below(low)]
        return ways + [f"{self._apart(heads[0])} {tail}" for tail in self.below(low)] if self.joins else ways

    def _apart(self, head: str) -> str:
        """Zwei tausend."""
        return next((f"{head[: -len(word)]} {word}".strip() for word in self.thousands if head.endswith(word)), head)

    def value(self, said: str) -> int | None:
        """The integer that is said, spaces and accents being no matter; None for what is no whole number."""
        return self._remembered(said) if len(said) < LONGEST_SAID else None

    @functools.cached_property
    def _remembered(self) -> Callable[[str], int | None]:
        return functools.lru_cache(1 << 14)(lambda said: self._value(unaccented(said.replace(" ", ""))))

    def _value(self, compact: str) -> int | None:
        table = self._lookup()
        if compact in table:
            return table[compact]
        for size, names in ((3 * place + 6, names) for place, names in reversed([*enumerate(self.millions)])):
            for word in names:
                high, found, low = compact.partition(unaccented(word.replace(" ", "")))
                number = self._multiplied(1 if word == names[0] else high, size, low) if found else None
                if number is not None and (word != names[0] or not high):
                    return number
        return self._of_thousands(compact)

    def _multiplied(self, high: str | int, size: int, low: str) -> int | None:
        head = high if isinstance(high, int) else self._value(high) if high else None
        low = low.removeprefix(self.addition)
        rest = self._value(low) if low else 0
        return None if not head or rest is None or rest >= 10**size else head * 10**size + rest

    def _of_thousands(self, compact: str) -> int | None:
        for word in self.thousands:
            high, found, low = compact.partition(word)
            head = self._table.get(high) if high else 1
            rest = self._table.get(low, self._table.get(low.removeprefix(self.addition))) if low else 0
            if found and head and rest is not None and (low == "" or rest):
                return head * 1000 + rest
        return None

    def _lookup(self) -> dict[str, int]:
        if not self._table:
            made = {unaccented(way.replace(" ", "")): n for n in range(999, -1, -1) for way in self.below(n)}
            made |= {
                unaccented(way.replace(" ", "")): n
                for n in range(1100, 2000)
                for way in self.years(n)
                if n % 1000 >= 100
            }
            self._table.update(made)
        return self._table

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """The words that numbers consist of, without connectors."""
        names = [word for names in self.millions for name in names for word in name.split()]
        ways = [word for n in range(1000) for way in self.below(n) for word in way.split()]
        return frozenset(map(unaccented, [*ways, *names, *self.thousands])) - self.connectors


@functools.lru_cache(1 << 12)
def unaccented(text: str) -> str:
    """Without diacritics.

    >>> unaccented("ventitré dieciséis fünf")
    'ventitre dieciseis funf'
    """
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
