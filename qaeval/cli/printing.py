"""Results as text on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qaeval as qa
from qaeval.errors import RunError

if TYPE_CHECKING:
    import pandas as pd


def print_results(finished: qa.Run, scores: pd.DataFrame) -> None:
    """Prints a summary of the scores, what each model has used, and why there are no replies."""
    from qaeval.cli.terminal import used_text
    from qaeval.frames import reasons
    from qaeval.store.replies import read
    from qaeval.terms import used

    print_summary(scores)
    replies = finished.replies()
    print(used_text(used(finished.info["models"], replies, read(finished.folder / "replies"))), end="\n\n")
    if told := reasons(replies):
        print("\n".join(["Not asked, or without a reply:", *told]), end="\n\n")


def print_summary(scores: pd.DataFrame, by: list[str] | None = None, parts: bool = False) -> pd.DataFrame:
    """Prints a summary of the scores, by model unless told otherwise; returns it."""
    from qaeval.cli.terminal import summary_text

    summary = qa.summarize(scores, by=by or ["model"], parts=parts)
    print(summary_text(summary), end="\n\n")
    return summary


def print_comparison(
    scores: pd.DataFrame,
    a: str,
    b: str,
    metric: str | None = None,
    cluster: str | None = None,
    by: list[str] | None = None,
) -> None:
    """Prints by what two models differ, on every metric unless one is named.

    Raises `RunError` where nothing was scored.
    """
    import pandas as pd

    from qaeval.cli.terminal import comparison_text

    names = [metric] if metric else list(dict.fromkeys(scores["metric"]))
    if not names:
        raise RunError("nothing was scored yet: there is nothing to compare")
    rows = [qa.compare(scores, a, b, metric=name, cluster=cluster, by=by) for name in names]
    print(comparison_text(_in_order(pd.concat(rows, ignore_index=True))), end="\n\n")


def _in_order(comparison: pd.DataFrame) -> pd.DataFrame:
    """The same with its slices in the order of their values, numbers as numbers."""
    from pandas.api.types import is_numeric_dtype

    from qaeval.stats import RESULTS

    slices = [name for name in comparison.columns if name not in RESULTS]
    if not slices:
        return comparison
    return comparison.sort_values(
        slices, kind="stable", key=lambda values: values if is_numeric_dtype(values) else values.astype("string")
    )


def write_report(
    finished: qa.Run, compare: Mapping[str, str], out: Path | None = None, profile: str | None = None
) -> None:
    """Writes the report, beside the run unless told otherwise, and says where it is."""
    chosen: dict[str, Any] = {name: compare.get(name) for name in ("a", "b", "metric", "cluster")}
    chosen["profile"] = profile
    print(f"Report: {qa.report(finished, out or finished.folder / 'report.html', **chosen)}")


def for_csv(path: Path | None) -> Path | None:
    """The path, if a file can be there; said before any work is done. Raises `RunError`."""
    if path and (path.is_dir() or not path.parent.is_dir()):
        what = "is a folder" if path.is_dir() else f"has no folder {path.parent}"
        raise RunError(f"cannot write {path}: it {what}; expected a file in a folder that exists")
    return path


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Writes a table that a spreadsheet can be trusted with. Raises `RunError` when it cannot be written."""
    try:
        frame.map(_no_formula).to_csv(path, index=False)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error


def _no_formula(cell: object) -> object:
    """A text that a spreadsheet would run (``=``, ``+``, ``-``, ``@`` ...) gets an apostrophe before it.

    So does one that begins with apostrophes and such a sign, so that taking one away gives back what was there.
    """
    text = cell.lstrip("'") if isinstance(cell, str) else ""
    return f"'{cell}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
