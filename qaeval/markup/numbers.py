"""How numbers are written for people: ratios in per cent, differences in points, times in seconds."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
ARROWS = {"lower": " ↓", "higher": " ↑", "neither": ""}
"""What stands behind a metric's name, by the direction that is better."""


def metric_of(metric: str, field: str = "", part: str = "") -> str:
    """The name of a metric beside others: with its field, if that is a label, and the part of it.

    >>> metric_of("wer", "text"), metric_of("accuracy", "gender"), metric_of("span_recall", "events", "0.7")
    ('wer', 'accuracy (gender)', 'span_recall 0.7')
    """
    label = f" ({field})" if field not in ("", "text", "events") else ""
    return f"{metric}{label}{part and ' ' + part}"


def decimals(unit: str) -> int:
    """How many decimals a value has that is no share: 3 (milliseconds), 2 of a kappa or a rating, 1 of BLEU points."""
    return {"κ": 2, "points": 1, "/10": 2}.get(unit, 3)


def shown(value: float, unit: str = "") -> str:
    """A value of a metric; ``unit`` is that of the metric (empty: a ratio).

    >>> shown(0.0769), shown(0.1234, "s"), shown(0.6187, "κ"), shown(34.21, "points"), shown(math.nan)
    ('7.7 %', '0.123 s', '0.62 κ', '34.2 points', '–')
    """
    if not math.isfinite(value):
        return "–"
    return _signed(f"{value:.{decimals(unit)}f} {unit}" if unit else f"{100 * value:.1f} %")


def change(value: float, unit: str = "", words: bool = True) -> str:
    """A difference of two values, with its sign; of ratios, in percentage points.

    >>> change(-0.0769), change(0.5, "s"), change(0.0, words=False), change(math.nan)
    ('−7.7 points', '+0.500 s', '0.0', '–')
    """
    if not math.isfinite(value):
        return "–"
    number = f"{value:+.{decimals(unit)}f}" if unit else f"{100 * value:+.1f}"
    if not float(number):
        number = number[1:]
    return _signed(number + (f" {unit or 'points'}" if words else ""))


def interval(low: float, high: float, unit: str = "", signed: bool = False) -> str:
    """Two limits; without a unit when it is a ratio's (the column or sentence says it).

    >>> interval(0.061, 0.0944), interval(-0.187, -0.121, signed=True), interval(math.nan, 1.0)
    ('6.1 to 9.4', '−18.7 to −12.1', '–')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return "–"
    if signed:
        return f"{change(low, unit, words=False)} to {change(high, unit, words=False)}"
    if not unit:
        return _signed(f"{100 * low:.1f} to {100 * high:.1f}")
    return _signed(f"{low:.{decimals(unit)}f} to {high:.{decimals(unit)}f}")


def p_value(p: float) -> str:
    """A p-value to three decimals.

    >>> p_value(0.00002), p_value(0.04), p_value(math.nan)
    ('< 0.001', '0.040', '–')
    """
    return "–" if not math.isfinite(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


def money(amount: float) -> str:
    """An amount in CNY, without the unit: four decimals below one CNY, two below a thousand.

    >>> money(0.00353), money(12.5), money(1234.56), money(0.0), money(0.00001)
    ('0.0035', '12.50', '1,235', '0', '< 0.0001')
    """
    if not amount:
        return "0"
    return "< 0.0001" if amount < 0.00005 else f"{amount:,.{4 if amount < 1 else 2 if amount < 1000 else 0}f}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> count(1, "clip"), count(1200, "clip"), count(2, "reply", "replies")
    ('1 clip', '1,200 clips', '2 replies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _signed(written: str) -> str:
    return written.replace("-", MINUS)
