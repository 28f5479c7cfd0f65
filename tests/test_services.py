"""The adapters of the services: the real SDKs over loopback, against the emulator and against a scripted server."""

import base64
import dataclasses
import ipaddress
import json
import logging
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from clips import wav
from scripted import (
    DROP,
    KEY,
    MODELS,
    USAGE,
    Answer,
    Scripted,
    chunk,
    compatible_answer,
    compatible_stream,
    json_answer,
    model_at,
    native_answer,
    native_body,
    native_error,
    native_frame,
    native_stream,
    question,
)

from qaeval import emulator, models
from qaeval.errors import AudioError, ModelError, TransientError, UnknownNameError
from qaeval.models._services import sdk_logs, sending, uploads, wire
from qaeval.models.catalogue import read_catalogue
from qaeval.types import Audio, Message, Request

NATIVE, OMNI = MODELS
SSE = {"stream": True}
CLIP = wav(1.0, 16000)
ANSWERS = {
    NATIVE: native_answer("hello"),
    OMNI: compatible_stream(chunk({"content": "hello"}, "stop"), chunk(usage=USAGE)),
}


@pytest.fixture(autouse=True)
def key(monkeypatch, tmp_path):
    monkeypatch.setenv("DASHSCOPE_API_KEY", KEY)
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def server():
    with Scripted() as running:
        yield running


@pytest.fixture(scope="module")
def base():
    with emulator.serving(
        emulator.Settings(engine=lambda request: f"heard {request.audio.sha256[:8]}", scale=1e6)
    ) as url:
        yield url


@pytest.fixture
def rehearsed(base):
    return read_catalogue().pointing_to(base)


# The emulator, for each model that is known


@pytest.mark.parametrize("name", read_catalogue().entries)
def test_each_model_of_the_catalogue_answers(name, rehearsed):
    model = models.find(name, rehearsed)
    model.check()
    audio = Audio(CLIP, "clip.wav")
    reply = model.ask(Request(model.name, audio, (Message("user", "What is said?", True),), task="transcribe"))
    assert reply.text.startswith("heard ")
    assert model.name == f"rehearsal/dashscope/{name}"
    assert model.host == ""
    assert reply.finish_reason == "stop"
    assert reply.raw["emulator"].startswith("qaeval ")
    assert reply.usage["total_tokens"] == sum(reply.usage.values()) / 2
    assert reply.usage["audio_tokens"] == (model.hears.tokens(1.0) or 0)
    assert reply.request_id
    assert 0 < reply.seconds < 30
    assert (reply.first_token_seconds is not None) == (rehearsed.find(name).stream == "must")


def test_a_snapshot_has_one_name_and_an_alias_keeps_its_own(rehearsed):
    assert models.find("qwen-audio-turbo-1204", rehearsed).name.endswith("/qwen-audio-turbo-2024-12-04")
    latest = models.find("dashscope/qwen-audio-turbo-latest", rehearsed)
    assert latest.name.endswith("/qwen-audio-turbo-latest")
    assert latest.facts["means"] == "qwen-audio-turbo-2024-12-04"


def test_a_cut_answer_is_flagged(rehearsed):
    for name in MODELS:
        reply = models.find(name, rehearsed).ask(question(params={"max_tokens": 1}))
        assert reply.truncated, name


def test_a_rehearsal_reads_no_key_and_real_calls_refuse_the_emulator(monkeypatch, rehearsed, base):
    monkeypatch.delenv("DASHSCOPE_API_KEY")
    assert models.find(NATIVE, rehearsed).ask(question()).text
    monkeypatch.setenv("DASHSCOPE_API_KEY", KEY)
    for name, path in zip(MODELS, ("/api/v1", "/compatible-mode/v1"), strict=True):
        model = models.find(name, read_catalogue().overriding({name: {"base_url": base + path}}))
        for call in (model.check, lambda model=model: model.ask(question())):
            with pytest.raises(ModelError, match="--rehearse"):
                call()


@pytest.mark.parametrize(
    "fault", ["error_500", "error_503", "html", "drop_before", "drop_after", "no_output", "torn_json"]
)
@pytest.mark.parametrize("name", MODELS)
def test_faults_of_the_emulator_are_worth_another_try(fault, name):
    settings = emulator.Settings(engine=lambda request: "a long enough answer to be torn", faults={fault: 1.0})
    with emulator.serving(settings) as url:
        model = models.find(name, read_catalogue().pointing_to(url))
        with pytest.raises(TransientError, match=r"\w") as caught:
            model.ask(question())
        assert not caught.value.throttled
        if fault == "no_output" and name == NATIVE:
            assert caught.value.usage["audio_tokens"] == 25


@pytest.mark.parametrize("fault", ["cut_sse", "stream_error", "torn_json", "drop_after"])
@pytest.mark.parametrize("name", MODELS)
def test_faults_of_streams_are_worth_another_try(fault, name):
    settings = emulator.Settings(engine=lambda request: "a long enough answer to be torn", faults={fault: 1.0})
    with emulator.serving(settings) as url:
        model = models.find(name, read_catalogue().pointing_to(url))
        with pytest.raises(TransientError):
            model.ask(question(params=SSE))


def test_quota_retirement_and_keys_of_the_emulator(base):
    settings = emulator.Settings(
        engine=lambda request: "x", scale=1e6, quotas={NATIVE: 1}, today=date(2026, 11, 24), keys=("some-other-key",)
    )
    with emulator.serving(settings) as url:
        known = read_catalogue().pointing_to(url)
        with pytest.raises(ModelError, match="key") as caught:
            models.find(NATIVE, known).check()
        assert caught.value.outcome == "failed"
    with emulator.serving(dataclasses.replace(settings, keys=None)) as url:
        known = read_catalogue().pointing_to(url)
        gone = models.find("qwen-audio-turbo-2024-12-04", known)
        assert "qwen3-asr-flash" in gone.retired
        with pytest.raises(ModelError) as caught:
            gone.ask(question())
        assert caught.value.outcome == "retired"
        model = models.find(NATIVE, known)
        with pytest.raises(ModelError) as caught:
            [model.ask(question()) for _ in range(3)]
        assert caught.value.outcome == "quota"


# What goes over the wire


def test_the_native_request_is_that_of_the_public_call(server, monkeypatch):
    import dashscope

    monkeypatch.setattr(dashscope, "base_http_api_url", f"{server.base}/api/v1")
    audio = "data:;base64," + base64.b64encode(CLIP).decode()
    told = [
        {"role": "system", "content": [{"text": "Be short."}]},
        {"role": "user", "content": [{"audio": audio}, {"text": "What is said?"}]},
    ]
    dashscope.MultiModalConversation.call(
        model=NATIVE, messages=told, api_key=KEY, temperature=0.1, seed=7, workspace="ws-1"
    )
    turns = (Message("system", "Be short."), Message("user", "What is said?", True))
    model = model_at(server, workspace="ws-1")
    model.ask(Request("m", Audio(CLIP, "a.wav"), turns, {"temperature": 0.1, "seed": 7}))
    public, ours = server.asked
    assert ours.json == public.json
    assert (ours.method, ours.path) == (public.method, public.path)
    assert ours.headers == public.headers


def test_the_native_stream_is_that_of_the_public_call(server, monkeypatch):
    import dashscope

    monkeypatch.setattr(dashscope, "base_http_api_url", f"{server.base}/api/v1")
    server.answer(native_stream(native_frame("a"), native_frame("", "stop")))
    told = [{"role": "user", "content": [{"audio": "data:;base64,QUJD"}, {"text": "x"}]}]
    list(
        dashscope.MultiModalConversation.call(
            model=NATIVE, messages=told, api_key=KEY, stream=True, incremental_output=True
        )
    )
    model_at(server).ask(Request("m", Audio(b"ABC", "a.wav"), (Message("user", "x", True),), SSE))
    public, ours = server.asked
    assert ours.json == public.json
    assert ours.headers == public.headers


def test_a_text_that_is_the_name_of_a_file_goes_out_as_text(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secrets.csv").write_text("salaries")
    for name in MODELS:
        server.answer(ANSWERS[name])
        model_at(server, name).ask(question("secrets.csv"))
        model_at(server, name).ask(question(f"file://{tmp_path}/secrets.csv"))
    assert [asked.path.rpartition("/")[2] for asked in server.asked] == ["generation"] * 2 + ["completions"] * 2
    assert all(b"secrets.csv" in asked.body for asked in server.asked)


def test_several_turns_system_messages_and_voice_chat(server):
    turns = (
        Message("system", "Be short."),
        Message("user", "What is said?", True),
        Message("assistant", "hello"),
        Message("user", "And then?"),
    )
    model_at(server).ask(Request("m", Audio(b"ABC", "a.wav"), turns))
    model_at(server).ask(Request("m", Audio(b"ABC", "a.wav")))
    server.answer(ANSWERS[OMNI])
    model_at(server, OMNI).ask(Request("m", Audio(b"ABC", "a.mp3"), turns))
    told, alone, omni = (asked.json for asked in server.asked)
    assert told["input"]["messages"] == [
        {"role": "system", "content": [{"text": "Be short."}]},
        {"role": "user", "content": [{"audio": "data:;base64,QUJD"}, {"text": "What is said?"}]},
        {"role": "assistant", "content": [{"text": "hello"}]},
        {"role": "user", "content": [{"text": "And then?"}]},
    ]
    assert alone["input"]["messages"] == [{"role": "user", "content": [{"audio": "data:;base64,QUJD"}]}]
    part = {"type": "input_audio", "input_audio": {"data": "data:;base64,QUJD", "format": "mp3"}}
    assert omni["messages"] == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": [part, {"type": "text", "text": "What is said?"}]},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "And then?"},
    ]
    assert (omni["stream"], omni["stream_options"], omni["modalities"]) == (True, {"include_usage": True}, ["text"])


def test_thinking_is_off_where_it_could_be_on_unless_the_run_says_so(server):
    server.answer(compatible_answer("x"))
    for params in ({}, {"enable_thinking": True}, {"reasoning_effort": "low"}):
        model_at(server, "qwen3.8-omni-flash").ask(question(params=params))
    server.answer(ANSWERS[OMNI])
    model_at(server, OMNI).ask(question(params={"top_k": 5, "temperature": 0}))
    seen = [{name: asked.json.get(name) for name in ("enable_thinking", "top_k")} for asked in server.asked]
    assert [each["enable_thinking"] for each in seen] == [False, True, None, None]
    assert (seen[-1]["top_k"], server.asked[-1].json["temperature"]) == (5, 0)


def test_a_recogniser_gets_its_language_and_context_and_no_question(server):
    model = model_at(server, "qwen3-asr-flash")
    turns = (Message("system", "names: 百炼"), Message("user", "What is said?", True))
    request = Request("m", Audio(b"ABC", "a.wav"), turns, {"asr_options": {"enable_itn": True}}, language="zh")
    assert model.ask(request).text == "hello"
    assert not model.reads_prompt
    body = server.asked[0].json
    assert body["parameters"] == {"asr_options": {"language": "zh", "enable_itn": True}}
    assert body["input"]["messages"] == [
        {"role": "system", "content": [{"text": "names: 百炼"}]},
        {"role": "user", "content": [{"audio": "data:;base64,QUJD"}]},
    ]
    assert model.refuses(dataclasses.replace(request, task="transcribe")) == ""
    assert "locate" in model.refuses(dataclasses.replace(request, task="locate"))


@pytest.mark.parametrize("name", ["timeout", "headers", "api_key", "messages"])
def test_parameters_that_are_none_stop_the_model(server, name):
    """``timeout`` would go to the service as a parameter and set no timeout; ``api_key`` would replace the key."""
    with pytest.raises(ModelError, match=name):
        model_at(server).ask(question(params={name: 1}))
    assert server.hits == 0


def test_a_text_with_half_a_character_fails_alone(server):
    for name in MODELS:
        reply = model_at(server, name).ask(question("a\ud800b"))
        assert "half of a character" in reply.error.reason
    assert server.hits == 0


# How audio travels


def test_small_files_go_as_base64_and_large_ones_are_uploaded(rehearsed, base, monkeypatch, tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(CLIP)
    model = models.find(NATIVE, rehearsed)
    small = model.ask(question(audio=Audio(str(path))))
    monkeypatch.setattr(sending, "DATA_BYTES", len(CLIP))
    large = model.ask(question(audio=Audio(path)))
    assert small.text == large.text
    assert small.usage == large.usage
    assert "heard " in large.text


@pytest.mark.parametrize("name", [NATIVE, OMNI, "qwen3-asr-flash"])
@pytest.mark.parametrize("send", ["auto", "data", "file"])
def test_each_form_of_sending_is_heard_the_same(base, name, send):
    known = read_catalogue().overriding({name: {"send": send}}).pointing_to(base)
    audio = Audio(CLIP, "clip.wav")
    reply = models.find(name, known).ask(question(audio=audio, task="transcribe"))
    assert reply.text.startswith("heard ")


def test_a_public_address_is_passed_on(server):
    for name in MODELS:
        server.answer(ANSWERS[name])
        model = model_at(server, name, send="url")
        model.ask(question(audio=Audio(b"fitted", "https://example.com/a.mp3")))
        model.ask(question(audio=Audio("https://example.com/b.mp3", "b")))
        with pytest.raises(AudioError, match="no http"):
            model.ask(question(audio=Audio(b"ABC", "a.wav")))
        with pytest.raises(AudioError, match="as it is"):  # the address has the whole clip, not what was cut out of it
            model.ask(question(audio=Audio(b"fitted", "https://example.com/a.mp3"), fitting="cut-1:30"))
    native = [asked.json["input"]["messages"][0]["content"][0] for asked in server.asked[:2]]
    assert native == [{"audio": "https://example.com/a.mp3"}, {"audio": "https://example.com/b.mp3"}]
    part = server.asked[2].json["messages"][0]["content"][0]["input_audio"]
    assert part == {"data": "https://example.com/a.mp3", "format": "mp3"}
    assert not any("x-dashscope-ossresourceresolve" in asked.headers for asked in server.asked)


def test_a_clip_behind_an_address_is_fetched_where_it_cannot_be_passed_on(server):
    def given(asked):
        return Answer(200, {}, (b"ABC",)) if asked.path == "/a.mp3" else native_answer("hello")

    server.answer(given)
    model_at(server).ask(question(audio=Audio(f"{server.base}/a.mp3")))
    assert server.asked[-1].json["input"]["messages"][0]["content"][0] == {"audio": "data:;base64,QUJD"}


POLICY = {
    "policy": "p",
    "signature": "s",
    "upload_dir": "dir/1",
    "oss_access_key_id": "LTAI",
    "x_oss_object_acl": "private",
    "x_oss_forbid_overwrite": "true",
    "max_file_size_mb": 100,
}


def uploading(server, policy=POLICY, store=None, answer=None):
    """The answers of a service that takes uploads."""

    def given(asked):
        if asked.path.startswith("/api/v1/uploads"):
            return json_answer({"request_id": "r", "data": {**policy, "upload_host": f"{server.base}/store"}})
        return (store or Answer(200)) if asked.path == "/store" else answer or native_answer("hello")

    server.answer(given)


def paths(server):
    return [asked.path.partition("?")[0].rpartition("/")[2] for asked in server.asked]


def test_a_clip_is_uploaded_once_however_many_ask_about_it(server):
    uploading(server)
    model = model_at(server, send="file")
    audio = [Audio(CLIP, f"{n}.wav") for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        assert {reply.text for reply in pool.map(lambda one: model.ask(question(audio=one)), audio)} == {"hello"}
    assert (paths(server).count("uploads"), paths(server).count("store"), paths(server).count("generation")) == (
        1,
        1,
        12,
    )
    asked = [one for one in server.asked if one.path.endswith("generation")]
    assert {one.headers["x-dashscope-ossresourceresolve"] for one in asked} == {"enable"}
    (address,) = {one.json["input"]["messages"][0]["content"][0]["audio"] for one in asked}
    assert address.startswith("oss://dir/1/")
    form = next(one.body for one in server.asked if one.path == "/store")
    assert CLIP in form
    assert f"key={KEY}".encode() not in form
    for field in ("OSSAccessKeyId", "Signature", "policy", "key", "success_action_status", "x-oss-object-acl"):
        assert f'name="{field}"'.encode() in form


def test_an_upload_that_is_not_found_any_more_is_made_anew(server):
    uploading(server, answer=native_error(400, "InvalidParameter", "Failed to find the requested media resource ..."))
    model = model_at(server, send="file")
    with pytest.raises(TransientError) as caught:
        model.ask(question())
    assert caught.value.attempts == 2
    uploading(server)
    assert model.ask(question()).text == "hello"
    assert paths(server).count("store") == 2


def test_uploads_expire_and_outlive_the_process_without_a_key_in_their_file(server, monkeypatch):
    from qaeval.redaction import Secret

    uploading(server)
    monkeypatch.setattr(uploads, "is_loopback", lambda url: "127.0.0.1" in url and "/api" not in url)
    monkeypatch.setattr(uploads.Uploads, "_store", lambda self, permit: permit["upload_host"])
    now = [1e9]
    entry = read_catalogue().find(NATIVE)

    def opened(key=KEY):
        return uploads.Uploads(entry, f"{server.base}/api/v1", Secret(key), wire.Wire(1, False), lambda: now[0])

    audio = Audio(CLIP, "private-name.wav")
    address = opened().address(audio)
    assert opened().address(audio) == address
    assert paths(server).count("store") == 1
    opened("sk-another-0123456789").address(audio)
    assert paths(server).count("store") == 2
    now[0] += 47 * 3600
    opened().address(audio)
    assert paths(server).count("store") == 3
    kept = uploads.cache_path().read_text()
    assert KEY not in kept
    assert "private-name" not in kept
    assert len(json.loads(kept)) == 1  # what has expired is forgotten
    uploads.cache_path().write_text("[torn")
    opened().address(audio)
    assert paths(server).count("store") == 4


def test_a_rehearsal_never_uploads_elsewhere(server):
    def given(asked):
        return json_answer({"data": {**POLICY, "upload_host": "https://oss.example.com"}})

    server.answer(given)
    with pytest.raises(ModelError, match="nothing was sent"):
        model_at(server, send="file").ask(question())


def test_errors_of_uploads_are_classified(server):
    expired = "<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>"
    model = model_at(server, send="file")
    uploading(server, store=Answer(403, {"Content-Type": "application/xml"}, (expired.encode(),)))
    with pytest.raises(TransientError, match="permission to upload"):
        model.ask(question())
    uploading(server, store=DROP)
    with pytest.raises(TransientError):
        model.ask(question())
    uploading(server, store=Answer(400, {}, (b"<Error><Code>EntityTooLarge</Code><Message>no</Message></Error>",)))
    assert model.ask(question()).error.outcome == "failed"
    uploading(server, policy={**POLICY, "max_file_size_mb": 0})
    with pytest.raises(AudioError, match="at most 0 MB"):
        model.ask(question())
    server.answer(native_error(401, "InvalidApiKey", "Invalid API-key provided."))
    with pytest.raises(ModelError, match="DASHSCOPE_API_KEY"):
        model.ask(question())
    server.answer(json_answer({"data": {}}))
    with pytest.raises(TransientError, match="lacks upload_host"):
        model.ask(question())


def test_clips_that_cannot_be_sent_are_told_before_they_are(server, tmp_path):
    model = model_at(server)
    for audio, says in (
        (Audio(tmp_path / "gone.wav"), "cannot be read"),
        (Audio(b"", "empty.wav"), "empty.wav: the file"),
    ):
        with pytest.raises(AudioError, match=says):
            model.ask(question(audio=audio))
    with pytest.raises(AudioError, match="takes files up to 10"):
        model_at(server, send="file", audio={"size": 10}).ask(question(audio=Audio(CLIP, "a.wav")))
    assert server.hits == 0


# What comes back


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


def test_other_users_of_the_usage_are_not_believed(server):
    server.answer(json_answer(native_body(native_frame("a", "stop"), usage={"input_tokens": "33", "audio_tokens": -1})))
    assert model_at(server).ask(question()).usage == {}


# Connections


@pytest.mark.parametrize("params", [{}, SSE], ids=["whole", "stream"])
@pytest.mark.parametrize("name", [NATIVE, "qwen3.8-omni-flash"])
def test_a_dropped_connection_is_one_request(server, name, params):
    """The SDKs would send it again by themselves, and pay twice."""
    server.answer(DROP)
    with pytest.raises(TransientError, match=r"127\.0\.0\.1: the connection failed: \w"):
        model_at(server, name).ask(question(params=params))
    assert server.hits == 1


@pytest.mark.parametrize("name", MODELS)
def test_errors_of_the_server_are_one_request(server, name):
    server.answer(native_error(500, "InternalError", "x"))
    with pytest.raises(TransientError):
        model_at(server, name).ask(question())
    assert server.hits == 1


def test_nobody_there_is_worth_another_try():
    with Scripted() as server:
        pass
    for name in MODELS:
        with pytest.raises(TransientError, match="refused"):
            model_at(server, name).ask(question())


def test_connections_are_kept(server):
    for name in MODELS:
        server.answer(ANSWERS[name])
        server.peers.clear()
        model = model_at(server, name)
        for _ in range(5):
            model.ask(question())
        assert len(server.peers) == 1


def test_a_silent_server_is_given_up(server, monkeypatch):
    monkeypatch.setattr(wire, "READ_S", 0.2)
    server.answer(lambda asked: time.sleep(1.0) or DROP)
    for name in MODELS:
        with pytest.raises(TransientError, match=r"no byte for 0\.2 s"):
            model_at(server, name).ask(question())


@pytest.mark.parametrize("where", ["head", "body", "stream"])
@pytest.mark.parametrize("name", MODELS)
def test_a_server_that_drips_does_not_hang_the_run(name, where, monkeypatch):
    monkeypatch.setattr(wire, "TOTAL_S", 0.4)
    import socket

    head = {
        "head": b"",
        "body": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n",
        "stream": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
    }[where]
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        connection, _ = listener.accept()
        with connection:
            connection.recv(1 << 20)
            connection.sendall(head)
            drops = b"HTTP/1.1 " if where == "head" else b": \n" * 100
            try:
                for drop in drops * 20:
                    connection.sendall(bytes([drop]))
                    time.sleep(0.05)
            except OSError:
                pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()

    class Server:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"

    model = model_at(Server, name)
    started = time.perf_counter()
    with pytest.raises(TransientError, match=r"not complete after 0\.4 s"):
        model.ask(question(params=SSE if where == "stream" else {}))
    assert time.perf_counter() - started < 20
    thread.join(5)
    listener.close()


@pytest.fixture
def certificate(tmp_path):
    """A certificate of this machine that nobody trusts yet, and its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(secret, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "certificate.pem"
    path.write_bytes(secret.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_tls_is_verified_and_its_deadline_holds(certificate, monkeypatch):
    with Scripted(certificate) as server:
        for name in MODELS:
            with pytest.raises(ModelError, match="REQUESTS_CA_BUNDLE"):
                model_at(server, name).ask(question())
        assert server.hits == 0
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        for name in MODELS:
            server.answer(ANSWERS[name])
            assert model_at(server, name).ask(question()).text == "hello"
        monkeypatch.setattr(wire, "TOTAL_S", 0.4)
        server.answer(Answer(200, {"Content-Type": "text/event-stream"}, (b": \n",) * 40, 0.1))
        for name in MODELS:
            with pytest.raises(TransientError, match="not complete"):
                model_at(server, name).ask(question(params=SSE))


def test_proxies_and_netrc_of_the_environment_do_not_capture_loopback(server, monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password stolen\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in MODELS:
        server.answer(ANSWERS[name])
        assert model_at(server, name).ask(question()).text == "hello"
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {KEY}"}


def test_a_proxy_of_the_environment_stands_before_other_hosts(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.base)
    for name in MODELS:
        server.answer(ANSWERS[name])
        known = read_catalogue().overriding({name: {"base_url": "http://service.invalid/v1"}})
        assert models.find(name, known).ask(question()).text == "hello"
    assert [asked.path for asked in server.asked] == [
        "http://service.invalid/v1/services/aigc/multimodal-generation/generation",
        "http://service.invalid/v1/chat/completions",
    ]


def test_redirects_do_not_take_the_key_elsewhere(server):
    for name in MODELS:
        server.answer(Answer(307, {"Location": f"{server.base}/elsewhere"}, (b"",)))
        with pytest.raises(ModelError, match="307"):
            model_at(server, name).ask(question())
    assert not any(asked.path == "/elsewhere" for asked in server.asked)


# Keys, checks and logs


def test_a_missing_key_is_told_before_anything_is_sent(server, monkeypatch, tmp_path):
    monkeypatch.delenv("DASHSCOPE_API_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in MODELS:
        for call in (model_at(server, name).check, lambda name=name: model_at(server, name).ask(question())):
            with pytest.raises(ModelError, match="export DASHSCOPE_API_KEY"):
                call()
    assert server.hits == 0
    (tmp_path / ".dashscope").mkdir()
    (tmp_path / ".dashscope" / "api_key").write_text(f"{KEY}\n")
    model_at(server).ask(question())
    monkeypatch.setenv("DASHSCOPE_API_KEY_FILE_PATH", str(tmp_path / "other"))
    with pytest.raises(ModelError, match="cannot be read"):
        model_at(server).ask(question())
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_key_that_cannot_be_one_is_not_shown(server, monkeypatch):
    monkeypatch.setenv("DASHSCOPE_API_KEY", "my secret\nkey")
    with pytest.raises(ModelError) as caught:
        model_at(server).check()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", MODELS)
def test_a_wrong_key_is_told_once_and_asked_once(server, name):
    server.answer(native_error(401, "InvalidApiKey", f"Invalid API-key provided: {KEY}"))
    model = model_at(server, name)
    for _ in range(3):
        with pytest.raises(ModelError) as caught:
            model.check()
    assert KEY not in str(caught.value)
    assert "DASHSCOPE_API_KEY" in str(caught.value)
    assert server.hits == 1
    assert server.asked[0].path in (f"/api/v1/uploads?action=getPolicy&model={name}", "/compatible-mode/v1/models")


@pytest.mark.parametrize(
    "answer", [native_error(404, "ModelNotFound", "x"), native_error(500, "InternalError", "x"), DROP, json_answer({})]
)
def test_a_check_that_says_nothing_of_the_key_passes(server, answer):
    server.answer(answer)
    for name in MODELS:
        model = model_at(server, name)
        model.check()
        model.check()
    assert server.hits == 2


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000/v1", "file:///etc/passwd", "https:///v1", "https://eve:password@127.0.0.1/v1"]
)
def test_an_address_that_is_none_is_told_at_once(monkeypatch, url):
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(ModelError, match="expected a base URL") as caught:
        models.find("openai/x")
    assert "password@" not in str(caught.value)


def test_a_missing_package_is_told(server, monkeypatch):
    from importlib import util

    found = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name, *rest: None if name in ("dashscope", "openai") else found(name))
    for name in MODELS:
        with pytest.raises(ModelError, match=r'pip install "qaeval\[dashscope\]"'):
            model_at(server, name).check()


def test_loading_imports_no_sdk():
    code = (
        "import sys; from qaeval import models; models.find('qwen-audio-turbo-latest').script; "
        "models.find('qwen3.5-omni-flash'); "
        "print([name for name in ('dashscope', 'openai', 'requests', 'httpx', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", [NATIVE, OMNI])
def test_no_key_and_no_audio_in_any_log(server, name, caplog, capfd):
    """At DEBUG, dashscope logs whole requests; and, at ERROR, the traceback of every dropped connection."""
    caplog.set_level(logging.DEBUG)
    for logger in sdk_logs.LOGGERS:
        caplog.set_level(logging.DEBUG, logger)
    audio = Audio(CLIP, "clip.wav")
    model = model_at(server, name)
    for answer in (ANSWERS[name], native_error(500, "InternalError", f"key {KEY}"), DROP):
        server.answer(answer)
        try:
            told = repr(model.ask(question(audio=audio)))
        except TransientError as error:
            told = repr(error)
        assert KEY not in told
    encoded = base64.b64encode(CLIP).decode()
    logged = caplog.text + "".join(capfd.readouterr())
    assert encoded[1000:1200] not in logged
    assert KEY not in logged
    assert "Traceback" not in logged
    assert name == OMNI or "Request body" in logged  # that which had to be shortened was there
    assert KEY not in repr(model) + json.dumps(model.facts)


def test_what_a_model_says_of_itself(server):
    model = model_at(server)
    assert json.loads(json.dumps(model.facts)) == model.facts
    assert model.facts["audio"]["tokens_per_second"] == 25
    assert model.facts["prices"] == {"text_in": 0, "audio_in": 0, "text_out": 0, "second": 0.0}
    assert model.facts["url"].startswith("http://127.0.0.1")
    assert (model.endpoint, model.max_output, model.rates.requests_per_minute) == ("dashscope", 2048, 60)
    assert model.host == ""
    assert models.find(OMNI).host == "dashscope.aliyuncs.com"
    assert models.find(OMNI).endpoint == "openai"
    assert models.find(OMNI).prices.audio_in == 18
    assert "ja" in models.find("qwen-audio-chat").refuses(question(language="ko"))
    assert "question in words" in models.find("qwen-audio-chat").refuses(Request("m", Audio(b"x")))
    assert models.find(NATIVE).refuses(Request("m", Audio(b"x"))) == ""
    assert "2026-01-30" in models.find("qwen-audio-turbo-2024-08-07").retired


# Other servers


def vllm(server, monkeypatch, **changes):
    entry = {"provider": "openai", "base_url": f"{server.base}/v1", "key_env": "OPENAI_API_KEY", **changes}
    return models.find("openai/Qwen/Q", read_catalogue().overriding({"Qwen/Q": entry}))


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"audio_form": "base64"}, {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}}),
        ({"audio_part": "audio_url"}, {"type": "audio_url", "audio_url": {"url": "data:audio/mpeg;base64,QUJD"}}),
        (
            {"audio_part": "audio_url", "send": "url"},
            {"type": "audio_url", "audio_url": {"url": "https://example.com/a.mp3"}},
        ),
    ],
)
def test_other_servers_get_audio_in_the_form_that_the_catalogue_says(server, monkeypatch, changes, part):
    server.answer(compatible_answer("hello"))
    model = vllm(server, monkeypatch, **changes)
    name = "https://example.com/a.mp3" if "send" in changes else "a.mp3"
    reply = model.ask(Request("m", Audio(b"ABC", name), (Message("user", "x", True),)))
    assert (reply.text, reply.served_model, reply.usage["audio_tokens"]) == ("hello", "served", 85)
    body = server.asked[0].json
    assert body["messages"][0]["content"] == [part, {"type": "text", "text": "x"}]
    assert "modalities" not in body
    assert server.asked[0].headers["authorization"] == "Bearer no-key"  # none is needed on this machine


def test_a_server_of_the_environment(server, monkeypatch):
    with pytest.raises(ModelError, match="OPENAI_BASE_URL"):
        models.find("openai/any")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.base}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-mine")
    server.answer(compatible_answer("hello"))
    model = models.find("openai/any")
    model.check()
    assert (model.name, model.endpoint, model.ask(question()).text) == ("openai/any", "openai", "hello")
    assert server.asked[1].headers["authorization"] == f"Bearer {KEY}"
    assert server.asked[1].json["messages"][0]["content"][0]["input_audio"]["data"] == base64.b64encode(wav()).decode()
    assert "org-of-mine" not in str(server.asked[1].headers)
    with pytest.raises(UnknownNameError):
        models.find("dashscope/any")


def test_a_server_of_the_environment_is_the_emulator_in_a_rehearsal(rehearsed, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.example.com/v1")
    model = models.find("openai/Qwen/any", rehearsed)
    assert model.ask(question()).text.startswith("heard")
    assert (model.name, model.host) == ("rehearsal/openai/Qwen/any", "")


# Scripts

NASTY = """it's "quoted" $(touch pwned) `id` \\ {x} %s 中文
second line"""


def run(script, kind, folder, **env):
    path = folder / f"call.{kind}"
    path.write_text(script, "utf-8")
    command = [sys.executable, str(path)] if kind == "python" else ["bash", str(path)]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "DASHSCOPE_API_KEY": KEY,
        "NO_PROXY": "127.0.0.1",
        **env,
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("kind", ["python", "curl"])
@pytest.mark.parametrize(
    ("name", "params", "changes"),
    [
        (NATIVE, {"temperature": 0.5, "stop": ["'"]}, {"workspace": "ws-1"}),
        (NATIVE, SSE, {}),
        (NATIVE, {}, {"send": "url"}),
        ("qwen3-asr-flash", {}, {}),
        (OMNI, {"top_k": 3}, {}),
        ("qwen3.8-omni-flash", {}, {}),
    ],
    ids=["native", "stream", "url", "asr", "omni", "whole"],
)
def test_a_script_makes_the_same_call(server, tmp_path, kind, name, params, changes):
    stream = native_stream(native_frame("hi"), native_frame("", "stop"))
    whole = native_answer("hello") if name in (NATIVE, "qwen3-asr-flash") else compatible_answer("hello")
    answer = stream if params == SSE else ANSWERS[OMNI] if name == OMNI else whole
    server.answer(answer)
    path = tmp_path / "a 'clip'.wav"
    path.write_bytes(CLIP)
    audio = Audio(b"", "https://example.com/a'b.wav") if "send" in changes else Audio(str(path), "clip")
    turns = (Message("system", "short; 'please'"), Message("user", NASTY, True))
    request = Request("m", audio, turns, params, language="zh")
    model = model_at(server, name, **changes)
    model.ask(request)
    script = model.script(request, kind)
    done = run(script, kind, tmp_path)
    assert done.returncode == 0, done.stderr
    assert ("hi" if answer == stream else "hello") in done.stdout
    ours, pasted = server.asked
    assert pasted.json == ours.json
    assert pasted.path == ours.path
    assert KEY not in script
    assert not (tmp_path / "pwned").exists()
    for header in ("authorization", "x-dashscope-sse", "x-dashscope-workspace", "x-dashscope-ossresourceresolve"):
        assert pasted.headers.get(header) == ours.headers.get(header)


def test_a_script_uploads_as_we_do(server, tmp_path):
    uploading(server)
    (tmp_path / "a.wav").write_bytes(CLIP)
    model = model_at(server, send="file")
    request = question(audio=Audio(str(tmp_path / "a.wav")))
    model.ask(request)
    ours = server.asked[-1].json
    assert run(model.script(request, "python"), "python", tmp_path).returncode == 0
    theirs = server.asked[-1].json
    assert theirs["input"]["messages"][0]["content"][0].pop("audio") == "oss://dir/1/a.wav"
    address = ours["input"]["messages"][0]["content"][0].pop("audio")
    assert theirs == ours
    assert run(model.script(request, "curl"), "curl", tmp_path).returncode != 0  # it says what is missing
    assert run(model.script(request, "curl"), "curl", tmp_path, AUDIO_URL=address).returncode == 0
    assert server.asked[-1].json["input"]["messages"][0]["content"][0]["audio"] == address
    assert server.asked[-1].headers["x-dashscope-ossresourceresolve"] == "enable"


def test_a_script_does_not_let_the_sdk_upload_a_text(server, tmp_path):
    (tmp_path / "a.wav").write_bytes(CLIP)
    (tmp_path / "secrets.csv").write_text("salaries")
    request = question("secrets.csv", Audio(str(tmp_path / "a.wav")))
    done = run(model_at(server).script(request, "python"), "python", tmp_path)
    assert done.returncode != 0
    assert "would upload: secrets.csv" in done.stderr
    assert server.hits == 0
