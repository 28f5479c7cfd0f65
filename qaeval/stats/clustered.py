"""What a value that is not sum over sum is made of: rows of scores by part and cluster; and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qaeval.scores import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd


class Rows(NamedTuple):
    """Rows of scores: the place of each one's part among all ``parts``, its cluster, numerator and denominator."""

    parts: Sequence[str]
    part: Ints
    cluster: Ints
    num: Floats
    den: Floats

    def where(self, which: Any) -> Rows:
        """Some of the rows."""
        return Rows(self.parts, self.part[which], self.cluster[which], self.num[which], self.den[which])

    @classmethod
    def of(cls, frame: pd.DataFrame, cluster: Ints) -> Rows:
        """Those of a frame."""
        part, parts = _ranks(frame["part"])
        return cls(parts, part, cluster, frame["num"].to_numpy(np.float64), frame["den"].to_numpy(np.float64))


class Estimate(NamedTuple):
    """The value of each side, the standard error of the only value or of second minus first, and the clusters."""

    values: tuple[float, ...]
    error: float
    clusters: int


def by_group(rows: Rows, group: Ints) -> Callable[[int], Rows]:
    """What gives the rows that bear a number."""
    order, numbers = np.argsort(group, kind="stable"), np.sort(group)

    def those(number: int) -> Rows:
        start, end = np.searchsorted(numbers, (number, number + 1))
        return rows.where(order[start:end])

    return those


def in_order(rows: pd.DataFrame, cluster: Ints) -> Ints:
    """The same clusters numbered by the first of their samples' names (of the first dataset), not as they appear.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"dataset": "d", "sample": ["c", "a", "b"]})
    >>> in_order(rows, np.array([0, 1, 0])).tolist()
    [1, 0, 1]
    """
    dataset, _ = _ranks(rows["dataset"])
    sample, names = _ranks(rows["sample"])
    first = np.full(cluster.max(initial=-1) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, cluster, dataset * len(names) + sample)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first, kind="stable")] = np.arange(len(first))
    return place[cluster]


def _ranks(column: pd.Series) -> tuple[Ints, list[str]]:
    """The place of each value among the distinct ones in alphabetical order, and those."""
    codes, found = column.factorize()
    names = np.asarray(found).astype(str)
    order = np.argsort(names, kind="stable")
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    return place[codes], names[order].tolist()
