"""Names of models: what a short one means among those that are there, and which are of a rehearsal."""

from __future__ import annotations

from collections.abc import Iterable

from qaeval import registry
from qaeval.errors import UnknownNameError

EMULATOR = "X-Qaeval-Emulator"
"""The header that every answer of the emulator has."""
REHEARSAL = "rehearsal/"
"""What the names of models begin with whose replies come from it."""
REHEARSED = (
    "REHEARSAL: these replies come from qaeval's emulator and local engines, not from the services; no number here "
    "says anything about Qwen."
)
"""What stands beside every number of a rehearsal."""


def is_rehearsal(name: str) -> bool:
    """Whether a model's replies come from the emulator; a control or a replay of such a model is one too.

    >>> is_rehearsal("rehearsal/dashscope/qwen-audio-turbo"), is_rehearsal("replay/results/rehearsal")
    (True, False)
    >>> is_rehearsal("control/silence:rehearsal/dashscope/qwen-audio-turbo")
    True
    """
    return any(part.startswith(REHEARSAL) for part in name.split(":"))


def model_named(name: str, known: Iterable[str]) -> str:
    """The model that bears the name, or the one whose name ends with ``/`` and it.

    A control or replay is not meant by the end of the model's name within it.

    Raises `UnknownNameError` with the nearest names when there is none, and with all that are meant when there are
    several.

    >>> model_named("qwen-audio-turbo", ["dashscope/qwen-audio-turbo", "whisper/base"])
    'dashscope/qwen-audio-turbo'
    >>> model_named("base", ["control/silence:whisper/base", "whisper/base"])
    'whisper/base'
    """
    known = list(known)
    if name in known:
        return name
    meant = [full for full in known if full.endswith(f"/{name}") and ":" not in full.removesuffix(f"/{name}")]
    if not name or not meant:
        raise registry.unknown("model", name, known)
    if len(meant) > 1:
        raise UnknownNameError(f"{name!r} may be any of these models, say which: {', '.join(sorted(meant))}")
    return meant[0]
