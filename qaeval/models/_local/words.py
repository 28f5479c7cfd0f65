"""Where a word or phrase occurs in a stream of timed words."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qaeval.text.normalising.simplified import simplify
from qaeval.text.tokens import has_cjk


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


_simplified = functools.cache(simplify)  # letter by letter, so that each keeps its time


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
            if not glued or index == 0 or has_cjk(letter):
                unit += 1
            glued = not has_cjk(letter)  # scripts without spaces: a letter may be found by itself
            yield _Letter(letter, word.onset + index * step, word.onset + (index + 1) * step, unit)


def _is_edge(letters: list[_Letter], index: int) -> bool:
    return index in (0, len(letters)) or letters[index - 1].unit != letters[index].unit
