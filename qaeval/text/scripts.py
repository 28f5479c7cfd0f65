"""Which script a token is written in, so that errors can be told apart by it where a text mixes several.

``han`` (Chinese characters), ``kana`` (hiragana, katakana), ``latin``, ``digit`` (numbers: no letter in them), and
``other`` (any further script, symbols). A token with letters has the script of the first of them: iphone15 is latin.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ALONE = re.compile("(?P<latin>[a-z\u00e0-\u00f6\u00f8-\u024f' ]++)\\Z|(?P<han>[\u4e00-\u9fff ]++)\\Z")


def only_script(text: str) -> str:
    """``latin`` or ``han`` for a normalised text that has nothing else, spaces apart (and in Latin, apostrophes).

    Others are not told: ``""``.

    >>> only_script("it's so"), only_script("打开"), only_script("打开wifi"), only_script("at 5")
    ('latin', 'han', '', '')
    """
    match = _ALONE.match(text)
    return (match.lastgroup or "") if match else ""


@lru_cache(1 << 14)
def script_of(token: str) -> str:
    """The script of a token.

    >>> [script_of(token) for token in ("欢", "か", "wifi", "$3.5", "привет")]
    ['han', 'kana', 'latin', 'digit', 'other']
    """
    char = next((char for char in token if char.isalpha() or char == "〇"), "")
    if not char:
        return "digit" if any(map(str.isnumeric, token)) else "other"
    name = unicodedata.name(char, "")
    if name.startswith(("CJK UNIFIED", "CJK COMPAT", "IDEOGRAPHIC")):
        return "han"
    if "KATAKANA" in name or "HIRAGANA" in name:
        return "kana"
    return "latin" if name.startswith("LATIN") else "other"
