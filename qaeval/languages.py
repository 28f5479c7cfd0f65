"""Language tags as people write them, turned into the codes that qaeval speaks."""

from __future__ import annotations

import re
from functools import lru_cache

from qaeval.errors import DatasetError

_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
_CANTONESE = {"hk", "mo", "yue"}

# ISO 639-2/3 codes and English names (IANA language subtag registry) of the languages whose short code differs.
_SAME = {
    "cmn": "zh", "zho": "zh", "chi": "zh", "chinese": "zh", "mandarin": "zh", "mandarin chinese": "zh",
    "cantonese": "yue", "cantonese chinese": "yue", "eng": "en", "english": "en", "fra": "fr", "fre": "fr",
    "french": "fr", "ita": "it", "italian": "it", "spa": "es", "spanish": "es", "deu": "de", "ger": "de",
    "german": "de", "jpn": "ja", "japanese": "ja", "kor": "ko", "korean": "ko", "por": "pt", "portuguese": "pt",
    "rus": "ru", "russian": "ru",
}  # fmt: skip


def language_code(tag: object) -> str:
    """The lower-case code of a language tag, without script and region; ``""`` for nothing (``""``, None or NaN).

    Chinese of Hong Kong and Macau is taken for Cantonese, as Common Voice's ``zh-HK`` is. Raises `DatasetError` when
    the tag is neither a BCP 47 tag nor a name from a short list.

    >>> [language_code(tag) for tag in ("zh-CN", "cmn", "zh_hans", "zh-HK", "yue", "en-US", "English", "nan-TW")]
    ['zh', 'zh', 'zh', 'yue', 'yue', 'en', 'en', 'nan']
    """
    if isinstance(tag, str):
        return _code(tag)
    if tag is None or (isinstance(tag, float) and tag != tag):
        return ""
    raise DatasetError(f"language: expected a string, seen {tag!r:.80} ({type(tag).__name__})")


@lru_cache(maxsize=4096)
def _code(tag: str) -> str:
    clean = tag.strip().lower().replace("_", "-")
    if not clean:
        return ""
    if clean in _SAME:
        return _SAME[clean]
    if not _TAG.fullmatch(clean):
        raise DatasetError(f"language: expected a code like zh, yue or en-US, seen {tag[:40]!r}")
    first, *rest = clean.split("-")
    code = _SAME.get(first, first)
    return "yue" if code == "zh" and _CANTONESE & set(rest) else code


_NAMES = {
    "zh": "Chinese", "yue": "Cantonese", "en": "English", "fr": "French", "it": "Italian", "es": "Spanish",
    "de": "German", "ja": "Japanese", "ko": "Korean", "pt": "Portuguese", "ru": "Russian",
}  # fmt: skip


def language_name(code: str) -> str:
    """The English name of a language code, as prompts use it; the code itself where no name is known.

    >>> language_name("yue"), language_name("nan")
    ('Cantonese', 'nan')
    """
    return _NAMES.get(code, code)
