"""Where a Chinese text names a number, a time or an amount of money in words, and how else it can be said.

The texts are normalised (`qaeval.text.normalising.chinese.normalise`): no digits, 两 where it can stand in a larger
number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from qaeval.text.normalising.chinese_reading import MEASURES, Words
from qaeval.text.normalising.variants import Place
from qaeval.text.numbers.chinese import DIGITS, NUMERAL, cardinal, forms, spell, value

_RUN = f"[{NUMERAL}]++"
_BEGIN = re.compile(f"[{NUMERAL}负]")
_SOME = re.compile(f"[{NUMERAL}]{{2}}|[十二两负]|零下|百分之|[{NUMERAL}][点元块]")
_FIGURES = re.compile(r"[^\W\u3400-\u9fffA-Za-z_]")  # digits of any kind, and letters that may be written for some
_CLOCK = re.compile(f"({_RUN})点(?:(半|[一三]刻)|({_RUN})(分?))(?!点)")
_MONEY = re.compile(f"({_RUN})点([{DIGITS}])([{DIGITS}]?)(元|块)")
_COINS = re.compile(f"({_RUN})(?:元([{DIGITS}])角|块([{DIGITS}])毛?)(?:([{DIGITS}])分?)?(钱?)(?![{NUMERAL}])")
_COLD = re.compile(f"(负|零下)(?={_RUN}(?:点[{DIGITS}]+)?(?:摄氏)?度)")
_WHOLE = re.compile(f"百分之一?百(?![{NUMERAL}点])")
_NUMBER = re.compile(f"({_RUN})(?:点([{DIGITS}]++)([万亿]?))?")
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}
_SWAPPED = {"二": "两", "两": "二"}


_VARIABLE = NUMERAL + "半刻点分元块角毛钱负下之"
_ANY_VARIABLE = re.compile(f"[{_VARIABLE}]+")
_ANY_VARIABLE_FIGURES = re.compile(f"[{_VARIABLE}{''.join(Words())}块钱人民币负摄氏度元美金蚊港至号整钟]+")


def variable(written: str) -> re.Pattern[str]:
    """The characters in which the forms of a text differ: numerals, units of time and money, what symbols are called.

    >>> variable("他十点来").findall("十点港币"), variable("￥10").findall("十点港币")
    (['十点'], ['十点港币'])
    """
    return _ANY_VARIABLE_FIGURES if _FIGURES.search(written) else _ANY_VARIABLE


def are_none(text: str, written: str) -> bool:
    """Whether a quick look tells that there is one way only to say the numbers of a text that was ``written``.

    >>> are_none("他一起来了", "他一起来了。"), are_none("他来了二十次", "他来了20次。"), are_none("一到五", "1-5")
    (True, False, False)
    """
    first = _BEGIN.search(text)
    return (not first or _SOME.search(text, first.start()) is None) and _FIGURES.search(written) is None


def places(text: str) -> Iterator[Place]:
    """The places in order, without overlaps; only where there is another way.

    >>> [other for place in places("他十点半买了二零二四个") for other in place.others]
    ['十点三十分', '十点三十', '两千零二十四']
    """
    found = _BEGIN.search(text)
    kinds = [(pattern, ways) for needed, pattern, ways in _KINDS if not needed or not needed.isdisjoint(text)]
    while found:
        end = found.end()
        for pattern, ways in kinds:
            if (match := pattern.match(text, found.start())) and (said := ways(match)):
                end = match.end()
                if others := tuple(way for way in dict.fromkeys(said) if way != match[0]):
                    yield Place(match.start(), end, others)
                break
        found = _BEGIN.search(text, end)


def _clock(match: re.Match[str]) -> list[str]:
    """Nothing for what may be a decimal number: 三点零五 can be 3.05, 三点零五分 cannot."""
    hour, quarter, spoken, unit = match.groups()
    hours, minute = _small(hour), _QUARTERS.get(quarter) or _small((spoken or "").removeprefix("零"))
    if hours is None or hours > 24 or not minute or minute > 59 or (spoken and not unit and _is_spelled(spoken)):
        return []
    said = cardinal(str(minute))
    ways = [f"{said}分", said] if minute > 9 else [f"零{said}分", f"{said}分"]
    ways += [way for way, at in _QUARTERS.items() if at == minute]
    return [f"{start}点{way}" for start in dict.fromkeys((hour, _SWAPPED.get(hour, hour))) for way in ways]


def _small(said: str) -> int | None:
    """The value of a number below 100."""
    digits = value(said) if 0 < len(said) < 4 else None
    return int(digits) if digits and len(digits) < 3 else None


def _is_spelled(said: str) -> bool:
    return all(character in DIGITS for character in said)


def _money(match: re.Match[str]) -> list[str]:
    yuan, jiao, fen, unit = match.groups()
    return _amounts(yuan, jiao, fen, unit) if value(yuan) else []


def _coins(match: re.Match[str]) -> list[str]:
    yuan, jiao, mao, fen, _ = match.groups()
    return _amounts(yuan, jiao or mao, fen or "", "元" if jiao else "块") if value(yuan) else []


def _amounts(yuan: str, jiao: str, fen: str, unit: str) -> list[str]:
    small = "角" if unit == "元" else "毛"
    ways = [f"{yuan}点{jiao}{fen}{unit}", f"{yuan}{unit}{jiao}{small}" + (f"{fen}分" if fen else "")]
    if fen:
        return [*ways, f"{yuan}{unit}{jiao}{small}{fen}"]
    return ways if unit == "元" else [*ways, f"{yuan}块{jiao}", f"{yuan}块{jiao}毛钱"]


def _number(match: re.Match[str]) -> list[str]:
    """An integer, or a decimal number of 万 or 亿; other decimal numbers have one way but for 二 and 两."""
    said, parts, scale = match.groups()
    digits = value(said)
    if scale and digits and len(parts) <= _SIZES[scale]:
        return forms(digits + _written(parts).ljust(_SIZES[scale], "0"))
    after = match.string[match.end() : match.end() + 1]
    if said in _SWAPPED and (parts or (after and after in MEASURES)):
        return [match[0], _SWAPPED[said] + match[0][1:]]
    if parts or digits is None or (digits[0] == "0" and len(digits) > 1) or (len(said) == 1 and said != "十"):
        return [match[0]]
    if len(digits) == 2 and after == "年":
        return [*forms(digits), spell(digits)]
    return [said] if len(digits) == 2 and _is_spelled(said) else forms(digits)


def _written(said: str) -> str:
    """The digits of one or more that are said one by one."""
    return (value("零" + said) or "")[1:]


_SIZES = {"万": 4, "亿": 8}
_POINT, _COIN = frozenset("点"), frozenset("元块")
_KINDS: tuple[tuple[frozenset[str], re.Pattern[str], Callable[[re.Match[str]], list[str]]], ...] = (
    (_POINT, _CLOCK, _clock),
    (_POINT, _MONEY, _money),
    (_COIN, _COINS, _coins),
    (frozenset("负零"), _COLD, lambda match: ["负", "零下"]),
    (frozenset("分"), _WHOLE, lambda match: ["百分之百", "百分之一百"]),
    (frozenset(), _NUMBER, _number),
)
"""Kinds of places, each with characters of which one must be there (none: any)."""
