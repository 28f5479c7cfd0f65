"""Values that are not sum over sum, and how sure they are: clusters are drawn anew, with replacement, many times.

The standard error is the standard deviation of the values of the resamples, times ``sqrt(G / (G - 1))`` for G clusters,
which makes it that of the delta method (`qaeval.stats`) where the value is a mean. B. Efron, R. J. Tibshirani, "An
Introduction to the Bootstrap", 1993, chapters 6 and 8.3 (whole clusters are what is drawn); the same draws serve both
sides of a comparison, so that it is paired. A resample that has no value (all of one class has no kappa) is left out;
where most have none, there is no error.

Simulated with speakers who differ (``python benchmarks/coverage.py``: 1000 studies of 8, 20, 50 or 200 speakers with 10
clips each), 95 % intervals of a single macro-F1, balanced accuracy or kappa, within its bounds
(`qaeval.stats.intervals`), held the truth 94 to 96 % of the time, those of differences 94 to 96 %; medians 94 to 95 %,
their differences 98 % with 8 speakers and 96 to 97 % with more; 90th percentiles 93 to 95 % (88 % with 20 speakers of
one clip), their differences 96 to 98 %.

A class of few clips that are all right (or all wrong) adds nothing to the deviation of the resamples. Beside one the
error of a macro-F1 or a balanced accuracy is at least `qaeval.stats.alike.least_error`, which counts what such a class
may hide. With a class of 5 % of the clips, of which 92 or 97 % are right, intervals of balanced accuracy then held the
truth 97 to 98 % of the time, those of differences 93 to 99 % (by the deviation alone: 51 to 92 and 81 to 90 %).

Where amounts are so coarse that a quarter of the resamples have the same quantile (whole seconds, for a median of one
or two), the error is at least such that the t interval holds the resamples that it stands for. Of medians of amounts
told in steps as large as themselves it then held the truth 93 to 98 % of the time (by the deviation alone: 52 to 66 %),
and found no difference where there is none (by the deviation alone: in 3 to 15 % of studies).

Where nothing varies between the clusters (a macro-F1 of 1 in all) the resamples tell nothing. What can be argued then
is in `qaeval.stats.alike`; of all other values there is no interval, and the number of clusters beside them says what
they are worth.

Nothing is random: draws start from one seed, and clusters are put in the order of their samples' names, so that equal
scores have equal intervals in whatever order their rows stand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from qaeval.errors import ScoreError
from qaeval.scores import Floats, Ints
from qaeval.stats.alike import least_error
from qaeval.stats.clustered import Estimate, Rows, by_group
from qaeval.types import Reducer

RESAMPLES = 1000
"""How many: the standard error is then known to about 2 %."""

MOST_DRAWN = 4096
"""More clusters are drawn in so many bundles: that saves time, and an error of 4096 values is known to about 1 %."""

_LUMP = 0.25
"""Where so many resamples of a quantile are one value, since amounts are coarse, their deviation tells too little."""

_LEVELS = (0.5, 0.8, 0.9, 0.95)
"""What shares of such resamples, from the middle, the t intervals of these levels must hold."""

_SEED = 20_090_127
_CELLS = 1 << 22
"""How many numbers of resamples are held at once, by array."""


class _Amounts(NamedTuple):
    """Numerators and denominators as sparse tables of one row a cluster, with a column a part or distinct amount."""

    parts: list[str]
    num: Any
    den: Any


def estimates(reducers: Mapping[int, Reducer], sides: Sequence[tuple[Rows, Ints]]) -> dict[int, Estimate]:
    """What `estimate` gives of each group: of the rows that bear its number, on each side."""
    split = [by_group(rows, group) for rows, group in sides]
    return {number: estimate(reducer, [those(number) for those in split]) for number, reducer in reducers.items()}


def estimate(reducer: Reducer, sides: Sequence[Rows]) -> Estimate:
    """The value of one side, or of two on the same clusters, in the numbers of `qaeval.stats.clustered.in_order`.

    Raises `ScoreError` when the reducer fails or gives something other than one number a resample.
    """
    sides = [side.where((side.num != 0) | (side.den != 0)) for side in sides]
    clusters = np.unique(np.concatenate([side.cluster for side in sides]))
    drawn = max(1, min(len(clusters), MOST_DRAWN))
    tables = [
        _table(reducer, side._replace(cluster=np.searchsorted(clusters, side.cluster) % MOST_DRAWN), drawn)
        for side in sides
    ]
    values = tuple(
        float(_values(reducer, table.parts, table.num.sum(axis=0), table.den.sum(axis=0))) for table in tables
    )
    if drawn < 2 or any(map(math.isnan, values)):
        return Estimate(values, math.nan, len(clusters))
    most = max(drawn, *(len(table.parts) for table in tables))
    resamples = []
    for times in _draws(drawn, most):
        told = [_values(reducer, table.parts, times @ table.num, times @ table.den) for table in tables]
        resamples.append(told[-1] - told[0] if len(told) > 1 else told[0])
    value = values[-1] - values[0] if len(values) > 1 else values[0]
    error = _error(np.concatenate(resamples), drawn, value if reducer.each else None)
    if error <= 1e-12 * sum(map(abs, values)):
        return Estimate(values, 0.0, len(clusters))
    return Estimate(values, max(error, least_error(reducer, sides)), len(clusters))


def value_of(reducer: Reducer, rows: Rows) -> float:
    """The value of one side alone, without an error."""
    return estimate(reducer, [rows._replace(cluster=np.zeros_like(rows.cluster))]).values[0]


def _error(resamples: Floats, drawn: int, middle: float | None) -> float:
    """The standard error; around a ``middle``, with lumps of resamples, such that t intervals hold those they mean."""
    from scipy.special import stdtrit

    valued = resamples[np.isfinite(resamples)]
    if len(valued) <= len(resamples) / 2:
        return math.nan
    error = float(np.std(valued, ddof=1)) * math.sqrt(drawn / (drawn - 1))
    if middle is None or np.unique(valued, return_counts=True)[1].max() < _LUMP * len(valued):
        return error
    held = np.array(_LEVELS)
    ends = np.quantile(valued, [0.5 - held / 2, 0.5 + held / 2], method="inverted_cdf")
    half = np.abs(ends - middle).max(axis=0) / stdtrit(drawn - 1, 0.5 + held / 2)
    return max(error, float(half.max()))


def _draws(drawn: int, most: int) -> Iterator[Floats]:
    """How often each cluster was drawn, one row a resample, in blocks that a table of ``most`` columns can bear."""
    rng = np.random.default_rng(_SEED)
    block = max(1, min(RESAMPLES, _CELLS // most))
    for start in range(0, RESAMPLES, block):
        rows = min(block, RESAMPLES - start)
        which = rng.integers(0, drawn, (rows, drawn)) + drawn * np.arange(rows)[:, None]
        yield np.bincount(which.ravel(), minlength=rows * drawn).reshape(rows, drawn).astype(np.float64)


def _table(reducer: Reducer, rows: Rows, drawn: int) -> _Amounts:
    from scipy.sparse import csr_array

    if reducer.each:
        rows = rows.where(rows.den > 0)
        amounts, column = np.unique(rows.num / rows.den, return_inverse=True)
        parts = list(map(str, amounts.tolist()))
    else:
        found, column = np.unique(rows.part, return_inverse=True)
        parts = [rows.parts[place] for place in found.tolist()]
    places, shape = (rows.cluster, column), (drawn, len(parts))
    return _Amounts(parts, *(csr_array((of, places), shape) for of in (rows.num, rows.den)))


def _values(reducer: Reducer, parts: Sequence[str], num: Floats, den: Floats) -> Floats:
    if not parts:
        return np.full(num.shape[:-1], np.nan)
    try:
        values = np.asarray(reducer.value(parts, np.ascontiguousarray(num), np.ascontiguousarray(den)), np.float64)
    except Exception as error:
        raise ScoreError(f"the reducer {reducer.name!r} failed: {type(error).__name__}: {error}") from error
    if values.shape != num.shape[:-1]:
        raise ScoreError(
            f"the reducer {reducer.name!r} must give one number a resample, an array of shape {num.shape[:-1]};"
            f" seen one of shape {values.shape}"
        )
    return values
