"""The replies about a clip, an ask each: a long clip that was asked in parts has one row a part until here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import isnan
from typing import Any

from qaeval.scoring import parts

Row = dict[str, Any]


def told(value: Any) -> bool:
    """Whether a cell of a frame says something: not None, not a missing value, not empty."""
    import pandas as pd

    return value is not None and value is not pd.NA and value != "" and not (isinstance(value, float) and isnan(value))


def wholes(rows: Iterable[Row]) -> list[Row]:
    """The rows of `qaeval.frames.reply_frame` about one question, sorted by ask and part, as one row an ask.

    ``said`` has what each part began at, in seconds, and its reply; None when a part has no reply of the model.
    """
    return [_whole(list(group)) for _, group in groupby(rows, key=lambda row: (row["model"], row["repeat"]))]


def _whole(rows: Sequence[Row]) -> Row:
    outcome = parts.worst(row["outcome"] for row in rows)
    said = [(row["onset"] if row["onset"] > 0 else 0.0, row["text"]) for row in rows] if outcome == "ok" else None
    if len(rows) == 1:
        return {**rows[0], "said": said}
    missing = next((row for row in rows if row["outcome"] == outcome), rows[0])
    seconds = [row["seconds"] for row in rows if told(row["seconds"])]
    return {
        **rows[0],
        "outcome": outcome,
        "reason": missing["reason"],
        "said": said,
        "text": "\n".join(_line(row) for row in rows if told(row["text"])) or None,
        "rule": ", ".join(_each(rows, "rule")),
        "fitted": " | ".join(_each(rows, "fitted")),
        "flags": " ".join(sorted({flag for said in _each(rows, "flags") for flag in said.split()})),
        "seconds": sum(seconds) if seconds else None,
    }


def _line(row: Row) -> str:
    return f"[{row['onset']:.2f}-{row['offset']:.2f} s] {row['text']}" if told(row["onset"]) else str(row["text"])


def _each(rows: Iterable[Row], column: str) -> list[str]:
    return list(dict.fromkeys(str(row[column]) for row in rows if told(row[column])))
