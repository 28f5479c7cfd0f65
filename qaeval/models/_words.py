"""Where a word or phrase occurs in a stream of timed words."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a transcript with its times in seconds: a word, or some characters of a language without spaces."""

    text: str
    onset: float
    offset: float


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    onset: float
    offset: float
    unit: int  # letters of one unit are only found together


def fold(text: str) -> str:
    """The letters and digits of a text, so that spellings of one word compare equal.

    NFKC, without case and punctuation, Chinese in simplified characters (recognisers often write traditional ones).

    >>> fold("Don't  STOP!"), fold("阿里雲,")
    ('dontstop', '阿里云')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(_simplified(letter) for letter in folded if unicodedata.category(letter)[0] in "LNM")


def occurrences(words: Iterable[Word], query: str) -> list[tuple[float, float]]:
    """Each (onset, offset) in seconds at which ``query`` is said, in order, without overlaps.

    Both sides are folded. A word of several letters that is only partly the query does not count, but Chinese and
    Japanese have no spaces: there a word's time is split evenly over its characters.

    >>> occurrences([Word(" Ice", 0.0, 1), Word("-cream", 1, 2), Word(" icy", 2, 3)], "ice cream")
    [(0.0, 2.0)]
    >>> occurrences([Word("歡迎使", 0, 0.9), Word("用阿里雲", 1, 2)], "阿里")
    [(1.25, 1.75)]
    """
    letters = list(_letters(words))
    stream, wanted = "".join(letter.text for letter in letters), fold(query)
    spans: list[tuple[float, float]] = []
    start = stream.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        whole = _is_edge(letters, start) and _is_edge(letters, end)
        if whole:
            spans.append((letters[start].onset, letters[end - 1].offset))
        start = stream.find(wanted, end if whole else start + 1)
    return spans


def _letters(words: Iterable[Word]) -> Iterator[_Letter]:
    unit, glued = 0, False
    for word in words:
        folded = fold(word.text)
        step = (word.offset - word.onset) / max(len(folded), 1)
        for index, letter in enumerate(folded):
            if not glued or index == 0 or _stands_alone(letter):
                unit += 1
            glued = not _stands_alone(letter)
            yield _Letter(letter, word.onset + index * step, word.onset + (index + 1) * step, unit)


def _is_edge(letters: list[_Letter], index: int) -> bool:
    return index in (0, len(letters)) or letters[index - 1].unit != letters[index].unit


def _stands_alone(letter: str) -> bool:
    """Whether the letter is of a script without spaces between words: Han or kana."""
    return "\u3040" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U0003ffff"


@functools.cache
def _simplified(letter: str) -> str:
    return _converter()(letter) if _stands_alone(letter) else letter


@functools.cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    return cast(Callable[[str], str], OpenCC("t2s").convert)
