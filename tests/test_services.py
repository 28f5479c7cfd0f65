"""The adapters of the services: each model of the catalogue against the emulator, and other servers."""

import base64
import dataclasses
import json
import subprocess
import sys
from datetime import date

import pytest
from clips import wav
from scripted import (
    KEY,
    MODELS,
    NATIVE,
    OMNI,
    SSE,
    compatible_answer,
    model_at,
    question,
)

from qaeval import emulator, models
from qaeval.errors import ModelError, TransientError, UnknownNameError
from qaeval.models.catalogue import read_catalogue
from qaeval.types import Audio, Message, Request

pytestmark = pytest.mark.usefixtures("key")
CLIP = wav(1.0, 16000)


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


def test_a_rehearsal_reads_no_key_and_real_calls_refuse_the_emulator(monkeypatch, rehearsed, emulated):
    monkeypatch.delenv("DASHSCOPE_API_KEY")
    assert models.find(NATIVE, rehearsed).ask(question()).text
    monkeypatch.setenv("DASHSCOPE_API_KEY", KEY)
    for name, path in zip(MODELS, ("/api/v1", "/compatible-mode/v1"), strict=True):
        model = models.find(name, read_catalogue().overriding({name: {"base_url": emulated + path}}))
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


def test_quota_retirement_and_keys_of_the_emulator(emulated):
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


def test_loading_imports_no_sdk():
    code = (
        "import sys; from qaeval import models; models.find('qwen-audio-turbo-latest').script; "
        "models.find('qwen3.5-omni-flash'); "
        "print([name for name in ('dashscope', 'openai', 'requests', 'httpx', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


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


def vllm(server, **changes):
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
def test_other_servers_get_audio_in_the_form_that_the_catalogue_says(server, changes, part):
    server.answer(compatible_answer("hello"))
    model = vllm(server, **changes)
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
