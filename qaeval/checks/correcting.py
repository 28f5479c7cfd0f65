"""What a check found, as a file of corrections to be filled in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qaeval.checks.fits import ASKED, REFUSED
from qaeval.datasets._readers import CsvTable
from qaeval.datasets._records import Broken
from qaeval.errors import DatasetError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("sample", "problem", "reason", "seen", "exclude", "text")
_TO_FILL_IN = ("exclude", "text", "events", "labels.")


def corrections(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a sample with which anything is wrong, in the columns that a file of corrections has.

    Those are sample, problem (what kinds of it, ``"; "`` between), reason, seen (the text as it is), and, to be filled
    in, exclude (``true`` leaves the sample out) and text (the right one); columns ``events`` and ``labels.NAME`` may be
    added. Rows that stay empty change nothing. What models make of a clip (too long ...) counts as a problem, too. Rows
    that no sample could be made of are left out: they have no id, and are mended where they stand. As a file,
    ``corrections=`` of `qaeval.load` reads it.

    >>> from qaeval import checks
    >>> from qaeval.models.control import quiet
    >>> from qaeval.types import Sample
    >>> frame = checks.check([Sample("a", quiet(1)), Sample("b", b"no audio")], progress=False)
    >>> corrections(frame)[["sample", "problem", "exclude"]].values.tolist()
    [['a', 'silent', ''], ['b', 'unreadable', '']]
    """
    import pandas as pd

    wrong = frame[((frame["problems"] != "") | ~frame["verdict"].isin(ASKED)) & (frame["verdict"] != REFUSED)]
    rows = [_row(str(sample), some) for sample, some in wrong.groupby("sample", sort=False)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(sample: str, rows: pd.DataFrame) -> dict[str, str]:
    first = rows.iloc[0]
    problems = [first["problems"]] if first["problems"] else []
    reasons = [first["reason"]] if first["reason"] else []
    for model, verdict, what in zip(rows["model"], rows["verdict"], rows["what"], strict=True):
        if verdict not in (*ASKED, "unreadable"):
            problems.append(verdict)
            reasons.append(f"{model}: {what}")
    seen = first["text"] if isinstance(first["text"], str) else ""
    told = {"problem": "; ".join(dict.fromkeys(problems)), "reason": "; ".join(reasons), "seen": seen}
    return {"sample": sample, **told, "exclude": "", "text": ""}


def is_filled_in(path: Path) -> bool:
    """Whether somebody has filled in anything in a file of corrections that was written before (CSV)."""
    if not path.is_file():
        return False
    try:
        for _, columns, cells in CsvTable(path, passing=True).rows():
            named = () if isinstance(cells, Broken) else zip(columns, cells, strict=True)
            if "problem" in columns and any(cell and name.startswith(_TO_FILL_IN) for name, cell in named):
                return True
    except DatasetError:
        return False
    return False
