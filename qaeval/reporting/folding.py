"""The tables of results: first the metrics that answer a task's question, then, folded, those that explain them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from qaeval.headlines import Key, headlines
from qaeval.markup.numbers import count, metric_of
from qaeval.markup.ranking import Measure
from qaeval.reporting.results import comparison_table, summary_table
from qaeval.scores import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.types import Task

_NAMED = 8
"""So many of the folded metrics are named."""


class Folded(NamedTuple):
    """A table of the metrics that come first; ``more``, one of the others; ``told`` names them; both may be empty."""

    first: Markup
    told: str = ""
    more: Markup = Markup("")


def leading(scores: pd.DataFrame, tasks: Mapping[str, Task], main: Sequence[Measure]) -> set[Key]:
    """The metrics that come first: the `qaeval.headlines` of each task, and the main ones."""
    rows = headlines(scores, tasks, {one.metric for one in main}).scores
    return set(_keys(rows.drop_duplicates(["task", "field", "metric"])))


def summaries(summary: pd.DataFrame, known: Sequence[Measure], lead: set[Key]) -> Folded:
    """`summary_table`, but for metrics that `unvalued` names."""
    silent = _silent(summary, lead)
    shown = summary[[key not in silent for key in _keys(summary)]]
    return _folded(_keys(shown), lead, known, lambda rows: summary_table(shown[rows], known))


def comparisons(comparable: Sequence[Measure], comparison: pd.DataFrame, lead: set[Key]) -> Folded:
    """`comparison_table`."""

    def drawn(rows: Sequence[bool]) -> Markup:
        measures = [one for one, kept in zip(comparable, rows, strict=True) if kept]
        return comparison_table(measures, comparison[rows])

    return _folded(list(map(_key, comparable)), lead, comparable, drawn)


def unvalued(summary: pd.DataFrame, lead: set[Key]) -> str:
    """A sentence on the metrics that no reply of any model has a value of; empty where there is none such.

    A clip without a reply counts for every metric that may apply to it, and so for those that no other is scored by.
    """
    silent = _silent(summary, lead)
    named = ", ".join(f"{metric_of(metric, field)} ({why})" for (_, field, metric), why in silent.items())
    return f"Not shown, as no reply has a value: {named}." if named else ""


def _silent(summary: pd.DataFrame, lead: set[Key]) -> dict[Key, str]:
    """What became of the replies by each such metric; of a task without any value, what comes first is no such."""
    valued = set(_keys(summary[summary["n"] > 0]))
    tasks = {task for task, _, _ in valued}
    keys = _keys(summary)
    silent = dict.fromkeys(key for key in keys if key not in valued and (key[0] in tasks or key not in lead))
    counts = {key: summary.loc[[one == key for one in keys], list(OUTCOMES)].sum() for key in silent}
    return {key: outcomes({str(name): n for name, n in of.items()}) for key, of in counts.items()}


def outcomes(row: Mapping[str, Any]) -> str:
    """The counts of a summary in words.

    >>> outcomes({name: 2 * (name == "off_language") for name in OUTCOMES})
    '2 off language'
    """
    return ", ".join(f"{row[name]:,} {name.replace('_', ' ')}" for name in OUTCOMES if row[name])


def _keys(frame: pd.DataFrame) -> list[Key]:
    return list(zip(*(frame[name].astype(str) for name in ("task", "field", "metric")), strict=True))


def _key(one: Measure) -> Key:
    return one.task, one.field, one.metric


def _folded(
    keys: Sequence[Key], lead: set[Key], order: Sequence[Measure], drawn: Callable[[list[bool]], Markup]
) -> Folded:
    first = [key in lead for key in keys]
    if all(first) or not any(first):
        return Folded(drawn([True] * len(keys)))
    others = set(keys) - lead
    names = dict.fromkeys(metric_of(key[2], key[1]) for key in [*map(_key, order), *keys] if key in others)
    told = ", ".join(list(names)[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return Folded(drawn(first), f"{count(len(names), 'more metric')}: {told}", drawn([not one for one in first]))
