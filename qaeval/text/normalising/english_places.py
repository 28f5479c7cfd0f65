"""Where a normalised English text has a number that can be written in another way (times, digits one by one)."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence

from qaeval.text.normalising.variants import Place

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
_JOINED = re.compile(r"(\d{1,2})([0-5]\d)")
_SECONDS = re.compile(r"([2-9])2nd")
_TENS = re.compile("[2-9]0")
_SLASHED = re.compile(r"\d+/\d+")
_YUAN = re.compile(r"¥(\d+(?:\.\d+)?)")
_PARTS = {"1/2": ("half", "a half"), "1/4": ("quarter", "a quarter"), "1/3": ("a 3rd",)}
_ASIAN = ("yuan", "yen", "rmb")
_FIGURE = re.compile(r"[\d¥]")
_FIRSTS = frozenset(("half", "quarter", "a"))
_FIGURES = re.compile(r"\d(?:[\d:/]| \d|\S* (?:oclock|yuan|yen|rmb)(?!\S))|¥")
_PARTED = re.compile(r"(?<!\S)(?:(?:half|quarter) (?:past|to)|a (?:half|quarter))(?!\S)")
_LONGEST = 11
"""Digits that may be said one by one: a telephone number."""


def are_none(text: str, written: str) -> bool:
    """Whether a quick look tells that there is one way only to write the numbers of a normalised text.

    >>> are_none("it is 1 of those", ""), are_none("half past 3", ""), are_none("a half", "")
    (True, False, False)
    """
    if ("half" in text or "quarter" in text) and _PARTED.search(text):
        return False
    first = _FIGURE.search(text)
    return not first or _FIGURES.search(text, first.start()) is None


@functools.lru_cache(1 << 6)
def places(text: str) -> Sequence[Place]:
    """The places in order, without overlaps.

    >>> [place.others for place in places("half past 3 or 10:30 on 55")]
    [('3:30',), ('1030', '10 30', 'half past 10'), ('5 5',)]
    """
    return tuple(_places(text))


def _places(text: str) -> Iterator[Place]:
    words = text.split(" ")
    ends = list(itertools.accumulate(len(word) + 1 for word in words))
    at = 0
    while at < len(words):
        size, others = _others(words, at) if _FIGURE.match(words[at]) or words[at] in _FIRSTS else (1, ())
        if others:
            yield Place(ends[at] - len(words[at]) - 1, ends[at + size - 1] - 1, others)
        at += size


def _others(words: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
    """How many words the place has, and what they can be instead."""
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word[0].isdecimal():
        return _of_figures(words, at)
    if [*words[at + 1 : at + 2]] == ["past"] and word in ("half", "quarter") and _is_hour(words, at + 2):
        return 3, (f"{words[at + 2]}:{'30' if word == 'half' else '15'}",)
    if word == "quarter" and after == "to" and _is_hour(words, at + 2):
        return 3, (f"{(int(words[at + 2]) - 2) % 12 + 1}:45",)
    if word == "a" and after in ("half", "quarter") and not _is_past(words, at + 2):
        return 2, ("1/2" if after == "half" else "1/4",)
    if match := _YUAN.fullmatch(word):
        return 1, tuple(f"{match[1]} {name}" for name in _ASIAN)
    return 1, ()


def _is_hour(words: Sequence[str], at: int) -> bool:
    return at < len(words) and words[at].isascii() and words[at].isdecimal() and len(words[at]) < 3


def _is_past(words: Sequence[str], at: int) -> bool:
    return [*words[at : at + 1]] in (["past"], ["to"])


def _of_figures(words: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    if after == "second" and _TENS.fullmatch(word):
        return 2, (f"{word[0]}2nd",)
    if after == "oclock":
        return 2, (f"{word}:00",)
    if after in _ASIAN and word.replace(".", "").isdecimal():
        return 2, (f"¥{word}",)
    if word.isdecimal() and word.isascii() and len(word) <= _LONGEST:
        run = [*itertools.takewhile(str.isdecimal, itertools.islice(words, at, at + _LONGEST))]
        return (len(run), ("".join(run),)) if len(run) > 1 else (1, _of_digits(word))
    if match := _CLOCK.fullmatch(word):
        return 1, _of_time(match[1], match[2])
    if match := _SECONDS.fullmatch(word):
        return 1, (f"{match[1]}0 second",)
    if _SLASHED.fullmatch(word):
        return 1, (*_PARTS.get(word, ()), word.replace("/", ""))
    return 1, ()


def _of_digits(digits: str) -> tuple[str, ...]:
    match = _JOINED.fullmatch(digits)
    times = (f"{match[1]}:{match[2]}",) if match and int(match[1]) <= 24 else ()
    return (*times, " ".join(digits)) if len(digits) > 1 else ()


def _of_time(hour: str, minute: str) -> tuple[str, ...]:
    if minute == "00":
        return f"{hour} oclock", hour, f"{hour} 00"
    others = [hour + minute, f"{hour} {minute}"]
    if minute in ("15", "30"):
        others.append(f"{'half' if minute == '30' else 'quarter'} past {hour}")
    if minute == "45":
        others.append(f"quarter to {int(hour) % 12 + 1}")
    return tuple(others)
