"""English texts with digits: one way to write what is written in several (ranges, telephone numbers, amounts)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qaeval.text.normalising.cleaning import keep_numeric, squeeze

_LATE = ("october", "november", "december")
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", *_LATE)

_Rule = tuple[frozenset[str], re.Pattern[str], str | Callable[[re.Match[str]], str]]

_SYMBOL = "[$€£¥¢]"
_TOKEN = re.compile(
    rf"(?:(?<![\w.%])[-+](?={_SYMBOL}?\d))?{_SYMBOL}?\d++(?:[.:/]\d++)*+(?:%|(?:st|nd|rd|th|s)(?![^\s.%$€£¥¢+:/-]))?"
    r"|[^\s\d.%$€£¥¢+:/-]++"
)
_AMOUNT = r"(?<![\d$€£¥¢])(?<!\d[./:])(\d++(?:\.\d++)?+)"


def tidy(text: str) -> str:
    """A folded text with one way to write its numbers, and no symbols but those that a number needs.

    >>> tidy("from 3-5 p.m., 20€ or $5.00, call (555) 123-4567; it's .5% (10:30, 3/4)")
    "from 3 to 5 p m €20 or $5.00 call 5551234567 it's 0.5% 10:30 3/4"
    """
    text = _apply(_RULES, squeeze(_apply(_FIRST_RULES, text)))
    return " ".join(_TOKEN.findall(keep_numeric(text)))


def _apply(rules: Sequence[_Rule], text: str) -> str:
    present = {*text}
    for symbols, pattern, rule in rules:
        if not symbols.isdisjoint(present):
            text = pattern.sub(rule, text)
    return text


def _joined(match: re.Match[str]) -> str:
    return "".join(filter(str.isdecimal, match[0]))


def _apart(match: re.Match[str]) -> str:
    return match[0].replace("-", " ")


def _symbol_first(match: re.Match[str]) -> str:
    return f"{match[2] or match[3]}{match[1]} "


def _date(match: re.Match[str]) -> str:
    return f"{MONTHS[int(match[2]) - 1]} {int(match[3])} {match[1]}"


def _rule(symbols: str, pattern: str, rule: str | Callable[[re.Match[str]], str]) -> _Rule:
    return frozenset(symbols), re.compile(pattern, re.ASCII), rule


_FIRST_RULES = (
    _rule(",", r"(?<=\d),(?=\d{3}(?!\d))", ""),
    _rule(",", r",", " "),
    _rule("'", r"(?<=\d)'(?=s(?![a-z]))", ""),
    _rule("'", r"(?<=\d)'|'(?=[-+$£€¥¢.]*\d)", " "),
)
_RULES = (
    _rule("(", r"\(\d{3}\)[ -]?\d{3}-\d{4}(?![\d-])", _joined),
    _rule("-", r"(?<![\d.-])(?:1-)?(?:\d{3}-)?\d{3}-\d{4}(?![\d-]|\.\d)", _joined),
    _rule("-", r"(?<![\d.-])(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\d-]|\.\d)", _date),
    _rule("-", r"(?<![\d.-])\d++(?:-\d++){2,}", _apart),
    _rule("-", r"(?<![\d.-])(\d++)-\1(?![\d-]|\.\d)", _apart),  # 5-5 is no range
    _rule("%", r"(?<=\d)\s(?=%)", ""),
    _rule("°", r"(?<=\d)\s?°\s?c(?![a-z])", " degrees celsius"),
    _rule("°", r"(?<=\d)\s?°\s?f(?![a-z])", " degrees fahrenheit"),
    _rule("°", r"(?<=\d)\s?°", " degrees"),
    _rule("abcdefghijklmnopqrstuvwxyz", r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])(?!(?:st|nd|rd|th|s)(?![a-z']))", " "),
    _rule(".", r"(?<=[^\W\d_])\.(?=\d)", " "),
    _rule(".", r"(?<![\w.])\.(?=\d)", "0."),
    _rule(":", r"(?<![\d:])(\d++):(?=\d(?!\d)|\d{3})(?!\d++:)", r"\1 to "),
    _rule("~–—-", rf"(?<=[\d%])(?:\s?[~–—]\s?|-)(?={_SYMBOL}?\d)", " to "),
    _rule("$€£¥¢", rf"(?<=\d)(?={_SYMBOL}\.?\d)", " "),
    _rule("$€£¥¢", rf"(?<!\d)(?<!\d\s)({_SYMBOL})\s+(?=\.?\d)", r"\1"),
    _rule("$€£¥¢", rf"{_AMOUNT}(?:({_SYMBOL})(?!\.?\d)|\s({_SYMBOL})(?!\s?\.?\d))", _symbol_first),
    _rule("$€£¥¢", rf"(?<!\S){_SYMBOL}+(?!\S)", ""),
)
