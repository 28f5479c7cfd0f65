"""Small numbers in words as digits, where an age may be meant: 三十五岁 is 35岁, ``thirty five`` is 35."""

from __future__ import annotations

import re

_ZH = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN = {name: value for value, name in enumerate(_ONES, 1)} | {name: 10 * value for value, name in enumerate(_TENS, 2)}
_ENGLISH = re.compile(rf"\b(?:({'|'.join(_TENS)})(?:[\s-]({'|'.join(_ONES[:9])})\b)?|({'|'.join(_ONES)}))\b")
_TENS_PAIR = re.compile(r"(?<![一-九十])([一二三四五六七八])([二三四五六七八九])十(?=[多几来余]?\s?岁)")
_ONES_PAIR = re.compile(r"([一二三四五六七八九]?十)?([一二三四五六七八])([二三四五六七八九])(?=\s?岁)")
_NUMERAL = re.compile(
    r"[零一二两三四五六七八九十百]{1,5}(?=\s?(?:好几|[多几来余])?\s?(?:周?岁|左右|上下|出头|[到至~-]))"
    r"|(?<=[到至~-])[零一二两三四五六七八九十百]{1,5}(?=\s?[多几余]?\s?(?:岁|左右|上下))"
)
_AGED = re.compile(r"(年龄[^\d\n,。;]{0,8}?)([一二三四五六七八九]?十[一二三四五六七八九]?)(?![万亿])")


def digits(text: str) -> str:
    """A text with the numbers as digits that may be ages; of two in one, 二三十岁, the range.

    >>> digits("二十五岁, thirty five, 二三十岁, 十七八岁")
    '25岁, 35, 20~39岁, 17~18岁'
    """
    text = _ENGLISH.sub(_english, text)
    text = _TENS_PAIR.sub(lambda match: f"{_ZH[match[1]]}0~{_ZH[match[2]]}9", text)
    text = _ONES_PAIR.sub(_pair, text)
    text = _AGED.sub(lambda match: f"{match[1]}{_chinese(match[2])}", text)
    return _NUMERAL.sub(lambda match: str(_chinese(match[0])), text)


def _english(match: re.Match[str]) -> str:
    return str(_EN[match[1]] + _EN.get(match[2] or "", 0) if match[1] else _EN[match[3]])


def _pair(match: re.Match[str]) -> str:
    first, second = _ZH[match[2]], _ZH[match[3]]
    if second != first + 1:
        return match[0]
    tens = _chinese(match[1]) if match[1] else 0
    return f"{tens + first}~{tens + second}"


def _chinese(numeral: str) -> int:
    value = last = 0
    for char in numeral:
        unit = {"十": 10, "百": 100}.get(char, 0)
        value, last = (value + (last or 1) * unit, 0) if unit else (value, _ZH[char])
    return value + last
