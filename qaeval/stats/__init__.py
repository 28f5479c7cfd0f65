"""Is the difference more than noise? Paired, cluster-robust comparisons of two models on a scores frame.

The interval is that of the delta method for a difference of two ratios, linearised per cluster. With ``n`` and ``d``
the numerators and denominators summed over a cluster ``g``, and ``N``, ``D``, ``R = N / D`` those of all clusters::

    z_g = (n_gB - R_B d_gB) / D_B - (n_gA - R_A d_gA) / D_A
    Var(R_B - R_A) = G / (G - 1) * sum(z_g ** 2),      Student's t with G - 1 degrees of freedom

Sources: A. Deng, U. Knoblich, J. Lu, "Applying the Delta Method in Metric Analytics", KDD 2018 (arXiv 1803.06336), for
ratios of sums over clusters; A. C. Cameron, D. L. Miller, "A Practitioner's Guide to Cluster-Robust Inference",
J. Human Resources 50(2), 2015, for G / (G - 1) and t(G - 1); E. Miller, "Adding Error Bars to Evals", 2024
(arXiv 2411.00640), for pairing and clustering when language models are evaluated.

Metrics that are not sum over sum (a median, macro-F1, BLEU) take their standard error from a bootstrap over the same
clusters instead, drawn for both models at once: see `qaeval.stats.resampling`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qaeval import reducers, registry
from qaeval.errors import FittingWarning
from qaeval.scores import Floats, Groups, Ints, clear_of, clusters_of, meta_columns, plain, row_groups
from qaeval.stats.clustered import Estimate, Rows, in_order
from qaeval.stats.intervals import Bools, Bounds, bounds, interval, linearise, p_values, spread
from qaeval.stats.pairs import Pairs, Side, choose, fitted_apart, pair_of, replied_by
from qaeval.stats.resampling import RESAMPLES, estimates

if TYPE_CHECKING:
    import pandas as pd

TOO_FEW_CLUSTERS = 8
"""Below this many clusters no significance is claimed: the spread between them is too badly known."""

RESULTS = (
    *("metric", "a", "b", "value_a", "value_b", "difference", "ci_low", "ci_high", "n", "clusters"),
    *("level", "neither", "better", "unit", "part", "field", "task", "prompt"),
    *("p_value", "only_a", "only_b", "unscored_a", "unscored_b", "differently_fitted", "cluster", "profile", "verdict"),
)
"""The columns of a comparison, after those that it was sliced by; a notebook shows the first and the last ten."""


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
    part: str = "",
) -> pd.DataFrame:
    """The difference ``b - a`` of a metric with its cluster-robust interval: one row a slice, task, field and prompt.

    Only samples that both models replied to are compared (refused, empty and unparsable replies are replies; failures
    of the service are not); repeats of a sample are averaged. ``by`` slices by columns of the samples (``dataset``,
    ``language``, meta); ``cluster`` names the column of what is independent, by default the speaker where known, else
    the recording (see `qaeval.scores.clusters_of`). Without ``task``, ``field`` and ``prompt`` each of
    them has its own rows. ``part`` compares a part of the metric (``"0.7"`` of span_recall) instead of the metric.

    A metric that is not sum over sum (a median, macro-F1, BLEU) has each model's value of the samples compared, and the
    standard error of `qaeval.stats.resampling`.

    A metric with a unit is a mean of amounts, which a reply without a time does not give: it is compared on the samples
    where both gave one, lest a model that tells only the easy ones look better.

    Columns: those of ``by``, then `RESULTS`: n counts the samples compared; only_a, only_b and neither those that one
    or none replied to; unscored_a and unscored_b those that both replied to, but this one without a denominator (an
    unparsed time has no time error); differently_fitted those compared of which the two did not hear the same audio,
    since it was cut, asked in parts or re-encoded for one (a `FittingWarning` tells); the verdict is ``b is better``,
    ``a is better``, ``no difference shown``, ``too few clusters to tell`` (fewer than 8) or ``nothing to compare``; a
    metric of which neither is better, since it tells of the clips alone, has no difference. No correction is made for
    looking at many rows.

    Args:
        scores: the frame of `qaeval.runs.Run.scores`, or several of them joined.
        a: a model of it. A name may be short: ``qwen-audio-turbo`` is the one that ends with ``/qwen-audio-turbo``.
        b: another one.
        metric: its name.
        cluster: the column of what is independent.
        by: columns to slice by.
        task: only this task.
        prompt: only this prompt, as in the column: ``name@hash``.
        level: of the interval, between 0 and 1.
        field: only this field: ``text``, ``events`` or a label's name.
        part: of the metric.

    Raises `ScoreError` when the two were asked different prompts or scored with different profiles, or for a level that
    is none, and `UnknownNameError` for an unknown model, metric, task, field, prompt, part or column.

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
    a, b, of_all_parts, rows, pairs = choose(scores, a, b, metric, task, prompt, field, part)
    apart = fitted_apart(rows, pairs, a, b)
    _check_slices(slices, scores)
    keys = list(dict.fromkeys([*slices, "metric", "task", "field", "prompt", "profile"]))
    groups = row_groups(pairs.samples, keys)
    heads = plain(pairs.samples.iloc[groups.first][[*keys, "better", "unit"]]).rename(columns=clear_of(slices, RESULTS))
    compared = _compared(pairs)
    number, column = clusters_of(pairs.samples[compared], cluster)
    of_clips = (heads["better"] == "neither").to_numpy(bool)
    reduced = {} if part else _reduced(of_all_parts, pairs, groups, compared, number, (a, b))
    within = _bounds(pairs, heads, part, groups.number, compared)
    found = _differences(pairs, groups.number, compared, number, reduced, level, of_clips, within)
    counts = _counts(pairs, groups, compared, apart)
    table = heads.assign(a=a, b=b, level=level, part=part, cluster=column, **found, **counts)
    table["verdict"] = _verdicts(table)
    _warn_of(pairs.samples[apart], a, b)
    return table[[*(name for name in table.columns if name not in RESULTS), *RESULTS]]


def _check_slices(slices: Sequence[str], scores: pd.DataFrame) -> None:
    known = ["dataset", "recording", "language", *meta_columns(scores)]
    for name in slices:
        if name not in known:
            raise registry.unknown("column of samples", name, known)


def _warn_of(apart: pd.DataFrame, a: str, b: str) -> None:
    if count := len(apart[["dataset", "sample"]].drop_duplicates()):
        warnings.warn(
            f"{a} and {b} did not hear the same audio of {count} sample{'s' * (count > 1)}, which were cut, asked in "
            "parts or re-encoded for one of them (column differently_fitted): the difference may come from that",
            FittingWarning,
            stacklevel=3,
        )


def _compared(pairs: Pairs) -> Bools:
    """Which samples: those that both replied to; of amounts, those where both gave one."""
    amounts = (pairs.samples["unit"] != "").to_numpy(bool)
    valued = (pairs.a.den > 0) & (pairs.b.den > 0)
    return (pairs.a.replies > 0) & (pairs.b.replies > 0) & (~amounts | valued)


def _bounds(pairs: Pairs, heads: pd.DataFrame, part: str, group: Ints, compared: Bools) -> Bounds:
    """Of the values of either side."""
    beyond, below = (
        np.bincount(group[compared & np.any(of, axis=0)], minlength=len(heads)) > 0
        for of in zip(*((side.num > side.den, side.num < 0) for side in (pairs.a, pairs.b)), strict=True)
    )
    return bounds(heads["better"].tolist(), heads["unit"].tolist(), [part] * len(heads), beyond, below)


def _differences(
    pairs: Pairs,
    group: Ints,
    compared: Bools,
    cluster: Ints,
    reduced: Mapping[int, Estimate],
    level: float,
    of_clips: Bools,
    within: Bounds,
) -> dict[str, NDArray[np.generic]]:
    group, size = group[compared], len(of_clips)
    (num_a, den_a), (num_b, den_b) = _means(pairs.a, compared), _means(pairs.b, compared)
    value_a, z_a = linearise(num_a, den_a, group, size)
    value_b, z_b = linearise(num_b, den_b, group, size)
    noise = spread(z_b - z_a, (den_a != 0) | (den_b != 0), group, cluster, np.abs(value_a) + np.abs(value_b))
    for place, (values, error, clusters) in reduced.items():
        value_a[place], value_b[place] = values
        noise.error[place], noise.clusters[place] = error, clusters
    scale = np.abs(value_a) + np.abs(value_b)
    difference = np.where(np.abs(value_b - value_a) <= 1e-12 * scale, 0.0, value_b - value_a)
    difference[of_clips] = np.nan
    low, high = interval(difference, noise, level)
    low, high = (np.clip(limit, within.least - within.most, within.most - within.least) for limit in (low, high))
    p = p_values(difference, noise)
    few = [place for place in reduced if noise.error[place] == 0 and difference[place] != 0]
    p[few] = np.maximum(p[few], 2 / (RESAMPLES + 1))  # all that the resamples can tell
    p[np.isnan(difference)] = np.nan
    found = {"value_a": value_a, "value_b": value_b, "difference": difference, "ci_low": low, "ci_high": high}
    return {**found, "p_value": p, "clusters": noise.clusters}


def _reduced(
    rows: pd.DataFrame, pairs: Pairs, groups: Groups, compared: Bools, cluster: Ints, models: tuple[str, str]
) -> dict[int, Estimate]:
    """The values of the groups whose metric is not sum over sum; repeats of a sample share its weight."""
    names = pairs.samples["reduce"].iloc[groups.first]
    wanted = {place: reducers.find(str(name)) for place, name in enumerate(names) if name}
    if not wanted:
        return {}
    pair, of_pair = pair_of(rows, pairs), np.zeros(len(compared), np.int64)
    of_pair[compared] = in_order(pairs.samples[compared], cluster)
    sides = []
    for model, replies in zip(models, (pairs.a.replies, pairs.b.replies), strict=True):
        which = replied_by(rows, model) & (rows["part"] != "").to_numpy(bool) & compared[pair]
        told = Rows.of(rows[which], of_pair[pair[which]])
        share = 1 / replies[pair[which]]
        sides.append((told._replace(num=told.num * share, den=told.den * share), groups.number[pair[which]]))
    return estimates(wanted, sides)


def _counts(pairs: Pairs, groups: Groups, compared: Bools, apart: Bools) -> dict[str, Ints]:
    def count(which: Bools) -> Ints:
        return np.bincount(groups.number[which], minlength=len(groups.first))

    has_a, has_b = pairs.a.replies > 0, pairs.b.replies > 0
    return {
        "n": count(compared),
        "only_a": count(has_a & ~has_b),
        "only_b": count(has_b & ~has_a),
        "neither": count(~has_a & ~has_b),
        "unscored_a": count(has_a & has_b & (pairs.a.den == 0)),
        "unscored_b": count(has_a & has_b & (pairs.b.den == 0)),
        "differently_fitted": count(compared & apart),
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
