"""The scores frame: its columns, what makes it sound, and how its rows are chosen, grouped and clustered.

Shared by `qaeval.stats` and `qaeval.tables`, whose functions are what users call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qaeval import reducers, registry
from qaeval.errors import ScoreError
from qaeval.flags import FLAGS
from qaeval.naming import model_named

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS = (
    *("dataset", "sample", "task", "field", "prompt", "model", "repeat", "outcome", "metric", "part", "num", "den"),
    *("profile", "better", "unit", "reduce", "fitted", "flags", "recording", "language"),
)
"""The columns of the scores frame, in order; every further column is meta of the samples."""

MODEL_OUTCOMES = ("answered", "empty", "refused", "looped", "off_language", "unparsed")
SERVICE_OUTCOMES = ("failed", "quota", "retired", "skipped", "pending")
OUTCOMES = MODEL_OUTCOMES + SERVICE_OUTCOMES
"""All outcomes: replies of the model, which are scored, then what there is instead of one, which never is."""


def meta_columns(scores: pd.DataFrame) -> list[str]:
    """The columns of a scores frame that are meta of the samples."""
    return [str(name) for name in scores.columns if name not in COLUMNS]


def clear_of(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """What to rename: names that are already taken get the prefix ``meta.``.

    >>> clear_of(["speaker", "model"], ["model", "value"])
    {'model': 'meta.model'}
    """
    taken = set(taken)
    return {name: f"meta.{name}" for name in names if name in taken}


def checked(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores frame itself, once it is known to be one that may be summed.

    Raises `ScoreError` for missing columns, several profiles, unknown outcomes or directions, rows that occur twice,
    one metric with two reducers; `UnknownNameError` for an unknown reducer.
    """
    if missing := [name for name in COLUMNS if name not in scores.columns]:
        raise ScoreError(f"not a scores frame: it lacks {', '.join(missing)}; make one with qaeval.tables.score")
    if len(profiles := sorted(map(str, scores["profile"].unique()))) > 1:
        raise ScoreError(
            f"scores made with different profiles are not comparable, seen {', '.join(profiles)}: score all replies"
            " with one profile, or take the rows of one"
        )
    for name, known in (("outcome", OUTCOMES), ("better", ("lower", "higher", "neither")), ("flags", FLAGS)):
        seen = set(map(str, scores[name].unique()))
        words = {word for said in seen for word in said.split()} if name == "flags" else seen
        if strange := sorted(words - set(known)):
            raise ScoreError(f"unknown {name} {strange[0]!r} in the scores; there are: {', '.join(known)}")
    _check_reducers(scores)
    if (twice := _first_repeated(scores)) is not None:
        raise ScoreError(
            f"more than one row for sample {twice['sample']!r}, task {twice['task']!r}, model {twice['model']!r},"
            f" repeat {twice['repeat']}, metric {twice['metric']!r} and part {twice['part']!r};"
            " was the same run added twice?"
        )
    return scores


def _check_reducers(scores: pd.DataFrame) -> None:
    known = {name for name in map(str, scores["reduce"].unique()) if name}
    for name in sorted(known):
        reducers.find(name)
    keys = ["task", "field", "metric"]
    pairs = scores[[*keys, "reduce"]].drop_duplicates() if known else scores[:0]
    if (two := pairs.duplicated(keys)).any():
        metric = pairs[two].iloc[0]
        both = sorted({str(name) for name in pairs["reduce"][(pairs[keys] == metric[keys]).all(axis=1)]})
        raise ScoreError(
            f"{metric['metric']} of task {metric['task']!r} has more than one reducer in the scores, "
            f"{' and '.join(map(repr, both))}: score all replies again, or take the rows of one"
        )


def _first_repeated(scores: pd.DataFrame) -> pd.Series | None:
    keys = ["dataset", "sample", "task", "field", "prompt", "model", "repeat", "metric", "part"]
    groups = row_groups(scores, keys)
    if len(groups.first) == len(scores):
        return None
    sizes = np.bincount(groups.number)
    return scores.iloc[int(groups.first[int(np.argmax(sizes > 1))])]


class Groups(NamedTuple):
    """The group number of each row, and the position of each group's first row; numbered as they appear."""

    number: Ints
    first: Ints


def row_groups(frame: pd.DataFrame, keys: Sequence[str]) -> Groups:
    """Number the rows by equal keys (a missing value is a key too), in order of appearance.

    >>> import pandas as pd
    >>> row_groups(pd.DataFrame({"x": ["b", "a", None, "b"]}), ["x"]).number.tolist()
    [0, 1, 2, 0]
    """
    number: Ints = np.zeros(len(frame), np.int64)
    for key in keys:
        codes = np.asarray(frame[key].factorize()[0], np.int64) + 1
        _, number = np.unique(number * (codes.max(initial=0) + 1) + codes, return_inverse=True)
    _, first, number = np.unique(number, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return Groups(rank[number], first[order])


def sums(group: Ints, amounts: Floats, groups: int) -> Floats:
    """The sum of the amounts of each group, in the order of the group numbers.

    >>> sums(np.array([0, 2, 0]), np.array([1.0, 5.0, 2.0]), 3).tolist()
    [3.0, 0.0, 5.0]
    """
    return np.bincount(group, amounts, groups).astype(np.float64)


def clusters_of(frame: pd.DataFrame, cluster: str | None = None) -> tuple[Ints, str]:
    """The cluster number of each row, and the column (or ``speaker or recording`` ...) that it was made from.

    ``None`` stands for ``speaker``. A row whose value is missing or empty clusters by its recording, and if that is
    unknown too, by its sample. Equal values in two datasets are two clusters, except for recordings.
    """
    if cluster is not None and cluster not in frame.columns:
        known = {"dataset", "language", "recording", "sample", *meta_columns(frame)}.intersection(frame.columns)
        raise registry.unknown("column", cluster, known)
    number = np.full(len(frame), -1, np.int64)
    used = []
    for name in dict.fromkeys([cluster or "speaker", "recording", "sample"]):
        if name not in frame.columns:
            continue
        here = (number < 0) & (frame[name].notna() & (frame[name].astype(str) != "")).to_numpy(bool)
        if here.any():
            used.append(name)
            keys = [name] if name == "recording" else ["dataset", name]
            number[here] = row_groups(frame.loc[here, keys], keys).number + number.max() + 1
    return number, " or ".join(used)


def named(scores: pd.DataFrame, models: Iterable[str]) -> list[str]:
    """The full names of models of a scores frame; see `qaeval.naming.model_named`."""
    known = list(map(str, scores["model"].unique()))
    return [model_named(model, known) for model in models]


def flagged(rows: pd.DataFrame, flag: str) -> NDArray[np.bool_]:
    """Which rows bear a flag (`qaeval.flags`).

    >>> import pandas as pd
    >>> flagged(pd.DataFrame({"flags": ["", "cut unheard", "truncated"]}), "cut").tolist()
    [False, True, False]
    """
    bearing = [said for said in rows["flags"].unique() if flag in str(said).split()]
    return rows["flags"].isin(bearing).to_numpy(bool)


def select(
    scores: pd.DataFrame,
    models: Sequence[str],
    metric: str,
    task: str | None = None,
    prompt: str | None = None,
    field: str | None = None,
    part: str | None = "",
) -> pd.DataFrame:
    """The rows of some models and one metric, of one task, prompt and field if they are given.

    ``part`` ``""`` is the metric itself; None stands for all of its parts.

    ``models`` are names as `named` takes them, ``prompt`` is an id or the name before its ``@``. Unknown names raise
    `UnknownNameError` with the nearest ones.
    """
    checked(scores)
    for kind, name in (("metric", metric), ("task", task), ("field", field)):
        if name is not None and name not in (known := list(map(str, scores[kind].unique()))):
            raise registry.unknown(kind, name, known)
    models = named(scores, models)
    rows = scores[(scores["metric"] == metric) & scores["model"].isin(models)]
    rows = rows if part is None else rows[rows["part"] == part]
    rows = rows if task is None else rows[rows["task"] == task]
    rows = rows if field is None else rows[rows["field"] == field]
    if prompt is None:
        return rows
    fits = {known for known in map(str, rows["prompt"].unique()) if prompt in (known, known.split("@")[0])}
    if not fits:
        raise registry.unknown("prompt", prompt, map(str, rows["prompt"].unique()))
    return rows[rows["prompt"].isin(fits)]


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy with a new index and with values instead of categories, as suits a small table."""
    import pandas as pd

    kinds = {
        name: kind.categories.dtype for name, kind in frame.dtypes.items() if isinstance(kind, pd.CategoricalDtype)
    }
    return frame.astype(kinds).reset_index(drop=True)
