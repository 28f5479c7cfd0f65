"""What is known or claimed about a clip. Reference and hypothesis have the same type, `Annotation`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field as member

from qaeval.errors import QaevalError


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something heard between two times, in seconds from the start of the file.

    >>> Event("阿里", 1.53, 1.87)
    Event(label='阿里', onset=1.53, offset=1.87)
    """

    label: str
    onset: float
    offset: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.onset) and math.isfinite(self.offset) and 0 <= self.onset <= self.offset):
            raise QaevalError(
                f"event {self.label!r}: expected 0 <= onset <= offset in seconds, seen {self.onset} and {self.offset}"
            )


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is known (a reference) or claimed (a hypothesis) about a clip.

    ``None`` means unknown; an empty text, tuple of events or tuple of label values means known to be absent.
    ``labels`` maps an attribute (gender, age, dialect, sound ...) to a tuple of values.

    >>> known = Annotation(text="阿里云", events=(Event("阿里", 1.53, 1.87),), labels={"gender": ("female",)})
    >>> known.events[0].offset, known.labels["gender"], known.has("age")
    (1.87, ('female',), False)
    """

    text: str | None = None
    events: tuple[Event, ...] | None = None
    labels: Mapping[str, tuple[str, ...]] = member(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the field ``text``, ``events`` or a label of that name is known.

        >>> Annotation(text="").has("text"), Annotation().has("events")
        (True, False)
        """
        if name in ("text", "events"):
            return getattr(self, name) is not None
        return name in self.labels
