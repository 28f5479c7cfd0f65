"""Sample by sample, what changes from one model to another. Users call `changes` as ``qaeval.tables.changes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qaeval import reducers
from qaeval.errors import ScoreError
from qaeval.scores import clear_of, meta_columns, plain
from qaeval.stats.clustered import Rows
from qaeval.stats.intervals import RANGES
from qaeval.stats.pairs import Chosen, Pairs, choose, said_by
from qaeval.stats.resampling import value_of

if TYPE_CHECKING:
    import pandas as pd

CHANGES = (
    *("sample", "status", "value_a", "value_b", "difference", "num_a", "den_a", "num_b", "den_b"),
    *("outcome_a", "outcome_b", "a", "b", "task", "field", "prompt", "metric", "part", "better", "unit", "profile"),
)
"""The columns of changes, before dataset, recording, language and the meta of the samples."""

STATUSES = ("regressed", "improved", "unchanged", "both_wrong", "unscored")
"""What becomes of a sample from one model to another: see `changes`."""


def changes(
    scores: pd.DataFrame,
    a: str,
    b: str,
    metric: str,
    task: str | None = None,
    prompt: str | None = None,
    field: str | None = None,
    part: str = "",
) -> pd.DataFrame:
    """Sample by sample, what ``b`` does to a metric of ``a``; the largest change against ``b`` comes first.

    One row a sample that both models replied to; repeats are summed, and their outcomes joined where they differ.
    ``status`` is ``regressed`` or ``improved``, ``unchanged`` (equal and without error), ``both_wrong`` (equal, with
    error), or ``unscored`` (a reply without a denominator has no value); ``difference`` is value_b - value_a. Further
    columns: `CHANGES`, then dataset, recording, language and the samples' meta. ``part`` as in `qaeval.stats.compare`.

    A metric that is not sum over sum has no value of one sample: shown is num / den of its part ``""`` (for macro-F1
    whether the class was right, for a median the error of the reply).

    Args:
        scores: the frame of `qaeval.runs.Run.scores`.
        a: a model of it, by its name or the end of it.
        b: another one.
        metric: its name.
        task: only this task, where there are several.
        prompt: only this prompt, as in the column: ``name@hash``.
        field: only this field: ``text``, ``events`` or a label's name.
        part: of the metric.

    Raises `ScoreError` as `qaeval.stats.compare` does, when several tasks, fields or prompts match (choose one), and
    for a metric whose replies have no number of their own: it names those that do.

    >>> import pandas as pd
    >>> from qaeval.scores import COLUMNS
    >>> fixed = dict.fromkeys(COLUMNS, "") | {"outcome": "answered", "metric": "wer", "better": "lower", "repeat": 0}
    >>> errors = {"old": [1, 0, 0], "new": [0, 2, 0]}
    >>> rows = [fixed | {"sample": f"s{i + 1}", "model": model, "num": errors[model][i], "den": 10}
    ...         for i in range(3) for model in errors]
    >>> changes(pd.DataFrame(rows), "old", "new", "wer")[["sample", "status", "value_a", "value_b"]].values.tolist()
    [['s2', 'regressed', 0.0, 0.2], ['s3', 'unchanged', 0.0, 0.0], ['s1', 'improved', 0.1, 0.0]]
    """
    chosen = choose(scores, a, b, metric, task, prompt, field, part)
    _check(chosen, scores, metric, part)
    pairs = chosen.pairs
    carried = ["dataset", "recording", "language", *meta_columns(scores)]
    (better, unit), taken = map(str, pairs.samples[["better", "unit"]].iloc[0]), clear_of(carried, CHANGES)
    table = pairs.samples.rename(columns=taken).assign(
        a=chosen.a, b=chosen.b, part=part, **_change(pairs, better, unit), **_outcomes(chosen)
    )
    table = plain(table[(pairs.a.replies > 0) & (pairs.b.replies > 0)]).sort_values(["sample", "dataset"])
    table = table.sort_values("difference", ascending=better != "lower", kind="stable", na_position="last")
    return table[[*CHANGES, *(taken.get(name, name) for name in carried)]].reset_index(drop=True)


def _check(chosen: Chosen, scores: pd.DataFrame, metric: str, part: str) -> None:
    """Raises `ScoreError` unless it is one question, by whose metric a single reply of a model may change."""
    for name in ("task", "field", "prompt"):
        if len(known := sorted(map(str, chosen.pairs.samples[name].unique()))) > 1:
            raise ScoreError(f"{metric} was scored for several {name}s; choose one with {name}=: {', '.join(known)}")
    rows = chosen.rows
    if str(rows["better"].iloc[0]) == "neither":
        raise ScoreError(f"{metric} tells of the clips and not of a model, so none changes it; choose another metric")
    if not part and not tells_samples(chosen.of_all_parts):
        others = scores.loc[(scores["reduce"] == "") & scores["field"].isin(rows["field"].unique()), "metric"].unique()
        raise ScoreError(
            f"{metric} is a number of many replies, of which no single one has its own; see the changes of a metric "
            f"that has: {', '.join(sorted(map(str, others))) or 'none of this field was scored'}"
        )


def _outcomes(chosen: Chosen) -> dict[str, list[str]]:
    """What each model's replies to each sample were, joined where they differ."""
    said = {side: said_by(chosen.rows, chosen.pairs, getattr(chosen, side), "outcome") for side in "ab"}
    return {f"outcome_{side}": [", ".join(outcomes) for outcomes in each] for side, each in said.items()}


def tells_samples(rows: pd.DataFrame) -> bool:
    """Whether part ``""`` says how good each reply is; ``rows`` are those of all parts of one metric.

    It does not where it is the same for every reply, but not the value of the metric: then it only counts the replies.
    """
    name = str(rows["reduce"].iloc[0]) if len(rows) else ""
    whole = rows[(rows["part"] == "") & (rows["den"] > 0)]
    shares = (whole["num"] / whole["den"]).to_numpy(np.float64)
    if not name or not len(shares) or np.ptp(shares):
        return True
    told = rows[rows["part"] != ""]
    value = value_of(reducers.find(name), Rows.of(told, np.zeros(len(told), np.int64)))
    return bool(np.isnan(value) or np.isclose(value, shares[0]))


def perfect(better: str, unit: str) -> float:
    """The best value that a reply can have: no error, 1, or 100 points, 10 of 10.

    >>> perfect("lower", "s"), perfect("higher", ""), perfect("higher", "points")
    (0.0, 1.0, 100.0)
    """
    return 0.0 if better == "lower" else RANGES.get(unit, RANGES[""])[1]


def _change(pairs: Pairs, better: str, unit: str) -> dict[str, NDArray[np.generic]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        value_a, value_b = pairs.a.num / pairs.a.den, pairs.b.num / pairs.b.den
    same = np.abs(value_b - value_a) <= 1e-12 * (np.abs(value_a) + np.abs(value_b))
    difference = np.where(same, 0.0, value_b - value_a)
    status = np.select(
        [
            np.isnan(difference),
            same & (value_b == perfect(better, unit)),
            same,
            (difference > 0) == (better == "lower"),
        ],
        ["unscored", "unchanged", "both_wrong", "regressed"],
        "improved",
    )
    counts = {"num_a": pairs.a.num, "den_a": pairs.a.den, "num_b": pairs.b.num, "den_b": pairs.b.den}
    return {"status": status, "value_a": value_a, "value_b": value_b, "difference": difference, **counts}
