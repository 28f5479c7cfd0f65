"""Draws summaries, comparisons and changes with matplotlib, and computes nothing.

Each function gives a `matplotlib.figure.Figure` of its own (nothing goes through pyplot), with intervals, n, coverage
and clusters written in. What comes from a rehearsal bears the mark of `qaeval.drawing.mark` in its corner.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qaeval import registry
from qaeval.drawing import (
    BLACK,
    BLUE,
    COLOURS,
    EMULATED,
    GREEN,
    GREY,
    MARKERS,
    VERMILLION,
    Line,
    Panel,
    forest,
    mark,
    new_figure,
    note,
    number,
    style,
    text,
)
from qaeval.errors import ScoreError
from qaeval.flags import FLAGS
from qaeval.naming import is_rehearsal
from qaeval.stats import RESULTS
from qaeval.tables import CHANGES, OUTCOMES, SUMMARY

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VERDICTS = {"b is better": (BLUE, "o"), "a is better": (VERMILLION, "s")}
STATUSES = {
    "regressed": (VERMILLION, "^"),
    "improved": (BLUE, "v"),
    "both_wrong": (GREY, "s"),
    "unchanged": (GREEN, "o"),
}


def plot_summary(summary: pd.DataFrame, metric: str | None = None) -> Figure:
    """A forest plot of a summary: each value with its interval, n, coverage, clusters and what was not answered.

    One panel a metric, task and prompt (of one metric if it is given). What the summary was sliced by gives headings;
    a model keeps its colour and marker throughout.

    Raises `ScoreError` for what is not a summary or has no rows, `UnknownNameError` for an unknown metric.
    """
    _check(summary, [name for name in SUMMARY if name != "part"], "qaeval.tables.summarize")
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
    return forest(panels, _small_print(rows), bool(summary["rehearsed"].any()))


def _summary_panel(
    rows: pd.DataFrame, slices: Sequence[str], inner: str, looks: Mapping[str, tuple[str, str]]
) -> Panel:
    lines: list[Line] = []
    for heading, row in _under_headings(rows, [name for name in slices if name != inner]):
        lines += [Line(heading)] if heading else []
        label = text(row[inner]) if slices else "all"
        cells = (
            number(row["value"]),
            _limits(row),
            f"{row['n']} / {row['asked']}",
            f"{100 * row['coverage']:.0f} %",
            str(row["clusters"]),
            _remarks(row),
        )
        lines.append(Line(label, row["value"], row["ci_low"], row["ci_high"], *looks.get(label, (BLUE, "o")), cells))
    first = rows.iloc[0]
    columns = ("value", _level(first), "n / asked", "coverage", "clusters", "besides answered")
    return Panel(text(first["metric"]), _asked(first), _axis_label(first), columns, tuple(lines))


def _remarks(row: pd.Series) -> str:
    told = [f"{row[name]} {name.replace('_', ' ')}" for name in (*OUTCOMES[1:], *FLAGS) if row[name]]
    return ", ".join(told + ([f"{row['n_zero_den']} without a value"] if row["n_zero_den"] else [])) or "none"


def plot_comparison(comparison: pd.DataFrame) -> Figure:
    """A forest plot of a comparison: each difference ``b - a`` with its interval, around a line at zero.

    One panel a metric and pair of models; changes are handed to `plot_changes`.

    Raises `ScoreError` for what is neither a comparison nor changes, or has no rows.
    """
    if "status" in comparison.columns:
        return plot_changes(comparison)
    _check(comparison, RESULTS, "qaeval.stats.compare")
    panels = [_comparison_panel(part) for part in _split(comparison, ["metric", "a", "b"])]
    return forest(panels, _small_print(comparison), _are_rehearsals(comparison))


def _comparison_panel(rows: pd.DataFrame) -> Panel:
    slices = [str(name) for name in rows.columns if name not in RESULTS and rows[name].notna().any()]
    questions = [name for name in ("task", "field", "prompt") if rows[name].nunique() > 1]
    inner, outer = (slices, questions) if slices else (questions[-1:], questions[:-1])
    lines: list[Line] = []
    for heading, row in _under_headings(rows, outer):
        lines += [Line(heading)] if heading else []
        cells = (
            number(row["value_a"]),
            number(row["value_b"]),
            number(row["difference"], "+"),
            _limits(row, "+"),
            str(row["n"]),
            str(row["only_a"] + row["only_b"] + row["neither"]),
            str(row["clusters"]),
            str(row["verdict"]),
        )
        label = " · ".join(text(row[name]) for name in inner) or "all samples"
        look = VERDICTS.get(row["verdict"], (BLACK, "D"))
        lines.append(Line(label, row["difference"], row["ci_low"], row["ci_high"], *look, cells))
    first = rows.iloc[0]
    columns = ("a", "b", "b − a", _level(first), "n", "left out", "clusters", "verdict")
    sides = ("← b is better", "a is better →") if first["better"] == "lower" else ("← a is better", "b is better →")
    about = f"a: {text(first['a'])}\nb: {text(first['b'])}\n{_asked(first, questions)}"
    label = f"difference in {_measure(first)} ({first['better']} is better)"
    return Panel(f"{_name(first)}, b − a", about, label, columns, tuple(lines), sides)


def plot_changes(changes: pd.DataFrame) -> Figure:
    """A scatter of each sample's value by ``a`` against that by ``b``, with the diagonal where nothing changes.

    Samples at the same place make one mark, whose area grows with their number; the legend counts each status. Where
    some values are far larger than the rest, the axes are linear up to what nine in ten keep within, and logarithmic
    beyond.

    Raises `ScoreError` for what is not changes, or when no sample has a value from both models.
    """
    _check(changes, CHANGES, "qaeval.tables.changes")
    rows = changes[changes["status"] != "unscored"]
    if rows.empty:
        raise ScoreError("nothing to draw: no sample has a value from both models")
    first = rows.iloc[0]
    labels = {side: f"{_measure(first)} of {side}: {text(first[side])}" for side in "ab"}
    above, below = ("worse", "better") if first["better"] == "lower" else ("better", "worse")
    about = f"{_asked(first)}\nb is {above} above the diagonal, {below} below it"
    with style([*labels.values(), about]):
        figure = new_figure(5.6, 6.2, layout=None)
        axes = figure.add_axes((0.13, 0.105, 0.84, 0.84 * 5.6 / 6.2))
        told = ["one mark a place, its area grows with the number of samples there"]
        told += _square(axes, [*rows["value_a"], *rows["value_b"]])
        if unscored := len(changes) - len(rows):
            told += [f"{unscored} without a value from both are not shown"]
        _marks(axes, rows)
        axes.set(xlabel=labels["a"], ylabel=labels["b"])
        title = f"{_name(first)} of each sample, n = {len(rows)}"
        figure.suptitle(title, x=0.13, y=0.985, ha="left", fontweight="bold", fontsize=10)
        axes.set_title(about, loc="left", fontsize=8, pad=20)
        if _are_rehearsals(changes):
            mark(figure)
            told.insert(0, EMULATED)
        note(figure, "; ".join(told))
        return figure


def _are_rehearsals(table: pd.DataFrame) -> bool:
    return any(is_rehearsal(str(name)) for name in {*table["a"], *table["b"]})


def _square(axes: Axes, values: Sequence[float]) -> list[str]:
    """Equal axes with the diagonal; tells if they are not linear all the way."""
    sizes = sorted(abs(value) for value in values if value) or [1.0]
    usual, largest = sizes[int(0.9 * (len(sizes) - 1))], sizes[-1]
    bent = largest > 5 * usual
    if bent:
        usual = _bend(axes, usual, largest)
    low = min([0.0, *values]) - (0.2 * usual if bent else 0.05 * largest)
    high = largest * (1.25 if bent else 1.05)
    axes.set(xlim=(low, high), ylim=(low, high), box_aspect=1)
    axes.grid(color="#E6E6E6", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.plot([low, high], [low, high], color=GREY, linewidth=0.9, linestyle="--", zorder=1)
    return [f"axes logarithmic beyond {usual:g}"] if bent else []


def _bend(axes: Axes, usual: float, largest: float) -> float:
    """Makes the axes logarithmic beyond ``usual``, rounded up to 1, 2 or 5 times a power of ten."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    power = 10.0 ** math.floor(math.log10(usual))
    start = next(step * power for step in (1, 2, 5, 10) if step * power >= usual)
    decades = range(math.ceil(math.log10(largest / start)))
    ticks = [0.0, start / 2, start, *(start * 10**n * step for n in decades for step in (2, 5, 10))]
    for set_scale in (axes.set_xscale, axes.set_yscale):
        set_scale("symlog", linthresh=start, linscale=1.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([tick for tick in ticks if tick <= largest])
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_locator(NullLocator())
    return start


def _marks(axes: Axes, rows: pd.DataFrame) -> None:
    places = rows.groupby(["status", "value_a", "value_b"], observed=True).size().reset_index(name="samples")
    unit = min(16.0, 260 / places["samples"].max())
    handles = []
    for status, (colour, marker) in STATUSES.items():
        here = places[places["status"] == status]
        look: dict[str, Any] = {"c": colour, "marker": marker, "linewidths": 0.5, "edgecolors": "white", "zorder": 2}
        axes.scatter(here["value_a"], here["value_b"], s=18 + unit * (here["samples"] - 1), alpha=0.75, **look)
        label = f"{here['samples'].sum()} {status.replace('_', ' ')}"
        handles.append(axes.scatter([], [], s=28, label=label, **look))
    tight = {"handletextpad": 0.2, "columnspacing": 1.2, "borderaxespad": 0.2}
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=4, frameon=False, fontsize=8, **tight
    )


def _check(table: pd.DataFrame, columns: Sequence[str], maker: str) -> None:
    if missing := [name for name in columns if name not in table.columns]:
        raise ScoreError(f"cannot draw this table: it lacks {', '.join(missing)}; expected one of {maker}")
    if table.empty:
        raise ScoreError("nothing to draw: the table has no rows")


def _split(rows: pd.DataFrame, keys: list[str]) -> Iterator[pd.DataFrame]:
    for _, part in rows.groupby(keys, sort=False, observed=True, dropna=False):
        yield part


def _under_headings(rows: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[str, pd.Series]]:
    """The rows brought together under headings; a row has one if it is the first of its values of ``names``."""
    for part in _split(rows, list(names)) if names else [rows]:
        heading = " · ".join(text(part.iloc[0][name]) for name in names)
        for place in range(len(part)):
            yield ("" if place else heading), part.iloc[place]


def _measure(row: pd.Series) -> str:
    return f"{_name(row)} ({text(row['unit'])})" if row["unit"] else _name(row)


def _name(row: pd.Series) -> str:
    return text(row["metric"]) + (f" {text(row['part'])}" if row.get("part") else "")


def _axis_label(row: pd.Series) -> str:
    return _measure(row) + ("" if row["better"] == "neither" else f", {row['better']} is better")


def _asked(row: pd.Series, varying: Sequence[str] = ()) -> str:
    words = {"task": "task", "field": "field", "prompt": "prompt", "profile": "text normalised by"}
    told = [name for name in words if name not in varying and row[name] not in ("", "text", "events")]
    return ", ".join(f"{words[name]} {text(row[name])}" for name in told)


def _level(row: pd.Series) -> str:
    return f"{100 * row['level']:g} % interval"


def _limits(row: pd.Series, sign: str = "") -> str:
    return "–" if math.isnan(row["ci_low"]) else f"[{number(row['ci_low'], sign)}, {number(row['ci_high'], sign)}]"


def _small_print(rows: pd.DataFrame) -> str:
    clusters = " / ".join(dict.fromkeys(text(name) for name in rows["cluster"] if name))
    return f"intervals: Student's t over clusters ({clusters}); a hollow mark has none"
