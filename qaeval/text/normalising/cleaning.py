"""Cleaning that depends on the script and not on the language: width, case, invisible characters, symbols.

Unicode categories decide: letters, marks and numbers stay, punctuation and symbols become spaces, invisible characters
vanish. A symbol that a number needs stays beside its digits (``3.5``, ``-5``, ``90%``, ``$20``), for without it the
number would be another one; a space between the two goes, as French typography has it (``20 €``, ``50 %``). Digits of
another kind (``m²``, ``½``, ``①``) stay apart from digits beside them: 10² is not 102.

Most texts consist of letters and common punctuation: they take a short way that gives the same (`fold` and `bare` are
the short ways, `fold_any` and `bare_any` the long ones).
"""

from __future__ import annotations

import re
import unicodedata

_TYPOGRAPHIC = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`\uff07", "'")
    | {
        "\u2212": "-",
        "\u2044": "/",
        "\u309b": "\u3099",
        "\u309c": "\u309a",
    }  # minus; voicing marks written apart from their kana
)
_NUMERIC = ".%$¢€£¥+-"
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_JOINTS = re.compile(r"(?<!\d)[:/]|[:/](?!\d)")
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


_SYMBOLS = {
    (apostrophes, joints): _Table(_NUMERIC + "," + "'" * apostrophes + ":/" * joints)
    for apostrophes in (False, True)
    for joints in (False, True)
}
_NUMERIC_SYMBOLS = _Table(_NUMERIC + "':/")
_ALL_SYMBOLS = _Table("")
_ALL_SYMBOLS_BUT_APOSTROPHES = _Table("'")
_VISIBLE = _Visible()

_PLAIN = (  # visible, NFKC leaves them alone, and lower() is their case folding
    " -_a-~\u00a1-\u00a7\u00a9\u00ab\u00ac\u00ae\u00b0\u00b1\u00b6\u00b7\u00bb\u00bf-\u00de\u00e0-\u00ff"
    "\u2013\u2014\u201c\u201d\u20ac\u3001-\u3003\u3005-\u3007\u3008-\u3011\u3041-\u3096\u30a1-\u30fa\u30fb-\u30fe\u4e00-\u9fff"
)
_FULL_WIDTH = {
    "\uff0c": "\u3001",
    "\uff01": "!",
    "\uff1f": "?",
    "\uff1a": ":",
    "\uff1b": ";",
    "\uff08": "(",
    "\uff09": ")",
}
_SIMPLE = re.compile(f"[{_PLAIN}\u2018\u2019{''.join(_FULL_WIDTH)}]*")
_SIMPLE_ASCII = re.compile("[ -_a-~]*")
_WORD = re.compile(r"[^\W_]+")

# What NFKC writes with digits though it is no decimal digit (superscripts, fractions, circled and other numbers).
_ODD = (
    "\u00b2\u00b3\u00b9\u00bc-\u00be\u2070\u2074-\u2079\u2080-\u2089\u2150-\u215f\u2189\u2460-\u249b\u24ea\u3251-\u325f"
    "\u32b1-\u32cb\u3358-\u3370\u3378\u3379\u339f-\u33a6\u33a8\u33af\u33e0-\u33fe\U0001f100-\U0001f10a"
)
_APART_FROM_DIGITS = re.compile(f"(?<=[\\d{_ODD}])(?=[{_ODD}])|(?<=[{_ODD}])(?=\\d)")
_FI = re.compile("(?<![a-z])(wi|hi|sci|lo) fi(?![a-z])")
_COMMA = re.compile("(?<![\uff10-\uff19])\uff0c|\uff0c(?![\uff10-\uff19])")


def squeeze(text: str) -> str:
    r"""Runs of white space as one space, none at the ends.

    >>> squeeze("  a\t b ")
    'a b'
    """
    return " ".join(text.split())


def fold(text: str) -> str:
    """One form for each character: invisible ones removed, NFKC, no case, typographic apostrophes as ``'``.

    The Chinese comma becomes ``、``, since between numbers it is no mark of thousands.

    >>> fold("ＡＢＣ it\u2019s\u200b ﾊﾟﾝ 10²")
    "abc it's パン 10 2"
    """
    if _SIMPLE_ASCII.fullmatch(text):
        return text.lower()
    if not _SIMPLE.fullmatch(text):
        return fold_any(text)
    for wide, narrow in _FULL_WIDTH.items():
        text = text.replace(wide, narrow)
    return text.replace("\u2018", "'").replace("\u2019", "'").lower()


def fold_any(text: str) -> str:
    """`fold`, the long way."""
    if text.isascii():
        return text.translate(_VISIBLE).translate(_TYPOGRAPHIC).lower()
    text = _COMMA.sub("\u3001", _APART_FROM_DIGITS.sub(" ", text.translate(_VISIBLE))).translate(_TYPOGRAPHIC)
    # Case folding may decompose, and what NFKC brings in may be invisible or a capital: twice, then nothing changes.
    for _ in range(2):
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_VISIBLE)
    return text.translate(_TYPOGRAPHIC)


def bare(text: str) -> str:
    """Spaces for all punctuation and symbols of a folded text, single ones.

    >>> bare("l'été, (5 %) — パン・屋")
    'l été 5 パン 屋'
    """
    return " ".join(_WORD.findall(text)) if _SIMPLE.fullmatch(text) else bare_any(text)


def bare_any(text: str) -> str:
    """`bare`, the long way."""
    return squeeze(text.translate(_ALL_SYMBOLS))


def bare_but_apostrophes(text: str) -> str:
    """Spaces for all punctuation and symbols but ``'``.

    >>> bare_but_apostrophes("it's - 'so'")
    "it's 'so'"
    """
    return squeeze(text.translate(_ALL_SYMBOLS_BUT_APOSTROPHES))


def join_fi(text: str) -> str:
    """Wi-fi, hi-fi, sci-fi, lo-fi as one word, without the hyphen that has become a space.

    >>> join_fi("the wi fi is hi fi")
    'the wifi is hifi'
    """
    return _FI.sub(r"\1fi", text) if " fi" in text else text


def drop_symbols(text: str, decimal_comma: bool = False, apostrophes: bool = False, joints: bool = False) -> str:
    """Spaces for punctuation and symbols, but for those that a number needs beside it.

    Commas between thousands go; where the comma is the decimal sign it becomes a point. ``joints`` keeps colons and
    slashes between digits.

    >>> drop_symbols("Yes: -5, 20,000 & 3.5%... (A-5)")
    'Yes -5 20000 3.5% A 5'
    >>> drop_symbols("3,5 km, 20 €, 50 %", decimal_comma=True), drop_symbols("10:30, 3/4: a/b", joints=True)
    ('3.5 km 20€ 50%', '10:30 3/4 a b')
    """
    text = _APART.sub("", squeeze(text)).translate(_SYMBOLS[apostrophes, joints])
    if joints:
        text = _JOINTS.sub(" ", text)
    if "," in text:
        text = (_DECIMAL_COMMA.sub(".", text) if decimal_comma else _THOUSANDS.sub("", text)).replace(",", " ")
    return squeeze(strip_stray(text))


def keep_numeric(text: str) -> str:
    """Spaces for punctuation and symbols but ``'`` and those that a number may need, wherever they stand.

    >>> keep_numeric("it's $5 & 10:30!")
    "it's $5   10:30 "
    """
    return text.translate(_NUMERIC_SYMBOLS)


def strip_stray(text: str) -> str:
    """Spaces for the number symbols (``.%$¢€£¥+-``) that stand beside no number.

    >>> strip_stray("a . 5 $ 7 $5").split()
    ['a', '5', '7', '$5']
    """
    before = ""
    while text != before:  # removing one may leave another alone: "--5", "5.%"
        before, text = text, _STRAY.sub(" ", text)
    return text
