"""What a check found, as a file of corrections to be filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qaeval.checks.fits import ASKED

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("sample", "problem", "reason", "seen", "exclude", "text")


def corrections(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a sample with which anything is wrong, in the columns that a file of corrections has.

    Those are sample, problem (what kinds of it, ``"; "`` between), reason, seen (the text as it is), and, to be filled
    in, exclude (``true`` leaves the sample out) and text (the right one); columns ``events`` and ``labels.NAME`` may be
    added. Rows that stay empty change nothing. What models make of a clip (too long ...) counts as a problem, too. As a
    file, ``corrections=`` of `qaeval.load` reads it.

    >>> from qaeval import checks
    >>> from qaeval.models.control import quiet
    >>> from qaeval.types import Sample
    >>> frame = checks.check([Sample("a", quiet(1)), Sample("b", b"no audio")], progress=False)
    >>> corrections(frame)[["sample", "problem", "exclude"]].values.tolist()
    [['a', 'silent', ''], ['b', 'unreadable', '']]
    """
    import pandas as pd

    wrong = frame[(frame["problems"] != "") | ~frame["verdict"].isin(ASKED)]
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
