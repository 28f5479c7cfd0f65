"""An answer, an error or a fault as bytes of one of the protocols."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from qaeval.emulator.answers import Answer
from qaeval.emulator.dialect import Dialect
from qaeval.emulator.faults import SLOW_S
from qaeval.emulator.questions import Question
from qaeval.emulator.refusals import Refusal, internal, unavailable
from qaeval.emulator.wire import DROPPED, HTML, JSON, SSE, Outgoing, dumped, in_one

PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


def instead(fault: str) -> Outgoing | None:
    """What goes back without an engine being asked; None for any other fault. Raises `Refusal`."""
    if fault == "error_500":
        raise internal()
    if fault == "error_503":
        raise unavailable()
    return {"html": in_one(502, HTML, PAGE), "drop_before": DROPPED}.get(fault)


def refused(dialect: Dialect, refusal: Refusal, request_id: str, stream: bool) -> Outgoing:
    """An error as the whole response."""
    told = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    if stream and (frame := dialect.refused_stream(refusal, request_id)):
        return in_one(refusal.status, SSE, frame, headers=told)
    return in_one(refusal.status, JSON, dumped(dialect.error(refusal, request_id)), headers=told)


def sent(dialect: Dialect, asked: Question, answer: Answer, request_id: str) -> Outgoing:
    """An answer as it should be."""
    if asked.stream:
        return Outgoing(200, SSE, tuple(dialect.frames(asked, answer, request_id)), answers=True)
    return in_one(200, JSON, dumped(dialect.whole(asked, answer, request_id)), answers=True)


def faulty(fault: str, dialect: Dialect, asked: Question, answer: Answer, request_id: str) -> Outgoing:
    """An answer with the fault of that name; one that only concerns streams leaves other answers as they are."""
    if fault == "drop_after":
        return DROPPED
    if fault == "empty":
        answer = Answer((), answer.thought)
    if fault == "wrong_usage":
        asked = dataclasses.replace(asked, audio_tokens=1)
    good = sent(dialect, asked, answer, request_id)
    if fault in _SPOILED:
        return _SPOILED[fault](good, dialect, asked, request_id)
    return good


def _without_output(good: Outgoing, dialect: Dialect, asked: Question, request_id: str) -> Outgoing:
    body: dict[str, Any] = dialect.whole(asked, Answer(()), request_id)
    for name in ("output", "choices"):
        body.pop(name, None)
    return in_one(200, JSON, dumped(body))


def _torn(good: Outgoing, dialect: Dialect, asked: Question, request_id: str) -> Outgoing:
    first = good.chunks[0]
    half = first[: len(first) // 2]
    return in_one(200, good.content_type, half + (b"\n\n" if asked.stream else b""))


def _slow(good: Outgoing, dialect: Dialect, asked: Question, request_id: str) -> Outgoing:
    return dataclasses.replace(good, pause=SLOW_S if asked.stream else 0.0)


def _cut(good: Outgoing, dialect: Dialect, asked: Question, request_id: str) -> Outgoing:
    chunks = good.chunks[: len(good.chunks) // 2] or (good.chunks[0][: len(good.chunks[0]) // 2],)
    return dataclasses.replace(good, chunks=chunks, cut=True)


def _broken_off(good: Outgoing, dialect: Dialect, asked: Question, request_id: str) -> Outgoing:
    if not asked.stream:
        return refused(dialect, internal(), request_id, stream=False)
    half = good.chunks[: len(good.chunks) // 2]
    chunks = (*half, dialect.error_frame(len(half) + 1, internal(), request_id))
    return dataclasses.replace(good, chunks=chunks, answers=False)


_SPOILED: Mapping[str, Callable[[Outgoing, Dialect, Question, str], Outgoing]] = {
    "no_output": _without_output,
    "torn_json": _torn,
    "slow_sse": _slow,
    "cut_sse": _cut,
    "stream_error": _broken_off,
}
