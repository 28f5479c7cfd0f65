"""What goes over the wire to a service: the very request that the vendor's SDK would make, and no more."""

import base64
import dataclasses

import pytest
from clips import wav
from scripted import (
    ANSWERS,
    KEY,
    MODELS,
    NATIVE,
    OMNI,
    SSE,
    compatible_answer,
    model_at,
    native_frame,
    native_stream,
    question,
)

from qaeval.errors import ModelError
from qaeval.types import Audio, Message, Request

pytestmark = pytest.mark.usefixtures("key")
CLIP = wav(1.0, 16000)


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
