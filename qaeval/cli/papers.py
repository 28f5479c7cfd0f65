"""Tables for papers, written as LaTeX or Markdown."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

import qaeval as qa
from qaeval.cli.printing import for_csv
from qaeval.errors import RunError

if TYPE_CHECKING:
    import pandas as pd

_ENDINGS = (".md", ".tex")
_SIGNS = {
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
    "−": "$-$",
    "–": "--",
    "κ": r"$\kappa$",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
}
"""What pdfLaTeX does not know, or sets as another sign."""


def for_paper(path: Path | None) -> Path | None:
    """The path, if a table can be written there. Raises `RunError` for another ending, and as `for_csv`."""
    if path and path.suffix.lower() not in _ENDINGS:
        raise RunError(f"--table {path}: expected a file that ends with {' or '.join(_ENDINGS)}")
    return for_csv(path)


def write_paper(table: pd.DataFrame, path: Path) -> None:
    """Writes `qaeval.tabulate` of a summary or a comparison. Raises `RunError` when it cannot be written."""
    made = qa.tabulate(table)
    text = latex(made) if path.suffix.lower() == ".tex" else markdown(made)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error
    print(f"Table: {path}")


def latex(table: pd.DataFrame) -> str:
    r"""A ``table`` environment; it needs the package booktabs.

    >>> import pandas as pd
    >>> print(latex(pd.DataFrame({"a_b": ["7.7 %"]}, pd.Index(["wer ↓"], name="metric"))).splitlines()[4])
    wer $\downarrow$ & 7.7 \% \\
    """
    caption = re.sub(r"([%_#&$])", r"\\\1", str(table.attrs.get("caption", "")))
    plain = table.reset_index()
    text = plain.to_latex(index=False, escape=True, caption=caption or None)
    for sign, written in _SIGNS.items():
        text = text.replace(sign, written)
    return text


def markdown(table: pd.DataFrame) -> str:
    r"""A table of GitHub's Markdown, its caption below it.

    >>> import pandas as pd
    >>> print(markdown(pd.DataFrame({"a|b": ["7.7"]}, pd.Index(["wer"], name="metric"))), end="")
    | metric | a\|b |
    | --- | --- |
    | wer | 7.7 |
    """
    plain = table.reset_index()
    lines = [list(map(str, plain.columns)), ["---"] * plain.shape[1], *plain.astype(str).to_numpy().tolist()]
    written = [f"| {' | '.join(map(_cell, line))} |" for line in lines]
    caption = table.attrs.get("caption")
    return "\n".join([*written, *(["", _cell(caption)] if caption else [])]) + "\n"


def _cell(text: str) -> str:
    """What is told by a dataset or a model is no markup."""
    return re.sub(r"([\\|`*_\[\]])", r"\\\1", html.escape(" ".join(text.split()), quote=False))
