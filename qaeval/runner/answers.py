"""What an ask returned or raised, as a reply that can be kept."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from qaeval.errors import AudioError, ModelError, TransientError
from qaeval.redaction import redact, redacted, without_keys
from qaeval.types import Ask, Failure, Reply, Request, ServiceOutcome


def answer(ask: Ask, request: Request) -> Reply:
    """One call of a model. What it raises becomes the reply's error: a run never ends by one sample.

    Only `ModelError`, which says that the model cannot answer anything, and `TransientError` are passed on.
    """
    started = time.perf_counter()
    try:
        reply = sound(ask(request))
    except AudioError as error:
        return skipped(str(error))
    except (ModelError, TransientError):
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's or an engine's code may raise anything
        reply = Reply(error=Failure("failed", told(error)))
    if reply.seconds is None:
        return dataclasses.replace(reply, seconds=round(time.perf_counter() - started, 6))
    return reply


def sound(said: Any) -> Reply:
    """What an ask returned, as a reply that can be kept and read again; what cannot be is kept as ``raw``.

    >>> sound("hello").text, sound({"text": "hello"}).raw
    ('hello', {'text': 'hello'})
    """
    if isinstance(said, str):
        return Reply(text=said)
    if not isinstance(said, Reply):
        reason = f"the model's ask returned {type(said).__name__}; expected a str or a qa.Reply"
        return Reply(error=Failure("failed", reason), raw=said)
    if not isinstance(said.text, str | None):
        reason = f"the text of the reply is {type(said.text).__name__}; expected a str"
        return dataclasses.replace(said, text=None, error=Failure("failed", reason), raw=[said.text, said.raw])
    if said.error and said.error.outcome not in get_args(ServiceOutcome):
        reason = f"unknown outcome {said.error.outcome!r}: {said.error.reason}"
        return dataclasses.replace(said, error=Failure("failed", reason))
    return said if isinstance(said.usage, Mapping) else dataclasses.replace(said, usage={})


def told(error: BaseException) -> str:
    """An unexpected error in words.

    >>> told(ValueError("no such dialect")), told(ConnectionError())
    ('ValueError: no such dialect', 'ConnectionError')
    """
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def skipped(reason: str) -> Reply:
    """The reply that was not asked for, and why."""
    return Reply(error=Failure("skipped", str(reason)), attempts=0)


def stamped(reply: Reply, request: Request, key: str) -> Reply:
    """The reply with its identity and its time, and without keys of a service in what it tells."""
    return dataclasses.replace(
        reply,
        key=key,
        question=request.question,
        model=request.model,
        text=reply.text and without_keys(reply.text),
        finish_reason=redact(str(reply.finish_reason)),
        request_id=redact(str(reply.request_id)),
        served_model=redact(str(reply.served_model)),
        at=reply.at or datetime.now(UTC).isoformat(timespec="milliseconds"),
        error=reply.error and Failure(reply.error.outcome, redact(str(reply.error.reason))),
        raw=_redacted(reply.raw),
    )


def _redacted(raw: Any) -> Any:
    if raw is None:
        return None
    try:
        return redacted(raw)
    except (TypeError, ValueError, RecursionError):  # names that are no text, or a circle
        return redact(repr(raw))
