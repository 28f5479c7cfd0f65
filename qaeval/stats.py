"""Is the difference more than noise? Paired, cluster-robust comparisons of two models on a scores frame.

The interval is that of the delta method for a difference of two ratios, linearised per cluster. With ``n`` and ``d``
the numerators and denominators summed over a cluster ``g``, and ``N``, ``D``, ``R = N / D`` those of all clusters::

    z_g = (n_gB - R_B d_gB) / D_B - (n_gA - R_A d_gA) / D_A
    Var(R_B - R_A) = G / (G - 1) * sum(z_g ** 2),      Student's t with G - 1 degrees of freedom

Sources: A. Deng, U. Knoblich, J. Lu, "Applying the Delta Method in Metric Analytics", KDD 2018 (arXiv 1803.06336), for
ratios of sums over clusters; A. C. Cameron, D. L. Miller, "A Practitioner's Guide to Cluster-Robust Inference",
J. Human Resources 50(2), 2015, for G / (G - 1) and t(G - 1); E. Miller, "Adding Error Bars to Evals", 2024
(arXiv 2411.00640), for pairing and clustering when language models are evaluated.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qaeval import registry
from qaeval.errors import FittingWarning, ScoreError
from qaeval.pairs import Pairs, Side, fitted_apart, paired
from qaeval.scores import Groups, clear_of, clusters_of, meta_columns, named, plain, row_groups, select, sums

if TYPE_CHECKING:
    import pandas as pd

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOO_FEW_CLUSTERS = 8
"""Below this many clusters no significance is claimed: the spread between them is too badly known."""

RESULTS = (
    *("metric", "a", "b", "value_a", "value_b", "difference", "ci_low", "ci_high", "n", "clusters"),
    *("level", "neither", "better", "unit", "field", "task", "prompt"),
    *("p_value", "only_a", "only_b", "unscored_a", "unscored_b", "differently_fitted", "cluster", "profile", "verdict"),
)
"""The columns of a comparison, after those that it was sliced by; a notebook shows the first and the last ten."""


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

    Rows where ``counts`` is false (no denominator) make no cluster. ``scale`` has one number a group, the size of its
    estimate: an error that is rounding noise beside it is 0. The error is nan with fewer than two clusters.
    """
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


def interval(value: Floats, noise: Spread, level: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper confidence limits, by Student's t with one degree of freedom less than there are clusters.

    Nan where nothing varies between the clusters: an interval of no width would claim certainty (30 of 30 right).
    The limits are not cut at 0 or 1.

    Simulated with beta-distributed speakers, 95 % intervals of differences held the truth 95 to 96 % of the time with 4
    to 200 clusters of equal size, and 92 to 96 % with 8 or more of 1 to 39 clips. Those of a single error rate, whose
    spread is skewed, held it 89 to 93 % of the time with 4 to 20 clusters, and 93 to 97 % from 50 on.
    """
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise ScoreError(f"the level of an interval lies between 0 and 1, such as 0.95; seen {level}")
    half = stdtrit(np.maximum(noise.clusters - 1, 1), 0.5 + level / 2) * noise.error
    half[noise.error == 0] = np.nan
    return value - half, value + half


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


def compare(
    scores: pd.DataFrame,
    a: str,
    b: str,
    metric: str,
    cluster: str | None = None,
    by: str | Sequence[str] | None = None,
    task: str | None = None,
    prompt: str | None = None,
    level: float = 0.95,
    field: str | None = None,
) -> pd.DataFrame:
    """The difference ``b - a`` of a metric with its cluster-robust interval: one row a slice, task, field and prompt.

    Only samples that both models replied to are compared (refused, empty and unparsable replies are replies; failures
    of the service are not); repeats of a sample are averaged. ``by`` slices by columns of the samples (``dataset``,
    ``language``, meta); ``cluster`` names the column of what is independent, by default the speaker where known, else
    the recording (see `qaeval.scores.clusters_of`). Without ``task``, ``field`` and ``prompt`` each of
    them has its own rows.

    A metric with a unit is a mean of amounts, which a reply without a time does not give: it is compared on the samples
    where both gave one, lest a model that tells only the easy ones look better.

    Columns: those of ``by``, then `RESULTS`: n counts the samples compared; only_a, only_b and neither those that one
    or none replied to; unscored_a and unscored_b those that both replied to, but this one without a denominator (an
    unparsed time has no time error); differently_fitted those compared of which the two did not hear the same audio,
    since it was cut, asked in parts or re-encoded for one (a `FittingWarning` tells); the verdict is ``b is better``,
    ``a is better``, ``no difference shown``, ``too few clusters to tell`` (fewer than 8) or ``nothing to compare``. No
    correction is made for looking at many rows.

    A model's name may be short: ``qwen-audio-turbo`` is the one that ends with ``/qwen-audio-turbo``.

    Raises `ScoreError` when the two were asked different prompts or scored with different profiles, and
    `UnknownNameError` for an unknown model, metric, task, field, prompt or column.

    >>> import pandas as pd
    >>> from qaeval.scores import COLUMNS
    >>> fixed = dict.fromkeys(COLUMNS, "") | {"outcome": "answered", "metric": "wer", "better": "lower", "repeat": 0}
    >>> rows = [fixed | {"sample": f"s{i}", "model": model, "num": (i % 3) * errors, "den": 10}
    ...         for i in range(30) for model, errors in (("old", 2), ("new", 1))]
    >>> row = compare(pd.DataFrame(rows), "old", "new", "wer").iloc[0]
    >>> print(f"{row.difference:+.2f} [{row.ci_low:.3f}, {row.ci_high:.3f}], {row.clusters} clusters: {row.verdict}")
    -0.10 [-0.131, -0.069], 30 clusters: b is better
    """
    slices = [by] if isinstance(by, str) else list(by or ())
    rows = select(scores, (a, b), metric, task, prompt, field)
    a, b = named(scores, (a, b))
    pairs = paired(rows, a, b)
    apart = fitted_apart(rows, pairs, a, b)
    sliceable = ["dataset", "recording", "language", *meta_columns(scores)]
    for name in slices:
        if name not in sliceable:
            raise registry.unknown("column of samples", name, sliceable)
    keys = list(dict.fromkeys([*slices, "metric", "task", "field", "prompt", "profile"]))
    groups = row_groups(pairs.samples, keys)
    heads = plain(pairs.samples.iloc[groups.first][[*keys, "better", "unit"]]).rename(columns=clear_of(slices, RESULTS))
    table = heads.assign(a=a, b=b, level=level, **_differences(pairs, groups, cluster, level, apart))
    table["verdict"] = _verdicts(table)
    _warn_of(pairs.samples[apart], a, b)
    return table[[*(name for name in table.columns if name not in RESULTS), *RESULTS]]


def _warn_of(apart: pd.DataFrame, a: str, b: str) -> None:
    if count := len(apart[["dataset", "sample"]].drop_duplicates()):
        warnings.warn(
            f"{a} and {b} did not hear the same audio of {count} sample{'s' * (count > 1)}, which were cut, asked in "
            "parts or re-encoded for one of them (column differently_fitted): the difference may come from that",
            FittingWarning,
            stacklevel=3,
        )


def _differences(
    pairs: Pairs, groups: Groups, cluster: str | None, level: float, apart: Bools
) -> dict[str, NDArray[np.generic] | str]:
    size = len(groups.first)
    has_a, has_b = pairs.a.replies > 0, pairs.b.replies > 0
    replied = has_a & has_b
    amounts = (pairs.samples["unit"] != "").to_numpy(bool)
    both = replied & (~amounts | ((pairs.a.den > 0) & (pairs.b.den > 0)))
    group = groups.number[both]
    (num_a, den_a), (num_b, den_b) = _means(pairs.a, both), _means(pairs.b, both)
    value_a, z_a = linearise(num_a, den_a, group, size)
    value_b, z_b = linearise(num_b, den_b, group, size)
    number, column = clusters_of(pairs.samples[both], cluster)
    scale = np.abs(value_a) + np.abs(value_b)
    noise = spread(z_b - z_a, (den_a != 0) | (den_b != 0), group, number, scale)
    difference = np.where(np.abs(value_b - value_a) <= 1e-12 * scale, 0.0, value_b - value_a)
    low, high = interval(difference, noise, level)

    def count(which: Bools) -> Ints:
        return np.bincount(groups.number[which], minlength=size)

    return {
        "value_a": value_a,
        "value_b": value_b,
        "difference": difference,
        "ci_low": low,
        "ci_high": high,
        "p_value": p_values(difference, noise),
        "n": count(both),
        "only_a": count(has_a & ~has_b),
        "only_b": count(has_b & ~has_a),
        "neither": count(~has_a & ~has_b),
        "unscored_a": count(replied & (pairs.a.den == 0)),
        "unscored_b": count(replied & (pairs.b.den == 0)),
        "differently_fitted": count(both & apart),
        "clusters": noise.clusters,
        "cluster": column,
    }


def _means(side: Side, which: Bools) -> tuple[Floats, Floats]:
    """Over the replies, so that a sample weighs the same whether or not some of its repeats failed."""
    return side.num[which] / side.replies[which], side.den[which] / side.replies[which]


def _verdicts(table: pd.DataFrame) -> list[str]:
    columns = ("difference", "p_value", "level", "clusters", "better")
    return [_verdict(*row) for row in zip(*(table[name] for name in columns), strict=True)]


def _verdict(difference: float, p: float, level: float, clusters: int, better: str) -> str:
    if np.isnan(difference):
        return "nothing to compare"
    if clusters < TOO_FEW_CLUSTERS:
        return "too few clusters to tell"
    if not p < 1 - level:
        return "no difference shown"
    return "b is better" if (difference < 0) == (better == "lower") else "a is better"
