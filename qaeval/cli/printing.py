"""Results as text on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qaeval as qa
from qaeval import registry
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
    """Prints a summary of the scores, by model and the columns ``by``; returns it."""
    from qaeval.cli.terminal import summary_text
    from qaeval.reporting.slices import in_order

    summary = in_order(qa.summarize(scores, by=with_model(by), parts=parts))
    print(summary_text(summary), end="\n\n")
    return summary


def with_model(by: Sequence[str] | None) -> list[str]:
    """The columns to slice by, the model among them: the replies of several models are never summed together.

    >>> with_model(None), with_model(["accent"]), with_model(["accent", "model"])
    (['model'], ['model', 'accent'], ['accent', 'model'])
    """
    return list(by or ()) if "model" in (by or ()) else ["model", *(by or ())]


def print_comparison(
    scores: pd.DataFrame,
    a: str,
    b: str,
    metric: str | None = None,
    cluster: str | None = None,
    by: list[str] | None = None,
) -> None:
    """Prints by what two models differ, on every metric unless one is named; errors as `comparison_of`."""
    from qaeval.cli.terminal import comparison_text

    print(comparison_text(comparison_of(scores, a, b, metric, cluster, by)), end="\n\n")


def comparison_of(
    scores: pd.DataFrame, a: str, b: str, metric: str | None, cluster: str | None, by: list[str] | None
) -> pd.DataFrame:
    """`qaeval.compare` on every metric unless one is named, slices in their order.

    Raises `RunError` where nothing was scored.
    """
    import pandas as pd

    from qaeval.reporting.slices import in_order

    names = [metric] if metric else list(dict.fromkeys(scores["metric"]))
    if not names:
        raise RunError("nothing was scored yet: there is nothing to compare")
    rows = [qa.compare(scores, a, b, metric=name, cluster=cluster, by=by) for name in names]
    return in_order(pd.concat(rows, ignore_index=True))


def print_changes(changes: pd.DataFrame, status: str | None, most: int) -> None:
    """Prints how many clips have which status, and the first of those of one, or of all.

    Raises `UnknownNameError` for a status that there is not.
    """
    from qaeval.cli.terminal import changes_text

    print(changes_text(changes, of_status(changes, status), most))


def of_status(changes: pd.DataFrame, status: str | None) -> pd.DataFrame:
    """The changes of one status; all without one."""
    from qaeval.stats.changing import STATUSES

    if status is not None and status not in STATUSES:
        raise registry.unknown("status", status, STATUSES)
    return changes if status is None else changes[changes["status"] == status]


def write_report(
    finished: qa.Run, compare: Mapping[str, Any], out: Path | None = None, profile: str | None = None
) -> None:
    """Writes the report, beside the run unless told otherwise, and says where it is."""
    chosen: dict[str, Any] = {name: compare.get(name) for name in ("a", "b", "metric", "cluster", "by")}
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
