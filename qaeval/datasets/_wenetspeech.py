"""What the annotations of WenetSpeech-Yue and -Chuan share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_RANGE = re.compile(r"(\d{1,3})\s*[~～-]\s*(\d{1,3})")


def age_range(age: str) -> str:
    """The years in an age such as 中年(36~59), as ``36-59``; an age without a range as it is.

    >>> age_range("中年(36~59)"), age_range("青年")
    ('36-59', '青年')
    """
    found = _RANGE.search(age)
    return f"{found[1]}-{found[2]}" if found else age


def labels_of(told: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """What is told of age, gender and emotion, as reference labels: each value once, ages in years."""
    found = {}
    for name in ("age", "gender", "emotion"):
        each = (value.strip() for value in told.get(name, ()))
        values = tuple(dict.fromkeys(age_range(value) if name == "age" else value for value in each if value))
        if values:
            found[name] = values
    return found
