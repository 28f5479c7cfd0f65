"""A query found in words that each have their times: ``<|0.54|>面<|0.86|>条<|1.17|>``, or a list of words in JSON."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from qaeval.text.times.moments import LATEST
from qaeval.text.times.timelists import Item

_TIME = re.compile(r"<\|(\d{1,7}(?:\.\d{1,9})?)\|>")
_OTHER = re.compile(r"<\|[^|<>\n]{1,30}\|>")
_LEAST = 3


def tokens(reply: str) -> list[Item]:
    """The words between the time tokens of a reply that begins with a token, as Qwen-Audio gives word timestamps.

    None if there are fewer than three times: such a reply tells of one span.

    >>> tokens("<|0.54|>面<|0.86|>条<|1.17|><|sil|><|2.01|>")
    [Item(label='面', onset=0.54, offset=0.86), Item(label='条', onset=0.86, offset=1.17)]
    """
    pieces = _TIME.split(reply.strip())
    times = [float(time) for time in pieces[1::2]]
    if len(times) < _LEAST or not reply.lstrip().startswith("<|") or max(times) > LATEST:
        return []
    words = [_OTHER.sub("", piece).strip() for piece in pieces[2:-1:2]]
    spans = zip(words, times, times[1:], strict=False)
    return [Item(word, min(onset, offset), max(onset, offset)) for word, onset, offset in spans if word]


def find_words(words: Sequence[Item], query: str) -> list[Item]:
    """Where consecutive words are the query, from the beginning of the first to the end of the last.

    Width, case, white space and punctuation do not count; a query of Latin letters begins and ends with a word.

    >>> find_words([Item("The", 0.1, 0.2), Item("middle", 0.2, 0.5), Item("Classes,", 0.5, 1)], "middle classes")
    [Item(label='middle classes', onset=0.2, offset=1)]
    """
    wanted, said = _bare(query), ""
    owner: list[int] = []
    for number, word in enumerate(words):
        bare = _bare(word.label)
        gap = " " if said and bare and (said[-1].isascii() and bare[0].isascii()) else ""
        said += gap + bare
        owner += [number] * len(gap + bare)
    if not wanted:
        return []
    found = re.finditer(rf"(?<![0-9a-z]){re.escape(wanted)}(?![0-9a-z])", said)
    ends = ((owner[match.start()], owner[match.end() - 1]) for match in found)
    return [Item(query, words[first].onset, words[last].offset) for first, last in ends]


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w\s']|_", " ", folded).split())
