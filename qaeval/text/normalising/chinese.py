"""Mandarin and Cantonese in the profile ``qaeval-1``: simplified script, and numbers as they are said.

Digits are read (`qaeval.text.normalising.chinese_reading`); numerals that are words already stay as they are, so 一些,
千万, 万一 or 三星 come to no harm. A few spellings are made one: 〇 is 零, 幺 among digits is 一 (in 老幺 it stays),
廿三 is 二十三, and 二 before 百, 千, 万, 亿 is 两. Letters that are spelled out are one word: "A P P" is ``app``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from qaeval.text.normalising.chinese_places import places
from qaeval.text.normalising.chinese_reading import Words, read
from qaeval.text.normalising.cleaning import bare, fold, join_fi
from qaeval.text.normalising.simplified import simplify, traditional as traditional_characters
from qaeval.text.normalising.variants import expand
from qaeval.text.numbers.chinese import unify

_DIGIT = re.compile("[0-9]")
_TIME = re.compile("[0-9]:[0-9]")
_MARKS = " !\"'(),.:;?\u3001\u3002\uff0c\uff01\uff1a\uff1b\uff1f"
_RUN = re.compile(r"[^\W_]+")
_UNIFIED = frozenset("二幺廿卅")
"""What `_unify` may change, of Chinese characters."""
_ONE = re.compile("[零一二三四五六七八九幺]{3,}")
_TENS = re.compile("(?<![廿卅])[廿卅](?=[一二三四五六七八九])")
_LETTERS = re.compile("(?<![a-z])[a-z](?: [a-z])+(?![a-z])")
_SPACED = re.compile("[a-z] [a-z]")

# In traditional texts these are written so, whatever the text says: numbers are said with them.
_NUMERIC = str.maketrans("万亿两点块个负号时岁", "萬億兩點塊個負號時歲")
_PLAIN = str.maketrans("萬億兩點塊個負號時歲", "万亿两点块个负号时岁")

# What else symbols are called: the symbols, the field of `Words`, the word.
_WAYS = [(frozenset(symbols), name, word) for symbols, name, word in (
    ("¥", "yuan", "块"), ("¥", "yuan", "块钱"), ("¥", "yuan", "人民币"), ("-", "cold", "负"), ("°", "degree", "摄氏度"),
    ("$", "dollar", "元"), ("$", "dollar", "美金"), ("$", "dollar", "块"), ("$", "dollar", "蚊"), ("%", "again", ""),
    ("$", "hk_dollar", "港币"), ("$", "hk_dollar", "元"), ("$", "hk_dollar", "蚊"), ("~-–—", "to", "至"),
    ("-/.", "day", "号"), (":", "clock", "整"), (":", "clock", "钟"),
)]  # fmt: skip


def normalise(text: str, language: str = "zh", traditional: bool = False, words: Words | None = None) -> str:
    """The one form of a text.

    >>> normalise("歡迎！我有23個 A P P，共￥123.50元"), normalise("我有二十三个")
    ('欢迎 我有二十三个 app 共一百二十三点五元', '我有二十三个')
    >>> normalise("二十三蚊", "yue"), normalise("$23", "yue"), normalise("他老幺打幺二〇")
    ('二十三蚊', '二十三蚊', '他老幺打一二零')
    """
    if traditional or not _easy().fullmatch(text):
        return normalise_any(text, language, traditional, words)
    text = text.strip(_MARKS)
    return text if text.isalpha() else " ".join(_RUN.findall(text))


@functools.cache
def _easy() -> re.Pattern[str]:
    """Texts of Chinese characters that are simplified and no numeral with two forms, and of common punctuation."""
    changed = traditional_characters() | _UNIFIED
    kept = [chr(code) for code in range(0x4E00, 0xA000) if chr(code) not in changed]
    return re.compile(f"[{_MARKS}{''.join(kept)}]*")


def normalise_any(text: str, language: str = "zh", traditional: bool = False, words: Words | None = None) -> str:
    """`normalise`, the long way."""
    text = fold(text)
    text = text.translate(_PLAIN) if traditional else simplify(text)
    if _DIGIT.search(text):
        text = read(text, words or _words(language))
    text = _unify(bare(text))
    return text.translate(_NUMERIC) if traditional else text


def _words(language: str) -> Words:
    return Words(dollar="蚊", hk_dollar="蚊") if language == "yue" else Words()


def _unify(text: str) -> str:
    if "〇" in text:
        text = text.replace("〇", "零")
    if "幺" in text:
        text = _ONE.sub(lambda run: run[0].replace("幺", "一"), text)
    if "廿" in text or "卅" in text:
        text = _TENS.sub(lambda tens: "二十" if tens[0] == "廿" else "三十", text)
    if _SPACED.search(text):
        text = _LETTERS.sub(lambda letters: letters[0].replace(" ", ""), text)
    return unify(join_fi(text))


def variants(
    text: str, language: str = "zh", traditional: bool = False, normalised: str | None = None
) -> Iterator[str]:
    """Other forms of a text that mean the same, normalised: numbers, times and amounts said in another way.

    ``normalised`` is its one form, where that is known.

    >>> list(variants("2024个"))
    ['二零二四个']
    >>> list(variants("￥5"))
    ['五块', '五块钱', '五人民币']
    """
    first, folded = normalised or normalise(text, language, traditional), fold(text)
    usual, bases = _words(language), [first]
    if _DIGIT.search(folded):
        present = {*folded} if _TIME.search(folded) else {*folded} - {":"}
        ways = [usual._replace(**{name: word}) for symbols, name, word in _WAYS if not symbols.isdisjoint(present)]
        bases += [normalise(text, language, traditional, words) for words in ways]
    for base in dict.fromkeys(bases):
        if base != first:
            yield base
        plain = base.translate(_PLAIN) if traditional else base
        for form in map(_unify, expand(plain, list(places(plain)))):
            yield form.translate(_NUMERIC) if traditional else form
