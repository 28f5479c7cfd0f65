"""Japanese numerals: digits to kanji as they are said, and back.

Integers are strings of digits. Up to 16 digits have names (兆); longer numbers, and those that begin with 0, are only
read digit by digit.
"""

from __future__ import annotations

import re

DIGITS = "〇一二三四五六七八九"
NUMERAL = DIGITS + "十百千万億兆"
LONGEST = 16

_SPOKEN = str.maketrans("0123456789", DIGITS)
_WRITTEN = str.maketrans(DIGITS, "0123456789")
_UNITS = (("兆", 12), ("億", 8), ("万", 4))
_ONE = "[一二三四五六七八九]"
_SECTION = re.compile(f"(?:({_ONE}?)(千))?(?:({_ONE}?)(百))?(?:({_ONE}?)(十))?({_ONE}?)")
_BARE_THOUSAND = re.compile("(?<![一二三四五六七八九])千")


def spell(digits: str) -> str:
    """Digit by digit.

    >>> spell("090")
    '〇九〇'
    """
    return digits.translate(_SPOKEN)


def cardinal(digits: str) -> str:
    """As a quantity: no 一 before 十, 百, 千, but in 一千万.

    >>> [cardinal(digits) for digits in ("0", "10", "110", "2024", "10010000", "100500")]
    ['〇', '十', '百十', '二千二十四', '一千一万', '十万五百']
    """
    digits = digits.lstrip("0") or "0"
    if len(digits) > LONGEST or digits == "0":
        return spell(digits)
    said = ""
    for unit, size in (*_UNITS, ("", 0)):
        part = digits.zfill(LONGEST)[-size - 4 : LONGEST - size].lstrip("0")
        named = _named(part)
        said += (("一" if unit and named.startswith("千") else "") + named + unit) if part else ""
    return said


def _named(part: str) -> str:
    said = ""
    for digit, unit in zip(part, ("千", "百", "十", "")[4 - len(part) :], strict=True):
        if digit != "0":
            said += ("" if unit and digit == "1" else spell(digit)) + unit
    return said


def value(said: str) -> str | None:
    """The digits of an integer in kanji, as a quantity or digit by digit; None for what is no whole numeral.

    >>> [value(said) for said in ("二千二十四", "二〇二四", "千", "万一", "五六百")]
    ['2024', '2024', '1000', None, None]
    """
    if len(said) > 4 * LONGEST:
        return None
    if all(character in DIGITS for character in said):
        return said.translate(_WRITTEN)
    total = 0
    for unit, size in _UNITS:
        above, found, rest = said.partition(unit)
        if found:
            high = _section(above)
            if not high:
                return None
            total, said = total + high * 10**size, rest
    low = _section(said) if said else 0
    return None if low is None else str(total + low)


def _section(said: str) -> int | None:
    """Below 10,000."""
    match = _SECTION.fullmatch(said)
    if not match:
        return None
    thousand, is_1000, hundred, is_100, ten, is_10, one = match.groups()
    parts = ((thousand, is_1000, 1000), (hundred, is_100, 100), (ten, is_10, 10), (one, one, 1))
    return sum((int(digit.translate(_WRITTEN)) if digit else 1) * size for digit, there, size in parts if there)


def forms(digits: str) -> list[str]:
    """The ways to say an integer, `cardinal` first.

    >>> forms("1200")
    ['千二百', '一千二百', '一二〇〇']
    """
    if len(digits) > LONGEST or (digits[0] == "0" and len(digits) > 1):
        return [spell(digits)]
    said = cardinal(digits)
    ways = [said, _BARE_THOUSAND.sub("一千", said), said.replace("一千", "千"), *_with_a_point(digits)]
    return list(dict.fromkeys([*ways, spell(digits)]))


def _with_a_point(digits: str) -> list[str]:
    """三点五万: at most three digits after the point."""
    size, unit = (8, "億") if len(digits) > 8 else (4, "万")
    after = digits[-size:].rstrip("0")
    ok = len(digits) > size and 0 < len(after) <= 3
    return [f"{cardinal(digits[:-size])}点{spell(after)}{unit}"] if ok else []
