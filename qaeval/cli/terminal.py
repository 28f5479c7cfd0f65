"""Summaries and comparisons as text for a terminal: a table a question, and what is the same in every row said once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from qaeval.cli.widths import fitted, wrapped
from qaeval.flags import FLAGS
from qaeval.markup.numbers import ARROWS, count, decimals, metric_of, money
from qaeval.naming import REHEARSED, is_rehearsal
from qaeval.scores import OUTCOMES
from qaeval.stats import RESULTS
from qaeval.tables import SUMMARY
from qaeval.terms import Used

if TYPE_CHECKING:
    import pandas as pd

Row = dict[Any, Any]


def summary_text(summary: pd.DataFrame) -> str:
    """A table of `qaeval.summarize`: value, interval, n of those asked, coverage, clusters, further outcomes, flags."""
    slices = [name for name in summary.columns if name not in SUMMARY]

    def cells(row: Row) -> Row:
        part = f" {row['part']}" if row.get("part") else ""
        return {
            **{name: row[name] for name in slices},
            "metric": f"{metric_of(row['metric'], row['field'])}{part or ARROWS[row['better']]}",
            "value": _number(row["value"], row["unit"]),
            "interval": _interval(row),
            "n/asked": f"{row['n']}/{row['asked']}",
            "coverage": f"{row['coverage']:.0%}",
            "clusters": row["clusters"],
            "besides answered": _remarks(row),
        }

    rehearsed = bool(summary["rehearsed"].any())
    return _text(summary, cells, rehearsed)


def comparison_text(comparison: pd.DataFrame) -> str:
    """A table of `qaeval.compare`: both values, the difference b - a with its interval, n, clusters, the verdict."""
    slices = [name for name in comparison.columns if name not in RESULTS]
    apart = bool(comparison["differently_fitted"].any())

    def cells(row: Row) -> Row:
        return {
            **{name: row[name] for name in slices},
            "metric": f"{metric_of(row['metric'], row['field'], row['part'])}{ARROWS[row['better']]}",
            "a": f"{row['a']} {_number(row['value_a'], row['unit'])}",
            "b": f"{row['b']} {_number(row['value_b'], row['unit'])}",
            "b - a": _number(row["difference"], row["unit"], signed=True),
            "interval": _interval(row, signed=True),
            "n": row["n"],
            "clusters": row["clusters"],
            "verdict": row["verdict"],
            "not compared": _left_out(row),
            **({"differently fitted": row["differently_fitted"] or "-"} if apart else {}),
        }

    rehearsed = any(map(is_rehearsal, {*comparison["a"], *comparison["b"]}))
    return _text(comparison, cells, rehearsed)


def _remarks(row: Row) -> str:
    """What the value does not tell: other outcomes, flags, and replies without a denominator (a word not found)."""
    remarks = [f"{row[name]} {name}" for name in (*OUTCOMES[1:], *FLAGS) if row[name]]
    remarks += [f"{row['n_zero_den']} without a value"] if row["n_zero_den"] else []
    return ", ".join(remarks) or "-"


def _left_out(row: Row) -> str:
    """Clips that the difference does not tell of."""
    counts = {"only a": "only_a", "only b": "only_b", "a without a value": "unscored_a", "b without": "unscored_b"}
    return ", ".join(f"{row[name]} {said}" for said, name in counts.items() if row[name]) or "-"


def _number(value: float, unit: str, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return "-" if math.isnan(value) else f"{value:{sign}.{decimals(unit)}f}{unit and ' ' + unit}"


def _interval(row: Row, signed: bool = False) -> str:
    low, high = row["ci_low"], row["ci_high"]
    if math.isnan(low):
        return "-"
    return "[{}, {}]".format(
        *(_number(end, row["unit"], signed).removesuffix(f" {row['unit']}") for end in (low, high))
    )


def used_text(all_used: Iterable[Used]) -> str:
    """A line a model: its replies, tokens and cost, and the median of the seconds to the last token.

    >>> print(used_text([Used("dashscope/omni", True, replies=2, tokens={"audio_tokens": 150}, seconds=(1.2, 2.0))]))
    dashscope/omni: 2 replies, 150 tokens, cost not known, median 1.20 s
    """
    return "\n".join(wrapped(f"{one.model}: {', '.join(_uses(one))}") for one in all_used)


def _uses(one: Used) -> list[str]:
    said = [count(one.replies, "reply", "replies")]
    said += [count(one.retries, "retry", "retries")] if one.retries else []
    said += [count(sum(one.tokens.values()), "token")] if one.tokens else []
    if one.cost is None:
        said += ["cost not known"] if one.hosted else []
    elif one.free:
        said.append(f"{'would have been ' if one.rehearsed else ''}free while the free quota lasts")
    else:
        verb, least = "would have cost" if one.rehearsed else "cost", "at least " if one.unpriced else ""
        said.append(f"{verb} {least}CNY {money(one.cost)}")
    return [*said, *([f"median {one.seconds[0]:.2f} s"] if one.seconds else [])]


def _text(frame: pd.DataFrame, cells: Callable[[Row], Row], rehearsed: bool) -> str:
    if frame.empty:
        return "(nothing was scored)"
    tables = []
    for (task, prompt), rows in frame.groupby(["task", "prompt"], sort=False):
        metrics = list(dict.fromkeys(zip(rows["metric"], rows["field"], strict=True)))
        by_metric = sorted(rows.to_dict("records"), key=lambda row: metrics.index((row["metric"], row["field"])))
        table = fitted([cells(row) for row in by_metric], "metric")
        tables.append(f"{task} (prompt {prompt})\n{table}")
    said = {name: ", ".join(filter(None, map(str, frame[name].unique()))) for name in ("cluster", "profile")}
    notes = (
        f"{frame['level'].iloc[0]:.0%} intervals, clusters by {said['cluster'] or '-'}; texts normalised by "
        f"{said['profile']}; "
        "↓ lower is better, ↑ higher is better"
    )
    return "\n\n".join([*tables, "\n".join(map(wrapped, [notes, *([REHEARSED] if rehearsed else [])]))])
