"""The units that errors are counted in. All three take normalised text and lose no character but spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence

UNSPACED = ("zh", "yue", "ja")
"""Languages written without spaces between words: a word error rate is not defined for them."""

_CJK = (
    "\u3005\u3007\u303b\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff"
)
_MIXED = re.compile(f"[{_CJK}]|[^\\s{_CJK}]+")
_ANY_CJK = re.compile(f"[{_CJK}]")


def words(text: str) -> list[str]:
    """What white space separates.

    >>> words("it is 3.5 km")
    ['it', 'is', '3.5', 'km']
    """
    return text.split()


def characters(text: str) -> Sequence[str]:
    """The code points but for spaces, which are never counted (a string is its own sequence of characters).

    >>> characters("今天 天气")
    '今天天气'
    """
    # What is printable has no other white space than the space.
    return text.replace(" ", "") if text.isprintable() else "".join(text.split())


def mixed(text: str) -> list[str]:
    """Each Chinese character or kana, and each run of anything else between spaces (Latin words, numbers).

    >>> mixed("打开wifi 24小时")
    ['打', '开', 'wifi', '24', '小', '时']
    """
    return _MIXED.findall(text)


def has_cjk(text: str) -> bool:
    """Whether a Chinese character or a kana occurs.

    >>> has_cjk("wifi"), has_cjk("开wifi")
    (False, True)
    """
    return _ANY_CJK.search(text) is not None


def count_cjk(text: str) -> int:
    """How many Chinese characters and kana there are.

    >>> count_cjk("打开wifi")
    2
    """
    return len(_ANY_CJK.findall(text))
