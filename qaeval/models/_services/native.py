"""DashScope's native protocol, over the dashscope SDK.

The SDK is called one level below `MultiModalConversation.call`, by what that calls: the public call uploads any text
that is the name of an existing file. What goes over the wire is the same, which a test proves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qaeval.errors import ModelError
from qaeval.models._services import native_answers, sending
from qaeval.models._services.answers import unreadable
from qaeval.models._services.links import OSS_HEADER, Link, Sent, asr_options, has_audio, marked, streams, turns
from qaeval.models._services.rejections import RejectedError, rejection
from qaeval.models.catalogue import Entry
from qaeval.types import Reply, Request

if TYPE_CHECKING:
    from requests import Response

    from qaeval.models._services.wire import Wire

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
    audio = sent.address or (sending.data_uri(request.audio) if has_audio(link.entry, request) else "")
    body = {"messages": messages(link.entry, request, audio)}
    options = parameters(link.entry, request)
    try:
        return _answer(link, request, sent, body, options)
    except RejectedError as error:
        return link.failure(error.seen, sent, request.audio)


def _answer(link: Link, request: Request, sent: Sent, body: dict[str, Any], options: dict[str, Any]) -> Reply:
    from qaeval.models._services.wire import deadline, told

    stream = streams(link.entry, request)
    session = _Session(link.wire)
    started = time.perf_counter()
    try:
        with deadline(link.url), told(link.url):
            answer = _called(link, session, body, options, stream, sent)
            if stream:
                reply = native_answers.streamed(answer, started, link.url)
            else:
                reply = native_answers.whole(answer, link.url)
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
    except (TypeError, AttributeError, RecursionError) as error:  # JSON that is no object, or has no end of depth
        raise unreadable(link.url, error) from None


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
            raise RejectedError(rejection(response.status_code, response.headers, response.content))
        return response
