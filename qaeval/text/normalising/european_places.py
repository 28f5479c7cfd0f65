"""Where a normalised French, Italian, Spanish or German text has a number, and how else it can be written or said."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterator, Sequence

from qaeval.text.normalising.european_numbers import Number, Reader
from qaeval.text.normalising.european_times import Times, Ways
from qaeval.text.normalising.european_words import WORDS, Words
from qaeval.text.normalising.variants import Place

_WORD = re.compile(r"\S+")
_AMOUNT = re.compile(r"(-?)(\d{1,15}(?:\.\d{1,9})?)([%$€£]?)")
_ORDINAL = re.compile(r"(\d{1,2})([a-z]{1,2})")
_AND = frozenset({"e", "con", "et", "und"})


def places(text: str, language: str) -> Iterator[Place]:
    """The places in order, without overlaps; only where there is another way.

    >>> [place.others for place in places("20€ et vingt et un", "fr")]
    [('20 euro', '20 euros', 'vingt euro', 'vingt euros'), ('21', 'vingt et une')]
    """
    finder = _finder(language)
    matches = list(_WORD.finditer(text))
    words = [match[0] for match in matches]
    at = 0
    while at < len(words):
        end, forms = finder.find(words, at)
        own = " ".join(words[at:end])
        if others := tuple(form for form in dict.fromkeys(forms) if form != own):
            yield Place(matches[at].start(), matches[end - 1].end(), others)
        at = end


@functools.cache
def _finder(language: str) -> _Finder:
    return _Finder(WORDS[language])


class _Finder:
    """Finds the places in texts of one language."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.reader = Reader(words)
        self.times = Times(words, self.reader)
        self.months = frozenset(words.months)
        self.units = {tuple(name.split()): "%" for name in words.percent}
        self.units |= {(name,): symbol for symbol, names in words.currencies.items() for name in names}
        self.ordinals = {tuple(way.split()): n for n in range(31, 0, -1) for way in words.ordinal(n)}
        self.fractions = {tuple(way.split()): symbol for symbol, ways in words.fractions.items() for way in ways}
        firsts = {phrase[0] for phrase in (*self.ordinals, *self.fractions)}
        self.firsts = firsts | {*words.minus} | self.times.firsts

    def find(self, words: Sequence[str], at: int) -> Ways:
        """The place that begins here; a word without other forms where there is none."""
        word = words[at]
        if word in self.firsts or word[0] in "-0123456789" or self.reader.begins(word):
            for read in (self.times.find, self._fraction, self._ordinal, self._amount):
                if found := read(words, at):
                    return found
        return at + 1, ()

    def _fraction(self, words: Sequence[str], at: int) -> Ways | None:
        if words[at] in self.words.fractions:
            return at + 1, self.words.fractions[words[at]]
        phrase = _longest(self.fractions, words, at)
        return (at + len(phrase), [self.fractions[phrase]]) if phrase else None

    def _ordinal(self, words: Sequence[str], at: int) -> Ways | None:
        """2e, deuxième; in German, which marks them in digits with a point, before a month only."""
        endings = self.words.endings
        match = _ORDINAL.fullmatch(words[at] if endings else f"{words[at]}th")
        if match and 0 < int(match[1]) < 32 and (match[2] in endings or self._is_day(words, at + 1)):
            return at + 1, self.words.ordinal(int(match[1]))
        phrase = _longest(self.ordinals, words, at)
        if not phrase or not (endings or self._is_day(words, at + len(phrase))):
            return None
        return at + len(phrase), [f"{self.ordinals[phrase]}{ending}" for ending in endings or ("",)]

    def _is_day(self, words: Sequence[str], at: int) -> bool:
        return not self.words.endings and at < len(words) and words[at] in self.months

    def _amount(self, words: Sequence[str], at: int) -> Ways | None:
        """A number with its sign, and its unit as a symbol or in words."""
        match = _AMOUNT.fullmatch(words[at])
        if match and (match[1] or match[3]):
            return at + 1, self._forms(*match.groups())
        sign = "-" if words[at] in self.words.minus else ""
        number = self.reader.number(words, at + len(sign))
        if number is None:
            return None
        phrase = _longest(self.units, words, number.end)
        unit = self.units[phrase] if phrase else ""
        end = number.end + len(phrase)
        if number.worded and number.digits == "1" and not sign and not unit:
            return end, ["1"]  # "un" and "une" may be articles: one is not the other
        cents = self._cents(words, end) if unit in self.words.currencies and "." not in number.digits else None
        digits, end = (f"{number.digits}.{cents.digits}", cents.end) if cents else (number.digits, end)
        return end, self._forms(sign, digits, unit)

    def _cents(self, words: Sequence[str], at: int) -> Number | None:
        found = self.reader.number(words, at + (at < len(words) and words[at] in _AND))
        return found._replace(digits=f"{found.digits:0>2}") if found and len(found.digits) < 3 else None

    def _forms(self, sign: str, digits: str, unit: str) -> Iterator[str]:
        amounts = self._with_unit(digits, unit)
        if not sign:
            return amounts
        return (form for amount in amounts for form in self._signed(amount))

    def _signed(self, amount: str) -> Iterator[str]:
        if amount[0].isdecimal():
            yield f"-{amount}"
        yield from (f"{minus} {amount}" for minus in self.words.minus)

    def _with_unit(self, digits: str, unit: str) -> Iterator[str]:
        yield f"{digits}{unit}"
        names = self.words.percent if unit == "%" else self.words.currencies.get(unit, ())
        for said in (digits, *self.reader.said(digits)):
            yield from (f"{said} {name}" for name in dict.fromkeys(names)) if unit else [said]
        whole, _, cents = digits.partition(".")
        if unit in self.words.currencies and 0 < len(cents) < 3:
            yield from self._with_cents(whole, f"{cents:0<2}".lstrip("0") or "0", names)

    def _with_cents(self, whole: str, cents: str, names: Sequence[str]) -> Iterator[str]:
        """Three euros fifty."""
        said = [(whole, cents), *zip(self.reader.said(whole), self.reader.said(cents), strict=False)]
        yield from (
            f"{amount} {name} {joint}{small}" for amount, small in said for name in names for joint in self._joints()
        )

    def _joints(self) -> list[str]:
        return [
            "",
            *(f"{word} " for word in sorted(_AND & {"con", *self.words.hours, *self.words.numerals.connectors})),
        ]


def _longest(phrases: Container[tuple[str, ...]], words: Sequence[str], at: int) -> tuple[str, ...]:
    """The longest of the phrases that stands there, ``()`` if none does."""
    found = [tuple(words[at : at + size]) for size in (4, 3, 2, 1)]
    return next((phrase for phrase in found if phrase in phrases), ())
