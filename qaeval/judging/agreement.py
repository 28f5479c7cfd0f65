"""Agreement of two raters on the same items, as plain numbers; nan where it is not defined.

J. Cohen, "A coefficient of agreement for nominal scales", 1960; K. L. Gwet, "Computing inter-rater reliability and its
variance in the presence of high agreement", 2008, for AC1, which does not collapse where nearly all is one category;
C. Spearman 1904 for the correlation of ranks. Where items stand alone, the influences on kappa give the standard error
of J. L. Fleiss, J. Cohen, B. S. Everitt, "Large sample standard errors of kappa and weighted kappa", 1969.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qaeval.scores import Floats

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


def shares(ratings: Ratings) -> list[float]:
    """The share of each category that occurs, the most frequent first.

    >>> shares(["b", "a", "b", "b"])
    [0.75, 0.25]
    """
    return [count / len(ratings) for _, count in Counter(ratings).most_common()]


def kappa_influence(one: Ratings, other: Ratings) -> Floats:
    """How much each item moves kappa, to the first order; they sum up to 0. Nan where kappa is; there must be items.

    >>> kappa_influence(["a", "a", "b", "b"], ["a", "b", "b", "b"]).round(3).tolist()
    [0.188, -0.312, 0.062, 0.062]
    """
    import numpy as np

    of_one, of_other = (Counter(ratings) for ratings in (one, other))
    by_chance = np.array([of_other[left] + of_one[right] for left, right in zip(one, other, strict=True)]) / len(one)
    chance = sum(of_one[name] * of_other[name] for name in of_one) / len(one) ** 2
    return _influence(one, other, chance, by_chance - 2 * chance)


def ac1_influence(one: Ratings, other: Ratings, categories: int) -> Floats:
    """How much each item moves AC1, to the first order; they sum up to 0. There must be items.

    >>> ac1_influence(["a", "b"], ["a", "a"], 2).round(2).tolist()
    [0.56, -0.56]
    """
    import numpy as np

    counts, total = Counter(one) + Counter(other), 2 * len(one)
    slope = {name: (1 - 2 * count / total) / (categories - 1) for name, count in counts.items()}
    chance = sum(count / total * (1 - count / total) for count in counts.values()) / (categories - 1)
    by_chance = np.array([(slope[left] + slope[right]) / 2 for left, right in zip(one, other, strict=True)])
    return _influence(one, other, chance, by_chance - by_chance.mean())


def _influence(one: Ratings, other: Ratings, chance: float, by_chance: Floats) -> Floats:
    """That on (agreed - chance) / (1 - chance), of what each item adds to agreement and to chance."""
    import numpy as np

    alike = np.array([left == right for left, right in zip(one, other, strict=True)], float)
    beyond = 1 - chance if chance < 1 else math.nan
    found: Floats = ((alike - alike.mean()) / beyond - (1 - alike.mean()) / beyond**2 * by_chance) / len(one)
    return found


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
