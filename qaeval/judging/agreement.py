"""Agreement of two raters on the same items, as plain numbers; nan where it is not defined.

J. Cohen, "A coefficient of agreement for nominal scales", 1960; K. L. Gwet, "Computing inter-rater reliability and its
variance in the presence of high agreement", 2008, for AC1, which does not collapse where nearly all is one category;
C. Spearman 1904 for the correlation of ranks.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

Ratings = Sequence[Any]


def raw(one: Ratings, other: Ratings) -> float:
    """The share of items on which both say the same.

    >>> raw(["a", "b", "tie", "a"], ["a", "b", "a", "a"])
    0.75
    """
    return _share(left == right for left, right in zip(one, other, strict=True))


def kappa(one: Ratings, other: Ratings) -> float:
    """Cohen's kappa: agreement beyond what two who rate at random, each in their own proportions, would have.

    >>> kappa(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    0.5
    """
    counts, total = (Counter(one), Counter(other)), len(one)
    chance = sum(counts[0][name] * counts[1][name] for name in counts[0]) / total**2 if total else math.nan
    return _beyond(raw(one, other), chance)


def ac1(one: Ratings, other: Ratings, categories: int) -> float:
    """Gwet's AC1, given how many categories there are to choose from.

    >>> round(ac1(["a", "a", "a", "b"], ["a", "a", "a", "a"], 2), 4)
    0.68
    """
    total = 2 * len(one)
    shares = [count / total for count in (Counter(one) + Counter(other)).values()] if total else [math.nan]
    return _beyond(raw(one, other), sum(share * (1 - share) for share in shares) / (categories - 1))


def among(groups: Iterable[Ratings]) -> float:
    """How often two repeats of the same question agree: the mean, over the groups, of the share of their pairs.

    >>> among([["a", "a", "b"], ["a", "a"], ["b"]])
    0.6666666666666666
    """
    shares = [_share(left == right for left, right in itertools.combinations(group, 2)) for group in groups]
    known = [share for share in shares if not math.isnan(share)]
    return sum(known) / len(known) if known else math.nan


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """The correlation of ranks, -1 to 1; nan with fewer than three items, or where one side does not vary.

    >>> spearman([1, 2, 3], [10, 20, 90]), spearman([1, 1, 1], [1, 2, 3])
    (1.0, nan)
    """
    from scipy.stats import spearmanr

    if len(one) < 3 or len(set(one)) < 2 or len(set(other)) < 2:
        return math.nan
    return round(float(spearmanr(one, other).statistic), 12)


def _share(held: Iterable[bool]) -> float:
    listed = list(held)
    return sum(listed) / len(listed) if listed else math.nan


def _beyond(agreed: float, chance: float) -> float:
    return (agreed - chance) / (1 - chance) if chance < 1 else math.nan
