"""The forms of a text whose numbers can be said or written in several ways."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

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
