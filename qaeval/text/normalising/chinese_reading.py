"""Chinese texts with digits, written as they are said: amounts, dates, times, ranges, scores, telephone numbers.

The texts are folded (`qaeval.text.normalising.cleaning.fold`) and in simplified script. Where digits can be said in
several ways, the commonest is chosen; what a symbol is called is told by `Words`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from qaeval.text.numbers.chinese import cardinal, spell


class Words(NamedTuple):
    """What symbols are called."""

    yuan: str = "元"  # ¥
    dollar: str = "美元"  # $
    hk_dollar: str = "港元"  # HK$
    to: str = "到"  # 3~5
    degree: str = "度"  # ℃
    cold: str = "零下"  # -5度
    again: str = "百分之"  # 3%~5%
    day: str = "日"  # 2024-03-05
    clock: str = ""  # what follows 十点 in 10:00


Rule = tuple[frozenset[str], re.Pattern[str], str | Callable[[re.Match[str], Words], str]]

MEASURES = frozenset(
    "个只条张把件本位次回天年周小分秒点岁元块圆米公斤吨升瓶杯碗盘套双对根支枝台辆架艘座栋间家所口头匹群批组种类样项句段篇首部场门节"
    "道颗粒片朵株棵袋箱包盒度倍成半人者国方边面旁侧万亿千百毛角厘毫英美港欧日泰韩蚊盏幅封顿趟遍声步层阵名款期户份顶滴克里斗"
)
"""First characters of what is counted with 两 rather than 二."""

_NOT_COUNTED = ("年级", "日", "分之", "点零")
_AMOUNT = r"(?<!\d)\d++(?:\.\d++)?+"
_SCALE = "(?:[百千]?[万亿]|[百千])"
_UNIT = "(?:元|块钱?|圆|美元|美金|港币|港元|欧元|英镑|日元|人民币|蚊)"
_DASH = r"\s?[~〜–—]\s?|-"
_SCORED = re.compile(r"\s*(?:获胜|战胜|击败|领先|落后|[大取险完]胜|胜|惜败|告负|[战逼]平|比分|的比|比[例率])")
_DIALLED = re.compile(r"(?:拨|打|打了|热线|电话|号码|客服|报警)[ :、]*$")
_CURRENCIES = {"€": "欧元", "£": "英镑", "us$": "美元", "nt$": "新台币", "a$": "澳元", "c$": "加元"}


def read(text: str, words: Words) -> str:
    """A folded, simplified text without ASCII digits.

    >>> texts = ("-5度", "¥123.50元", "3~5天", "比分3:2", "20,000", "3/4", "90%", "2个")
    >>> [read(text, Words()) for text in texts]
    ['零下五度', '一百二十三点五元', '三到五天', '比分三比二', '两万', '四分之三', '百分之九十', '两个']
    >>> read("2024年3月5日10:30打13800138000", Words())
    '二零二四年三月五日十点三十分打一三八零零一三八零零零'
    """
    present = _TRIGGERS.intersection(text)
    for triggers, pattern, rule in _RULES:
        if not triggers or not triggers.isdisjoint(present):
            text = pattern.sub(rule if isinstance(rule, str) else _told(rule, words), text)
    return text


def _told(rule: Callable[[re.Match[str], Words], str], words: Words) -> Callable[[re.Match[str]], str]:
    return lambda match: rule(match, words)


def _spelled(match: re.Match[str], words: Words) -> str:
    return spell("".join(match.groups()))


def _dashed(match: re.Match[str], words: Words) -> str:
    """Digits and dashes: said digit by digit, unless they are two numbers of a range."""
    groups = match[0].split("-")
    dialled = groups[0].startswith("0") and len(groups[0]) > 2 and len(groups[1]) > 2
    return spell("".join(groups)) if len(groups) > 2 or dialled else match[0]


def _date(match: re.Match[str], words: Words) -> str:
    return f"{match[1]}年{int(match[3])}月{int(match[4])}{words.day}"


def _clock(match: re.Match[str], words: Words) -> str:
    hour, minute, second = match.groups()
    if int(hour) > 24 or _is_score(match.string, match.start(), match.end()):
        return match[0]
    said = ("两" if int(hour) == 2 else cardinal(hour)) + "点"
    if int(minute) or second:
        return said + f"{_two_digits(minute)}分" + (f"{_two_digits(second)}秒" if second else "")
    return said + words.clock


def _two_digits(digits: str) -> str:
    return spell(digits) if digits[0] == "0" and digits != "00" else cardinal(digits)


def _is_score(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 4) : start]
    return "比分" in before or before.endswith("以") or bool(_SCORED.match(text, end))


def _score(match: re.Match[str], words: Words) -> str:
    return f"{match[1]}比" if _is_score(match.string, match.start(), match.end(2)) else match[0]


def _percents(match: re.Match[str], words: Words) -> str:
    whole = "百分之" if match[3] == "%" else "千分之"
    return f"{whole}{match[1]}{words.to}{whole if words.again else ''}{match[2]}"


def _percent(match: re.Match[str], words: Words) -> str:
    return ("负" if match[1] else "") + ("百分之" if match[3] == "%" else "千分之") + match[2]


def _money(match: re.Match[str], words: Words) -> str:
    """A symbol before an amount, or before it and a unit after it: one unit is said."""
    sign, where, symbol, low, high, scale, unit = (match[name] or "" for name in _MONEY.groupindex)
    amount = _short(low) + (f"{words.to}{_short(high)}" if high else "")
    return f"{'负' if sign else ''}{amount}{scale}{unit or _called(where, symbol, words)}"


def _money_after(match: re.Match[str], words: Words) -> str:
    return f"{_short(match[1])}{match[2] or ''}{_called('', match[3], words)}"


def _called(where: str, symbol: str, words: Words) -> str:
    known = _CURRENCIES | {"¥": words.yuan, "$": words.dollar, "hk$": words.hk_dollar}
    return known.get(where + symbol) or known[symbol]


def _short(amount: str) -> str:
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def _number(match: re.Match[str], words: Words) -> str:
    """An integer, a decimal number, or the parts of a version or an address."""
    whole, *parts = match[0].split(".")
    if not parts:
        if len(whole) == 1 and whole != "2":
            return spell(whole)
        return _integer(whole, match.string[max(0, match.start() - 4) : match.start()], match.string[match.end() :][:3])
    if len(parts) > 1:
        return "点".join(spell(part) if len(part) > 2 or part[0] == "0" else cardinal(part) for part in (whole, *parts))
    return f"{cardinal(whole)}点{spell(parts[0])}"


def _integer(digits: str, before: str, after: str) -> str:
    after = after.lstrip()
    if digits == "2" and after[:1] in MEASURES and after and not before.endswith("第"):
        return "二" if after.startswith(_NOT_COUNTED) else "两"
    if digits[0] == "0" and len(digits) > 1:
        return cardinal(digits) if len(digits) == 2 and after[:1] in tuple("月日号点时") else spell(digits)
    return spell(digits) if _is_spelled(digits, before, after) else cardinal(digits)


def _is_spelled(digits: str, before: str, after: str) -> bool:
    if len(digits) < 3 and digits < "50":
        return False
    if after.startswith("年"):
        year = len(digits) == 2 or (len(digits) == 4 and "1000" < digits < "2100")
        return year and not after[1:].startswith(tuple("级代前后来间多历"))
    named = before[-1:].isascii() and before[-1:].isalpha()
    if len(digits) > 2 and (named or (len(digits) < 5 and after.startswith(("室", "房")))):
        return True
    if len(digits) > 2 and _DIALLED.search(before) and after[:1] not in MEASURES:
        return True
    return len(digits) > 6 and not digits.endswith("000") and after[:1] not in MEASURES


_MONEY = re.compile(
    rf"(?P<sign>(?<![\da-z])-)?(?P<where>us|hk|nt|a|c)?(?P<symbol>[¥$€£])\s?(?P<low>{_AMOUNT})"
    rf"(?:(?:{_DASH})(?P=symbol)?(?P<high>{_AMOUNT}))?(?:\s?(?P<scale>{_SCALE}))?(?:\s?(?P<unit>{_UNIT}))?",
    re.ASCII,
)


def _rule(triggers: str, pattern: str, rule: str | Callable[[re.Match[str], Words], str]) -> Rule:
    return frozenset(triggers), re.compile(pattern, re.ASCII), rule


_RULES: tuple[Rule, ...] = (
    _rule(",", r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])", lambda match, _: match[0].replace(",", "")),
    _rule("1", r"(?<![\d.])(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?![\d.])", _spelled),
    _rule("-/.", r"(?<![\d.])(\d{4})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?![\d.]\d|\d|-\d)[日号]?", _date),
    _rule("-", r"(?<![\d.-])\d++(?:-\d++)++(?!-)", _dashed),
    _rule(":", r"(?<![\d:])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\d:])", _clock),
    _rule(":", r"(?<=\d):(?=\d)", "比"),
    _rule("%‰", rf"(?<![\d.])({_AMOUNT})[%‰]?(?:{_DASH})({_AMOUNT})([%‰])", _percents),
    _rule("%‰", rf"((?<![\da-z%])-)?({_AMOUNT})\s?([%‰])", _percent),
    (frozenset("¥$€£"), _MONEY, _money),
    _rule("¥$€£", rf"({_AMOUNT})(?:\s?({_SCALE}))?\s?([¥$€£])", _money_after),
    _rule(".", rf"{_AMOUNT}(?={_SCALE}?{_UNIT})", lambda match, _: _short(match[0])),
    _rule(
        "-~〜–—",
        rf"(?<=\d[天年月日号点分秒时个元块岁度人次级楼层米斤吨万亿千百])(?:{_DASH})(?=\d)",
        lambda _, words: words.to,
    ),
    _rule("-", rf"(?<![\da-z)])-(?={_AMOUNT}\s?(?:度|°|摄氏))", lambda _, words: words.cold),
    _rule("-", r"(?<![\da-z)])-(?=\.?\d)", "负"),
    _rule("°", r"(?<=\d)\s?°\s?c(?![a-z])", lambda _, words: words.degree),
    _rule("°", r"(?<=\d)\s?°\s?f(?![a-z])", "华氏度"),
    _rule("°", r"(?<=\d)\s?°", "度"),
    _rule("-–—", r"(?<![\d.])(\d++)\s?[-–—]\s?(?=(\d++))", _score),
    _rule("-~〜–—", rf"(?<=\d)(?:{_DASH})(?=\d)", lambda _, words: words.to),
    _rule("", r"(?<!\d)([12]\d{3})(?=[到至][12]\d{3}年)", _spelled),
    _rule("×*", r"(?<=\d)\s?[×*]\s?(?=\d)", "乘"),
    _rule("÷", r"(?<=\d)\s?÷\s?(?=\d)", "除以"),
    _rule("+", r"(?<=\d)\s?\+\s?(?=\d)|(?<![\da-z)])\+(?=\.?\d)", "加"),
    _rule("=", r"(?<=\d)\s?=\s?(?=\d)", "等于"),
    _rule("/", r"(?<![\d/.])(\d++) (\d++)/(\d++)(?![/.])", r"\1又\3分之\2"),
    _rule("/", r"(?<![\d/.])(\d++)/(\d++)(?![/.])", r"\2分之\1"),
    _rule(".", r"(?<![\d.a-z])\.(?=\d)", "0."),
    _rule("", r"\d++(?:\.\d++)*+", _number),
)
_TRIGGERS = frozenset[str]().union(*(triggers for triggers, _, _ in _RULES))
