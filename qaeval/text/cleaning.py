"""Cleaning that depends on the script and not on the language: width, case, invisible characters, symbols.

Unicode categories decide: letters, marks and numbers stay, punctuation and symbols become spaces, invisible characters
vanish. A symbol that a number needs stays beside its digits (``3.5``, ``-5``, ``90%``, ``$20``), for without it the
number would be another one; a space between the two goes, as French typography has it (``20 €``, ``50 %``).
"""

from __future__ import annotations

import re
import unicodedata

_TYPOGRAPHIC = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`\uff07", "'")
    | {"\u2212": "-", "\u309b": "\u3099", "\u309c": "\u309a"}  # minus; voicing marks written apart from their kana
)
_NUMERIC = ".%$¢€£¥+-"
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_APART = re.compile(
    r"(?<=\d) +(?=%)|(?<=\d) +(?=[$¢€£¥](?! *\.?\d))"  # 50 %, 20 €
    r"|(?<=[$¢€£¥])(?<!\d.)(?<!\d .) +(?=\.?\d)"  # $ 5, but not what stands between two numbers
)
_STRAY = re.compile(
    r"(?<!\d)(?<!\s)(?<!^)\.|\.(?!\d)"  # a point stays after a digit or a space, and before a digit
    r"|(?<!\d)%"
    r"|(?<!\d)[$¢€£¥](?!\.?\d)"
    r"|(?<=[0-9A-Za-z\u00c0-\u024f.%])[+-]|[+-](?![.$¢€£¥]?\d)"  # no sign: 3-5, A-5, well-known
)


class _Table(dict[int, str]):
    """What becomes of each code point; filled on demand, so at most as large as Unicode."""

    def __init__(self, keep: str) -> None:
        super().__init__({ord(c): c for c in keep})

    def __missing__(self, code: int) -> str:
        category = unicodedata.category(chr(code))
        self[code] = " " if chr(code).isspace() or category[0] in "PSZ" else chr(code)
        return self[code]


class _Visible(dict[int, str | None]):
    """Without controls, format characters, variation selectors and enclosing marks; filled on demand."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        category = unicodedata.category(char)
        # What Unicode has not assigned, or left to private use, is a character all the same (rare Chinese ones are).
        unseen = (category in ("Cc", "Cf", "Cs") and not char.isspace()) or category == "Me" or _INVISIBLE.match(char)
        self[code] = None if unseen else char
        return self[code]


_SYMBOLS = _Table(_NUMERIC + ",")
_SYMBOLS_BUT_APOSTROPHES = _Table(_NUMERIC + ",'")
_VISIBLE = _Visible()


def squeeze(text: str) -> str:
    r"""Runs of white space as one space, none at the ends.

    >>> squeeze("  a\t b ")
    'a b'
    """
    return " ".join(text.split())


def fold(text: str) -> str:
    """One form for each character: invisible ones removed, NFKC, no case, typographic apostrophes as ``'``.

    >>> fold("ＡＢＣ it\u2019s\u200b ﾊﾟﾝ")
    "abc it's パン"
    """
    if text.isascii():
        return text.translate(_VISIBLE).translate(_TYPOGRAPHIC).lower()
    text = text.translate(_VISIBLE).translate(_TYPOGRAPHIC)
    # Case folding may decompose, and what NFKC brings in may be invisible or a capital: twice, then nothing changes.
    for _ in range(2):
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_VISIBLE)
    return text.translate(_TYPOGRAPHIC)


def drop_symbols(text: str, decimal_comma: bool = False, apostrophes: bool = False) -> str:
    """Spaces for punctuation and symbols, but for those that a number needs beside it.

    Commas between thousands go; where the comma is the decimal sign it becomes a point.

    >>> drop_symbols("Yes: -5, 20,000 & 3.5%... (A-5)")
    'Yes -5 20000 3.5% A 5'
    >>> drop_symbols("3,5 km, 20 €, 50 %", decimal_comma=True)
    '3.5 km 20€ 50%'
    """
    text = _APART.sub("", squeeze(text)).translate(_SYMBOLS_BUT_APOSTROPHES if apostrophes else _SYMBOLS)
    if "," in text:
        text = (_DECIMAL_COMMA.sub(".", text) if decimal_comma else _THOUSANDS.sub("", text)).replace(",", " ")
    return squeeze(strip_stray(text))


def strip_stray(text: str) -> str:
    """Spaces for the number symbols (``.%$¢€£¥+-``) that stand beside no number.

    >>> strip_stray("a . 5 $ 7 $5").split()
    ['a', '5', '7', '$5']
    """
    before = ""
    while text != before:  # removing one may leave another alone: "--5", "5.%"
        before, text = text, _STRAY.sub(" ", text)
    return text
