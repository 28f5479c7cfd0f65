"""Named, versioned text normalisations. Scores carry the name; a change of rules is a new name.

``qaeval-1``
    The default. NFKC, invisible characters off, typographic apostrophes, no case, no punctuation; and by language:

    * zh, yue: simplified script; digits are written as they are said (`qaeval.text.normalising.chinese`).
    * ja: digits are written in kanji as they are said (`qaeval.text.normalising.japanese`).
    * en: contractions, spelling and numbers in one way, numbers in digits (`qaeval.text.normalising.english`).
    * fr, it, es, de: diacritics are kept; what is written in digits has one way (`qaeval.text.normalising.european`).
    * ``""`` (not known): the rules of the script only; numbers are compared as they are written.

    A text has one form, so the tokens that errors are divided by depend on the reference only. A hypothesis has
    `variants` beside its form: numbers, times and amounts said or written in another way. The one with the least errors
    counts, so that 二零二四年 and 两千零二十四年, 三十 and 30, "vingt-trois" and "23" are no errors of recognition.
``qaeval-1+erhua``, ``+fillers``, ``+traditional``, also together (in this order)
    As ``qaeval-1``, without erhua (小孩儿 is 小孩); without fillers (呃 啊 嗯, um uh ...); with Chinese in its own
    script, but for the ten characters that numbers are written with (万亿两点块个负号时岁), which are traditional.
    的, 地 and 得 are never merged.
``qwen-1``
    As the published evaluation of Qwen2-Audio (`qaeval.text.normalising.published.qwen`), quirks included.
``whisper-1``
    OpenAI's published normaliser (package whisper-normalizer): English for ``en``, Basic for the rest, without removal
    of diacritics. Its quirks stay ("O'Brien" is ``0 brien``), but for one: spaces at the ends are stripped.
``raw-1``
    NFC and white space, nothing else.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from rapidfuzz.distance import Levenshtein

from qaeval import registry
from qaeval.errors import UnsupportedLanguageError
from qaeval.text.normalising import chinese, chinese_places, english, english_places, european, japanese, published
from qaeval.text.normalising.cleaning import drop_symbols, fold, squeeze
from qaeval.text.normalising.omissions import without_erhua, without_fillers
from qaeval.text.normalising.simplified import simplify as simplify
from qaeval.text.normalising.variants import LONGEST, MOST, are_hopeless, certain
from qaeval.types import Profile, Split

DEFAULT = "qaeval-1"
LANGUAGES = ("zh", "yue", "en", "fr", "it", "es", "de", "ja")
"""The languages that texts can be scored in; ``""`` (unknown) is normalised by the rules of its script only."""

OPTIONS = ("erhua", "fillers", "traditional")
"""What ``qaeval-1`` can do besides; names list them in this order."""

CACHED = 1 << 9
"""How many normalised texts are remembered (per process)."""


def names() -> list[str]:
    """The names of the profiles, in alphabetical order.

    >>> [name for name in names() if "+" not in name]
    ['qaeval-1', 'qwen-1', 'raw-1', 'whisper-1']
    """
    return sorted(_PROFILES)


def find_profile(name: str = DEFAULT) -> Profile:
    """The profile of that name; its ``normalise(text, language)`` is a pure, remembered function.

    Raises `UnknownNameError` with the nearest names; ``normalise`` and ``variants`` raise `UnsupportedLanguageError`
    (a `ScoreError`) for a language that none of the rules is meant for.

    >>> find_profile().normalise("歡迎使用“阿里雲”23次。", "zh")
    '欢迎使用 阿里云 二十三次'
    >>> find_profile("whisper-1").normalise("Mr. Quilter's two apples", "en")
    'mister quilter is 2 apples'
    >>> find_profile().variants("2024年", "zh")
    ('两千零二十四年',)
    """
    if name not in _PROFILES:
        raise registry.unknown("profile", name, names())
    return _PROFILES[name]


_KNOWN = frozenset(LANGUAGES)


def _checked(language: str) -> None:
    if language and language not in LANGUAGES:
        raise UnsupportedLanguageError(
            f"no rules for language {language!r}: expected one of {', '.join(LANGUAGES)}, or '' when it is not known; "
            "give the samples one of these codes as their language"
        )


def _normalise(name: str, text: str, language: str) -> str:
    if language not in _KNOWN:
        _checked(language)
    return _remembered(name, text, language)


@functools.lru_cache(CACHED)
def _remembered(name: str, text: str, language: str) -> str:
    return _RULES[name](text, language)


_ARE_NONE = {"zh": chinese_places.are_none, "yue": chinese_places.are_none, "en": english_places.are_none}
"""Whether a normalised text has no other form, as far as a quick look tells."""


def _variants(options: tuple[str, ...], name: str, text: str, language: str) -> Sequence[str]:
    """At most `MOST` forms, the normalised text not among them; none for a text of more than `LONGEST` characters.

    Nor are there any where the language is not known.
    """
    _checked(language)
    if len(text) > LONGEST:
        return ()
    left = _normalise(name, text, language)
    if not options and _alone(text, left, language):
        return ()
    return _remembered_forms(options, text, language, left)


@functools.lru_cache(CACHED >> 3)
def _remembered_forms(options: tuple[str, ...], text: str, language: str, left: str) -> Sequence[str]:
    found = _forms(text, language, options, left if not options else None)
    forms = dict.fromkeys(_with(options, form, language) if options else form for form in itertools.islice(found, MOST))
    return tuple(form for form in forms if form != left)


def _alone(text: str, normalised: str, language: str) -> bool:
    return language in _ARE_NONE and _ARE_NONE[language](normalised, text)


def _settled(text: str, normalised: str, language: str, tokens: Sequence[str], split: Split) -> bool:
    if language == "en":
        return are_hopeless(normalised, english_places.places(normalised), tokens, split)
    if language not in ("zh", "yue"):
        return False
    heard = split(normalised)
    return Levenshtein.distance(tokens, heard) <= certain(tokens, heard, chinese_places.variable(text))


def _forms(text: str, language: str, options: tuple[str, ...], normalised: str | None) -> Iterable[str]:
    if language in ("zh", "yue"):
        return chinese.variants(text, language, "traditional" in options, normalised)
    if language in european.LANGUAGES:
        return european.variants(text, language)
    if language == "en":
        return english.variants(text, normalised)
    return japanese.variants(text) if language else ()


def _qaeval(options: tuple[str, ...], text: str, language: str) -> str:
    if language in ("zh", "yue"):
        text = chinese.normalise(text, language, "traditional" in options)
    elif language == "en":
        text = english.normalise(text)
    elif language in european.LANGUAGES:
        text = squeeze(european.normalise(text, language))
    else:
        text = squeeze(japanese.normalise(text) if language else drop_symbols(fold(text)))
    return _with(options, text, language) if options else text


def _with(options: tuple[str, ...], text: str, language: str) -> str:
    left = without_erhua(text, language) if "erhua" in options else text
    left = without_fillers(left, language) if "fillers" in options else left
    return text if left == text else _qaeval(options, left, language)  # what goes may bring others together


def _raw(text: str, language: str) -> str:
    return squeeze(unicodedata.normalize("NFC", text))


def _named(options: Iterable[str]) -> str:
    return "+".join((DEFAULT, *options))


_COMBINED = [options for size in range(len(OPTIONS) + 1) for options in itertools.combinations(OPTIONS, size)]
_RULES: dict[str, Callable[[str, str], str]] = {
    "raw-1": _raw,
    "whisper-1": published.whisper,
    "qwen-1": published.qwen,
    **{_named(options): functools.partial(_qaeval, options) for options in _COMBINED},
}
_PROFILES = {name: Profile(name, functools.partial(_normalise, name)) for name in ("raw-1", "whisper-1", "qwen-1")} | {
    name: Profile(
        name,
        functools.partial(_normalise, name),
        functools.partial(_variants, options, name),
        *(() if options else (_alone, _settled)),
    )
    for options in _COMBINED
    for name in [_named(options)]
}
