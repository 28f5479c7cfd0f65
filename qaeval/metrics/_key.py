"""What the metrics of the musical key share: the true key and the told one."""

from __future__ import annotations

import functools

from qaeval.text.labels import keys
from qaeval.types import Annotation

FIELD = "key"
EXPECTS = "one of the 24 keys, such as C major or A minor"

canonical_key = functools.lru_cache(1 << 12)(keys.canonical_key)


def one_key(annotation: Annotation) -> str | None:
    """The one key that an annotation tells, canonical; None where it tells none of the 24, or several."""
    told = {canonical_key(value) for value in annotation.labels.get(FIELD, ())}
    return told.pop() if len(told) == 1 else None
