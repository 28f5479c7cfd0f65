"""The normalisations of published evaluations: OpenAI's for Whisper, and that of Qwen2-Audio's recognition results."""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from typing import Any

from qaeval.text.normalising.chinese_published import read
from qaeval.text.normalising.cleaning import squeeze
from qaeval.text.normalising.simplified import simplify

_LOCK = threading.Lock()
_WHITE = re.compile(r"\s+")
_UNCLOSED = (str.maketrans("<[", "~~"), str.maketrans("(", "~"))
_BEFORE_PUNCTUATION = re.compile(" ?([!,.?;:])")


def whisper(text: str, language: str) -> str:
    """OpenAI's normaliser: English for ``en``, Basic for the rest; spaces at the ends, which it leaves, are stripped.

    >>> whisper("Mr. O'Brien's two apples", "en"), whisper("L'été, 5 %", "fr")
    ('mister 0 brien is 2 apples', 'l été 5')
    """
    with _LOCK:
        published = _published(language == "en")
    try:
        return squeeze(str(published(_closed(squeeze(text)))))
    except (ValueError, AssertionError):
        # The English number reader fails on more digits than Python converts (4300), as a looping model writes them.
        return whisper(text, "")


def _closed(text: str) -> str:
    """Brackets that are never closed as another symbol: the same result, without a search for the end of each."""
    for closing, table in zip((">]", ")"), _UNCLOSED, strict=True):
        last = max(text.rfind(bracket) for bracket in closing) + 1
        text = text[:last] + text[last:].translate(table)
    return text


@functools.cache
def _published(in_english: bool) -> Any:
    from whisper_normalizer.basic import BasicTextNormalizer
    from whisper_normalizer.english import EnglishTextNormalizer

    return EnglishTextNormalizer() if in_english else BasicTextNormalizer()


def qwen(text: str, language: str) -> str:
    """As eval_audio/evaluate_asr.py of QwenLM/Qwen2-Audio prepares texts before it counts, from its description.

    Special tokens go; Chinese loses its spaces and has its digits read (`qaeval.text.normalising.chinese_published`),
    Cantonese is simplified (here by OpenCC, there by zhconv) and Basic; English is normalised twice, first as English
    and then as Basic, so that it loses the signs of numbers; the others are Basic. Chinese and Cantonese are counted in
    characters, Latin letters one by one, so their words are put together. Agreement with that script is claimed for the
    cases of the tests only.

    >>> qwen("It costs $3.50, or 90%", "en"), qwen("我有23個 iPhone。", "zh"), qwen("係23蚊", "yue")
    ('it costs 3 50 or 90', '我有二十三個iphone', '系23蚊')
    """
    text = _WHITE.sub(" ", _without_special_tokens(text))
    text = _BEFORE_PUNCTUATION.sub(r"\1", text).lstrip(" ")
    if language == "zh":
        text = read(_WHITE.sub("", text))
    else:
        text = simplify(text) if language == "yue" else whisper(text, "en") if language == "en" else text
        text = whisper(text, "")
    words = [word for word in text.lower().split() if not all(map(_is_punctuation, word))]
    return ("" if language in ("zh", "yue") else " ").join(words)


def _without_special_tokens(text: str) -> str:
    """A space for each ``<|...|>`` within a line."""
    pieces, at = [], 0
    while (start := text.find("<|", at)) >= 0 and (end := text.find("|>", start + 2)) >= 0:
        inside = text[start:end]
        pieces += [text[at : start + 2]] if "\n" in inside else [text[at:start], " "]
        at = start + 2 if "\n" in inside else end + 2
    return "".join([*pieces, text[at:]])


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P")
