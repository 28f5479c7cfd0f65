"""Keys never reach a log, a file or a screen: what is told of a service goes through here first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_KNOWN: set[str] = set()
_LOOKS_LIKE_ONE = re.compile(r"\b(sk-|LTAI)[A-Za-z0-9_-]{12,}|(?<=Bearer )[^\s,;\"']{8,}")
MASK = "***"


class Secret:
    """A key that only ``value`` gives away; once made, `redact` knows it.

    >>> Secret("sk-0123456789abcdef"), f"{Secret('k3y-of-mine')}"
    (Secret(***), '***')
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value
        if len(value) >= 6:  # a shorter one would mask ordinary words
            _KNOWN.add(value)

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __reduce__(self) -> Any:
        raise TypeError("a key is not written anywhere")


def redact(text: str) -> str:
    """The text with every known key, and whatever looks like one, masked.

    >>> redact("Authorization: Bearer abcdefgh, key sk-0123456789abcdef")
    'Authorization: Bearer ***, key ***'
    """
    for key in _KNOWN:
        text = text.replace(key, MASK)
    return _LOOKS_LIKE_ONE.sub(MASK, text)


def redacted(value: Any) -> Any:
    """The same for texts anywhere inside lists and mappings, their keys included.

    >>> redacted({"message": ["key sk-0123456789abcdef is wrong"], "code": 401})
    {'message': ['key *** is wrong'], 'code': 401}
    """
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redacted(name): redacted(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redacted(item) for item in value]
    return value
