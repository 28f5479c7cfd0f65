"""Two models on the same samples: what each made of every one, for `qaeval.stats` and `qaeval.tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qaeval.errors import ScoreError
from qaeval.scores import SERVICE_OUTCOMES, Floats, Groups, Ints, row_groups, sums

if TYPE_CHECKING:
    import pandas as pd


class Side(NamedTuple):
    """What one model made of each sample: sums over its replies, and how many those are."""

    num: Floats
    den: Floats
    replies: Ints


class Pairs(NamedTuple):
    """Two models on the same samples; ``samples`` has the columns of each one's first row, ``groups`` its rows."""

    samples: pd.DataFrame
    a: Side
    b: Side
    groups: Groups


def paired(rows: pd.DataFrame, a: str, b: str) -> Pairs:
    """Pairs the rows of two models: one a (dataset, task, field, prompt, sample) that either was asked.

    ``replies`` is 0 where there are only failures of the service, or the model was not asked about the sample.

    Raises `ScoreError` unless both were asked the same tasks under the same prompts.
    """
    if a == b:
        raise ScoreError(f"a comparison needs two models, seen {a!r} twice")
    asked = {model: _questions(rows[rows["model"] == model]) for model in (a, b)}
    if asked[a] != asked[b] or not asked[a]:
        told = "; ".join(f"{model!r} was asked {', '.join(seen) or 'nothing'}" for model, seen in asked.items())
        raise ScoreError(f"answers to different prompts are not comparable: {told}; choose a task and prompt of both")
    groups = row_groups(rows, ["dataset", "task", "field", "prompt", "sample"])
    samples = rows.iloc[groups.first].reset_index(drop=True)
    return Pairs(samples, _side(rows, groups, a), _side(rows, groups, b), groups)


def _questions(rows: pd.DataFrame) -> list[str]:
    known = rows[["task", "prompt"]].drop_duplicates()
    return sorted(f"{task} with {prompt}" for task, prompt in zip(known["task"], known["prompt"], strict=True))


def _side(rows: pd.DataFrame, groups: Groups, model: str) -> Side:
    replied = _replied(rows, model)
    number, size = groups.number[replied], len(groups.first)
    num: Floats = rows["num"].to_numpy(np.float64)[replied]
    den: Floats = rows["den"].to_numpy(np.float64)[replied]
    return Side(sums(number, num, size), sums(number, den, size), np.bincount(number, minlength=size))


def fitted_apart(rows: pd.DataFrame, pairs: Pairs, a: str, b: str) -> NDArray[np.bool_]:
    """Which of the samples that both replied to were heard differently: cut, asked in parts or re-encoded for one."""
    if rows["fitted"].nunique() < 2:
        return np.zeros(len(pairs.samples), bool)
    heard_a, heard_b = (said_by(rows, pairs, model, "fitted") for model in (a, b))
    both = (pairs.a.replies > 0) & (pairs.b.replies > 0)
    apart = [set(one) != set(other) for one, other in zip(heard_a, heard_b, strict=True)]
    found: NDArray[np.bool_] = both & np.array(apart, bool)
    return found


def said_by(rows: pd.DataFrame, pairs: Pairs, model: str, column: str) -> list[list[str]]:
    """The values of a column in the model's replies to each sample, each once, in order."""
    replied = _replied(rows, model)
    said: list[dict[str, None]] = [{} for _ in pairs.groups.first]
    for number, value in zip(pairs.groups.number[replied].tolist(), rows[column][replied], strict=True):
        said[number][str(value)] = None
    return [list(values) for values in said]


def _replied(rows: pd.DataFrame, model: str) -> NDArray[np.bool_]:
    which: NDArray[np.bool_] = ((rows["model"] == model) & ~rows["outcome"].isin(SERVICE_OUTCOMES)).to_numpy(bool)
    return which
