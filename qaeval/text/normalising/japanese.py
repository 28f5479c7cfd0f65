"""Japanese in the profile ``qaeval-1``: script as it is, numbers in kanji as they are said.

Digits are read (24歳 is 二十四歳, 3.5% is 三点五パーセント); words with numerals stay as they are (一緒, 千葉, 万一).
Long vowels, voicing and the choice between kanji and kana are kept: ひとつ is not 一つ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from qaeval.text.normalising.cleaning import bare, fold, join_fi
from qaeval.text.normalising.variants import Place, expand
from qaeval.text.numbers.japanese import DIGITS, NUMERAL, cardinal, forms, spell, value

_Rule = tuple[frozenset[str], re.Pattern[str], str | Callable[[re.Match[str]], str]]

_AMOUNT = r"(?<!\d)\d++(?:\.\d++)?+"
_DASH = r"\s?[~〜–—]\s?|-"
_SCALE = r"(?:\s?([千百]?[万億兆]|千|百))?"
_UNIT = r"(?:\s?(円|ドル|ユーロ|ポンド|元))?"
_CURRENCIES = {"¥": "円", "$": "ドル", "€": "ユーロ", "£": "ポンド"}
_DIGIT = re.compile("[0-9]")
_POINT = re.compile(
    f"(?<=[{DIGITS}])・(?=[{DIGITS}]+(?:パーセント|%|倍|度|キロ|メートル|センチ|グラム|ポイント|秒|億|万))"
)
_ZERO = re.compile(f"(?:[{DIGITS}零]|ゼロ){{2,}}")
_LOOSE_MARK = re.compile("[\u3099\u309a]")
_LETTERS = re.compile("(?<![a-z])[a-z](?: [a-z])+(?![a-z])")


def normalise(text: str) -> str:
    """The one form of a text.

    >>> normalise("２４歳、３，５００円です。"), normalise("一緒に10時30分に ﾊﾟﾝ")
    ('二十四歳 三千五百円です', '一緒に十時三十分に パン')
    """
    text = _LOOSE_MARK.sub("", fold(text))
    if _DIGIT.search(text):
        text = read(text)
    if "・" in text:
        text = _POINT.sub("点", text)
    return _unify(bare(text))


def _unify(text: str) -> str:
    if "零" in text or "ゼロ" in text:
        text = _ZERO.sub(lambda digits: digits[0].replace("零", "〇").replace("ゼロ", "〇"), text)
    return join_fi(_LETTERS.sub(lambda letters: letters[0].replace(" ", ""), text))


def read(text: str) -> str:
    """A folded text without ASCII digits.

    >>> read("-5度 ¥500 3~5日 3:2 1/2 090-1234-5678 2024/3/5")
    'マイナス五度 五百円 三から五日 三対二 二分の一 〇九〇一二三四五六七八 二千二十四年三月五日'
    """
    present = _TRIGGERS.intersection(text)
    for triggers, pattern, rule in _RULES:
        if not triggers or not triggers.isdisjoint(present):
            text = pattern.sub(rule, text)
    return text


def variants(text: str) -> Iterator[str]:
    """Other forms of a text that mean the same, normalised: numbers and times said or written in another way.

    >>> list(variants("2024年")), list(variants("10時半"))
    (['二〇二四年'], ['十時三十分'])
    """
    first = normalise(text)
    found = dict.fromkeys(map(_unify, expand(first, list(_places(first)))))
    return (form for form in found if form != first)


# Reading -------------------------------------------------------------------------------------------------------------


def _spelled(match: re.Match[str]) -> str:
    return spell("".join(filter(str.isdecimal, match[0])))


def _date(match: re.Match[str]) -> str:
    return f"{match[1]}年{int(match[3])}月{int(match[4])}日"


def _clock(match: re.Match[str]) -> str:
    hour, minute, second = match.groups()
    if int(hour) > 24:
        return match[0]
    said = f"{int(hour)}時" + (f"{int(minute)}分" if int(minute) or second else "")
    return said + (f"{int(second)}秒" if second else "")


def _money(match: re.Match[str]) -> str:
    symbol, low, high, scale, unit = match.groups()
    return f"{low}{'から' + high if high else ''}{scale or ''}{unit or _CURRENCIES[symbol]}"


def _money_after(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2] or ''}{_CURRENCIES[match[3]]}"


def _number(match: re.Match[str]) -> str:
    whole, *parts = match[0].split(".")
    if not parts:
        named = re.search("[a-z]$", match.string[max(0, match.start() - 1) : match.start()])
        spelled = (whole[0] == "0" and len(whole) > 2) or (named and len(whole) > 2)
        return spell(whole) if spelled else cardinal(whole)
    return "点".join([cardinal(whole), *(spell(part) if len(parts) == 1 else cardinal(part) for part in parts)])


def _rule(triggers: str, pattern: str, rule: str | Callable[[re.Match[str]], str]) -> _Rule:
    return frozenset(triggers), re.compile(pattern, re.ASCII), rule


_RULES: tuple[_Rule, ...] = (
    _rule(",", r"(?<![\d.,])\d{1,3}(?:,\d{3})++(?![\d,])", lambda match: match[0].replace(",", "")),
    _rule("、", r"(?<=\d)、(?=\d)", " 、 "),
    _rule("-", r"(?<![\d-])0\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])", _spelled),
    _rule("-", r"(?<![\d-])0\d{2,4}-\d{3,8}(?![\d-])", _spelled),
    _rule("-/.", r"(?<![\d.])(\d{4})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?![\d.]\d|\d|-\d)日?", _date),
    _rule("-", r"(?<![\d.-])\d++(?:-\d++){2,}", _spelled),
    _rule(":", r"(?<![\d:])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\d:])", _clock),
    _rule(":", r"(?<=\d)\s?:\s?(?=\d)", "対"),
    _rule("%", rf"({_AMOUNT})%?(?:{_DASH})(?=\d++(?:\.\d++)?+%)", r"\1から"),
    _rule("%", r"(?<=\d)\s?%", "パーセント"),
    _rule("¥$€£", rf"([¥$€£])\s?({_AMOUNT})(?:(?:{_DASH})\1?({_AMOUNT}))?{_SCALE}{_UNIT}", _money),
    _rule("¥$€£", rf"({_AMOUNT}){_SCALE}\s?([¥$€£])", _money_after),
    _rule("°", r"(?<=\d)\s?°\s?(?:c(?![a-z]))?", "度"),
    _rule("-", r"(?<![\da-z)])-(?=\.?\d)", "マイナス"),
    _rule("+", r"(?<![\da-z)])\+(?=\.?\d)", "プラス"),
    _rule("-~〜–—", rf"(?<=\d)(?:{_DASH})(?=\d)", "から"),
    _rule("~〜–—-", rf"(?<=\d[年月日時分秒円人個度歳回階巻章話番万億兆千百])(?:{_DASH})(?=\d)", "から"),
    _rule("/", r"(?<![\d/.])(\d++)/(\d++)(?![/.])", r"\2分の\1"),
    _rule(".", r"(?<![\d.a-z])\.(?=\d)", "0."),
    _rule("", r"\d++(?:\.\d++)*+", _number),
)


_TRIGGERS = frozenset[str]().union(*(triggers for triggers, _, _ in _RULES))

# Places --------------------------------------------------------------------------------------------------------------

_BEGIN = re.compile(f"[{NUMERAL}ゼ零マ氷]")
_CLOCK = re.compile(f"([{NUMERAL}]++)時(半|三十分)")
_COLD = re.compile(f"(?:マイナス|零下|氷点下)(?=[{NUMERAL}]+(?:点[{DIGITS}]+)?度)")
_ZEROS = re.compile(f"(?:ゼロ|零|〇)(?![{NUMERAL}])")
_NUMBER = re.compile(f"([{NUMERAL}]++)(?:点([{DIGITS}]++)([万億]))?")


def _places(text: str) -> Iterator[Place]:
    found = _BEGIN.search(text)
    while found:
        end = found.end()
        for pattern, ways in _KINDS:
            if match := pattern.match(text, found.start()):
                end = match.end()
                if others := tuple(way for way in ways(match) if way != match[0]):
                    yield Place(match.start(), end, others)
                break
        found = _BEGIN.search(text, end)


def _ways(match: re.Match[str]) -> list[str]:
    said, parts, scale = match.groups()
    digits = value(said)
    if scale and digits:
        size = 4 if scale == "万" else 8
        written = (value("〇" + parts) or "")[1:]
        return forms(digits + written.ljust(size, "0")) if len(written) <= size else []
    if digits is None or (digits[0] == "0" and len(digits) > 1) or (len(digits) == 1):
        return []
    return forms(digits)


_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[str]]], ...] = (
    (_CLOCK, lambda match: [f"{match[1]}時半", f"{match[1]}時三十分"]),
    (_COLD, lambda match: ["マイナス", "零下", "氷点下"]),
    (_ZEROS, lambda match: ["〇", "ゼロ", "零"]),
    (_NUMBER, _ways),
)
