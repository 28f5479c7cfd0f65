"""What comes back in the native protocol: a whole body, or the frames of a stream, read into a reply."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from qaeval.models._services import usage
from qaeval.models._services.answers import broken_off, choice_of, reply_of, unreadable, without_output
from qaeval.models._services.rejections import RejectedError, Rejection
from qaeval.types import Reply


def whole(body: Any, url: str) -> Reply:
    """The reply of a body that came in one piece. Raises `TransientError` for one without an answer."""
    if not isinstance(body, dict):
        raise unreadable(url, f"{type(body).__name__} where an object was expected")
    text = _text(body)
    used = usage.native(body.get("usage"))
    if text is None:
        raise without_output(url, used)
    return reply_of(body, text, _finish(body), used)


def streamed(frames: Iterable[Any], started: float, url: str) -> Reply:
    """The frames of a stream as one reply; ``first_token_seconds`` counts from ``started``.

    Raises `TransientError` for a stream that breaks off, `RejectedError` for an error in it.
    """
    text, finish, first = "", "", None
    last: dict[str, Any] = {}
    used: dict[str, int] = {}
    for frame in _frames(frames, url):
        delta = _text(frame) or ""
        if delta and first is None:
            first = round(time.perf_counter() - started, 6)
        text += delta
        finish = _finish(frame) or finish
        used = usage.native(frame.get("usage")) or used
        last = frame
    if not finish:
        raise broken_off(url, used)
    return replace(reply_of(_merged(last, text), text, finish, used), first_token_seconds=first)


def _frames(frames: Iterable[Any], url: str) -> Iterator[dict[str, Any]]:
    """The bodies of the frames. Raises `RejectedError` for an error, `TransientError` for a torn frame."""
    from dashscope.api_entities.dashscope_response import DashScopeAPIResponse

    if isinstance(frames, dict):  # one body where a stream was asked for
        frames = [frames]
    try:
        for frame in frames:
            if isinstance(frame, DashScopeAPIResponse):
                if frame.code == "Unknown":
                    raise unreadable(url, "a frame of the stream is not JSON")
                raise RejectedError(
                    Rejection(None, frame.code or "", frame.message or "", frame.request_id or "", body=_error(frame))
                )
            if not isinstance(frame, dict):
                raise unreadable(url, f"{type(frame).__name__} where an object was expected")
            yield frame
    except (TypeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(url, error) from None


def _error(frame: Any) -> dict[str, Any]:
    return {name: frame.get(name) for name in ("code", "message", "request_id")}


def _text(body: Mapping[str, Any]) -> str | None:
    """The text of an answer; None when it has no output."""
    output = body.get("output")
    choice = choice_of(output)
    if choice is None:
        text = output.get("text") if isinstance(output, dict) else None
        return text if isinstance(text, str) else None
    message = choice.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def _finish(body: Mapping[str, Any]) -> str:
    """``stop``, ``length`` ...; ``""`` while the service says "null", which is a text in this protocol."""
    output = body.get("output")
    holder = choice_of(output) or (output if isinstance(output, dict) else {})
    reason = holder.get("finish_reason")
    return reason if isinstance(reason, str) and reason != "null" else ""


def _merged(last: dict[str, Any], text: str) -> dict[str, Any]:
    """The last frame's body with the text of all."""
    choice = choice_of(last.get("output")) or {}
    message = choice.get("message")
    message = {**(message if isinstance(message, dict) else {}), "content": [{"text": text}]}
    return {
        **last,
        "output": {**(last.get("output") or {}), "choices": [{**choice, "message": message}]},
        "streamed": True,
    }
