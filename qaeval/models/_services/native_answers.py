"""What comes back in the native protocol: a whole body, or the frames of a stream, read into a reply."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from qaeval.errors import TransientError
from qaeval.hosts import host_of
from qaeval.models._services import usage
from qaeval.models._services.faults import shortened
from qaeval.models._services.rejections import RejectedError, Rejection
from qaeval.types import Reply


def whole(body: Any, url: str) -> Reply:
    """The reply of a body that came in one piece. Raises `TransientError` for one without an answer."""
    if not isinstance(body, dict):
        raise unreadable(url, f"{type(body).__name__} where an object was expected")
    text = _text(body)
    used = usage.native(body.get("usage"))
    if text is None:
        raise TransientError(f"{host_of(url)}: the answer has no output; it is asked again", usage=used)
    return _reply(body, text, _finish(body), used)


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
        raise TransientError(
            f"{host_of(url)}: the stream broke off before its last frame; it is asked again", usage=used
        )
    return replace(_reply(_merged(last, text), text, finish, used), first_token_seconds=first)


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
    except (TypeError, UnicodeDecodeError) as error:
        raise unreadable(url, error) from None


def _error(frame: Any) -> dict[str, Any]:
    return {name: frame.get(name) for name in ("code", "message", "request_id")}


def _text(body: Mapping[str, Any]) -> str | None:
    """The text of an answer; None when it has no output."""
    output = body.get("output")
    choice = _choice(body)
    if choice is None:
        text = output.get("text") if isinstance(output, dict) else None
        return text if isinstance(text, str) else None
    message = choice.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def _choice(body: Mapping[str, Any]) -> dict[str, Any] | None:
    output = body.get("output")
    choices = output.get("choices") if isinstance(output, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _finish(body: Mapping[str, Any]) -> str:
    """``stop``, ``length`` ...; ``""`` while the service says "null", which is a text in this protocol."""
    output = body.get("output")
    holder = _choice(body) or (output if isinstance(output, dict) else {})
    reason = holder.get("finish_reason")
    return reason if isinstance(reason, str) and reason != "null" else ""


def _reply(body: dict[str, Any], text: str, finish: str, used: dict[str, int]) -> Reply:
    return Reply(
        text,
        raw=body,
        finish_reason=finish,
        usage=used,
        request_id=str(body.get("request_id") or ""),
        served_model=str(body.get("model") or ""),
    )


def _merged(last: dict[str, Any], text: str) -> dict[str, Any]:
    """The last frame's body with the text of all."""
    choice = _choice(last) or {}
    message = choice.get("message")
    message = {**(message if isinstance(message, dict) else {}), "content": [{"text": text}]}
    return {
        **last,
        "output": {**(last.get("output") or {}), "choices": [{**choice, "message": message}]},
        "streamed": True,
    }


def unreadable(url: str, why: object) -> TransientError:
    """The error for what is no answer of this protocol."""
    return TransientError(f"{host_of(url)}: the answer cannot be read: {shortened(str(why))}; it is asked again")
