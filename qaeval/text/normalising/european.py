"""French, Italian, Spanish and German in the profile ``qaeval-1``: letters as they are, one way to write with digits.

Diacritics are kept (but case folding writes ß as ss), an apostrophe and a hyphen separate words, as in the published
evaluations. Numbers stay in digits or in words, as they are written, for "un", "neuf", "sei" or "once" may be no
numbers; what the others are called is among the variants. In digits there is one way for each: 1000 for 1.000 and
1 000, 3.5 for 3,5, 20€ for € 20, 10:30 for 10h30, ``3 à 5`` for 3-5, ``5 mars 2024`` for 05/03/2024, 2e for 2ème.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

from qaeval.text.normalising.cleaning import bare, drop_symbols, fold, join_fi
from qaeval.text.normalising.european_places import places
from qaeval.text.normalising.european_words import WORDS
from qaeval.text.normalising.variants import expand

LANGUAGES = ("fr", "it", "es", "de")

_Rule = tuple[frozenset[str], re.Pattern[str], str | Callable[[re.Match[str]], str]]

_DIGIT = re.compile("[0-9]")
_DAY, _MONTH = "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])"
_SYMBOL = "[$€£¥]"
_AMOUNT = r"(?<![\d.,])(\d++(?:[.,]\d++)?+)"
_CENTS = re.compile(rf"(?<=\d)\.0+(?={_SYMBOL})|(?<=\d)(\.\d)0(?={_SYMBOL})")


def normalise(text: str, language: str) -> str:
    """The one form of a text.

    >>> normalise("L’été, il a 1 500,50 € et 50 % de 3-5 à 10h30", "fr")
    'l été il a 1500.5€ et 50% de 3 à 5 à 10:30'
    >>> normalise("Am 5.3.2024 um 10.30 Uhr: 1.000 Straßen", "de")
    'am 5 märz 2024 um 10:30 uhr 1000 strassen'
    """
    text = fold(text)
    if not _DIGIT.search(text):
        return join_fi(bare(text))
    for _ in range(4):  # a symbol that goes may bring digits together, seldom: go on until nothing changes
        before, text = text, _tidy(text, language)
        if text == before:
            break
    return text


def _tidy(text: str, language: str) -> str:
    present = {*text}
    for symbols, pattern, rule in _rules(language):
        if not symbols.isdisjoint(present):
            text = pattern.sub(rule, text)
    text = drop_symbols(text, decimal_comma=True, joints=True)
    return join_fi(_CENTS.sub(r"\1", text) if "." in text else text)


def variants(text: str, language: str) -> Iterator[str]:
    """Other forms of a text that mean the same, normalised: numbers in words, in digits, or said in another way.

    >>> list(variants("vingt-trois chats", "fr")), list(variants("23 gatos", "es"))
    (['23 chats'], ['veintitrés gatos'])
    """
    first = normalise(text, language)
    forms = dict.fromkeys(expand(first, list(places(first, language))))
    # What beside its neighbours would be read as another number is none: 1 200 for "un 200".
    return (form for form in forms if normalise(form, language) == form != first)


def _joined(match: re.Match[str]) -> str:
    return re.sub("[^0-9]", "", match[0])


@functools.cache
def _rules(language: str) -> tuple[_Rule, ...]:
    words = WORDS[language]

    def date(match: re.Match[str], day: int = 1, month: int = 3, year: int = 4) -> str:
        return f" {int(match[day])} {words.months[int(match[month]) - 1]} {match[year]}"

    def iso(match: re.Match[str]) -> str:
        return date(match, 3, 2, 1)

    return (
        _rule(".", rf"(?<![\d.]){_DAY}(\.)\s?{_MONTH}\.\s?(\d{{4}})(?![\d.]\d|\d)", date),
        _rule("/-", rf"(?<![\d/-]){_DAY}([/-]){_MONTH}\2(\d{{4}})(?![\d/-])", date),
        _rule("-", r"(?<![\d-])(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\d-])", iso),
        _rule("-", r"(?<![\d.-])\d++(?:-\d++){2,}", lambda match: match[0].replace("-", " ")),
        _rule(". '", r"(?<![\d.,])(?!0)\d{1,3}(?:([. '])\d{3})(?:\1\d{3})*+(?!\d|[.']\d)", _joined),
        _rule("$€£¥", rf"(?<!\d)(?<!\d )({_SYMBOL})\s?{_AMOUNT}(?!\s?{_SYMBOL})", r"\2\1 "),
        *_OWN[language],
        _rule("–—~", rf"(?<=[\d%€$£])\s?[–—~]\s?(?={_SYMBOL}?\d)", f" {words.to} "),
        _rule("-", r"(?<=[\d%€$£])-(?=\d)", f" {words.to} "),
        _rule(":", r"(?<![\d:])(\d++):(?=\d(?!\d)|\d{3})(?!\d++:)", rf"\1 {words.against} "),
    )


def _rule(symbols: str, pattern: str, rule: str | Callable[[re.Match[str]], str]) -> _Rule:
    return frozenset(symbols), re.compile(pattern, re.ASCII), rule


_POINTED = _rule(".", r"(?<=\d)\.(?=[oa](?![\w\u00e0-\u00ff]))", "")  # 1.º
_OWN: dict[str, tuple[_Rule, ...]] = {
    "fr": (
        _rule("h", r"(?<![\d:])(\d{1,2})\s?h\s?([0-5]\d)(?!\d)", r"\1:\2 "),
        _rule("h", r"(?<![\d:])(\d{1,2})\s?h(?![\w\u00e0-\u00ff])", r"\1 heures"),
        _rule("eè", r"(?<=\d)\s?(?:i?[èe]me|e)(?![\w\u00e0-\u00ff])", "e"),
        _rule("eè", r"(?<![\d])1\s?[èe]re(?![\w\u00e0-\u00ff])", "1re"),
        _rule("r", r"(?<![\d])1\s?er(?![\w\u00e0-\u00ff])", "1er"),
    ),
    "it": (_rule(".", r"(?<=\bore )(\d{1,2})\.([0-5]\d)(?![\d.])", r"\1:\2"), _POINTED),
    "es": (
        _POINTED,
        _rule("h", r"(?<![\d:])(\d{1,2}:[0-5]\d)\s?h(?![\w\u00e0-\u00ff])", r"\1"),
    ),
    "de": (_rule("u", r"(?<![\d.:])(\d{1,2})[.:]([0-5]\d)(?=\s?uhr)", r"\1:\2 "),),
}
