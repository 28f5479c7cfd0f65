"""What every plot demands of a table, and what it says of a row of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qaeval.drawing.look import text
from qaeval.errors import ScoreError
from qaeval.naming import is_rehearsal

if TYPE_CHECKING:
    import pandas as pd


def check(table: pd.DataFrame, columns: Sequence[str], maker: str) -> None:
    """Raises `ScoreError` for a table that lacks ``columns`` or has no rows; ``maker`` says where one comes from."""
    if missing := [name for name in columns if name not in table.columns]:
        raise ScoreError(f"cannot draw this table: it lacks {', '.join(missing)}; expected one of {maker}")
    if table.empty:
        raise ScoreError("nothing to draw: the table has no rows")


def are_rehearsals(table: pd.DataFrame) -> bool:
    """Whether a side of the table replied in a rehearsal."""
    return any(is_rehearsal(str(name)) for name in {*table["a"], *table["b"]})


def measure(row: pd.Series) -> str:
    """The metric with its unit, if it has one: ``onset_error (s)``."""
    return f"{metric_and_part(row)} ({text(row['unit'])})" if row["unit"] else metric_and_part(row)


def metric_and_part(row: pd.Series) -> str:
    """The metric, and the part of it that is compared: ``wer substitutions``."""
    return text(row["metric"]) + (f" {text(row['part'])}" if row.get("part") else "")


def slice_label(row: pd.Series, names: Sequence[str]) -> str:
    """What a slice is called: the values of its columns; one that has none says of what (``no accent``)."""
    return " · ".join(text(row[name]) if _said(row[name]) else f"no {text(name)}" for name in names)


def _said(value: object) -> bool:
    return text(value) not in ("", "–")


def asked(row: pd.Series, varying: Sequence[str] = ()) -> str:
    """What was asked and how texts were normalised, where it is said and not among ``varying``."""
    words = {"task": "task", "field": "field", "prompt": "prompt", "profile": "text normalised by"}
    told = [name for name in words if name not in varying and row[name] not in ("", "text", "events")]
    return ", ".join(f"{words[name]} {text(row[name])}" for name in told)
