"""Keys never reach a log, a file or a screen: what is told of a service goes through here first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LOOKS_LIKE_ONE = (
    r"(?<![A-Za-z0-9_])(?:(?:sk-|LTAI)[A-Za-z0-9_-]{12,}"  # no \b: 密钥sk-... has none
    r"|(?:hf|api_org)_[A-Za-z0-9]{20,})"  # Hugging Face, of people and of organisations: 34 letters and digits
    r"|(?<=Bearer )[^\s,;\"']{8,}"
)
_SIGNS = ("sk-", "LTAI", "Bearer ", "hf_", "api_org_")
"""One of them is in all that looks like a key; they are looked for much faster."""
_SHORTEST = 8  # a shorter known key would mask ordinary words
MASK = "***"

_known: set[str] = set()
_pattern = re.compile(_LOOKS_LIKE_ONE)
_signs: tuple[str, ...] = _SIGNS


class Secret:
    """A key that only ``value`` gives away; once made, `redact` knows it.

    >>> Secret("sk-0123456789abcdef"), f"{Secret('k3y-of-mine')}"
    (Secret(***), '***')
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value
        if len(value) >= _SHORTEST:
            _learn(value)

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __reduce__(self) -> Any:
        raise TypeError("a key is not written anywhere")


def _learn(key: str) -> None:
    global _pattern, _signs
    _known.update({key, repr(key)[1:-1]})  # as it stands in the text of a mapping, too
    known = sorted(_known, key=len, reverse=True)
    _pattern = re.compile("|".join([*map(re.escape, known), _LOOKS_LIKE_ONE]))
    _signs = (*_SIGNS, *known)


def redact(text: str) -> str:
    """The text with every known key, and whatever looks like one, masked.

    >>> redact("Authorization: Bearer abcdefgh, key sk-0123456789abcdef")
    'Authorization: Bearer ***, key ***'
    """
    return _pattern.sub(MASK, text)


def without_keys(text: str) -> str:
    """The text with every known key masked, and nothing else: what a model says may look like a key and be none.

    >>> without_keys("it says sk-nobodys-9876543210")
    'it says sk-nobodys-9876543210'
    """
    for key in sorted(_known, key=len, reverse=True):
        text = text.replace(key, MASK)
    return text


def redacted(value: Any) -> Any:
    """The same for texts anywhere inside lists and mappings, their keys included.

    >>> redacted({"message": ["key sk-0123456789abcdef is wrong"], "code": 401})
    {'message': ['key *** is wrong'], 'code': 401}
    """
    text = str(value)
    if not any(sign in text for sign in _signs) or not _pattern.search(text):
        return value
    return _masked(value)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {_masked(name): _masked(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item) for item in value]
    return value
