"""Templates: Jinja2 with autoescape, strict about unknown names, and with the fragments of `qaeval.markup` at hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from qaeval import markup

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent


def render(template: str, folder: Path = HERE, **values: Any) -> Markup:
    """A template filled with values.

    >>> from qaeval.markup.clips import ClipView
    >>> render("clip.html", view=ClipView("a", "clip-a", markup.note("No player: <gone>"), [], [])).strip()
    Markup('<p class="qa-note qa-is-note" role="note">No player: &lt;gone&gt;</p>')
    """
    return Markup(_environment(folder).get_template(template).render(**values))


@cache
def _environment(folder: Path) -> Environment:
    """The templates of a folder, and below them those of this package (``clip.html``).

    ``{{ x }}`` escapes; ``{{ x|seen }}`` also names unseen characters, and is for what datasets and models said.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(seen=markup.text, plain=markup.plain, breakable=markup.breakable)
    made.globals.update(badge=markup.badge, legend=markup.legend)
    return made
