"""Finds the names of a vocabulary in a text, the longest first, at the speed of a dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_LATIN = "0-9a-z\u00b5-\u024f"
_IS_LATIN = re.compile(f"[{_LATIN}]")
_FIRST = re.compile(f"[{_LATIN}]+|.", re.DOTALL)
_CONSONANT_Y = re.compile(r"[^aeiou]y\Z")
_HISSES = re.compile(r"(?:[sxz]|[cs]h)\Z")


class Mention(NamedTuple):
    """A label (``""``: a name that is none here) and where its name stands in a text."""

    label: str
    start: int
    end: int


class Aliases:
    """The names of labels, all in the form of `qaeval.text.replies.told.key`; English plurals are found.

    A name is no word's part where it is of Latin letters, and none at all before one of ``not_before``, or an adjective
    and one of them.

    >>> aliases = Aliases({"dog": "Dog", "狗": "Dog", "hot dog": ""})
    >>> [mention.label for mention in aliases.find("dogs, 小狗, a hot dog and a doghouse")]
    ['Dog', 'Dog', '']
    """

    def __init__(self, names: Mapping[str, str], not_before: tuple[str, ...] = ()) -> None:
        self._labels = {plural(name): label for name, label in names.items()} | dict(names)
        self._none_before = _before(not_before)
        lengths: dict[str, set[int]] = {}
        for name in filter(None, self._labels):
            lengths.setdefault(_FIRST.findall(name)[0], set()).add(len(name))
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}
        others = "".join(re.escape(first) for first in self._lengths if not _IS_LATIN.match(first))
        self._starts = re.compile(f"(?<![{_LATIN}])[{_LATIN}]+" + (f"|[{others}]" if others else ""))

    def find(self, text: str) -> Iterator[Mention]:
        """Each name that stands in a text (a `key`, but for its lines); none overlap."""
        end = 0
        for match in self._starts.finditer(text):
            start = match.start()
            for length in self._lengths.get(match[0], ()) if start >= end else ():
                label = self._labels.get(text[start : start + length])
                if label is not None and self._is_word(text, start + length):
                    end = start + length
                    is_none = self._none_before is not None and self._none_before.match(text, end)
                    yield Mention("" if is_none else label, start, end)
                    break

    @staticmethod
    def _is_word(text: str, end: int) -> bool:
        """Whether a name may end there: not within a word of Latin letters."""
        return not (_IS_LATIN.match(text, end - 1) and _IS_LATIN.match(text, end))


def _before(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """One of the words, or an adjective and one of them (a neutral American accent)."""
    between = r"\s?(?:(?!(?:with|and|but|in|has|no|an?|the)\b)[a-z]{1,20}\s)?"
    return re.compile(between + "(?:" + "|".join(map(re.escape, words)) + ")") if words else None


def plural(name: str) -> str:
    """The plural of an English name by the regular rules, of any other the name itself.

    >>> plural("church bell"), plural("baby"), plural("cough"), plural("狗"), plural("tv")
    ('church bells', 'babies', 'coughs', '狗', 'tv')
    """
    if not re.search(r"[a-z]{3}\Z", name):
        return name
    if _CONSONANT_Y.search(name):
        return f"{name[:-1]}ies"
    return f"{name}es" if _HISSES.search(name) else f"{name}s"
