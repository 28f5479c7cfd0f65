"""A number for each of millions of names, in little memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable


class Lookup:
    """Numbers by name, as sorted 64-bit hashes (16 bytes a name, where a dict takes 150).

    Of a name that comes twice the first number counts. A name that is not there is taken for another one once in 1e13
    times, with a million names.

    >>> seconds = Lookup([("b.mp3", 2.5), ("a.mp3", 1.0)])
    >>> seconds.get("b.mp3"), seconds.get("c.mp3")
    (2.5, None)
    """

    def __init__(self, numbers: Iterable[tuple[str, float]]) -> None:
        import numpy as np

        keys, values = array("q"), array("d")
        for name, number in numbers:
            keys.append(hash(name))
            values.append(number)
        hashes = np.array(keys, dtype=np.int64)
        order = hashes.argsort(kind="stable")
        self._keys = array("q", hashes[order].tobytes())
        self._values = array("d", np.array(values)[order].tobytes())

    def get(self, name: str) -> float | None:
        """The number of a name; None where there is none."""
        key = hash(name)
        place = bisect_left(self._keys, key)
        return self._values[place] if place < len(self._keys) and self._keys[place] == key else None
