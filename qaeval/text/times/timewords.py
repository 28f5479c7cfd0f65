"""Numbers in words before a unit of time, as digits: 二十三点五秒 is 23.5秒, "two and a half seconds" 2.5 seconds."""

from __future__ import annotations

import re

_CHINESE = "[零〇一二两三四五六七八九十百]{1,12}(?:点[零〇一二两三四五六七八九]{1,6})?"
_CHINESE_UNIT = r"(?:秒|毫秒|分(?!之))"
_NUMERAL = re.compile(rf"{_CHINESE}(?=\s?(?:{_CHINESE_UNIT}|[到至~-]\s?第?{_CHINESE}\s?{_CHINESE_UNIT}))")
_AFTER_SECONDS = re.compile(
    r"(?<=秒)[零〇一二三四五六七八九]{1,3}(?=\s?(?:[到至,。~、-]|\Z|处|左右|之间|开始|结束|出现))"
)
_VALUES = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_ABOUT = re.compile("[一二两三四五六七八九]{2}")  # 两三秒: two to three
_HALVES = (
    (re.compile(r"(?<![\d.])(\d{1,7})秒半"), r"\1.5秒"),
    (re.compile(r"(?<![\d.])(\d{1,7})分(?:钟)?半钟?"), r"\1分30秒"),
    (re.compile("(?<!大)半秒"), "0.5秒"),
    (re.compile("半分钟"), "30秒"),
    (re.compile(r"\bhalf\sa\s(?=second|minute)"), "0.5 "),
)

_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ONE = "|".join(_SMALL)
_ENGLISH = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{_ONE}))?|{_ONE})(?:\spoint(?:\s(?:{_ONE})){{1,4}})?(?:\sand\sa\shalf)?"
)
_ENGLISH_UNIT = r"[\s-](?:seconds?|secs?|minutes?|milliseconds?)\b"
_WORDS = re.compile(
    rf"\b{_ENGLISH}(?={_ENGLISH_UNIT}|\s(?:to|and|or|through|until)\s(?:the\s)?{_ENGLISH}{_ENGLISH_UNIT})"
)


def digits(text: str) -> str:
    """A text, in one width and case, with the words for numbers of seconds, minutes and milliseconds as digits.

    >>> digits("二十三秒半到一分零五秒"), digits("from one to two point five seconds")
    ('23.5秒到1分05秒', 'from 1 to 2.5 seconds')
    """
    text = _NUMERAL.sub(lambda match: _chinese(match[0]), text)
    text = _AFTER_SECONDS.sub(lambda match: "".join(str(_VALUES[char]) for char in match[0]), text)
    text = _WORDS.sub(lambda match: _english(match[0]), text)
    for pattern, replacement in _HALVES:
        text = pattern.sub(replacement, text)
    return text


def _chinese(numeral: str) -> str:
    """A numeral below 1000 in digits."""
    whole, _, decimals = numeral.partition("点")
    if _ABOUT.fullmatch(numeral) and _VALUES[numeral[0]] < _VALUES[numeral[1]]:
        return f"{_VALUES[numeral[0]]}~{_VALUES[numeral[1]]}"
    if set(whole) & {"十", "百"}:
        value = last = 0
        for char in whole:
            unit = {"十": 10, "百": 100}.get(char, 0)
            value, last = (value + (last or 1) * unit, 0) if unit else (value, _VALUES[char])
        number = str(value + last)
    else:
        number = "".join(str(_VALUES[char]) for char in whole)
    return number + ("." + "".join(str(_VALUES[char]) for char in decimals) if decimals else "")


def _english(words: str) -> str:
    """Number words below 100 in digits."""
    words, half, _ = words.partition(" and a half")
    whole, _, decimals = words.partition(" point ")
    value = sum(_TENS.get(word, _SMALL.get(word, 0)) for word in re.split(r"[\s-]", whole))
    if half:
        return str(value + 0.5)
    return f"{value}.{''.join(str(_SMALL[word]) for word in decimals.split())}" if decimals else str(value)
