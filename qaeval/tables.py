"""Scores become summaries: functions from DataFrame to DataFrame, summed first and divided last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qaeval import reducers, registry
from qaeval.flags import FLAGS
from qaeval.naming import is_rehearsal
from qaeval.scores import (
    COLUMNS,
    MODEL_OUTCOMES,
    OUTCOMES,
    SERVICE_OUTCOMES,
    Groups,
    checked,
    clear_of,
    clusters_of,
    flagged,
    plain,
    row_groups,
    sums,
)
from qaeval.scoring import score
from qaeval.stats.alike import effectives
from qaeval.stats.changing import CHANGES, changes
from qaeval.stats.clustered import Estimate, Rows, in_order
from qaeval.stats.intervals import Bounds, bounded_interval, bounds, effective_clusters, linearise, spread
from qaeval.stats.resampling import estimates

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHANGES", "COLUMNS", "OUTCOMES", "SUMMARY", "changes", "score", "summarize"]

SUMMARY = (
    *("task", "metric", "part", "value", "ci_low", "ci_high", "n", "asked", "coverage", "clusters"),
    *OUTCOMES,
    *FLAGS,
    *("rehearsed", "n_zero_den", "num", "den", "field", "prompt", "cluster", "level", "better", "unit", "profile"),
)
"""The columns of a summary, after those that it was sliced by; ``part`` only where parts were asked for. A notebook
shows the first ten columns of a wide table: they are what a value must not be without."""


def summarize(
    scores: pd.DataFrame,
    by: str | Sequence[str] = ("model",),
    parts: bool = False,
    cluster: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The value of each metric with a cluster-robust interval: one row a group of ``by``, task, field, prompt, metric.

    Args:
        scores: the frame of `qaeval.runs.Run.scores`, or several of them joined.
        by: columns that make the groups.
        parts: whether the parts of a metric have rows, too.
        cluster: the column of what is independent.
        level: of the intervals, between 0 and 1.

    A value is sum over sum; that of a metric which is not (a median, macro-F1, kappa, BLEU) is made of all its parts
    together by its reducer (`qaeval.reducers`), its interval by `qaeval.stats.resampling`; num and den stay sums.

    What is not named in ``by`` is pooled: leave ``model`` out and the models are summed together. A missing value is a
    group too. With ``parts`` each part of a metric has its row (but for the amounts that a median is made of).
    ``cluster`` as in `qaeval.stats.compare`; an interval is nan with fewer than two clusters. It never reaches beyond
    what a value can be, and there is one where all replies are right, too (`qaeval.stats.intervals.bounded_interval`).

    Columns: those of ``by`` (with the prefix ``meta.`` if the name is taken), then `SUMMARY`: n is the number of
    replies that the value is made of (of that part); n_zero_den further replies of the model add nothing to it, for
    they have no denominator (no time was told, so there is no time error): beside many of them, a value is that of a
    choice of replies. asked, coverage (replies of the model / asked), the count of each outcome and of each flag
    (`qaeval.flags`: cut, truncated, unheard; a reply may bear several) are of the metric; rehearsed counts the asks of
    a rehearsal, whose numbers say nothing about the services. Two metrics of a field may differ in n and asked, as each
    counts the samples that it applies to: macro-F1, kappa and the like those with one true value, accuracy and label F1
    those with several, too. den is what num was divided by: words, labels, spans ... where it is not replies.

    Raises `ScoreError` for mixed profiles and for a level that is none, and `UnknownNameError` for an unknown column.

    >>> import pandas as pd
    >>> fixed = dict.fromkeys(COLUMNS, "") | {"model": "m", "metric": "wer", "better": "lower", "repeat": 0}
    >>> said = [("s1", "answered", 1, 4), ("s2", "refused", 6, 6), ("s3", "failed", 0, 0)]
    >>> rows = [fixed | dict(zip(("sample", "outcome", "num", "den"), row)) for row in said]
    >>> summarize(pd.DataFrame(rows))[["model", "metric", "value", "n", "asked", "refused", "failed"]].values.tolist()
    [['m', 'wer', 0.7, 2, 3, 1, 1]]
    """
    slices = [by] if isinstance(by, str) else list(by)
    sliceable = [str(name) for name in checked(scores).columns if name not in ("metric", "part", "num", "den")]
    for name in slices:
        if name not in sliceable:
            raise registry.unknown("column", name, sliceable)
    rows = scores[_shown(scores)] if parts else scores[scores["part"] == ""]
    keys = list(dict.fromkeys([*slices, "task", "field", "prompt", "metric"]))
    finer = [*keys, "part"] if parts else keys
    metrics, groups = row_groups(rows, keys), row_groups(rows, finer)
    heads = dict.fromkeys([*finer, "better", "unit", "profile"])
    taken = clear_of((name for name in slices if name not in COLUMNS), SUMMARY)
    table = plain(rows.iloc[groups.first][list(heads)]).rename(columns=taken)
    reduced = _reduced(scores, keys, rows, groups, cluster)
    table = table.assign(
        level=level, **_values(rows, groups, cluster, level, reduced), **_counts(rows, metrics, groups)
    )
    # The parts of a metric stand behind it, also those that later replies brought.
    table = table.iloc[np.argsort(metrics.number[groups.first], kind="stable")].reset_index(drop=True)
    front = [taken.get(name, name) for name in slices]
    return table[list(dict.fromkeys([*front, *(name for name in SUMMARY if name in table.columns)]))]


def _shown(scores: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows make rows of a summary with parts: all but the single amounts that a quantile is made of."""
    names = [name for name in map(str, scores["reduce"].unique()) if name and reducers.find(name).each]
    shown: NDArray[np.bool_] = (~scores["reduce"].isin(names) | (scores["part"] == "")).to_numpy(bool)
    return shown


def _reduced(
    scores: pd.DataFrame, keys: Sequence[str], rows: pd.DataFrame, groups: Groups, cluster: str | None
) -> dict[int, tuple[Estimate, float]]:
    """By their place in the table, the values of the groups whose metric is not sum over sum, and their `effectives`.

    ``groups`` are those of ``rows``, which have the rows with part ``""`` in the order of ``scores``.
    """
    wanted = (scores["reduce"] != "").to_numpy(bool)
    if not wanted.any():
        return {}
    table = scores[wanted]
    coarse = row_groups(table, keys)
    whole = ((rows["reduce"] != "") & (rows["part"] == "")).to_numpy(bool)
    place = np.empty(len(coarse.first), np.int64)
    place[coarse.number[(table["part"] == "").to_numpy(bool)]] = groups.number[whole]
    names = zip(place.tolist(), table["reduce"].iloc[coarse.first], strict=True)
    replied = ((table["part"] != "") & ~table["outcome"].isin(SERVICE_OUTCOMES)).to_numpy(bool)
    told = table[replied]
    counted = Rows.of(told, in_order(told, clusters_of(told, cluster)[0]))
    chosen, group = {at: reducers.find(str(name)) for at, name in names}, place[coarse.number[replied]]
    found = estimates(chosen, [(counted, group)])
    effective = effectives(chosen, counted, group, found)
    return {at: (estimate, effective[at]) for at, estimate in found.items()}


def _values(
    rows: pd.DataFrame, groups: Groups, cluster: str | None, level: float, reduced: Mapping[int, tuple[Estimate, float]]
) -> dict[str, NDArray[np.generic] | str]:
    replied = ~rows["outcome"].isin(SERVICE_OUTCOMES).to_numpy(bool)
    group, size = groups.number[replied], len(groups.first)
    num, den = (rows[name].to_numpy(np.float64)[replied] for name in ("num", "den"))
    value, z = linearise(num, den, group, size)
    number, column = clusters_of(rows[replied], cluster)
    noise = spread(z, den != 0, group, number, np.abs(value))
    effective = effective_clusters(den, group, number, size)
    for at, ((values, error, clusters), alike) in reduced.items():
        (value[at],), noise.error[at], noise.clusters[at], effective[at] = values, error, clusters, alike
    low, high = bounded_interval(value, noise, _bounds(rows, groups, replied), effective, level)
    return {
        "value": value,
        "num": sums(group, num, size),
        "den": sums(group, den, size),
        "ci_low": low,
        "ci_high": high,
        "n": np.bincount(group[den != 0], minlength=size),
        "n_zero_den": np.bincount(group[den == 0], minlength=size),
        "clusters": noise.clusters,
        "cluster": column,
    }


def _bounds(rows: pd.DataFrame, groups: Groups, replied: NDArray[np.bool_]) -> Bounds:
    num, den = (rows[name].to_numpy(np.float64) for name in ("num", "den"))
    beyond, below = (
        np.bincount(groups.number[replied & which], minlength=len(groups.first)) > 0 for which in (num > den, num < 0)
    )
    better, unit, part = (rows.iloc[groups.first][name].astype(str).tolist() for name in ("better", "unit", "part"))
    return bounds(better, unit, part, beyond, below)


def _counts(rows: pd.DataFrame, metrics: Groups, groups: Groups) -> dict[str, NDArray[np.generic]]:
    """Of the asks of each group's metric: a reply may lack a part, never the metric itself."""
    owner, size = metrics.number[groups.first], len(metrics.first)
    whole = rows["part"] == ""
    asked = np.bincount(metrics.number[whole.to_numpy(bool)], minlength=size)
    having = {name: (whole & (rows["outcome"] == name)).to_numpy(bool) for name in OUTCOMES}
    having |= {name: whole.to_numpy(bool) & flagged(rows, name) for name in FLAGS}
    rehearsed = [model for model in rows["model"].unique() if is_rehearsal(str(model))]
    having["rehearsed"] = (whole & rows["model"].isin(rehearsed)).to_numpy(bool)
    counts = {name: np.bincount(metrics.number[which], minlength=size) for name, which in having.items()}
    replied = np.sum([counts[name] for name in MODEL_OUTCOMES], axis=0)
    counts |= {"asked": asked, "coverage": replied / np.maximum(asked, 1)}
    return {name: count[owner] for name, count in counts.items()}
