"""Traditional Chinese characters as simplified ones."""

from __future__ import annotations

import functools
import re
import threading
from typing import Any

_LOCK = threading.Lock()
_LEFT = str.maketrans("衞妳牠", "卫你它")
_PARTICLE = re.compile("(?<![显名原编专巨卓昭译遗拙土所])著(?![名作称者述])")
_PHRASES = "藉瞭覆沈衹牴衞妳牠著麼"
"""What only phrases of OpenCC, or the rules here, change."""

_KEPT = "坏"
"""OpenCC takes it for a variant of 坯 in some phrases, and so makes 打坏 (broken, in simplified script) 打坯."""

_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))


def simplify(text: str) -> str:
    """Traditional Chinese characters as simplified ones; Cantonese characters of their own stay.

    OpenCC t2s, and what it leaves of the forms of Taiwan and Hong Kong: 著 where it is the particle 着 (not in 著名,
    顯著 ...), 衞, 妳, 牠, 甚麼. Words are not exchanged (滑鼠 stays).

    >>> simplify("係喺乾隆嘅"), simplify("看著著名的衞士打坏")
    ('系喺乾隆嘅', '看着著名的卫士打坏')
    """
    if text.isascii():
        return text
    changed = traditional()
    if changed.isdisjoint(text):
        return text
    for _ in range(4):  # a phrase may keep a character that its own simplified form does not: 乾縣, 乾县, 干县
        text = _KEPT.join(map(_converter(), text.split(_KEPT)))
        if changed.isdisjoint(text):
            break
    return _PARTICLE.sub("着", text.translate(_LEFT).replace("甚么", "什么"))


@functools.cache
def _opencc() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def _converter() -> Any:
    with _LOCK:
        return _opencc().convert


def _set_of_traditional() -> frozenset[str]:
    characters = [chr(code) for start, end in _BLOCKS for code in range(start, end)]
    simple = str(_opencc().convert("\n".join(characters))).split("\n")
    return frozenset(before for before, after in zip(characters, simple, strict=True) if before != after) | {*_PHRASES}


def traditional() -> frozenset[str]:
    """The characters that `simplify` may change: a text that has none of them stays as it is.

    >>> traditional() & {*"歡嘅"}
    frozenset({'歡'})
    """
    if not _Known.traditional:
        with _LOCK:
            _Known.traditional = _Known.traditional or _set_of_traditional()
    return _Known.traditional


class _Known:
    traditional: frozenset[str] = frozenset()
