"""Chinese numerals, in simplified script: digits to how they are said in Mandarin and Cantonese, and back.

Integers are strings of digits throughout, so that their length is no matter. Up to 16 digits have names (千万亿);
longer numbers, and those that begin with 0, are only read digit by digit.
"""

from __future__ import annotations

import re

DIGITS = "零一二三四五六七八九"
NUMERAL = "零一二两三四五六七八九十百千万亿廿卅卌"
LONGEST = 16

_SPOKEN = str.maketrans("0123456789", DIGITS)
_WRITTEN = str.maketrans(DIGITS + "两", "01234567892")
_TWENTIES = {"廿": "二十", "卅": "三十", "卌": "四十"}
_DIGITS_ABOVE_ZERO = frozenset("一二两三四五六七八九")
_STEPS = {"十": 10, "百": 100, "千": 1000}
_TWO = re.compile("(?<![十零一二三四五六七八九])二(?=[百千万亿])")
_TEN = re.compile("(?<=[百零])一十")
_TAILS = tuple(
    re.compile(f"(?<=[{upper}])([一二两三四五六七八九]){unit}$")
    for upper, unit in (("百", "十"), ("千", "百"), ("万", "千"), ("亿", "千万"))
)
_ROUND = re.compile("(?<=[十百千])([万亿])(?=[一二两三四五六七八九]千)")
_DIGIT_BY_DIGIT = re.compile(f"[{DIGITS}]{{2,}}")


def spell(digits: str) -> str:
    """Digit by digit.

    >>> spell("2024")
    '二零二四'
    """
    return digits.translate(_SPOKEN)


def cardinal(digits: str) -> str:
    """As a quantity: 两 before 百, 千, 万, 亿 (`unify` writes it so everywhere), one 零 for skipped places.

    >>> [cardinal(digits) for digits in ("0", "12", "110", "2024", "100500", "220000000")]
    ['零', '十二', '一百一十', '两千零二十四', '十万零五百', '两亿两千万']
    """
    digits = digits.lstrip("0") or "0"
    if len(digits) > LONGEST:
        return spell(digits)
    said = _named(digits)
    return unify(said[1:] if said.startswith("一十") else said)


def _named(digits: str) -> str:
    """Without the exceptions: 一十二, 二千."""
    for length, unit in ((8, "亿"), (4, "万")):
        if len(digits) > length:
            rest = digits[-length:]
            return _named(digits[:-length]) + unit + ("" if not rest.strip("0") else _rest(rest))
    said, skipped = "", False
    for digit, unit in zip(digits, ("千", "百", "十", "")[-len(digits) :], strict=True):
        if digit == "0":
            skipped = bool(said)
            continue
        said += "零" * skipped + spell(digit) + unit
        skipped = False
    return said or "零"


def _rest(digits: str) -> str:
    return "零" * digits.startswith("0") + _named(digits.lstrip("0"))


def unify(text: str) -> str:
    """One character where there are two for one numeral: 两百, 两千, 两万, 两亿 rather than 二百 ...

    >>> unify("二千二百二十二万")
    '两千两百二十二万'
    """
    return _TWO.sub("两", text) if "二" in text else text


def value(said: str) -> str | None:
    """The digits of an integer in words, read as a quantity or digit by digit; None for what is no whole numeral.

    >>> [value(said) for said in ("两千零二十四", "二零二四", "廿三", "一百一", "三万五")]
    ['2024', '2024', '23', '110', '35000']
    >>> [value(said) for said in ("千万", "万一", "七八十", "百")]
    [None, None, None, None]
    """
    if len(said) > 4 * LONGEST:
        return None
    if _DIGIT_BY_DIGIT.fullmatch(said):
        return said.translate(_WRITTEN)
    for short, long in _TWENTIES.items():
        said = said.replace(short, long)
    number = _whole(said)
    return None if number is None else str(number)


def _whole(said: str) -> int | None:
    """A quantity; its last digit may lack the unit, which is the next below the one before it."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        above, found, below = said.rpartition(unit)
        if found:
            high, low = _whole(above), _below(below, size)
            return None if high is None or not high or low is None else high * size + low
    return _section(said)


def _below(said: str, size: int) -> int | None:
    if not said:
        return 0
    if said in _DIGITS_ABOVE_ZERO:
        return int(said.translate(_WRITTEN)) * size // 10
    low = _whole(said.removeprefix("零"))
    return low if low is not None and low < size and said != "零" else None


def _section(said: str) -> int | None:
    """Below 10,000."""
    if said in ("零", "两"):
        return int(said.translate(_WRITTEN))
    total, last, place = 0, 10_000, 0
    while place < len(said):
        zero = said[place] == "零"
        place += zero and bool(total)
        digit = said[place : place + 1]
        unit = said[place + 1 : place + 2]
        if digit == "十":
            unit, digit, place = "十", "一", place - 1
        if digit not in _DIGITS_ABOVE_ZERO:
            return None
        step = _STEPS.get(unit, 0)
        if not step:
            if unit or digit == "两":
                return None
            step = 1 if zero or last in (10, 10_000) else last // 10
        if step >= last:
            return None
        total, last, place = total + int(digit.translate(_WRITTEN)) * step, step, place + 2
    return total or None


def forms(digits: str) -> list[str]:
    """The ways to say an integer, `cardinal` first; digit by digit for three digits and more.

    >>> forms("110")
    ['一百一十', '一百十', '一百一', '一一零']
    >>> forms("35000")
    ['三万五千', '三万五', '三点五万', '三五零零零']
    """
    if len(digits) > LONGEST or (digits[0] == "0" and len(digits) > 1):
        return [spell(digits)]
    said = cardinal(digits)
    ways = [said, "一" + said if said[0] == "十" else said, _TEN.sub("十", said), _ROUND.sub(r"\1零", said)]
    ways += [tail.sub(lambda last: last[1].replace("两", "二"), said) for tail in _TAILS]
    ways += _with_a_point(digits)
    return list(dict.fromkeys([*ways, spell(digits)] if len(digits) > 2 else ways))


def _with_a_point(digits: str) -> list[str]:
    """三点五万: at most three digits after the point."""
    size = 8 if len(digits) > 8 else 4
    after = digits[-size:].rstrip("0")
    if len(digits) <= size or not 0 < len(after) <= 3:
        return []
    return [f"{cardinal(digits[:-size])}点{spell(after)}{'亿' if size == 8 else '万'}"]
