"""The look of all figures: colours, markers, sizes, safe text, small print and the mark of a rehearsal.

Colours are those of M. Okabe and K. Ito ("Color Universal Design", 2008), which colour-blind readers can tell apart; no
meaning is carried by colour alone. Text from datasets and models is drawn as it is, never read as markup.
"""

from __future__ import annotations

import functools
import io
import itertools
import math
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from qaeval.drawing.fonts import chinese_font

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, GREY = "#E69F00", "#56B4E9", "#000000", "#777777"
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK, GREY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")

FONT_SIZE, SMALL = 9.0, 7.5
LONGEST_LABEL = 60
"""How many `columns` of a label are shown."""
DPI = 150

EMULATED = "a rehearsal: replies of the emulator, not of the services"
MARK = 0.2
"""What a figure of a rehearsal says in its small print, and the height of its mark, in inches."""


def columns(written: str) -> int:
    """How many Latin letters a text is about as wide as; a Chinese letter counts as two.

    >>> columns("base"), columns("粤语")
    (4, 4)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in written)


def text(value: object) -> str:
    r"""A label for people: one line, with both its ends if it is too long, and ``–`` for what is missing.

    >>> text(" two\nlines "), text(float("nan")), len(text("x" * 99))
    ('two lines', '–', 59)
    >>> text("replay/很长的中文文件夹名字/重新评测的结果/旧的运行:whisper/base")
    'replay/很长的中文文件夹名字/…的结果/旧的运行:whisper/base'
    """
    import pandas as pd

    line = "–" if value is None or value is pd.NA or value != value else " ".join(str(value).split())
    if columns(line) <= LONGEST_LABEL:
        return line
    before, after = (_fitting(part, (LONGEST_LABEL - 1) // 2) for part in (line, line[::-1]))
    return f"{before}…{after[::-1]}"


def _fitting(line: str, room: int) -> str:
    """The start of a line that is no wider than so many columns."""
    ends = itertools.accumulate(map(columns, line))
    return line[: sum(end <= room for end in ends)]


def number(value: float, sign: str = "", beside: float = 0.0) -> str:
    """A value with three decimals, or one if it or what stands ``beside`` it is large; ``–`` if there is none.

    >>> number(0.12345), number(-0.5, "+"), number(-0.0001), number(123.456), number(8.476, beside=15.3)
    ('0.123', '−0.500', '0.000', '123.5', '8.5')
    >>> number(float("nan"))
    '–'
    """
    if math.isnan(value):
        return "–"
    places = 1 if max(abs(value), beside) >= 10 else 3
    return f"{round(value, places) + 0.0:{sign}.{places}f}".replace("-", "−")  # + 0.0: no minus before nothing


@contextmanager
def style(texts: Iterable[str]) -> Iterator[None]:
    """Inside it, figures get the look of all plots, and fonts that have the letters of ``texts``."""
    import matplotlib

    look: Any = {
        "font.family": ["DejaVu Sans", *chinese_font("".join(texts))],
        "font.size": FONT_SIZE,
        "text.parse_math": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.6,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
    }
    with matplotlib.rc_context(look):
        yield


def new_figure(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> Figure:
    """An empty figure of that size in inches, which notebooks show as a PNG without any pyplot."""
    return _shown()(figsize=(width, height), dpi=DPI, layout=layout, facecolor="white")


@functools.cache
def _shown() -> type[Figure]:
    from matplotlib.figure import Figure

    class ShownFigure(Figure):
        def _repr_png_(self) -> bytes:
            png = io.BytesIO()
            self.savefig(png, format="png", dpi=DPI, bbox_inches="tight")
            return png.getvalue()

    return ShownFigure


def note(figure: Figure, words: str) -> None:
    """Writes small print at the foot of a figure."""
    figure.supxlabel(words, x=0.01, ha="left", fontsize=SMALL, color=GREY)


def mark(figure: Figure) -> None:
    """Says in the upper right corner that the figure shows a rehearsal: nothing in it comes from a service."""
    figure.text(0.99, 0.995, "REHEARSAL", ha="right", va="top", fontsize=SMALL, fontweight="bold", color=VERMILLION)
