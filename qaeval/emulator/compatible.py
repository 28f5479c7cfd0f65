"""The OpenAI-compatible protocol: DashScope's ``/compatible-mode/v1`` and, for open weights, vLLM's ``/v1``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from qaeval.emulator.answers import Answer
from qaeval.emulator.clips import COMPATIBLE_URI_BYTES, Clip, Place, check_uri, content_of, decoded, measured
from qaeval.emulator.questions import Question, Turn, annotated, options, question
from qaeval.emulator.refusals import Refusal, bad_content, bad_url, invalid
from qaeval.emulator.wire import dumped, in_steps, signed
from qaeval.models.catalogue import Entry

ROLES = ("system", "developer", "user", "assistant")
DONE = b"data: [DONE]\n\n"


def streams(headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    """Whether the answer is to be a stream: the body says so."""
    return body.get("stream") is True


def check_model(entry: Entry) -> None:
    """Raises `Refusal` for a model that only the native endpoint serves."""
    if entry.protocol != "openai" and not entry.asr_options:
        message = f"Unsupported model {entry.name} for OpenAI compatibility mode."
        raise Refusal(404, "model_not_supported", message)


def read(entry: Entry, headers: Mapping[str, str], body: Mapping[str, Any], place: Place) -> Question:
    """The question of a request. Raises `Refusal`."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise invalid("[] is too short - 'messages'")
    if body.get("modalities") not in (None, ["text"]) and entry.provider == "dashscope":
        raise invalid('The emulator does not speak: expected modalities ["text"].')
    turns = [_turn(entry, message, place) for message in messages]
    return question(
        entry,
        turns,
        {name: value for name, value in body.items() if name not in ("messages", "model")},
        stream=streams(headers, body),
        incremental=True,
        thinking=_thinks(entry, body),
        include_usage=bool(options(body.get("stream_options")).get("include_usage")),
    )


def _thinks(entry: Entry, body: Mapping[str, Any]) -> bool:
    if entry.thinking == "none":
        return False
    asked = body.get("enable_thinking")
    if asked is None and "reasoning_effort" in body:
        return bool(body["reasoning_effort"] != "none")
    return entry.thinking == "on" if asked is None else bool(asked)


def _turn(entry: Entry, message: Any, place: Place) -> Turn:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise invalid(f"Role must be one of {', '.join(ROLES)}")
    content = message.get("content")
    if isinstance(content, str):
        return Turn(content, [])
    if not isinstance(content, list) or not content:
        raise bad_content()
    texts: list[str] = []
    clips: list[Clip] = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind in ("input_audio", "audio_url") and message["role"] == "user":
            clips.append(measured(_audio(entry, part, place), entry.audio.size))
        else:
            raise bad_content()
    return Turn("".join(texts), clips)


def _audio(entry: Entry, part: Mapping[str, Any], place: Place) -> bytes:
    """The clip of a part. DashScope wants a data URL or an address, vLLM bare base64 or an ``audio_url``."""
    is_ours = entry.audio_part == part["type"] or (part["type"] == "audio_url" and entry.provider != "dashscope")
    value = options(part.get(part["type"])).get("url" if part["type"] == "audio_url" else "data")
    if not is_ours or not isinstance(value, str):
        raise bad_content()
    if part["type"] == "input_audio" and entry.audio_form == "base64":
        return decoded(value)
    if value.startswith("oss://") and entry.provider != "dashscope":
        raise bad_url()
    check_uri(value, COMPATIBLE_URI_BYTES)
    return content_of(value, place)


def usage(asked: Question, answer: Answer) -> dict[str, Any]:
    """Tokens; those of the audio are among the prompt's."""
    prompt, completion = asked.input_tokens + asked.audio_tokens, answer.output_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"audio_tokens": asked.audio_tokens, "text_tokens": asked.input_tokens},
        "completion_tokens_details": {"text_tokens": len(answer.tokens), "reasoning_tokens": len(answer.thought)},
    }


def whole(asked: Question, answer: Answer, request_id: str) -> dict[str, Any]:
    """The body of an answer that comes in one piece."""
    message = {"role": "assistant", "content": answer.text, **annotated(asked)}
    if answer.thought:
        message["reasoning_content"] = "".join(answer.thought)
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason, "logprobs": None}
    return _body("chat.completion", asked, request_id, [choice], usage(asked, answer))


def frames(asked: Question, answer: Answer, request_id: str) -> Iterator[bytes]:
    """The frames of a stream: role, thoughts, pieces of text, finish reason, usage if asked for, the end."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": None, "reasoning_content": piece} for piece in _pieces(answer.thought)]
    deltas += [{"content": piece} for piece in _pieces(answer.tokens)]
    for delta in deltas:
        yield _chunk(asked, request_id, [_choice(delta, None)])
    yield _chunk(asked, request_id, [_choice({"content": ""}, answer.finish_reason)])
    if asked.include_usage:
        yield _chunk(asked, request_id, [], usage(asked, answer))
    yield DONE


def _pieces(tokens: tuple[str, ...]) -> Iterator[str]:
    start = 0
    for end in in_steps(len(tokens)):
        yield "".join(tokens[start:end])
        start = end


def _choice(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}


def _chunk(asked: Question, request_id: str, choices: list[Any], used: dict[str, Any] | None = None) -> bytes:
    return b"data: %s\n\n" % dumped(_body("chat.completion.chunk", asked, request_id, choices, used))


def _body(
    kind: str, asked: Question, request_id: str, choices: list[Any], used: dict[str, Any] | None
) -> dict[str, Any]:
    body = {
        "id": f"chatcmpl-{request_id}",
        "object": kind,
        "created": int(time.time()),
        "model": asked.entry.name,
        "choices": choices,
        "usage": used,
    }
    return signed(body)


def error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """The body of an error."""
    message = "Incorrect API key provided." if refusal.status == 401 else refusal.message
    told = {
        "message": message,
        "type": refusal.compatible_type,
        "param": None,
        "code": refusal.compatible_code,
    }
    return signed({"error": told, "request_id": request_id})


def refused_stream(refusal: Refusal, request_id: str) -> None:
    """None: here a refused stream is a plain body, too."""


def error_frame(number: int, refusal: Refusal, request_id: str) -> bytes:
    """An error in the middle of a stream."""
    return b"data: %s\n\n" % dumped(error(refusal, request_id))


def listing(names: list[str], owner: str) -> dict[str, Any]:
    """The body of ``GET /models``."""
    rows = [{"id": name, "object": "model", "created": 0, "owned_by": owner} for name in names]
    return signed({"object": "list", "data": rows})
