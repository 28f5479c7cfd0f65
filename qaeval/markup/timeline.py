"""Spans in time as an inline picture: one lane each for the reference and the models, on one axis in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from qaeval.markup import badge, breakable, plain, text
from qaeval.types import Event

_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)  # seconds between ticks


class Lane(NamedTuple):
    """``events`` None: no time is known; empty: known to be absent. ``side`` is R (reference), A, B or empty."""

    name: str
    events: Sequence[Event] | None
    side: str = ""


def timeline(lanes: Sequence[Lane], duration: float) -> Markup:
    """Lanes over an axis from 0 to ``duration`` seconds (longer when a span ends later).

    The spans of the first lane, the reference, lie pale behind the others, so that an early or late answer shows.

    >>> "1.53–1.87 s" in timeline([Lane("reference", [Event("阿里", 1.53, 1.87)])], 3.0)
    True
    """
    ends = [event.offset for lane in lanes for event in lane.events or ()]
    end = max([duration, *ends]) or 1.0
    behind = lanes[0].events or () if lanes else ()
    rows = Markup("").join(_lane(lane, behind if i else (), end) for i, lane in enumerate(lanes))
    return Markup('<div class="qa-timeline">{}{}</div>').format(rows, _axis(end))


def _lane(lane: Lane, behind: Sequence[Event], end: float) -> Markup:
    drawn = [*(("qa-behind", event) for event in behind), *(("qa-span", event) for event in lane.events or ())]
    spans = Markup("").join(_span(event, end, kind) for kind, event in drawn)
    times = said(lane.events)
    label = plain(f"{lane.name}: {times}")
    return Markup(
        '<div class="qa-lane-name">{}{}</div><svg class="qa-lane qa-lane-{}" role="img" aria-label="{}">'
        '<line x1="0" x2="100%" y1="50%" y2="50%"/>{}</svg><div class="qa-times">{}</div>'
    ).format(badge(lane.side), breakable(lane.name), lane.side, label, spans, times)


def said(events: Sequence[Event] | None) -> str:
    """Spans in words.

    >>> said([Event("x", 0.5, 1)]), said([]), said(None)
    ('0.50–1.00 s', 'not heard', 'no time given')
    """
    if events is None:
        return "no time given"
    return ", ".join(f"{event.onset:.2f}–{event.offset:.2f} s" for event in events) or "not heard"


def _span(event: Event, end: float, kind: str) -> Markup:
    x, width = 100 * event.onset / end, 100 * (event.offset - event.onset) / end
    return Markup('<rect class="{}" x="{:.3f}%" width="{:.3f}%" y="15%" height="70%"><title>{}</title></rect>').format(
        kind, x, width, text(f"{event.label} {event.onset:.2f}–{event.offset:.2f} s")
    )


def _axis(end: float) -> Markup:
    """Round ticks in seconds, at most eight."""
    step = next((step for step in _STEPS if end / step <= 7), end / 5)
    ticks = [i * step for i in range(int(end / step + 1e-9) + 1)]
    return Markup(
        '<div class="qa-lane-name"></div><svg class="qa-axis" aria-hidden="true">{}</svg>'
        '<div class="qa-times">seconds</div>'
    ).format(Markup("").join(_tick(tick, end) for tick in ticks))


def _tick(seconds: float, end: float) -> Markup:
    side = "end" if seconds > 0.97 * end else "middle" if seconds else "start"
    return Markup(
        '<line x1="{0:.3f}%" x2="{0:.3f}%" y1="0" y2="4"/><text x="{0:.3f}%" y="15" text-anchor="{1}">{2:g}</text>'
    ).format(100 * seconds / end, side, round(seconds, 3))
