"""Summaries and comparisons as text for a terminal: what is the same in every row is said once, below."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qaeval.scores import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

_ARROWS = {"lower": "↓", "higher": "↑"}  # the direction that is better


def summary_text(summary: pd.DataFrame) -> str:
    """A table of `qaeval.summarize`: value, interval, n of those asked, coverage, clusters, and the outcomes."""
    slices = [name for name in summary.columns[: list(summary.columns).index("field")] if name != "task"]
    rows = [
        {
            **{name: row[name] for name in slices},
            **_named(row, "part" in summary.columns),
            "value": _number(row["value"], row["unit"]),
            "interval": _interval(row),
            "n/asked": f"{row['n']}/{row['asked']}",
            "coverage": f"{row['coverage']:.0%}",
            "clusters": row["clusters"],
            "outcomes": ", ".join(f"{row[name]} {name}" for name in OUTCOMES if row[name]),
        }
        for row in summary.to_dict("records")
    ]
    return _table(rows) + _notes(summary, ("profile", "cluster", "level"))


def comparison_text(comparison: pd.DataFrame) -> str:
    """A table of `qaeval.compare`: both values, the difference b - a with its interval, n, clusters, the verdict."""
    slices = list(comparison.columns[: list(comparison.columns).index("metric")])
    rows = [
        {
            **{name: row[name] for name in slices},
            **_named(row, False),
            "a": f"{row['a']} {_number(row['value_a'], row['unit'])}",
            "b": f"{row['b']} {_number(row['value_b'], row['unit'])}",
            "b - a": _number(row["difference"], row["unit"], signed=True),
            "interval": _interval(row, signed=True),
            "n": row["n"],
            "clusters": row["clusters"],
            "verdict": row["verdict"],
        }
        for row in comparison.to_dict("records")
    ]
    return _table(rows) + _notes(comparison, ("profile", "cluster", "level"))


def _named(row: dict[Any, Any], parts: bool) -> dict[str, str]:
    part = f" {row['part']}" if parts and row["part"] else ""
    return {"task": row["task"], "metric": f"{row['metric']}{part} {_ARROWS[row['better']]}"}


def _number(value: float, unit: str, signed: bool = False) -> str:
    return "-" if math.isnan(value) else f"{value:{'+' if signed else ''}.3f}{unit and ' ' + unit}"


def _interval(row: dict[Any, Any], signed: bool = False) -> str:
    low, high = row["ci_low"], row["ci_high"]
    return "-" if math.isnan(low) else f"[{_number(low, '', signed)}, {_number(high, '', signed)}]"


def _table(rows: list[dict[str, Any]]) -> str:
    import pandas as pd

    frame = pd.DataFrame(rows)
    with pd.option_context("display.unicode.east_asian_width", True, "display.max_colwidth", None):
        return frame.to_string(index=False) if rows else "(no rows)"


def _notes(frame: pd.DataFrame, names: tuple[str, ...]) -> str:
    said = {name: ", ".join(map(str, frame[name].unique())) for name in names} if len(frame) else {}
    return (
        f"\n({float(said['level']):.0%} intervals, clusters by {said['cluster']}; texts normalised by "
        f"{said['profile']}; ↓ lower is better, ↑ higher is better)"
        if said
        else ""
    )
