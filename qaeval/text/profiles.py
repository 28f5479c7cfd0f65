"""Named, versioned text normalisations. Scores carry the name; a change of rules is a new name.

``raw-1``
    NFC and white space, nothing else.
``whisper-1``
    OpenAI's published normaliser (package whisper-normalizer): English for ``en``, Basic for the rest, without removal
    of diacritics. Its quirks stay ("O'Brien" is ``0 brien``), but for one: spaces at the ends are stripped.
``qaeval-0``
    Preliminary, and the default: NFKC, invisible characters off, typographic apostrophes, no case, no punctuation or
    symbols but beside numbers (`qaeval.text.cleaning`); Chinese and Cantonese in simplified script (`simplify`);
    English contractions, numbers and spelling (`qaeval.text.english`). French, Italian, Spanish and German keep
    their diacritics (but case folding writes ß as ss), Japanese its long vowels and voicing. Numbers of other languages
    are compared as written.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Callable
from typing import Any

from qaeval import registry
from qaeval.errors import UnsupportedLanguageError
from qaeval.text import english
from qaeval.text.cleaning import drop_symbols, fold, squeeze
from qaeval.types import Profile

DEFAULT = "qaeval-0"
LANGUAGES = ("zh", "yue", "en", "fr", "it", "es", "de", "ja")
"""The languages that texts can be scored in; ``""`` (unknown) is normalised by the rules of its script only."""

CACHED = 1 << 15
"""How many normalised texts are remembered (per process)."""

_LOCK = threading.Lock()
_LEFT = str.maketrans("衞妳牠", "卫你它")
_PARTICLE = re.compile("(?<![显名原编专巨卓昭译遗拙土所])著(?![名作称者述])")


def names() -> list[str]:
    """The names of the profiles, in alphabetical order.

    >>> names()
    ['qaeval-0', 'raw-1', 'whisper-1']
    """
    return sorted(_RULES)


def find_profile(name: str = DEFAULT) -> Profile:
    """The profile of that name; its ``normalise(text, language)`` is a pure, remembered function.

    Raises `UnknownNameError` with the nearest names; ``normalise`` raises `ScoreError` for a language that none of the
    rules is meant for.

    >>> find_profile("qaeval-0").normalise("歡迎使用“阿里雲”。", "zh")
    '欢迎使用 阿里云'
    >>> find_profile("whisper-1").normalise("Mr. Quilter's two apples", "en")
    'mister quilter is 2 apples'
    """
    if name not in _RULES:
        raise registry.unknown("profile", name, names())
    return _PROFILES[name]


def _normalise(name: str, text: str, language: str) -> str:
    if language and language not in LANGUAGES:
        raise UnsupportedLanguageError(
            f"no rules for language {language!r}: expected one of {', '.join(LANGUAGES)}, or '' when it is not known; "
            "give the samples one of these codes as their language"
        )
    return _remembered(name, text, language)


@functools.lru_cache(CACHED)
def _remembered(name: str, text: str, language: str) -> str:
    return squeeze(_RULES[name](text, language))


def _raw(text: str, language: str) -> str:
    return unicodedata.normalize("NFC", text)


def _whisper(text: str, language: str) -> str:
    with _LOCK:
        published = _published(language == "en")
    try:
        return str(published(text))
    except (ValueError, AssertionError):
        # The English number reader fails on more digits than Python converts (4300), as a looping model writes them.
        return _whisper(text, "")


def _qaeval(text: str, language: str) -> str:
    text = fold(text)
    if language in ("zh", "yue"):
        text = simplify(text)
    text = drop_symbols(text, decimal_comma=language in ("fr", "it", "es", "de"), apostrophes=language == "en")
    return english.standardise(text) if language == "en" else text


def simplify(text: str) -> str:
    """Traditional Chinese characters as simplified ones; Cantonese characters of their own stay.

    OpenCC t2s, and what it leaves of the forms of Taiwan and Hong Kong: 著 where it is the particle 着 (not in 著名,
    顯著 ...), 衞, 妳, 牠, 甚麼. Words are not exchanged (滑鼠 stays).

    >>> simplify("係喺乾隆嘅"), simplify("看著著名的衞士")
    ('系喺乾隆嘅', '看着著名的卫士')
    """
    if text.isascii():
        return text
    with _LOCK:
        converter = _opencc()
    simple = str(converter.convert(text))
    for _ in range(3):  # a phrase may keep a character that its own simplified form does not: 乾縣, 乾县, 干县
        before, simple = simple, str(converter.convert(simple))
        if simple == before:
            break
    return _PARTICLE.sub("着", simple.translate(_LEFT).replace("甚么", "什么"))


@functools.cache
def _opencc() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@functools.cache
def _published(in_english: bool) -> Any:
    from whisper_normalizer.basic import BasicTextNormalizer
    from whisper_normalizer.english import EnglishTextNormalizer

    return EnglishTextNormalizer() if in_english else BasicTextNormalizer()


_RULES: dict[str, Callable[[str, str], str]] = {"raw-1": _raw, "whisper-1": _whisper, "qaeval-0": _qaeval}
_PROFILES = {name: Profile(name, functools.partial(_normalise, name)) for name in _RULES}
