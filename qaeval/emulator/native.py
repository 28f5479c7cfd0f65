"""The native protocol: ``POST /api/v1/services/aigc/multimodal-generation/generation``, whole or as SSE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qaeval.emulator.answers import Answer
from qaeval.emulator.clips import NATIVE_URI_BYTES, Clip, Place, check_uri, content_of, measured
from qaeval.emulator.questions import Question, Turn, annotated, options, question
from qaeval.emulator.refusals import Refusal, bad_content, invalid
from qaeval.emulator.wire import dumped, in_steps, signed
from qaeval.models.catalogue import Entry

ROLES = ("system", "user", "assistant")


def streams(headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    """Whether the answer is to be a stream: only a header says so."""
    return headers.get("x-dashscope-sse", "").lower() == "enable"


def check_model(entry: Entry) -> None:
    """Raises `Refusal` for a model that this endpoint does not serve."""
    if entry.protocol != "dashscope":
        raise invalid("url error, please check url！")


def read(entry: Entry, headers: Mapping[str, str], body: Mapping[str, Any], place: Place) -> Question:
    """The question of a request. Raises `Refusal`."""
    if headers.get("x-dashscope-async", "").lower() == "enable":
        raise Refusal(403, "AccessDenied", "current user api does not support asynchronous calls.")
    params = options(body.get("parameters"))
    messages = options(body.get("input")).get("messages")
    if not isinstance(messages, list) or not messages:
        raise invalid('Required parameter "messages" missing or invalid, please check the request parameters.')
    turns = [_turn(entry, message, place) for message in messages]
    if messages[-1]["role"] != "user":
        raise invalid("The last message must have the role user.")
    if entry.asr_options and not turns[-1].clips:
        raise bad_content()
    incremental = params.get("incremental_output") is True
    return question(entry, turns, params, stream=streams(headers, body), incremental=incremental)


def _turn(entry: Entry, message: Any, place: Place) -> Turn:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise invalid("Role must be user or assistant and Content length must be greater than 0")
    content = message.get("content")
    if isinstance(content, str):
        content = [{"text": content}]
    if not isinstance(content, list) or not content:
        raise bad_content()
    texts: list[str] = []
    clips: list[Clip] = []
    for part in content:
        if not isinstance(part, dict) or len(part) != 1:
            raise bad_content()
        ((kind, value),) = part.items()
        if kind == "text" and isinstance(value, str):
            texts.append(value)
        elif kind == "audio" and isinstance(value, str) and message["role"] == "user":
            check_uri(value, NATIVE_URI_BYTES)
            clips.append(measured(content_of(value, place), entry.audio.size))
        else:
            raise bad_content()
    return Turn("".join(texts), clips)


def usage(asked: Question, output_tokens: int) -> dict[str, int]:
    """Tokens; those of the audio are not among the input tokens."""
    return {"input_tokens": asked.input_tokens, "output_tokens": output_tokens, "audio_tokens": asked.audio_tokens}


def whole(asked: Question, answer: Answer, request_id: str) -> dict[str, Any]:
    """The body of an answer that comes in one piece."""
    content = [{"text": answer.text}] if answer.text else []
    output = _output(asked, content, answer.finish_reason)
    return signed({"output": output, "usage": usage(asked, answer.output_tokens), "request_id": request_id})


def frames(asked: Question, answer: Answer, request_id: str) -> Iterator[bytes]:
    """The frames of a stream: texts so far, or pieces where they are asked for; the finish reason comes last."""
    number = start = 0
    for number, end in enumerate(in_steps(len(answer.tokens)), 1):
        text = "".join(answer.tokens[start:end])
        yield _frame(number, asked, [{"text": text}], "null", end, request_id)
        start = end if asked.incremental else 0
    last = [] if asked.incremental or not answer.text else [{"text": answer.text}]
    yield _frame(number + 1, asked, last, answer.finish_reason, answer.output_tokens, request_id)


def _frame(number: int, asked: Question, content: list[Any], finish: str, output_tokens: int, request_id: str) -> bytes:
    body = {
        "output": _output(asked, content, finish),
        "usage": usage(asked, output_tokens),
        "request_id": request_id,
    }
    return event(number, "result", 200, signed(body))


def _output(asked: Question, content: list[Any], finish: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **annotated(asked)}
    return {"choices": [{"message": message, "finish_reason": finish}]}


def event(number: int, kind: str, status: int, body: Mapping[str, Any]) -> bytes:
    r"""One frame, byte for byte as the service writes it: no space after a colon.

    >>> event(1, "error", 429, {"code": "Throttling"})
    b'id:1\nevent:error\n:HTTP_STATUS/429\ndata:{"code":"Throttling"}\n\n'
    """
    return b"id:%d\nevent:%s\n:HTTP_STATUS/%d\ndata:%s\n\n" % (number, kind.encode(), status, dumped(body))


def error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """The body of an error."""
    return signed({"code": refusal.code, "message": refusal.message, "request_id": request_id})


def refused_stream(refusal: Refusal, request_id: str) -> bytes:
    """An error as the whole of a stream."""
    return error_frame(1, refusal, request_id)


def error_frame(number: int, refusal: Refusal, request_id: str) -> bytes:
    """An error as a frame."""
    return event(number, "error", refusal.status, error(refusal, request_id))
