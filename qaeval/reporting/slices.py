"""The main measures by columns of the clips: of one model its values, of two their differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from qaeval import plots, stats, tables
from qaeval.markup.asked import told
from qaeval.markup.ranking import Measure, records
from qaeval.reporting.folding import outcomes
from qaeval.reporting.results import clusters_note, comparison_table, per_cent, summary_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Sliced(NamedTuple):
    """A summary by the columns ``by`` or, of two models, a comparison; and the measure of each of its rows.

    ``empty`` names the slices that have no value, whose rows are left out.
    """

    by: Sequence[str]
    rows: pd.DataFrame
    measures: Sequence[Measure]
    compares: bool
    empty: Sequence[str] = ()

    @property
    def title(self) -> str:
        """What the table is headed by."""
        return f"By {' and '.join(self.by)}"

    @property
    def note(self) -> str:
        """What must be known before rows are compared with each other."""
        rows = (
            " Nothing is corrected for looking at many rows: of twenty without a difference, one may seem to have one."
            if self.compares
            else ""
        )
        whose = " of both" if self.compares else ""
        empty = f" Not shown, as no clip has a value{whose}: {', '.join(self.empty)}." if self.empty else ""
        return f"Clips without a value of the column stand at –. {clusters_note(self.rows)}{rows}{empty}"

    def figure(self) -> Figure:
        """The same as a plot."""
        draw = plots.plot_comparison if self.compares else plots.plot_summary
        return draw(per_cent(self.rows))

    def table(self) -> Markup:
        """The same as a table of the report."""
        if self.compares:
            return comparison_table(self.measures, self.rows, self.by)
        return summary_table(self.rows, self.measures, self.by)


def sliced(
    scores: pd.DataFrame,
    main: Sequence[Measure],
    a: str,
    b: str | None,
    cluster: str | None,
    by: str | Sequence[str] | None,
) -> Sliced | None:
    """The measures of one model, or their differences from ``a`` to ``b``, a row each value of the columns ``by``.

    Of two models, those that have a better side. None without columns or measures.

    Raises `UnknownNameError` for a column that the samples do not have.
    """
    import pandas as pd

    by = [by] if isinstance(by, str) else list(by or ())
    shown = [one for one in main if b is None or one.better != "neither"]
    if not (by and shown):
        return None
    frames = [in_order(_of(scores, one, a, b, cluster, by)) for one in shown]
    rows = pd.concat(frames, ignore_index=True)
    names = [name for name in rows.columns if name not in (stats.RESULTS if b else tables.SUMMARY)]
    measures = [one for one, frame in zip(shown, frames, strict=True) for _ in range(len(frame))]
    valued = [n > 0 for n in rows["n"]]
    if not any(valued):
        return Sliced(names, rows, measures, b is not None)
    kept = [one for one, has in zip(measures, valued, strict=True) if has]
    empty = [_named(row, names, b is not None) for row in records(rows) if not row["n"]]
    return Sliced(names, rows[valued].reset_index(drop=True), kept, b is not None, list(dict.fromkeys(empty)))


def _named(row: Mapping[str, Any], names: Sequence[str], compares: bool) -> str:
    """A slice without a value, and what became of its clips."""
    slice_ = ", ".join(str(row[name]) if told(row[name]) else "–" for name in names)
    alone = {side: row[f"only_{side.lower()}"] for side in "AB"} if compares else {}
    why = ", ".join(f"{n:,} with a reply of {side} alone" for side, n in alone.items() if n)
    return f"{slice_} ({(why if compares else outcomes(row)) or 'no reply'})"


def _of(
    scores: pd.DataFrame, one: Measure, a: str, b: str | None, cluster: str | None, by: Sequence[str]
) -> pd.DataFrame:
    if b is not None:
        return stats.compare(scores, a, b, one.metric, cluster, by, task=one.task, prompt=one.prompt, field=one.field)
    rows = scores[(scores["model"] == a) & (scores["metric"] == one.metric) & (scores["field"] == one.field)]
    rows = rows[(rows["task"] == one.task) & (rows["prompt"] == one.prompt)]
    return tables.summarize(rows, by=by, cluster=cluster)


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """A summary or a comparison with its slices in the order of their values, numbers as numbers; models stay.

    >>> import pandas as pd
    >>> in_order(pd.DataFrame({"age": [30, 4, 30], "accent": ["us", "uk", "in"], "value": [1, 2, 3]}))["value"].tolist()
    [2, 3, 1]
    """
    from pandas.api.types import is_numeric_dtype

    slices = [name for name in frame.columns if name not in ("model", *stats.RESULTS, *tables.SUMMARY)]
    if not slices:
        return frame
    return frame.sort_values(
        slices, kind="stable", key=lambda values: values if is_numeric_dtype(values) else values.astype("string")
    )
