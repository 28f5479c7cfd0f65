"""Summaries and comparisons as text for a terminal: a table a question, and what is the same in every row said once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from qaeval.cli.widths import fitted, wrapped
from qaeval.flags import FLAGS
from qaeval.markup import plain
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
            **{name: _slice(row[name]) for name in slices},
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
            **{name: _slice(row[name]) for name in slices},
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


def changes_text(changes: pd.DataFrame, shown: pd.DataFrame, most: int) -> str:
    """Of `qaeval.runs.Run.changes`, how many clips have which status; then the first of ``shown``, with their texts."""
    if changes.empty:
        return "(no clip that both replied to)"
    first: Row = changes.iloc[0].to_dict()
    counts = changes["status"].value_counts(sort=False).items()
    statuses = ", ".join(f"{number} {str(status).replace('_', ' ')}" for status, number in counts)
    metric = f"{metric_of(first['metric'], first['field'])}{ARROWS[first['better']]}"
    about = f"{metric}, {first['task']} (prompt {first['prompt']}); texts normalised by {first['profile']}"
    head = [f"{count(len(changes), 'clip')} that both replied to: {statuses}", about]
    head += [f"a: {first['a']}", f"b: {first['b']}", *([REHEARSED] if _rehearsed(first) else [])]
    clips = ["\n".join(_clip(row)) for row in shown.head(most).to_dict("records")]
    rest = (
        [f"{len(shown) - most} more: --most {len(shown)} shows them, --csv FILE writes all"]
        if len(shown) > most
        else []
    )
    return plain("\n\n".join(["\n".join(map(wrapped, head)), *clips, *rest]))


def _rehearsed(row: Row) -> bool:
    return is_rehearsal(str(row["a"])) or is_rehearsal(str(row["b"]))


def _clip(row: Row) -> Iterator[str]:
    """A clip's change, and below it what was to be said and what was said."""
    values = " -> ".join(_number(row[f"value_{side}"], row["unit"]) for side in "ab")
    yield f"{row['sample']}: {row['status'].replace('_', ' ')}, {values}"
    said = {side: row[name] for side, name in _SAID.items() if isinstance(row[name], str)}
    yield from (wrapped(f"  {side}: {_slice(' '.join(words.split()))}") for side, words in said.items())


_SAID = {"reference": "reference", "a": "hypothesis_a", "b": "hypothesis_b"}


def _slice(value: object) -> object:
    """A value that rows are of; an empty one is shown as a missing one is."""
    return "-" if isinstance(value, str) and not value.strip() else value


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
    >>> print(used_text([Used("rehearsal/omni", True, replies=2, rehearsed=True, cost=0.5, seconds=(1.2, 2.0))]))
    rehearsal/omni: 2 replies, would have cost CNY 0.5000, median 1.20 s on this machine
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
    whose = " on this machine" if one.rehearsed else ""
    return [*said, *([f"median {one.seconds[0]:.2f} s{whose}"] if one.seconds else [])]


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
