"""The page as one file: style, script, pictures and sound inside, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from qaeval import markup
from qaeval.errors import QaevalError
from qaeval.markup.templates import render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HERE = Path(__file__).parent


def page(**values: Any) -> Markup:
    """``report.html`` filled with values; only its own style and script may act, and only data inside it be shown."""
    style = Markup(markup.STYLE.read_text("utf-8") + (HERE / "report.css").read_text("utf-8"))
    script = Markup((HERE / "report.js").read_text("utf-8"))
    return render("report.html", HERE, style=style, script=script, policy=policy(style, script), **values)


def policy(style: str, script: str) -> str:
    """A content security policy that forbids any network and any style or script but these two."""
    return (
        f"default-src 'none'; img-src data:; media-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode('utf-8')).digest()).decode('ascii')}'"


def picture(figure: Figure) -> str:
    """A figure as an SVG in a data URI; its letters are drawn as shapes, so that no font is needed where it is read."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "qaeval"}):
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def target(path: Path) -> Path:
    """The path itself, if a file can be there; said before any work is done. Raises `QaevalError`."""
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"has no folder {path.parent}"
        raise QaevalError(f"cannot write the report to {path}: it {what}; expected a file in a folder that exists")
    return path


def write(path: Path, content: str) -> Path:
    """Writes the file in one step: who has the old one open keeps it whole. Raises `QaevalError` when it cannot."""
    temporary = path.with_name(path.name + ".new")
    try:
        temporary.write_text(content, "utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise QaevalError(f"cannot write the report to {path}: {error.strerror or error}") from error
    return path
