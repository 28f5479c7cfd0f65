"""Which clips to look at: by how much they changed between two models, or by the error of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from qaeval import tables
from qaeval.markup.numbers import metric_of
from qaeval.stats.changing import perfect, tells_samples

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.types import Task

CHANGED = ("regressed", "improved")
"""The statuses of clips whose value differs."""


class Measure(NamedTuple):
    """A metric under one task and prompt; ``label`` names it, no longer than needed to tell it from the others.

    ``ranks`` is false where single clips have no number of their own (`qaeval.stats.changing.tells_samples`), or none
    that is a model's merit. ``better`` as in `qaeval.types.Metric`.
    """

    label: str
    task: str
    prompt: str
    metric: str
    better: str
    unit: str
    field: str = ""
    ranks: bool = True


def measures(scores: pd.DataFrame, tasks: Mapping[str, Task], models: Sequence[str]) -> list[Measure]:
    """What all of these models have values of: by task, first the metric that most clips have a value of.

    The metrics of a field stand together, behind the first in the order of the task.
    """
    here = scores[scores["model"].isin(models)]
    whole = here[here["part"] == ""].astype({"model": str})
    keys = ["task", "prompt", "metric", "better", "unit", "field"]
    groups = whole.assign(valued=whole["den"] > 0).groupby(keys, observed=True, sort=False)
    counts = groups.agg(valued=("valued", "sum"), models=("model", "nunique")).reset_index()
    both = counts[(counts["models"] == len(set(models))) & (counts["valued"] > 0)]
    place = {(t.name, m.name, m.field): (i, j) for i, t in enumerate(tasks.values()) for j, m in enumerate(t.metrics)}

    def order(row: dict[str, Any]) -> tuple[int, str, int, int]:
        task, metric = place[str(row["task"]), str(row["metric"]), str(row["field"])]
        return task, str(row["prompt"]), -int(row["valued"]), metric

    rows = sorted(records(both), key=order)
    first: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows):
        first.setdefault((row["task"], row["prompt"], row["field"]), number)

    def together(row: dict[str, Any]) -> tuple[int, bool, int]:
        head = first[row["task"], row["prompt"], row["field"]]
        return head, row is not rows[head], order(row)[-1]

    found = [[str(row[key]) for key in keys] for row in sorted(rows, key=together)]
    return [Measure._make([_label(row, found), *row, _ranks(here, row)]) for row in found]


def _ranks(scores: pd.DataFrame, row: Sequence[str]) -> bool:
    task, prompt, metric, better, _, field = row
    if better == "neither":
        return False
    rows = scores[(scores["metric"] == metric) & (scores["task"] == task) & (scores["prompt"] == prompt)]
    return tells_samples(rows[rows["field"] == field])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, by the names of their columns."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _label(row: Sequence[str], found: Sequence[Sequence[str]]) -> str:
    task, prompt, metric, _, _, field = row
    same = [other for other in found if other[2] == metric]
    words = [metric_of(metric, field)]
    if len({other[0] for other in same}) > 1:
        words.append(task)
    if len({other[1] for other in same if other[0] == task}) > 1:
        words.append(prompt)
    return " · ".join(words)


def ranked(scores: pd.DataFrame, what: Measure, a: str, b: str | None = None) -> pd.DataFrame:
    """One row a clip, worst first: sample, status, value_a, value_b, difference, outcome_a, outcome_b.

    With one model, its largest errors come first, status is ``wrong``, ``right`` or ``unscored``, and value_b and
    difference are nan. Of a measure that does not rank, all clips are ``unscored``, in their own order.
    """
    if b is not None and what.ranks:
        return tables.changes(scores, a, b, what.metric, task=what.task, prompt=what.prompt, field=what.field)
    rows = scores[(scores["part"] == "") & (scores["model"] == a)]
    rows = rows[(rows["task"] == what.task) & (rows["prompt"] == what.prompt) & (rows["metric"] == what.metric)]
    rows = rows[rows["field"] == what.field]
    groups = rows.groupby("sample", observed=True, sort=False)
    sums = groups[["num", "den"]].sum()
    value = sums["num"] / sums["den"].where((sums["den"] > 0) & what.ranks)
    status = (
        value.eq(perfect(what.better, what.unit)).map({True: "right", False: "wrong"}).where(value.notna(), "unscored")
    )
    outcome = groups["outcome"].agg(lambda seen: ", ".join(dict.fromkeys(map(str, seen))))
    nothing = value * float("nan")
    table = sums.assign(
        status=status, value_a=value, value_b=nothing, difference=nothing, outcome_a=outcome, outcome_b=""
    )
    worst = table.sort_values("value_a", ascending=what.better == "higher", kind="stable", na_position="last")
    return worst.reset_index().astype({"sample": str})
