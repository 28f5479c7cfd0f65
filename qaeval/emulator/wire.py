"""What every answer has in common, whichever protocol it is in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qaeval._version import __version__

MARK = f"qaeval {__version__}"
JSON, SSE, HTML, XML = "application/json", "text/event-stream;charset=UTF-8", "text/html", "application/xml"
FRAMES = 8


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes back: chunks of bytes, ``pause`` seconds apart.

    ``length`` is the one that is told, in bytes, None for a stream. ``cut``: the connection closes after the chunks;
    without any chunk nothing is sent at all. ``answers``: it is a full answer, which a client must not ask for again.
    """

    status: int
    content_type: str
    chunks: tuple[bytes, ...] = field(repr=False)
    length: int | None = None
    cut: bool = False
    pause: float = 0.0
    answers: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


DROPPED = Outgoing(0, "", (), cut=True)
"""Nothing at all: the connection closes without a byte."""


def in_one(status: int, content_type: str, body: bytes, **more: Any) -> Outgoing:
    """A body of known length, in one piece."""
    return Outgoing(status, content_type, (body,), len(body), **more)


def signed(body: dict[str, Any]) -> dict[str, Any]:
    """The body with the mark that every JSON body of the emulator has."""
    body["emulator"] = MARK
    return body


def dumped(body: Mapping[str, Any]) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def in_steps(count: int) -> list[int]:
    """The ends of about `FRAMES` equal parts of so many tokens.

    >>> in_steps(20), in_steps(2), in_steps(0)
    ([3, 6, 9, 12, 15, 18, 20], [1, 2], [])
    """
    step = max(-(-count // FRAMES), 1)
    return [min(end, count) for end in range(step, count + step, step)]
