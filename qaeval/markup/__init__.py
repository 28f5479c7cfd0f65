"""Escaped fragments of HTML that the report and the explorer share.

Every function here takes plain values and gives a `markupsafe.Markup`: what a dataset or a model said is escaped, and
characters that would reorder or hide the text around them (bidirectional overrides, control characters) are shown by
their code points. The fragments need the rules of `STYLE`, inside an element of class ``qa``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup, escape

from qaeval.text.alignment import Chunk
from qaeval.text.tokens import has_cjk

STYLE = Path(__file__).with_name("markup.css")

# Control, format and separator characters and lone surrogates (Unicode categories Cc, Cf, Cs, Zl, Zp), but for tab,
# newlines and the joiners that shape letters and emoji.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)


class Column(NamedTuple):
    """A column of `table`: its heading, whether its cells are numbers, and what the heading means."""

    title: str
    numeric: bool = False
    hint: str = ""


def text(value: object) -> Markup:
    """Text as people may safely see it: escaped, with unseen characters named.

    >>> text("<b> \u202eabc")
    Markup('&lt;b&gt; <span class="qa-unseen">U+202E</span>abc')
    """
    mark = '<span class="qa-unseen">U+{:04X}</span>'
    return Markup(_UNSEEN.sub(lambda match: mark.format(ord(match[0])), escape(str(value))))


def plain(value: object) -> str:
    """Text for an attribute, unescaped, with unseen characters named (the template escapes it).

    >>> plain("a\u202eb")
    'a[U+202E]b'
    """
    return _UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", str(value))


def breakable(value: object) -> Markup:
    """A name of ours or of a model, which may break after a slash or an underscore where a table is narrow.

    >>> breakable("whisper/tiny.en")
    Markup('whisper/<wbr>tiny.en')
    """
    return Markup("<wbr>").join(map(text, re.split(r"(?<=[/_:@])(?=.)", str(value), flags=re.DOTALL)))


def anchor(sample: str) -> str:
    """The ``id`` of a clip's element, and after a ``#`` the link to it, whatever the sample is called.

    >>> anchor('a b/"c".wav')
    'clip-a%20b%2F%22c%22.wav'
    """
    return "clip-" + quote(sample.encode("utf-8", "surrogatepass"), safe="")


def difference(chunks: Iterable[Chunk]) -> Markup:
    """What was said against the reference: hits plain, substitutions paired, deletions struck, insertions underlined.

    >>> from qaeval.text.alignment import align
    >>> difference(align("the cat".split(), "the hat".split()))
    Markup('the <span class="qa-sub"><del>cat</del><ins>hat</ins></span>')
    >>> difference(align("你好", "你们好"))
    Markup('你<ins class="qa-ins">们</ins>好')
    """
    out, last = Markup(""), ""
    for chunk in chunks:
        tokens = chunk.reference + chunk.hypothesis
        pieces = (text(joined(chunk.reference)), text(joined(chunk.hypothesis)))
        out += _gap(last, tokens[0]) + _MARKS[chunk.operation].format(*pieces)
        last = tokens[-1]
    return out


_MARKS = {
    "equal": Markup("{1}"),
    "delete": Markup('<del class="qa-del">{0}</del>'),
    "insert": Markup('<ins class="qa-ins">{1}</ins>'),
    "substitute": Markup('<span class="qa-sub"><del>{0}</del><ins>{1}</ins></span>'),
}


def joined(tokens: Sequence[str]) -> str:
    """Tokens as one text, with spaces where the script has them.

    >>> joined(["打", "开", "wifi", "please", "吧"])
    '打开wifi please吧'
    """
    return "".join(token if not i else _gap(tokens[i - 1], token) + token for i, token in enumerate(tokens))


def _gap(left: str, right: str) -> str:
    return " " if left and right and not (has_cjk(left[-1]) or has_cjk(right[0])) else ""


def legend() -> Markup:
    """What the marks of `difference` mean."""
    return Markup(
        '<span class="qa-legend"><span>as the reference</span>'
        '<span><span class="qa-sub"><del>reference</del><ins>said</ins></span> substitution</span>'
        '<span><del class="qa-del">missing</del> deletion</span>'
        '<span><ins class="qa-ins">added</ins> insertion</span></span>'
    )


def player(data: bytes, label: str, mime: str = "audio/mpeg") -> Markup:
    """A player with its clip inside; ``data`` is an encoded file that browsers play (MP3, or Opus in WebM or Ogg)."""
    source = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
    return Markup('<audio class="qa-player" controls preload="none" aria-label="{}" src="{}"></audio>').format(
        plain(label), source
    )


def note(message: object, kind: str = "note") -> Markup:
    """A short remark; ``kind`` is note or error."""
    role = "alert" if kind == "error" else "note"
    return Markup('<p class="qa-note qa-is-{}" role="{}">{}</p>').format(kind, role, text(message))


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], caption: str = "") -> Markup:
    """A table; cells are escaped unless they are Markup, and numbers stand right-aligned under each other.

    A row of one cell is a heading over the rows below it.

    >>> '<td class="qa-num">3</td>' in table([Column("model"), Column("n", numeric=True)], [["<a>", 3]])
    True
    """
    heads = Markup("").join(
        Markup('<th scope="col"{}{}>{}</th>').format(_numeric(column), _hint(column), text(column.title))
        for column in columns
    )
    body = Markup("").join(Markup("<tr>{}</tr>").format(_cells(columns, row)) for row in rows)
    title = Markup("<caption>{}</caption>").format(text(caption)) if caption else ""
    return Markup(
        '<div class="qa-scroll"><table class="qa-table">{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(title, heads, body)


def _cells(columns: Sequence[Column], row: Sequence[object]) -> Markup:
    first, *rest = [cell if isinstance(cell, Markup) else text(cell) for cell in row]
    if not rest and len(columns) > 1:
        return Markup('<th scope="rowgroup" class="qa-group" colspan="{}">{}</th>').format(len(columns), first)
    cells = (Markup("<td{}>{}</td>").format(_numeric(c), cell) for c, cell in zip(columns[1:], rest, strict=True))
    return Markup('<th scope="row">{}</th>').format(first) + Markup("").join(cells)


def _numeric(column: Column) -> Markup:
    return Markup(' class="qa-num"') if column.numeric else Markup("")


def _hint(column: Column) -> Markup:
    return Markup(' title="{}"').format(plain(column.hint)) if column.hint else Markup("")


def badge(side: str) -> Markup:
    """The letter of a side: R (reference), A or B; nothing for any other."""
    known = side in ("R", "A", "B")
    return Markup('<span class="qa-side qa-side-{0}">{0}</span>').format(side) if known else Markup("")
