"""Summaries and comparisons as a paper prints them: texts with intervals, a metric a row. Users call `tabulate`."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qaeval.errors import ScoreError
from qaeval.markup.numbers import ARROWS, change, metric_of, p_value, shown
from qaeval.naming import REHEARSED, is_rehearsal
from qaeval.stats import RESULTS
from qaeval.tables import SUMMARY

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Hashable, Any]
_ASKED = ("task", "prompt", "profile")
"""What a row is named by where it varies, after the slices."""


def tabulate(table: pd.DataFrame, columns: str = "model") -> pd.DataFrame:
    """A summary or a comparison as texts, a metric and slice a row, for a paper: ``7.7 [6.1, 9.4]`` is one cell.

    Of `qaeval.tables.summarize` the values of ``columns`` become columns; ``n`` is how many replies a value is made
    of, and of how many questions where they are more. Of `qaeval.stats.compare` both values stand side by side, then
    the difference, p, n and the number of clusters. Ratios are in per cent. A row is named by the slices, by task,
    prompt and profile where they vary, and by the metric with its unit and the direction that is better.
    ``attrs["caption"]`` is what must stand beside the table.

    ``to_latex(escape=True)`` and ``to_markdown()`` write it, as ``--table`` of ``qaeval score`` and ``compare`` does.

    Raises `ScoreError` for another table, one without rows, and one of which two rows belong into one cell.

    >>> import qaeval as qa
    >>> scores = qa.open_run("results/demo-example").scores()
    >>> summary = qa.summarize(scores[(scores["metric"] == "wer") & (scores["task"] == "transcribe")])
    >>> table = tabulate(summary)
    >>> table.loc["wer (%) ↓", ["whisper/base", "n"]].tolist()
    ['10.2 [3.2, 28.6]', '9/10, 10, 9/10, 10']
    >>> table.attrs["caption"]
    '95 % intervals, robust to clips of one cluster (speaker) being alike. Texts normalised by qaeval-1.'
    """
    compared = "difference" in table.columns and "status" not in table.columns
    if not compared and not {"value", "ci_low", "n"} <= {*table.columns}:
        raise ScoreError("tabulate: expected a table of qaeval.summarize or qaeval.compare")
    if not compared and columns not in table.columns:
        raise ScoreError(f"tabulate: the summary has no column {columns!r}; make one with by=[..., {columns!r}]")
    if table.empty:
        raise ScoreError("tabulate: the table has no rows")
    made = _compared(table) if compared else _summarised(table, columns)
    made.attrs["caption"] = _caption(table)
    return made


def _summarised(table: pd.DataFrame, columns: str) -> pd.DataFrame:
    import pandas as pd

    rows = _named(table, [name for name in table.columns if name not in (*SUMMARY, columns)])
    names, told = list(rows.columns), table.to_dict("records")
    rows = rows.assign(column=table[columns].astype(str), cell=[*map(_value, told)], n=[*map(_n, told)])
    if (twice := rows.duplicated([*names, "column"])).any():
        raise ScoreError(
            f"tabulate: several values for {', '.join(map(str, rows.loc[twice, [*names, 'column']].iloc[0]))}; "
            "name what they differ by in columns=, or choose among them first"
        )
    heads = list(dict.fromkeys(rows["column"]))
    lines = {}
    for at, group in rows.groupby(names, sort=False, dropna=False):
        said = group.set_index("column").reindex(heads)
        numbers = said["n"].fillna("–").tolist()
        alike = len({*numbers}) == 1
        lines[at] = [*said["cell"].fillna("–"), numbers[0] if alike else ", ".join(numbers)]
    return pd.DataFrame(lines.values(), pd.MultiIndex.from_tuples(lines, names=names), [*heads, "n"]).pipe(_flat)


def _compared(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    pairs = table[["a", "b"]].drop_duplicates()
    one = len(pairs) == 1
    rows = _named(table, [name for name in table.columns if name not in RESULTS or (not one and name in ("a", "b"))])
    heads = pairs.iloc[0].tolist() if one else ["A", "B"]
    lines = [
        [
            *(_number(row[f"value_{side}"], row["unit"]) for side in "ab"),
            _with_interval(row["difference"], row, signed=True),
            p_value(row["p_value"]),
            f"{row['n']:,}",
            f"{row['clusters']:,}",
        ]
        for row in table.to_dict("records")
    ]
    index = pd.MultiIndex.from_frame(rows)
    return pd.DataFrame(lines, index, [*heads, "difference", "p", "n", "clusters"]).pipe(_flat)


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """With a plain index where rows are named by the metric only."""
    return table.set_axis(table.index.get_level_values(0)) if table.index.nlevels == 1 else table


def _named(table: pd.DataFrame, slices: Sequence[str]) -> pd.DataFrame:
    """What each row is named by, as texts: slices, what varies of what was asked, and the metric."""
    varying = [name for name in _ASKED if _varies(table, name)]
    names = table[[*slices, *varying]].astype("string").fillna("–").replace("", "–")
    return names.assign(metric=[_metric(row) for row in table.to_dict("records")])


def _varies(table: pd.DataFrame, name: str) -> bool:
    """Whether there are several tasks; several prompts or profiles of one task."""
    several = table[name].nunique() if name == "task" else table.groupby("task")[name].nunique().max()
    return bool(several > 1)


def _metric(row: Row) -> str:
    part, unit = str(row.get("part", "") or ""), str(row["unit"]) or "%"
    return (
        f"{metric_of(str(row['metric']), str(row['field']), part)} ({unit}){'' if part else ARROWS[str(row['better'])]}"
    )


def _value(row: Row) -> str:
    return _with_interval(row["value"], row)


def _n(row: Row) -> str:
    return f"{row['n']:,}" if row["n"] >= row["asked"] else f"{row['n']:,}/{row['asked']:,}"


def _with_interval(value: float, row: Row, signed: bool = False) -> str:
    low, high, unit = float(row["ci_low"]), float(row["ci_high"]), str(row["unit"])
    limits = f" [{_number(low, unit, signed)}, {_number(high, unit, signed)}]" if math.isfinite(low + high) else ""
    return _number(value, unit, signed) + limits


def _number(value: float, unit: str, signed: bool = False) -> str:
    """A number as the report has it, without its unit, which the row's name says."""
    return change(value, unit, words=False) if signed else shown(value, unit).removesuffix(f" {unit or '%'}")


def _caption(table: pd.DataFrame) -> str:
    levels, clusters, profiles = (list(dict.fromkeys(table[name].dropna())) for name in ("level", "cluster", "profile"))
    told = [
        f"{', '.join(f'{100 * level:g} %' for level in levels)} intervals, robust to clips of one cluster "
        f"({', '.join(filter(None, map(str, clusters)))}) being alike",
        *([f"Texts normalised by {', '.join(map(str, profiles))}"] if any(profiles) else []),
    ]
    models = [str(name) for side in ("model", "a", "b") if side in table.columns for name in table[side].unique()]
    return ". ".join([*told, *([REHEARSED] if any(map(is_rehearsal, models)) else [])]) + "."
