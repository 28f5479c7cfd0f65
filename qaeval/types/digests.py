"""The hash that requests and prompts are known by. A stored reply is found by it: it stays as it is, for ever."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value: Any) -> str:
    """32 hex digits of the SHA-256 of a value as JSON: keys sorted, no spaces, UTF-8, tuples as lists.

    >>> digest({"b": (1, None), "a": "你好"}) == digest({"a": "你好", "b": [1, None]})
    True
    """
    return hashlib.sha256(_CANONICAL.encode(value).encode("utf-8", "surrogatepass")).hexdigest()[:32]
