"""The forms of a text whose numbers can be said or written in several ways."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

ALL = 64
"""Up to so many forms, all combinations are given; of more, those that change all places alike, or one place."""

MOST = 128
"""How many forms are given at most; fewer for texts of more than a thousand characters, 8 at least."""

LONGEST = 10_000
"""Characters of a text that has variants; what is longer is compared as it is."""


class Place(NamedTuple):
    """A stretch of a text, and what it can be instead."""

    start: int
    end: int
    others: tuple[str, ...]


def certain(tokens: Sequence[str], others: Sequence[str], but: re.Pattern[str]) -> int:
    """How many errors there are between two texts whatever becomes of some tokens: those between what else they have.

    >>> certain("三只狗来了", "三十只猫来", re.compile("[一二三十]+"))
    2
    """
    return Levenshtein.distance(_without(but, tokens), _without(but, others))


def _without(some: re.Pattern[str], tokens: Sequence[str]) -> Sequence[str]:
    if isinstance(tokens, str):
        return some.sub("", tokens)
    return [token for token in tokens if not some.fullmatch(token)]


def are_hopeless(
    text: str, places: Iterable[Place], tokens: Sequence[str], split: Callable[[str], Sequence[str]]
) -> bool:
    """Whether no other form is nearer to these tokens, since no place has one that could be: a quick look.

    None of its tokens is among these, and they are not fewer than the place has now: then each of them is an error, and
    what stands there now costs no more. Places must be made of whole tokens.

    >>> are_hopeless("it was 1998", [Place(7, 11, ("1 9 9 8",))], ["it", "is", "1998"], str.split)
    True
    """
    known = frozenset(tokens)
    for place in places:
        now = split(text[place.start : place.end])
        for said in map(split, place.others):
            if said != now and (len(said) < len(now) or not known.isdisjoint(said)):
                return False
    return True


def expand(text: str, places: Sequence[Place]) -> Iterator[str]:
    """The other forms of a text, in the order of the places, none of which may overlap; bounded by `ALL` and `MOST`.

    >>> list(expand("a b", [Place(0, 1, ("x", "y")), Place(2, 3, ("z",))]))
    ['a z', 'x b', 'x z', 'y b', 'y z']
    """
    most = max(8, min(MOST, 1000 * MOST // (len(text) + 1)))
    if len(places) <= most and math.prod(1 + len(place.others) for place in places) <= min(ALL, most):
        combined = itertools.product(*[("", *place.others) for place in places])
        return (_put(text, places, choice) for choice in itertools.islice(combined, 1, None))
    return itertools.islice(itertools.chain(_alike(text, places), _single(text, places)), most)


def _alike(text: str, places: Sequence[Place]) -> Iterator[str]:
    """Every place with its first other form, its second (or last) one, and so on."""
    for rank in range(max(len(place.others) for place in places)):
        yield _put(text, places, [place.others[min(rank, len(place.others) - 1)] for place in places])


def _single(text: str, places: Sequence[Place]) -> Iterator[str]:
    return (text[: place.start] + other + text[place.end :] for place in places for other in place.others)


def _put(text: str, places: Sequence[Place], choice: Sequence[str]) -> str:
    """The text with the chosen form at each place; ``""``: its own."""
    pieces, at = [], 0
    for place, other in zip(places, choice, strict=True):
        pieces += [text[at : place.start], other or text[place.start : place.end]]
        at = place.end
    return "".join([*pieces, text[at:]])
