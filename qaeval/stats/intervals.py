"""Standard errors, intervals and p-values of sums over sums, robust to rows of one cluster being alike.

Each function works on many groups at once. Sources: see `qaeval.stats`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qaeval.errors import ScoreError
from qaeval.scores import Floats, Ints, sums

Bools = NDArray[np.bool_]


class Spread(NamedTuple):
    """Standard error and number of clusters of each group's estimate."""

    error: Floats
    clusters: Ints


def linearise(num: Floats, den: Floats, group: Ints, groups: int) -> tuple[Floats, Floats]:
    """Each group's sum over sum, and the influence of each row on it: ``(num - R den) / D``.

    ``group`` holds a number below ``groups`` for each row. A group without a denominator has the value nan.

    >>> value, z = linearise(np.array([1., 0, 2]), np.array([4., 4, 2]), np.array([0, 0, 1]), 2)
    >>> value.tolist(), z.tolist()
    ([0.125, 1.0], [0.0625, -0.0625, 0.0])
    """
    total = sums(group, den, groups)
    total[total == 0] = np.nan
    value = sums(group, num, groups) / total
    return value, (num - value[group] * den) / total[group]


def spread(z: Floats, counts: Bools, group: Ints, cluster: Ints, scale: Floats) -> Spread:
    """Cluster-robust standard error of each group's estimate, from the influences ``z`` of its rows.

    Rows where ``counts`` is false (no denominator) make no cluster, unless they add to the numerator, as errors may
    where there is nothing to be right: what is in the value is in its error. ``scale`` has one number a group, the size
    of its estimate: an error that is rounding noise beside it is 0. The error is nan with fewer than two clusters.
    """
    counts = counts | (np.abs(z) > 0)
    pair = group * (cluster.max(initial=0) + 1) + cluster
    pairs, where = np.unique(pair[counts], return_inverse=True)
    owner = pairs // (cluster.max(initial=0) + 1)
    squares = sums(where, z[counts], len(pairs)) ** 2
    clusters = np.bincount(owner, minlength=len(scale))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(clusters / (clusters - 1) * sums(owner, squares, len(scale)))
    error[clusters < 2] = np.nan
    error[error <= 1e-12 * np.abs(scale)] = 0.0
    return Spread(error, clusters)


RANGES = {"": (0.0, 1.0), "κ": (-1.0, 1.0), "points": (0.0, 100.0), "/10": (1.0, 10.0)}
"""From where to where values in a unit go; those of ``""`` are ratios."""

_ERROR, _NONE = (0.0, np.inf), (-np.inf, np.inf)


class Bounds(NamedTuple):
    """What each group's value cannot go beyond; infinite: it can."""

    least: Floats
    most: Floats


def bounds(better: Sequence[str], unit: Sequence[str], part: Sequence[str], beyond: Bools, below: Bools) -> Bounds:
    """The bounds of the values of metrics, from what these declare (`qaeval.types.Metric`).

    A plain ratio is from 0 to 1; one of which some row is ``beyond`` 1, as a word error rate may be, is only not below
    0, as are errors in a unit. A kappa is from -1 to 1, points are from 0 to 100, ratings from 1 to 10. Parts in a unit
    have no bounds, since they may be signed, and neither has a ratio of which some row is ``below`` 0.

    >>> no = np.zeros(3, bool)
    >>> bounds(["higher", "lower", "lower"], ["", "s", ""], [""] * 3, np.array([False, True, True]), no)
    Bounds(least=array([0., 0., 0.]), most=array([ 1., inf, inf]))
    """
    ranges = [
        _NONE if of and name else RANGES.get(of, _ERROR if way == "lower" else _NONE)
        for way, of, name in zip(better, unit, part, strict=True)
    ]
    least, most = np.array(ranges, np.float64).reshape(-1, 2).T.copy()
    plain = np.array([not of for of in unit], bool)
    most[plain & beyond] = np.inf
    least[plain & below] = -np.inf
    return Bounds(least, most)


def effective_clusters(den: Floats, group: Ints, cluster: Ints, groups: int) -> Floats:
    """As how many clusters of equal weight those of each group count: ``sum(d) ** 2 / sum(d ** 2)`` (L. Kish 1965).

    >>> effective_clusters(np.array([3.0, 1, 1]), np.zeros(3, int), np.array([0, 1, 1]), 1).round(2).tolist()
    [1.92]
    """
    pair = group * (cluster.max(initial=0) + 1) + cluster
    pairs, where = np.unique(pair, return_inverse=True)
    owner, weights = pairs // (cluster.max(initial=0) + 1), sums(where, den, len(pairs))
    with np.errstate(invalid="ignore"):
        counted: Floats = sums(owner, weights, groups) ** 2 / sums(owner, weights**2, groups)
    return counted


def interval(value: Floats, noise: Spread, level: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper confidence limits, by Student's t with one degree of freedom less than there are clusters.

    Nan where nothing varies between the clusters: an interval of no width would claim certainty (30 of 30 right).
    The limits have no bounds; for a value that has some see `bounded_interval`. Those of a difference of two values
    that have are cut where no difference can be.

    Simulated with beta-distributed speakers, 95 % intervals of differences held the truth 95 to 96 % of the time with 4
    to 200 clusters of equal size, and 92 to 96 % with 8 or more of 1 to 39 clips.
    """
    half = _half(noise, level)
    return value - half, value + half


def _half(noise: Spread, level: float) -> Floats:
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise ScoreError(f"the level of an interval lies between 0 and 1, such as 0.95; seen {level}")
    half: Floats = stdtrit(np.maximum(noise.clusters - 1, 1), 0.5 + level / 2) * noise.error
    half[noise.error == 0] = np.nan
    return half


def bounded_interval(
    value: Floats, noise: Spread, within: Bounds, effective: Floats, level: float = 0.95
) -> tuple[Floats, Floats]:
    """The same limits for values that have bounds, which they never pass.

    Between two bounds the interval is that of the logit, above one that of the logarithm, by the delta method: so do
    survey statisticians with proportions (``svyciprop`` of the R package survey; E. L. Korn, B. I. Graubard, "Analysis
    of Health Surveys", 1999). Where its half width is more than the value, as with two or three clusters, the upper
    limit of the logarithm goes on in a straight line: it would soon be a thousand times the value. Of a kappa it is
    Fisher's z. Where nothing varies (30 of 30 right), it is Clopper's and Pearson's, with ``effective`` clusters for
    trials, as if all clips of a cluster were one. So it is within the bounds (one of two clips right in each of 30
    clusters): at least the share ``((1 - level) / 2) ** (1 / effective)`` of all clusters is as those seen, and the
    others may lie anywhere between the bounds. Nan where nothing varies and there are not two bounds, or ``effective``
    is not known.

    Simulated (20,000 studies of 4, 8, 20 and 100 clusters each: of one clip, or beta-distributed speakers of 10 or of 1
    to 39), 95 % intervals of shares of 2, 50, 90 and 98 % held the truth 93 to 100 % of the time; those without bounds
    8 to 96 % of the time, since often there were none, and never more often. Error rates of lognormal speakers, of
    which the logarithm has a standard deviation of 0.5, 1 and 1.5: 95 to 96, 91 to 93 and 81 to 89 %, without bounds 93
    to 94, 84 to 92 and 71 to 86 %. Means of shares that are mostly near 1 and seldom far below: 82, 85, 90 and 94 %,
    without bounds 67, 75, 85 and 93 %.

    >>> sure, spread_out = Spread(np.zeros(1), np.array([30])), Spread(np.array([0.02]), np.array([20]))
    >>> share = Bounds(np.zeros(1), np.ones(1))
    >>> np.round(bounded_interval(np.array([0.97]), spread_out, share, np.array([20.0])), 3).ravel().tolist()
    [0.885, 0.993]
    >>> np.round(bounded_interval(np.array([1.0]), sure, share, np.array([30.0])), 3).ravel().tolist()
    [0.884, 1.0]
    """
    (least, most), half = within, _half(noise, level)
    low, high = np.maximum(value - half, least), np.minimum(value + half, most)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        up, down = value - least, most - value
        odds = up / np.where(np.isfinite(most), down, 1.0)
        width = half * (1 / up + 1 / down)  # by the slope of the logit; of the logarithm where down is infinite
        wider = np.where(np.isfinite(most) | (width <= 1), np.exp(width), 1 + (np.e - 1) * width)
        inside = np.isfinite(least) & (up > 0) & (down > 0)
        low = np.where(inside, _valued(odds / np.exp(width), within), low)
        high = np.where(inside, _valued(odds * wider, within), high)
        alike = ((1 - level) / 2) ** (1 / effective)  # at least this share of clusters is as those seen
        sure = (noise.error == 0) & np.isfinite(alike) & np.isfinite(most - least)
        low = np.where(sure, least + alike * up, low)
        high = np.where(sure, most - alike * down, high)
    return low, high


def _valued(odds: Floats, within: Bounds) -> Floats:
    """The values that have these odds between two bounds, or are so far above one."""
    least, most = within
    bounded = np.isfinite(most)
    valued: Floats = least + np.where(bounded, np.where(bounded, most - least, 0.0) / (1 + 1 / odds), odds)
    return valued


def p_values(difference: Floats, noise: Spread) -> Floats:
    """Two-sided p-values of no difference, by Student's t.

    Where nothing varies between the clusters: 1 if there is no difference, else that of the sign test, since then all
    clusters differ the same way.
    """
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        p: Floats = 2 * stdtr(np.maximum(noise.clusters - 1, 1), -np.abs(difference) / noise.error)
    constant = noise.error == 0
    p[constant] = np.where(difference[constant] == 0, 1.0, 2.0 ** (1 - noise.clusters[constant]))
    return p
