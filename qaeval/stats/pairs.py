"""Two models on the same samples: what each made of every one, for `qaeval.stats` and `qaeval.tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qaeval import reducers, registry
from qaeval.errors import ScoreError
from qaeval.scores import SERVICE_OUTCOMES, Floats, Groups, Ints, named, row_groups, select, sums

if TYPE_CHECKING:
    import pandas as pd


class Side(NamedTuple):
    """What one model made of each sample: sums over its replies, and how many those are."""

    num: Floats
    den: Floats
    replies: Ints


_PAIR = ["dataset", "task", "field", "prompt", "sample"]


class Pairs(NamedTuple):
    """Two models on the same samples; ``samples`` has the columns of each one's first row, ``groups`` its rows."""

    samples: pd.DataFrame
    a: Side
    b: Side
    groups: Groups


class Chosen(NamedTuple):
    """Two models by their full names, the rows of one metric of theirs (all parts; the part ``""``), and its pairs."""

    a: str
    b: str
    of_all_parts: pd.DataFrame
    rows: pd.DataFrame
    pairs: Pairs


def choose(
    scores: pd.DataFrame,
    a: str,
    b: str,
    metric: str,
    task: str | None,
    prompt: str | None,
    field: str | None,
    part: str,
) -> Chosen:
    """What a scores frame says of two models in one metric, the pairs being of its part.

    Raises as `qaeval.scores.select`, `paired` and `of_part` do.
    """
    of_all_parts = select(scores, (a, b), metric, task, prompt, field, part=None)
    rows = of_all_parts[of_all_parts["part"] == ""]
    a, b = named(scores, (a, b))
    pairs = paired(rows, a, b)
    return Chosen(a, b, of_all_parts, rows, of_part(pairs, of_all_parts, a, b, part) if part else pairs)


def paired(rows: pd.DataFrame, a: str, b: str) -> Pairs:
    """Pairs the rows of two models (their part ``""``): one a (dataset, task, field, prompt, sample) either was asked.

    ``replies`` is 0 where there are only failures of the service, or the model was not asked about the sample.

    Raises `ScoreError` unless both were asked the same tasks under the same prompts.
    """
    if a == b:
        raise ScoreError(f"a comparison needs two models, seen {a!r} twice")
    asked = {model: _questions(rows[rows["model"] == model]) for model in (a, b)}
    if asked[a] != asked[b] or not asked[a]:
        told = "; ".join(f"{model!r} was asked {', '.join(seen) or 'nothing'}" for model, seen in asked.items())
        raise ScoreError(f"answers to different prompts are not comparable: {told}; choose a task and prompt of both")
    groups = row_groups(rows, _PAIR)
    samples = rows.iloc[groups.first].reset_index(drop=True)
    side_a, side_b = (_side(rows, groups.number, len(groups.first), model) for model in (a, b))
    return Pairs(samples, side_a, side_b, groups)


def of_part(pairs: Pairs, rows: pd.DataFrame, a: str, b: str, part: str) -> Pairs:
    """The same pairs, with what one part sums up to; ``rows`` are those of all parts. A reply that lacks it adds 0 / 0.

    Raises `UnknownNameError` for a part that no row has, `ScoreError` for the single amounts that a median is made of.
    """
    metric = rows["metric"].iloc[0]
    if any(name and reducers.find(name).each for name in map(str, rows["reduce"].unique())):
        raise ScoreError(f"the parts of {metric} are single amounts, which say nothing alone; leave part out")
    known = [name for name in map(str, rows["part"].unique()) if name]
    if part not in known:
        raise registry.unknown(f"part of {metric}", part, known)
    which = (rows["part"] == part).to_numpy(bool)
    counted, number, size = rows[which], pair_of(rows, pairs)[which], len(pairs.samples)
    side_a, side_b = (_side(counted, number, size, model) for model in (a, b))
    return pairs._replace(a=side_a._replace(replies=pairs.a.replies), b=side_b._replace(replies=pairs.b.replies))


def pair_of(rows: pd.DataFrame, pairs: Pairs) -> Ints:
    """The number of the pair that each row is of; ``rows`` are those of all parts, in the order of the pairs' own."""
    groups = row_groups(rows, _PAIR)
    pair = np.full(len(groups.first), -1, np.int64)
    pair[groups.number[(rows["part"] == "").to_numpy(bool)]] = pairs.groups.number
    return pair[groups.number]


def _questions(rows: pd.DataFrame) -> list[str]:
    known = rows[["task", "prompt"]].drop_duplicates()
    return sorted(f"{task} with {prompt}" for task, prompt in zip(known["task"], known["prompt"], strict=True))


def _side(rows: pd.DataFrame, pair: Ints, size: int, model: str) -> Side:
    replied = replied_by(rows, model)
    number = pair[replied]
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
    replied = replied_by(rows, model)
    said: list[dict[str, None]] = [{} for _ in pairs.groups.first]
    for number, value in zip(pairs.groups.number[replied].tolist(), rows[column][replied], strict=True):
        said[number][str(value)] = None
    return [list(values) for values in said]


def replied_by(rows: pd.DataFrame, model: str) -> NDArray[np.bool_]:
    """Which rows are of replies of the model."""
    which: NDArray[np.bool_] = ((rows["model"] == model) & ~rows["outcome"].isin(SERVICE_OUTCOMES)).to_numpy(bool)
    return which
