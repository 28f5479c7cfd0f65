"""Forest plots: values with their intervals, one row each, with a table beside them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qaeval.drawing.look import BLACK, EMULATED, FONT_SIZE, GREY, MARK, mark, new_figure, note, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW, HEAD, FOOT, AXES_WIDTH = 0.235, 0.55, 0.5, 2.8
"""Heights of a row, of what stands above and below the rows, and width of the axes of a forest plot, in inches."""


@dataclass(frozen=True)
class Line:
    """One row of a forest plot: a heading if it has no cells, otherwise a point with its interval and its cells."""

    label: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    colour: str = BLACK
    marker: str = "o"
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """One set of axes of a forest plot. ``sides`` say what lies left and right of zero, where a line is then drawn."""

    title: str
    about: str
    label: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    sides: tuple[str, str] | None = None

    def texts(self) -> Iterator[str]:
        """All text in it that may come from a dataset or a model."""
        yield from (self.title, self.about, self.label)
        yield from (line.label for line in self.lines)


def forest(panels: Sequence[Panel], small_print: str, rehearsed: bool = False) -> Figure:
    """A figure of forest plots, one below the other, each with its table on the right (its last column holds words).

    ``rehearsed`` puts the mark of a rehearsal on it.
    """
    small_print = f"{EMULATED}; {small_print}" if rehearsed else small_print
    texts = [small_print, *(written for panel in panels for written in panel.texts())]
    rows = [len(panel.lines) for panel in panels]
    heads = sum(HEAD + FOOT + (panel.about.count("\n") + 1) * 11 / 72 for panel in panels)
    labels = max(_width(line.label) for panel in panels for line in panel.lines)
    columns = [max(widths) for widths in zip(*map(_column_widths, panels), strict=True)]
    width = AXES_WIDTH + (labels + sum(columns)) / 72 + 0.4
    with style(texts):
        figure = new_figure(width, sum(rows) * ROW + heads + 0.2 + rehearsed * MARK)
        grid = figure.add_gridspec(len(panels), 1, height_ratios=rows)
        for place, panel in enumerate(panels):
            _draw_panel(figure.add_subplot(grid[place]), panel, columns)
        note(figure, small_print)
        if rehearsed:
            _leave_room(figure)
            mark(figure)
        return figure


def _leave_room(figure: Figure) -> None:
    """Room above the axes for the mark."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, 0, 1, 1 - MARK / figure.get_figheight()))


def _width(written: str) -> float:
    """About how many points wide a text is, at the size of the labels."""
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.56 for letter in written) * FONT_SIZE


def _column_widths(panel: Panel) -> list[float]:
    table = [panel.columns, *(line.cells for line in panel.lines if line.cells)]
    return [max(_width(cell) * 8 / FONT_SIZE for cell in column) + 10 for column in zip(*table, strict=True)]


def _draw_panel(axes: Axes, panel: Panel, columns: Sequence[float]) -> None:
    places = range(len(panel.lines))
    axes.set_ylim(len(panel.lines) - 0.4, -0.6)
    axes.set_yticks(places, [line.label for line in panel.lines], fontsize=FONT_SIZE)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#E6E6E6", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(panel.label)
    for place, line in zip(places, panel.lines, strict=True):
        _draw_line(axes, place, line)
    _fit(axes, panel)
    _draw_table(axes, panel, columns)
    _write_head(axes, panel)


def _draw_line(axes: Axes, place: int, line: Line) -> None:
    tick = axes.yaxis.get_major_ticks()[place].label1
    if not line.cells:
        tick.set_fontweight("bold")
        return
    if not math.isnan(line.low):
        axes.plot([line.low, line.high], [place, place], color=line.colour, linewidth=1.4, solid_capstyle="butt")
        axes.plot([line.low, line.high], [place, place], color=line.colour, linewidth=0, marker="|", markersize=5)
    filled = "white" if math.isnan(line.low) else line.colour
    axes.plot([line.value], [place], marker=line.marker, color=line.colour, markersize=5.5, markerfacecolor=filled)


def _fit(axes: Axes, panel: Panel) -> None:
    """Holds zero and all intervals, with a margin: a mark at 0 or 1 is not cut, nor hidden by the axis."""
    ends = [end for line in panel.lines for end in (line.value, line.low, line.high) if not math.isnan(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    if panel.sides:
        axes.axvline(0, color=BLACK, linewidth=0.9)
        low, high = min(low, -0.2 * high), max(high, -0.2 * low)
    margin = 0.05 * (high - low) or 0.1
    axes.set_xlim(low - margin, high + margin)


def _draw_table(axes: Axes, panel: Panel, widths: Sequence[float]) -> None:
    offset = 6.0
    for column, (name, width) in enumerate(zip(panel.columns, widths, strict=True)):
        last = column == len(widths) - 1
        offset += 14 if last else width
        place: dict[str, Any] = {"textcoords": "offset points", "fontsize": 8, "annotation_clip": False}
        place["ha"] = "left" if last else "right"
        axes.annotate(name, (1, 1), (offset, 5), xycoords="axes fraction", va="bottom", color=GREY, **place)
        for row, line in enumerate(panel.lines):
            if line.cells:
                where = ("axes fraction", "data")
                axes.annotate(line.cells[column], (1, row), (offset, 0), xycoords=where, va="center", **place)


def _write_head(axes: Axes, panel: Panel) -> None:
    place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "bottom"}
    if panel.sides:
        axes.annotate(panel.sides[0], (0, 1), (0, 5), ha="left", fontsize=8, color=GREY, **place)
        axes.annotate(panel.sides[1], (1, 1), (0, 5), ha="right", fontsize=8, color=GREY, **place)
    lines = panel.about.count("\n") + 1
    axes.annotate(panel.about, (0, 1), (0, 20), fontsize=8, linespacing=1.3, **place)
    axes.annotate(panel.title, (0, 1), (0, 24 + 11 * lines), fontweight="bold", fontsize=10, **place)
