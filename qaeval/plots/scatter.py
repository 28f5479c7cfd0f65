"""A scatter of what changes from one model to another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qaeval.drawing.look import BLUE, EMULATED, GREEN, GREY, VERMILLION, mark, new_figure, note, style, text
from qaeval.errors import ScoreError
from qaeval.plots.words import are_rehearsals, asked, check, measure, metric_and_part
from qaeval.tables import CHANGES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STATUSES = {"regressed": VERMILLION, "improved": BLUE, "both_wrong": GREY, "unchanged": GREEN}

SIDE, LEFT, RIGHT, ABOVE, BELOW = 4.7, 0.9, 0.15, 0.87, 0.8
"""Of the square axes and of what stands around them, in inches."""


def plot_changes(changes: pd.DataFrame) -> Figure:
    """A scatter of each sample's value by ``a`` against that by ``b``, with the diagonal where nothing changes.

    ``changes`` are those of `qaeval.tables.changes`. Samples at the same place make one mark, whose area grows with
    their number; that of samples that changed points to where their value went. The legend counts each status. Where
    some values are far larger than the rest, the axes are linear up to what nine in ten keep within, and logarithmic
    beyond.

    Raises `ScoreError` for what is not changes, or when no sample has a value from both models.

    >>> import qaeval as qa
    >>> scores = qa.open_run("results/demo-example").scores()  # of the repository
    >>> figure = qa.plot_changes(qa.changes(scores, "control/majority", "whisper/base", "cer"))
    >>> figure.axes[0].get_ylabel().splitlines()
    ['cer of b', 'whisper/base']
    """
    check(changes, CHANGES, "qaeval.tables.changes")
    rows = changes[changes["status"] != "unscored"]
    if rows.empty:
        raise ScoreError("nothing to draw: no sample has a value from both models")
    first = rows.iloc[0]
    labels = {side: f"{measure(first)} of {side}\n{text(first[side])}" for side in "ab"}
    above, below = ("worse", "better") if first["better"] == "lower" else ("better", "worse")
    about = f"{asked(first)}\nb is {above} above the diagonal, {below} below it"
    with style([*labels.values(), about]):
        width, height = LEFT + SIDE + RIGHT, BELOW + SIDE + ABOVE
        figure = new_figure(width, height, layout=None)
        axes = figure.add_axes((LEFT / width, BELOW / height, SIDE / width, SIDE / height))
        told = ["one mark a place, its area grows with the number of samples there"]
        told += _square(axes, [*rows["value_a"], *rows["value_b"]])
        if unscored := len(changes) - len(rows):
            told += [f"{unscored} without a value from both are not shown"]
        _marks(axes, rows)
        axes.set(xlabel=labels["a"], ylabel=labels["b"])
        title = f"{metric_and_part(first)} of each sample, n = {len(rows)}"
        figure.suptitle(title, x=LEFT / width, y=0.985, ha="left", fontweight="bold", fontsize=10)
        axes.set_title(about, loc="left", fontsize=8, pad=20)
        if are_rehearsals(changes):
            mark(figure)
            told.insert(0, EMULATED)
        note(figure, "; ".join(told))
        return figure


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
    up = "regressed" if rows["better"].iloc[0] == "lower" else "improved"
    shapes = {"both_wrong": "s", "unchanged": "o", up: "^"}
    for status, colour in STATUSES.items():
        here = places[places["status"] == status]
        look: dict[str, Any] = {
            "c": colour,
            "marker": shapes.get(status, "v"),
            "linewidths": 0.5,
            "edgecolors": "white",
            "zorder": 2,
        }
        axes.scatter(here["value_a"], here["value_b"], s=18 + unit * (here["samples"] - 1), alpha=0.75, **look)
        label = f"{here['samples'].sum()} {status.replace('_', ' ')}"
        handles.append(axes.scatter([], [], s=28, label=label, **look))
    tight = {"handletextpad": 0.2, "columnspacing": 1.2, "borderaxespad": 0.2}
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=4, frameon=False, fontsize=8, **tight
    )
