"""What came back for a request: a reply, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field as member
from typing import Any, Literal

from qaeval.errors import QaevalError

ServiceOutcome = Literal["failed", "quota", "retired", "skipped"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reply: the service's outcome and a reason for people.

    ``failed``: the request did not work; ``quota``: no allowance left; ``retired``: the model is gone; ``skipped``: it
    cannot work (unreadable audio, unsupported language or task ...), so it was not asked.

    >>> Failure("quota", "the free tokens are used up")
    Failure(outcome='quota', reason='the free tokens are used up')
    """

    outcome: ServiceOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request: exactly one of ``text`` and ``error``.

    ``raw`` is the service's body without audio. ``usage`` has token counts by these names: ``input_tokens`` (text),
    ``audio_tokens``, ``output_tokens``, ``total_tokens`` (their sum). ``seconds`` is the wall time of the last attempt
    on the wire (queueing apart), ``at`` the UTC time of the reply (ISO 8601). ``lost`` is the usage that attempts
    before the last are known to have had, to no avail. ``fitted`` says what was done to the
    audio before it was sent (``""``: nothing), ``sent_seconds`` how much of it was sent. An ``ask`` leaves ``key``,
    ``question``, ``model``, ``at``, ``fitted`` and ``sent_seconds`` empty: the runner fills them.

    Raises `QaevalError` unless there is exactly one of ``text`` and ``error``.

    >>> reply = Reply("hello", usage={"input_tokens": 9, "audio_tokens": 50, "output_tokens": 2}, seconds=0.8)
    >>> reply.outcome, reply.usage["audio_tokens"], reply.truncated
    ('ok', 50, False)
    """

    text: str | None = None
    error: Failure | None = None
    key: str = ""
    question: str = ""
    model: str = ""
    raw: Any = None
    finish_reason: str = ""
    usage: Mapping[str, int] = member(default_factory=dict)
    lost: Mapping[str, int] = member(default_factory=dict)
    seconds: float | None = None
    first_token_seconds: float | None = None
    attempts: int = 1
    request_id: str = ""
    served_model: str = ""
    at: str = ""
    fitted: str = ""
    sent_seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.text is None) == (self.error is None):
            raise QaevalError("a reply has exactly one of text and error")

    @property
    def outcome(self) -> str:
        """``ok``, or the service's outcome.

        >>> Reply(error=Failure("skipped", "speaks no Cantonese")).outcome
        'skipped'
        """
        return self.error.outcome if self.error else "ok"

    @property
    def truncated(self) -> bool:
        """Whether the model was cut off by the limit on its output.

        >>> Reply("and then he", finish_reason="length").truncated
        True
        """
        return self.finish_reason in ("length", "max_tokens")
