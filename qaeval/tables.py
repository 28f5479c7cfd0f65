"""Scores become summaries and changes: functions from DataFrame to DataFrame, summed first and divided last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qaeval import registry
from qaeval.errors import ScoreError
from qaeval.flags import FLAGS
from qaeval.naming import is_rehearsal
from qaeval.pairs import Pairs, paired, said_by
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
    meta_columns,
    named,
    plain,
    row_groups,
    select,
    sums,
)
from qaeval.scoring import score
from qaeval.stats import interval, linearise, spread

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

CHANGES = (
    *("sample", "status", "value_a", "value_b", "difference", "num_a", "den_a", "num_b", "den_b"),
    *("outcome_a", "outcome_b", "a", "b", "task", "field", "prompt", "metric", "better", "unit", "profile"),
)
"""The columns of changes, before dataset, recording, language and the meta of the samples."""


def summarize(
    scores: pd.DataFrame,
    by: str | Sequence[str] = ("model",),
    parts: bool = False,
    cluster: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Sum over sum with a cluster-robust interval: one row a group of ``by``, task, field, prompt and metric.

    What is not named in ``by`` is pooled: leave ``model`` out and the models are summed together. A missing value is a
    group too. With ``parts`` each part of a metric has its row. ``cluster`` as in `qaeval.stats.compare`; an interval
    is nan with fewer than two clusters, or where nothing varies between them, and may reach below 0 or above 1.

    Columns: those of ``by`` (with the prefix ``meta.`` if the name is taken), then `SUMMARY`: n is the number of
    replies that the value is made of (of that part); n_zero_den further replies of the model add nothing to it, for
    they have no denominator (no time was told, so there is no time error): beside many of them, a value is that of a
    choice of replies. asked, coverage (replies of the model / asked), the count of each outcome and of each flag
    (`qaeval.flags`: cut, truncated, unheard; a reply may bear several) are of the metric; rehearsed counts the asks of
    a rehearsal, whose numbers say nothing about the services.

    Raises `ScoreError` for mixed profiles and `UnknownNameError` for an unknown column.

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
    rows = scores if parts else scores[scores["part"] == ""]
    keys = list(dict.fromkeys([*slices, "task", "field", "prompt", "metric"]))
    finer = [*keys, "part"] if parts else keys
    metrics, groups = row_groups(rows, keys), row_groups(rows, finer)
    heads = dict.fromkeys([*finer, "better", "unit", "profile"])
    taken = clear_of((name for name in slices if name not in COLUMNS), SUMMARY)
    table = plain(rows.iloc[groups.first][list(heads)]).rename(columns=taken)
    table = table.assign(level=level, **_values(rows, groups, cluster, level), **_counts(rows, metrics, groups))
    front = [taken.get(name, name) for name in slices]
    return table[list(dict.fromkeys([*front, *(name for name in SUMMARY if name in table.columns)]))]


def _values(
    rows: pd.DataFrame, groups: Groups, cluster: str | None, level: float
) -> dict[str, NDArray[np.generic] | str]:
    replied = ~rows["outcome"].isin(SERVICE_OUTCOMES).to_numpy(bool)
    group, size = groups.number[replied], len(groups.first)
    num, den = (rows[name].to_numpy(np.float64)[replied] for name in ("num", "den"))
    value, z = linearise(num, den, group, size)
    number, column = clusters_of(rows[replied], cluster)
    noise = spread(z, den != 0, group, number, np.abs(value))
    low, high = interval(value, noise, level)
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


def changes(
    scores: pd.DataFrame,
    a: str,
    b: str,
    metric: str,
    task: str | None = None,
    prompt: str | None = None,
    field: str | None = None,
) -> pd.DataFrame:
    """Sample by sample, what ``b`` does to a metric of ``a``; the largest change against ``b`` comes first.

    One row a sample that both models replied to; repeats are summed, and their outcomes joined where they differ.
    ``status`` is ``regressed`` or ``improved``, ``unchanged`` (equal and without error), ``both_wrong`` (equal, with
    error), or ``unscored`` (a reply without a denominator has no value); ``difference`` is value_b - value_a. Further
    columns: `CHANGES`, then dataset, recording, language and the samples' meta.

    Raises `ScoreError` as `qaeval.stats.compare` does, and when several tasks, fields or prompts match: choose one.
    """
    rows = select(scores, (a, b), metric, task, prompt, field)
    a, b = named(scores, (a, b))
    pairs = paired(rows, a, b)
    for name in ("task", "field", "prompt"):
        if len(known := sorted(map(str, pairs.samples[name].unique()))) > 1:
            raise ScoreError(f"{metric} was scored for several {name}s; choose one with {name}=: {', '.join(known)}")
    carried = ["dataset", "recording", "language", *meta_columns(scores)]
    better, taken = str(pairs.samples["better"].iloc[0]), clear_of(carried, CHANGES)
    table = pairs.samples.rename(columns=taken).assign(a=a, b=b, **_change(pairs, better))
    said = {f"outcome_{side}": said_by(rows, pairs, model, "outcome") for side, model in (("a", a), ("b", b))}
    table = table.assign(**{column: [", ".join(outcomes) for outcomes in each] for column, each in said.items()})
    table = plain(table[(pairs.a.replies > 0) & (pairs.b.replies > 0)]).sort_values(["sample", "dataset"])
    table = table.sort_values("difference", ascending=better != "lower", kind="stable", na_position="last")
    return table[[*CHANGES, *(taken.get(name, name) for name in carried)]].reset_index(drop=True)


def _change(pairs: Pairs, better: str) -> dict[str, NDArray[np.generic]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        value_a, value_b = pairs.a.num / pairs.a.den, pairs.b.num / pairs.b.den
    same = np.abs(value_b - value_a) <= 1e-12 * (np.abs(value_a) + np.abs(value_b))
    difference = np.where(same, 0.0, value_b - value_a)
    perfect = value_b == (0 if better == "lower" else 1)
    status = np.select(
        [np.isnan(difference), same & perfect, same, (difference > 0) == (better == "lower")],
        ["unscored", "unchanged", "both_wrong", "regressed"],
        "improved",
    )
    counts = {"num_a": pairs.a.num, "den_a": pairs.a.den, "num_b": pairs.b.num, "den_b": pairs.b.den}
    return {"status": status, "value_a": value_a, "value_b": value_b, "difference": difference, **counts}
