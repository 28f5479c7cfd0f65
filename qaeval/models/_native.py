"""DashScope's native protocol, over the dashscope SDK.

The SDK is called one level below `MultiModalConversation.call`, by what that calls: the public call uploads any text
that is the name of an existing file. What goes over the wire is the same, which a test proves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qaeval.errors import ModelError, TransientError
from qaeval.models import _sending, _usage
from qaeval.models._faults import shortened
from qaeval.models._links import OSS_HEADER, Link, Sent, asr_options, marked, streams, turns, unsendable
from qaeval.models._rejections import Rejection, rejection
from qaeval.models.catalogue import Entry
from qaeval.types import Reply, Request

if TYPE_CHECKING:
    from requests import Response

    from qaeval.models._wire import Wire

PATH = "services/aigc/multimodal-generation/generation"
_NO_PARAMS = {
    *("model", "messages", "input", "api_key", "workspace", "session", "headers", "base_address", "request_timeout"),
    *("timeout", "task_group", "task", "function", "api_protocol", "http_method", "async_request", "query", "form"),
    *(
        "is_service",
        "is_binary_input",
        "resources",
        "flattened_output",
        "extra_url_parameters",
        "user_agent",
        "task_id",
    ),
    *("ws_stream_mode", "enable_encryption", "pre_task_id", "sdk_module"),
}
"""Names that the SDK takes for itself, and ``timeout``, which it would send to the service as a parameter."""


def messages(entry: Entry, request: Request, audio: str) -> list[dict[str, Any]]:
    """The conversation as it is sent; ``audio`` is a data URL or an address."""
    told = []
    for turn in turns(entry, request):
        content = ([{"audio": audio}] if turn.with_audio else []) + ([{"text": turn.text}] if turn.text else [])
        told.append({"role": turn.role, "content": content})
    return told


def parameters(entry: Entry, request: Request) -> dict[str, Any]:
    """The ``parameters`` of the body: the run's, as the service names them.

    Raises `ModelError` for names that would not reach the service.
    """
    if wrong := sorted(_NO_PARAMS & request.params.keys()):
        raise ModelError(f"{entry.name}: params has {', '.join(wrong)}; expected sampling parameters (temperature ...)")
    found = {name: value for name, value in request.params.items() if name != "stream"}
    if streams(entry, request):
        found["incremental_output"] = True
    if entry.asr_options and (told := asr_options(request)):
        found["asr_options"] = told
    return found


def ask(link: Link, request: Request) -> Reply:
    """One call. Raises `AudioError`, `TransientError`, `ModelError`; an error of this sample is in the reply."""
    sent = link.sent(request)
    audio = sent.address or _sending.data_uri(request.audio)
    body = {"messages": messages(link.entry, request, audio)}
    options = parameters(link.entry, request)
    try:
        return _answer(link, request, sent, body, options)
    except _RejectedError as error:
        return link.failure(error.seen, sent, request.audio)
    except UnicodeEncodeError as error:
        return unsendable(error)


def _answer(link: Link, request: Request, sent: Sent, body: dict[str, Any], options: dict[str, Any]) -> Reply:
    from qaeval.models._wire import deadline, told

    stream = streams(link.entry, request)
    session = _Session(link.wire)
    started = time.perf_counter()
    try:
        with deadline(link.url), told(link.url):
            answer = _called(link, session, body, options, stream, sent)
            reply = _streamed(answer, started, link.url) if stream else _whole(answer, link.url)
    finally:
        session.close()
    seconds = round(time.perf_counter() - started, 6)
    headers: Any = session.headers
    return replace(
        reply,
        raw=marked(reply.raw, headers),
        seconds=seconds,
        request_id=reply.request_id or headers.get("x-request-id", ""),
    )


def _called(link: Link, session: _Session, body: Any, options: dict[str, Any], stream: bool, sent: Sent) -> Any:
    """What the SDK returns: the body of the answer, or an iterator over the bodies of a stream's frames."""
    from dashscope import MultiModalConversation

    try:
        return super(MultiModalConversation, MultiModalConversation).call(
            model=link.entry.name,
            input=body,
            task_group="aigc",
            task="multimodal-generation",
            function="generation",
            api_key=link.key.value,
            workspace=link.entry.workspace or None,
            base_address=link.url,
            session=session,
            stream=stream,
            flattened_output=True,
            user_agent="incremental_to_full/0",
            headers=dict(OSS_HEADER) if sent.form == "file" else {},
            **options,
        )
    except (TypeError, AttributeError) as error:  # JSON that is no object
        raise _unreadable(link.url, error) from None


def _whole(body: Any, url: str) -> Reply:
    if not isinstance(body, dict):
        raise _unreadable(url, f"{type(body).__name__} where an object was expected")
    text = _text(body)
    used = _usage.native(body.get("usage"))
    if text is None:
        raise TransientError(f"{url}: the answer has no output; it is asked again", usage=used)
    return _reply(body, text, _finish(body), used)


def _streamed(frames: Iterable[Any], started: float, url: str) -> Reply:
    """The frames of a stream as one reply; ``first_token_seconds`` counts from ``started``."""
    text, finish, first = "", "", None
    last: dict[str, Any] = {}
    used: dict[str, int] = {}
    for frame in _frames(frames, url):
        delta = _text(frame) or ""
        if delta and first is None:
            first = round(time.perf_counter() - started, 6)
        text += delta
        finish = _finish(frame) or finish
        used = _usage.native(frame.get("usage")) or used
        last = frame
    if not finish:
        raise TransientError(f"{url}: the stream broke off before its last frame; it is asked again", usage=used)
    return replace(_reply(_merged(last, text), text, finish, used), first_token_seconds=first)


def _frames(frames: Iterable[Any], url: str) -> Iterator[dict[str, Any]]:
    """The bodies of the frames. Raises `_RejectedError` for an error, `TransientError` for a torn frame."""
    from dashscope.api_entities.dashscope_response import DashScopeAPIResponse

    if isinstance(frames, dict):  # one body where a stream was asked for
        frames = [frames]
    try:
        for frame in frames:
            if isinstance(frame, DashScopeAPIResponse):
                if frame.code == "Unknown":
                    raise _unreadable(url, "a frame of the stream is not JSON")
                raise _RejectedError(
                    Rejection(None, frame.code or "", frame.message or "", frame.request_id or "", body=_error(frame))
                )
            if not isinstance(frame, dict):
                raise _unreadable(url, f"{type(frame).__name__} where an object was expected")
            yield frame
    except (TypeError, UnicodeDecodeError) as error:
        raise _unreadable(url, error) from None


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


def _unreadable(url: str, why: object) -> TransientError:
    return TransientError(f"{url}: the answer cannot be read: {shortened(str(why))}; it is asked again")


class _RejectedError(Exception):
    def __init__(self, seen: Rejection) -> None:
        super().__init__(seen.code)
        self.seen = seen


class _Session:
    """What the SDK takes for its session: it sends once, and keeps the headers of the answer."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.headers: Mapping[str, str] = {}
        self.close: Callable[[], None] = lambda: None  # what is left of the answer is not read

    def post(self, *, url: str, stream: bool, data: bytes, headers: dict[str, str], timeout: Any) -> Response:
        """The answer, if it is 200; the connection's own timeouts hold, not the SDK's."""
        del timeout
        response = self._wire.send("POST", url, stream=stream, data=data, headers=headers)
        self.headers, self.close = response.headers, response.close
        if response.status_code != 200:
            raise _RejectedError(rejection(response.status_code, response.headers, response.content))
        return response
