"""English words that are written in several ways: contractions, numbers, spelling.

The knowledge is whisper-normalizer's (OpenAI's published English normaliser: its contraction list, number reader and
British-American spellings). What differs from that normaliser is done on purpose:

* only runs of number words go to the number reader, so "at this point and" keeps its "point", and "oh my god" its "oh";
* "one" is written ``1`` like every other number, which makes the result stable under a second pass;
* words in brackets and fillers ("um") stay: they may have been said;
* an apostrophe inside a word vanishes ("O'Brien" is ``obrien``, not ``0 brien``), as in "o'clock", "o clock";
* zeros at the head of a number stay ("zero zero seven" is ``007`` and not ``7``), for somebody said them;
* "cause" is ``because`` only where an apostrophe stands before it: a cause is another thing.
"""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from qaeval.text.cleaning import squeeze, strip_stray

_LOCK = threading.Lock()
_KEPT = ".%$¢€£¥+-'"
_DETACHED = re.compile(r"\s+'(?=(?:s|d|ll|t|ve|m|re)\b)")
_IN_WORD = re.compile(r"(?<=[a-z])'(?=[a-z])")
_ONE = re.compile(r"\bone(s?)\b")
_CLOCK = re.compile(r"\bo clock\b")
_CAUSE = r"\bcause\b"
_BECAUSE = re.compile(r"(?<!\S)'cause\b(?!')")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"[-+$¢€£]?(?!0\d)\d+(\.\d+)?")


@dataclass(frozen=True)
class _Parts:
    """The published normaliser taken apart. ``triggers`` are the words without which nothing but spelling applies."""

    contractions: tuple[tuple[re.Pattern[str], str], ...]
    numbers: Any
    spelling: dict[str, str]
    numerals: frozenset[str]
    helpers: frozenset[str]
    triggers: frozenset[str]
    plain: Any


@functools.cache
def _make() -> _Parts:
    from whisper_normalizer.basic import remove_symbols_and_diacritics
    from whisper_normalizer.english import EnglishTextNormalizer

    whole = EnglishTextNormalizer()
    numbers = whole.standardize_numbers
    signs = {*numbers.preceding_prefixers, *numbers.following_prefixers, *numbers.suffixers, "cent"}
    helpers = signs | numbers.specials
    numerals = numbers.words - helpers - {"o", "oh"}
    titles = {key[2:-2] for key in whole.replacers if re.fullmatch(r"\\b[a-z]+\\b", key)} - {"cause"}
    return _Parts(
        contractions=tuple(
            (_BECAUSE if key == _CAUSE else re.compile(key), value) for key, value in whole.replacers.items()
        ),
        numbers=numbers,
        spelling=whole.standardize_spellings.mapping,
        numerals=frozenset(numerals),
        helpers=frozenset(helpers | {"o", "oh"}),
        triggers=frozenset(numerals | titles | {"half", "clock"}),
        plain=remove_symbols_and_diacritics,
    )


def _parts() -> _Parts:
    with _LOCK:
        return _make()


def standardise(text: str) -> str:
    """One way of writing for a text that is already folded and free of symbols but for apostrophes.

    >>> standardise("mr o'brien's colour isn't worth twenty one dollars")
    'mister obrien is color is not worth $21'
    >>> standardise("one oh one ways to say oh my at this point and time")
    '101 ways to say oh my at this point and time'
    """
    parts = _parts()
    if not text.isascii():
        text = squeeze(parts.plain(text, keep=_KEPT).lower())
    for _ in range(4):  # a rule may feed an earlier one, seldom: go on until nothing changes
        words = text.split()
        if "'" not in text and parts.triggers.isdisjoint(words) and not _DIGIT.search(text):
            return " ".join(parts.spelling.get(word, word) for word in words)
        before, text = text, _pass(text, parts)
        if text == before:
            break
    return text


def _pass(text: str, parts: _Parts) -> str:
    text = _DETACHED.sub("'", text)
    for pattern, replacement in parts.contractions:
        text = pattern.sub(replacement, text)
    text = _CLOCK.sub("oclock", _IN_WORD.sub("", text).replace("'", " "))
    try:
        text = _numbers(text, parts)
    except (ValueError, AssertionError):
        # The number reader fails on more digits than Python converts (4300), as a looping model writes them.
        text = squeeze(text)
    return squeeze(strip_stray(" ".join(parts.spelling.get(word, word) for word in text.split())))


def _numbers(text: str, parts: _Parts) -> str:
    reader = parts.numbers
    words = reader.preprocess(text).split()
    vocabulary = parts.numerals | parts.helpers
    runs = groupby(words, key=lambda word: word in vocabulary or bool(_NUMBER.fullmatch(word)))
    written = [w for numeric, run in runs for w in (_read(list(run), parts) if numeric else run)]
    return _ONE.sub(r"1\1", str(reader.postprocess(" ".join(written))))


def _read(run: list[str], parts: _Parts) -> Iterator[str]:
    """A run of number words and their helpers; helpers at its edges that belong to no number are left as they are."""

    def is_number(word: str) -> bool:
        return word in parts.numerals or bool(_NUMBER.fullmatch(word))

    places = [i for i, word in enumerate(run) if is_number(word)]
    if not places:
        yield from run
        return
    first, last = places[0], places[-1] + 1
    while first and run[first - 1] in {"minus", "negative", "plus", "positive", "point", "double", "triple", "o", "oh"}:
        first -= 1
    while last < len(run) and run[last] not in {"and", "point", "double", "triple", "minus", "plus"}:
        last += 1
    yield from run[:first]
    yield from (word for word in parts.numbers.process_words(run[first:last]) if word is not None)
    yield from run[last:]
