"""Forest plots of summaries and comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from qaeval import registry
from qaeval.drawing.forest import Line, Panel, forest
from qaeval.drawing.look import BLACK, BLUE, COLOURS, MARKERS, VERMILLION, number, text
from qaeval.flags import FLAGS
from qaeval.plots.scatter import plot_changes
from qaeval.plots.words import are_rehearsals, asked, check, measure, metric_and_part, slice_label
from qaeval.stats import RESULTS
from qaeval.tables import OUTCOMES, SUMMARY

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

VERDICTS = {"b is better": (BLUE, "o"), "a is better": (VERMILLION, "s")}
_PER_CENT = ("%", "percentage points")


def plot_summary(summary: pd.DataFrame, metric: str | None = None) -> Figure:
    """A forest plot of a summary: each value with its interval, n, coverage, clusters and what was not answered.

    ``summary`` is one of `qaeval.tables.summarize`. One panel a metric, task and prompt (of one ``metric`` if it is
    given). What the summary was sliced by gives headings; a model keeps its colour and marker throughout.

    Raises `ScoreError` for what is not a summary or has no rows, `UnknownNameError` for an unknown metric.

    >>> import qaeval as qa
    >>> scores = qa.open_run("results/demo-example").scores()  # of the repository
    >>> figure = qa.plot_summary(qa.summarize(scores), metric="onset_error")
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['onset_error (s), lower is better']
    """
    check(summary, [name for name in SUMMARY if name != "part"], "qaeval.tables.summarize")
    rows = summary[summary["part"] == ""] if "part" in summary.columns else summary
    if metric is not None and metric not in (known := list(map(str, rows["metric"].unique()))):
        raise registry.unknown("metric", metric, known)
    rows = rows if metric is None else rows[rows["metric"] == metric]
    slices = [str(name) for name in rows.columns if name not in SUMMARY]
    inner = "model" if "model" in slices or not slices else slices[-1]
    names = list(dict.fromkeys(map(text, rows[inner]))) if slices else []
    looks = {name: (COLOURS[i % 8], MARKERS[i % 8]) for i, name in enumerate(names) if inner == "model"}
    panels = [
        _summary_panel(part, slices, inner, looks) for part in _split(rows, ["metric", "task", "field", "prompt"])
    ]
    words = "intervals within what a value can be, over clusters"
    return forest(panels, _small_print(rows, words), bool(summary["rehearsed"].any()))


def _summary_panel(
    rows: pd.DataFrame, slices: Sequence[str], inner: str, looks: Mapping[str, tuple[str, str]]
) -> Panel:
    lines: list[Line] = []
    for heading, row in _under_headings(rows, [name for name in slices if name != inner]):
        lines += [Line(heading)] if heading else []
        label = slice_label(row, [inner]) if slices else "all"
        size = _size(row, "value")
        cells = (
            number(row["value"], beside=size),
            _limits(row, size),
            f"{row['n']} / {row['asked']}",
            f"{100 * row['coverage']:.0f} %",
            str(row["clusters"]),
            _remarks(row),
        )
        lines.append(Line(label, row["value"], row["ci_low"], row["ci_high"], *looks.get(label, (BLUE, "o")), cells))
    first = rows.iloc[0]
    columns = ("value", _level(first), "n / asked", "coverage", "clusters", "besides answered")
    return Panel(text(first["metric"]), asked(first), _axis_label(first), columns, tuple(lines))


def _remarks(row: pd.Series) -> str:
    told = [f"{row[name]} {name.replace('_', ' ')}" for name in (*OUTCOMES[1:], *FLAGS) if row[name]]
    return ", ".join(told + ([f"{row['n_zero_den']} without a value"] if row["n_zero_den"] else [])) or "none"


def plot_comparison(comparison: pd.DataFrame) -> Figure:
    """A forest plot of a comparison: each difference ``b - a`` with its interval, around a line at zero.

    ``comparison`` is one of `qaeval.stats.compare`, or several of them joined. One panel a metric and pair of models;
    changes are handed to `plot_changes`.

    Raises `ScoreError` for what is neither a comparison nor changes, or has no rows.

    >>> import qaeval as qa
    >>> scores = qa.open_run("results/demo-example").scores()  # of the repository
    >>> figure = qa.plot_comparison(qa.compare(scores, "control/majority", "whisper/base", "cer"))
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['difference in cer (lower is better)']
    """
    if "status" in comparison.columns:
        return plot_changes(comparison)
    check(comparison, RESULTS, "qaeval.stats.compare")
    panels = [_comparison_panel(part) for part in _split(comparison, ["metric", "a", "b"])]
    words = "intervals: Student's t over clusters"
    return forest(panels, _small_print(comparison, words), are_rehearsals(comparison))


def _comparison_panel(rows: pd.DataFrame) -> Panel:
    slices = [str(name) for name in rows.columns if name not in RESULTS and rows[name].notna().any()]
    questions = [name for name in ("task", "field", "prompt") if rows[name].nunique() > 1]
    inner, outer = (slices, questions) if slices else (questions[-1:], questions[:-1])
    lines: list[Line] = []
    for heading, row in _under_headings(rows, outer):
        lines += [Line(heading)] if heading else []
        size = _size(row, "value_a", "value_b", "difference")
        cells = (
            number(row["value_a"], beside=size),
            number(row["value_b"], beside=size),
            number(row["difference"], "+", size),
            _limits(row, size, "+"),
            str(row["n"]),
            str(row["only_a"] + row["only_b"] + row["neither"]),
            str(row["clusters"]),
            str(row["verdict"]),
        )
        label = slice_label(row, inner) or "all samples"
        look = VERDICTS.get(row["verdict"], (BLACK, "D"))
        lines.append(Line(label, row["difference"], row["ci_low"], row["ci_high"], *look, cells))
    first = rows.iloc[0]
    columns = ("a", "b", "b − a", _level(first), "n", "left out", "clusters", "verdict")
    sides = ("← b is better", "a is better →") if first["better"] == "lower" else ("← a is better", "b is better →")
    about = f"a: {text(first['a'])}\nb: {text(first['b'])}\n{asked(first, questions)}"
    label = f"difference in {measure(first)} ({first['better']} is better)"
    return Panel(f"{metric_and_part(first)}, b − a", about, label, columns, tuple(lines), sides)


def _split(rows: pd.DataFrame, keys: list[str]) -> Iterator[pd.DataFrame]:
    for _, part in rows.groupby(keys, sort=False, observed=True, dropna=False):
        yield part


def _under_headings(rows: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[str, pd.Series]]:
    """The rows brought together under headings; a row has one if it is the first of its values of ``names``."""
    for part in _split(rows, list(names)) if names else [rows]:
        heading = slice_label(part.iloc[0], names)
        for place in range(len(part)):
            yield ("" if place else heading), part.iloc[place]


def _axis_label(row: pd.Series) -> str:
    return measure(row) + ("" if row["better"] == "neither" else f", {row['better']} is better")


def _level(row: pd.Series) -> str:
    return f"{100 * row['level']:g} % interval"


def _limits(row: pd.Series, size: float, sign: str = "") -> str:
    limits = ", ".join(number(row[name], sign, size) for name in ("ci_low", "ci_high"))
    return "–" if math.isnan(row["ci_low"]) else f"[{limits}]"


def _size(row: pd.Series, *names: str) -> float:
    """The largest of some numbers and of the limits, which are written with as many decimals; of per cents one."""
    numbers = [abs(float(row[name])) for name in (*names, "ci_low", "ci_high") if not math.isnan(row[name])]
    return max([*numbers, 10.0 if row["unit"] in _PER_CENT else 0.0])


def _small_print(rows: pd.DataFrame, words: str) -> str:
    clusters = " / ".join(dict.fromkeys(text(name) for name in rows["cluster"] if name))
    return words + (f" ({clusters})" if clusters else "") + "; a hollow mark has none"
