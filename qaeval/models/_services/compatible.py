"""The OpenAI-compatible protocol, over the openai SDK: Qwen-Omni on DashScope, vLLM, and other servers.

Which form the audio takes, and whether the answer must be streamed, the catalogue says; nothing is guessed from a host.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qaeval.errors import ModelError, QaevalError
from qaeval.models._services import sending, usage
from qaeval.models._services.answers import broken_off, choice_of, reply_of, unreadable, without_output
from qaeval.models._services.links import OSS_HEADER, Link, Sent, asr_options, has_audio, marked, streams, turns
from qaeval.models._services.rejections import Rejection, rejection, told as told_by
from qaeval.models.catalogue import Entry
from qaeval.types import Audio, Reply, Request

if TYPE_CHECKING:
    from openai import OpenAI

PATH = "chat/completions"


def client_of(link: Link) -> OpenAI:
    """The SDK's client over our connections; it never sends a request twice."""
    import httpx
    from openai import OpenAI

    from qaeval.models._services.transport import Transport

    http: Any = httpx.Client(transport=Transport(link.wire), trust_env=False)
    return OpenAI(api_key=link.key.value, base_url=link.url, max_retries=0, http_client=http)


def part(entry: Entry, audio: Audio, address: str = "") -> dict[str, Any]:
    """The audio part of a turn: an ``address``, else the clip itself, which is read. Raises `AudioError`."""
    data = address or start(entry, audio) + sending.base64_text(audio)
    if entry.audio_part == "audio_url":
        return {"type": "audio_url", "audio_url": {"url": data}}
    return {"type": "input_audio", "input_audio": {"data": data, "format": sending.format_of(audio)}}


def start(entry: Entry, audio: Audio) -> str:
    """What stands before the base64: DashScope's data URL has no media type, vLLM's needs one, or nothing at all."""
    if entry.audio_part == "audio_url":
        return f"data:audio/{sending.mime(audio)};base64,"
    return "data:;base64," if entry.audio_form == "data_uri" else ""


def messages(entry: Entry, request: Request, audio: dict[str, Any]) -> list[dict[str, Any]]:
    """The conversation as it is sent; ``audio`` is the part that stands before the text of turns with audio."""
    told = []
    for turn in turns(entry, request):
        text = [{"type": "text", "text": turn.text}] if turn.text else []
        told.append({"role": turn.role, "content": [audio, *text] if turn.with_audio else turn.text})
    return told


def options(entry: Entry, request: Request) -> dict[str, Any]:
    """What the body has besides model and messages: the run's parameters as the service names them.

    Raises `ModelError` for parameters that would replace the question.
    """
    if wrong := sorted({"model", "messages"} & request.params.keys()):
        raise ModelError(f"{entry.name}: params has {', '.join(wrong)}; expected sampling parameters (temperature ...)")
    found: dict[str, Any] = {}
    if streams(entry, request):
        found = {"stream": True, "stream_options": {"include_usage": True}}
    if entry.provider == "dashscope" and not entry.asr_options:
        found["modalities"] = ["text"]
    if entry.thinking != "none" and "reasoning_effort" not in request.params:
        found["enable_thinking"] = False
    found.update((name, value) for name, value in request.params.items() if name != "stream")
    if entry.asr_options and (told := asr_options(request)):
        found["asr_options"] = told
    return found


def ask(link: Link, client: OpenAI, request: Request) -> Reply:
    """One call. Raises `AudioError`, `TransientError`, `ModelError`; an error of this sample is in the reply."""
    import openai

    sent = link.sent(request)
    heard = part(link.entry, request.audio, sent.address) if has_audio(link.entry, request) else {}
    told = messages(link.entry, request, heard)
    try:
        return _answer(link, client, request, sent, told)
    except openai.APIStatusError as error:
        answer = error.response
        return link.failure(rejection(answer.status_code, answer.headers, answer.content), sent, request.audio)
    except openai.APIConnectionError as error:  # older releases wrap what our transport raises
        if isinstance(error.__cause__, QaevalError):
            raise error.__cause__ from None
        raise unreadable(link.url, error.__cause__ or error) from None
    except openai.APIError as error:  # in the middle of a stream
        body = error.body if isinstance(error.body, dict) else {"message": error.message}
        code, message = told_by(body)
        return link.failure(Rejection(None, code, message, body=body), sent, request.audio)


def _answer(link: Link, client: OpenAI, request: Request, sent: Sent, told: list[dict[str, Any]]) -> Reply:
    from qaeval.models._services.wire import deadline

    body: Any = options(link.entry, request)
    stream = body.pop("stream", False)
    streamed = {"stream": True} if stream else {}
    create: Any = client.chat.completions.with_raw_response.create
    started = time.perf_counter()
    with deadline(link.url):
        answer = create(
            model=link.entry.name,
            messages=told,
            **streamed,
            extra_body=body,
            extra_headers=OSS_HEADER if sent.form == "file" else {},
        )
        try:
            if stream:
                reply = _streamed(answer.parse(), started, link.url)
            else:
                reply = _whole(answer.http_response.content, link.url)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:  # torn JSON, or of another shape
            raise unreadable(link.url, error) from None
        finally:
            answer.http_response.close()
    return replace(
        reply,
        raw=marked(reply.raw, answer.headers),
        seconds=round(time.perf_counter() - started, 6),
        request_id=answer.headers.get("x-request-id") or reply.request_id,
    )


def _whole(content: bytes, url: str) -> Reply:
    body = json.loads(content)
    choice = choice_of(body)
    used = usage.compatible(body.get("usage"))
    if choice is None or not isinstance(choice.get("message"), dict):
        raise without_output(url, used)
    return reply_of(body, choice["message"].get("content") or "", choice.get("finish_reason") or "", used)


def _streamed(chunks: Iterable[Any], started: float, url: str) -> Reply:
    """The chunks of a stream as one reply. What the model thought is kept apart from what it said, in ``raw``."""
    said, thought, finish, first = "", "", "", None
    last: dict[str, Any] = {}
    used: dict[str, int] = {}
    for chunk in map(_body, chunks):
        choice = choice_of(chunk) or {}
        delta = choice.get("delta") or {}
        if delta.get("content") and first is None:
            first = round(time.perf_counter() - started, 6)
        said += delta.get("content") or ""
        thought += delta.get("reasoning_content") or ""
        finish = choice.get("finish_reason") or finish
        used = usage.compatible(chunk.get("usage")) or used
        last = {**last, **{name: value for name, value in chunk.items() if value is not None}}
    if not finish:
        raise broken_off(url, used) if last else unreadable(url, "no frame of a stream is in it")
    return replace(reply_of(_merged(last, said, thought, finish), said, finish, used), first_token_seconds=first)


def _body(chunk: Any) -> dict[str, Any]:
    """What the SDK read of a chunk, fields that it does not know included."""
    body: dict[str, Any] = chunk.to_dict()
    return body


def _merged(last: dict[str, Any], said: str, thought: str, finish: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": said} | ({"reasoning_content": thought} if thought else {})
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {**last, "choices": [choice], "streamed": True}
