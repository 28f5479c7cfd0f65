"""What comes back from a service: whole, in a stream, broken, or nothing of use."""

import pytest
from scripted import (
    MODELS,
    NATIVE,
    OMNI,
    SSE,
    USAGE,
    Answer,
    chunk,
    compatible_stream,
    json_answer,
    model_at,
    native_body,
    native_error,
    native_frame,
    native_stream,
    question,
)

from qaeval.errors import TransientError

pytestmark = pytest.mark.usefixtures("key")


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ({"choices": [{"finish_reason": "stop", "message": {"content": [{"text": "a"}, {"text": "b"}]}}]}, "ab"),
        ({"choices": [{"finish_reason": "stop", "message": {"content": "ab"}}]}, "ab"),
        ({"choices": [{"finish_reason": "stop", "message": {"content": []}}]}, ""),
        ({"choices": [{"finish_reason": "stop", "message": {"content": None}}]}, ""),
        ({"text": "ab", "finish_reason": "stop", "choices": None}, "ab"),
    ],
)
def test_each_form_of_a_native_answer(server, output, text):
    server.answer(json_answer(native_body(output)))
    reply = model_at(server).ask(question())
    assert (reply.text, reply.finish_reason, reply.request_id) == (text, "stop", "r-1")
    assert reply.usage == {"input_tokens": 33, "audio_tokens": 85, "output_tokens": 10, "total_tokens": 128}


@pytest.mark.parametrize(
    "answer",
    [
        json_answer(native_body({"choices": []})),
        json_answer(native_body(None)),
        json_answer({"request_id": "r", "code": "", "message": "busy"}),
        json_answer([1]),
        json_answer(None),
        Answer(200, {"Content-Type": "text/html"}, (b"<html>please log in</html>",)),
        Answer(200, {"Content-Type": "application/json"}, (b'{"output": {"choices": [{"mess',)),
        Answer(200, {"Content-Type": "application/json"}, ()),
    ],
)
@pytest.mark.parametrize("params", [{}, SSE], ids=["whole", "stream"])
@pytest.mark.parametrize("name", [NATIVE, "qwen3.8-omni-flash"])
def test_an_answer_without_an_answer_is_worth_another_try(server, answer, params, name):
    server.answer(answer)
    with pytest.raises(TransientError) as caught:
        model_at(server, name).ask(question(params=params))
    assert server.hits == 1
    assert "127.0.0.1" in str(caught.value)


def test_native_frames_are_joined(server):
    frames = [native_frame("这段"), native_frame(""), native_frame("音频"), native_frame("", "stop")]
    server.answer(native_stream(*frames, pause=0.02))
    reply = model_at(server).ask(question(params=SSE))
    assert (reply.text, reply.finish_reason) == ("这段音频", "stop")
    assert 0 < reply.first_token_seconds < reply.seconds - 0.05
    assert reply.raw["output"]["choices"][0]["message"]["content"] == [{"text": "这段音频"}]
    assert reply.usage["total_tokens"] == 128
    assert server.asked[0].json["parameters"] == {"incremental_output": True}


def test_chunks_are_joined_and_thoughts_kept_apart(server):
    chunks = [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": None, "reasoning_content": "hm "}),
        chunk({"content": "hel"}),
        chunk({"content": "lo"}),
        chunk({"content": ""}, "length"),
        chunk(usage=USAGE),
    ]
    server.answer(compatible_stream(*chunks, pause=0.02))
    reply = model_at(server, OMNI).ask(question())
    assert (reply.text, reply.finish_reason, reply.truncated) == ("hello", "length", True)
    assert reply.usage == {"input_tokens": 33, "audio_tokens": 85, "output_tokens": 10, "total_tokens": 128}
    assert 0.03 < reply.first_token_seconds < reply.seconds - 0.05
    assert reply.raw["choices"][0]["message"] == {"role": "assistant", "content": "hello", "reasoning_content": "hm "}
    assert (reply.served_model, reply.request_id) == ("served", "r-1")


BROKEN = {
    "no last frame": (
        native_stream(native_frame("a")),
        compatible_stream(chunk({"content": "a"}), chunk(usage=USAGE), done=False),
    ),
    "cut": (
        native_stream(native_frame("a"), native_frame("b"), cut=True),
        compatible_stream(chunk({"content": "a"}), chunk({"content": "b"}), cut=True, done=False),
    ),
    "torn frame": (
        Answer(200, {"Content-Type": "text/event-stream"}, (b'id:1\nevent:result\ndata:{"outp\n\n', b"")),
        Answer(200, {"Content-Type": "text/event-stream"}, (b'data: {"choi\n\n', b"")),
    ),
    "an error": (
        Answer(
            200,
            {"Content-Type": "text/event-stream"},
            (b'id:1\nevent:error\n:HTTP_STATUS/500\ndata:{"code":"InternalError.Algo","message":"inference"}\n\n', b""),
        ),
        compatible_stream(chunk({"content": "a"}), {"error": {"code": "InternalError", "message": "inference"}}),
    ),
    "numbers": (
        Answer(200, {"Content-Type": "text/event-stream"}, (b"id:1\nevent:result\ndata:7\n\n", b"")),
        Answer(200, {"Content-Type": "text/event-stream"}, (b"data: 7\n\n", b"")),
    ),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("name", MODELS)
def test_a_broken_stream_is_worth_another_try(server, how, name):
    server.answer(BROKEN[how][MODELS.index(name)])
    with pytest.raises(TransientError) as caught:
        model_at(server, name).ask(question(params=SSE))
    assert server.hits == 1
    if how == "cut":
        assert "closed in the middle of the answer" in str(caught.value)
    if how == "no last frame":
        assert caught.value.usage["audio_tokens"] == 85


def test_an_error_in_a_stream_is_classified_by_its_code(server):
    told = b'{"code":"DataInspectionFailed","message":"x","request_id":"r-9"}'
    event = b"id:2\nevent:error\n:HTTP_STATUS/400\ndata:%s\n\n" % told
    server.answer(Answer(200, {"Content-Type": "text/event-stream"}, (event, b"")))
    reply = model_at(server).ask(question(params=SSE))
    assert (reply.error.outcome, reply.request_id) == ("skipped", "r-9")
    server.answer(
        compatible_stream(chunk({"content": "a"}), {"error": {"code": "data_inspection_failed", "message": "x"}})
    )
    assert model_at(server, OMNI).ask(question()).error.outcome == "skipped"


def test_audio_in_a_body_is_not_kept(server):
    output = native_frame("a", "stop") | {"audio": {"data": "QUJD" * 1000, "id": "x"}}
    server.answer(json_answer(native_body(output)))
    assert model_at(server).ask(question()).raw["output"]["audio"] == {"data": "<4000 characters>", "id": "x"}


def test_counts_that_are_none_are_not_believed(server):
    server.answer(json_answer(native_body(native_frame("a", "stop"), usage={"input_tokens": "33", "audio_tokens": -1})))
    assert model_at(server).ask(question()).usage == {}
    server.answer(
        json_answer(native_body(native_frame("a", "stop"), usage={"input_tokens": 9, "output_tokens": 10**23}))
    )
    assert model_at(server).ask(question()).usage == {"input_tokens": 9, "total_tokens": 9}


@pytest.mark.parametrize("name", [NATIVE, OMNI])
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_without_an_end_fills_no_memory(server, monkeypatch, name, status):
    monkeypatch.setattr("qaeval.models._services.connections.MOST_BYTES", 1000)
    if status == 500:
        server.answer(native_error(500, "InternalError", "la " * 1000))
    elif name == OMNI:
        server.answer(compatible_stream(*[chunk({"content": "la " * 100})] * 10, done=False))
    else:
        server.answer(json_answer(native_body(native_frame("la " * 1000, "stop"))))
    with pytest.raises(TransientError, match=r"no end .more than 1,000 bytes") as caught:
        model_at(server, name).ask(question())
    assert caught.value.attempts == 2


def test_a_native_stream_without_an_end_fills_no_memory(server, monkeypatch):
    monkeypatch.setattr("qaeval.models._services.connections.MOST_BYTES", 1000)
    server.answer(native_stream(*[native_frame("la " * 100)] * 10))
    with pytest.raises(TransientError, match=r"no end .more than 1,000 bytes"):
        model_at(server).ask(question(params=SSE))


def test_a_page_in_the_place_of_a_stream_is_called_one(server):
    server.answer(Answer(200, {"Content-Type": "text/html"}, (b"<html>log in</html>",)))
    with pytest.raises(TransientError, match="no frame of a stream is in it"):
        model_at(server, OMNI).ask(question())


@pytest.mark.parametrize(("name", "params"), [(NATIVE, {}), (NATIVE, SSE), (OMNI, {})])
def test_json_without_an_end_of_depth_is_worth_another_try(server, name, params):
    deep = b"[" * 100_000
    kind, body = ("text/event-stream", b"data:%s\n\n" % deep) if name == OMNI or params else ("application/json", deep)
    server.answer(Answer(200, {"Content-Type": kind}, (body,)))
    with pytest.raises(TransientError, match="cannot be read"):
        model_at(server, name).ask(question(params=params))
