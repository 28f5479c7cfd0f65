"""The real, unmodified SDKs against the emulator: what it says is what they understand.

The dashscope SDK runs in a program of its own (tests/sdk_calls.py), in the release that is installed here and in the
last one of the line before it, 1.27.8; openai runs in this process.
"""

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from clips import wav
from serving import (
    COMPATIBLE,
    NATIVE,
    OMNI,
    PROXIES,
    TURBO,
    ask,
    audio_part,
    certificate,
    compatible,
    data_url,
    emulator,
    native,
    post_file,
    stats,
    web_server,
)

from qaeval.emulator import canned
from qaeval.models.catalogue import read_catalogue

pytestmark = pytest.mark.xdist_group("contract")  # its servers and its programs are started once

CLIP = wav(3.4)
SAID = "这段音频说的是:'canned "
QUESTION = {"type": "text", "text": "这段音频在说什么?"}
ROOT = Path(__file__).parents[1]
SDKS = {"2.0.2": Path(sys.executable), "1.27.8": ROOT / ".venv-dashscope1" / "bin" / "python"}
FAULTS = (
    "error_500", "error_503", "html", "drop_before", "drop_after", "no_output", "torn_json", "stream_error", "cut_sse",
    "wrong_usage", "empty", "storm",
)  # fmt: skip


def send_clip(handler):
    """Answers a GET with the clip."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CLIP)))
    handler.end_headers()
    handler.wfile.write(CLIP)


TEXTS: list[str] = []
"""What the plain server was asked in words."""


def listening(request):
    """Answers as ever, and remembers the question."""
    TEXTS.append(request.messages[-1].text)
    return canned(request)


def settings():
    """How each server behaves, by its name. Its clock stands still: what is used up stays so."""
    few = read_catalogue().overriding({name: {"rates": {"tokens_per_minute": 1}} for name in (TURBO, OMNI)})
    return {
        "plain": {"keys": ("sk-right",), "engine": listening},
        "retiring": {"today": date(2026, 11, 24)},
        "slow": {"latency": 1.0},
        "limited": {"scale": 1 / 60, "retry_after": 7},
        "few_tokens": {"catalogue": few, "scale": 1.0},
        "used_up": {"quotas": {TURBO: 0, OMNI: 0}},
        **{name: {"faults": {name: 1.0}} for name in FAULTS},
    }


@pytest.fixture(scope="module")
def servers():
    with contextlib.ExitStack() as stack:
        bases = {name: stack.enter_context(emulator(clock=lambda: 0.0, **how)) for name, how in settings().items()}
        for name in ("limited", "few_tokens"):  # one request of each model is all that they take
            assert ask(bases[name], NATIVE, native({"audio": data_url(CLIP)}), key="sk-right").status == 200
            assert ask(bases[name], COMPATIBLE, compatible(audio_part(data_url(CLIP))), key="sk-right").status == 200
        yield bases


@pytest.fixture(scope="module", params=SDKS)
def sdk(request, servers, tmp_path_factory):
    """What the calls of tests/sdk_calls.py gave with a release of the dashscope SDK."""
    python = SDKS[request.param]
    if not python.exists():
        absent = f"no dashscope {request.param}: make .venv-dashscope1/.1.27.8"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    TEXTS.clear()
    before = {name: stats(servers[name]) or {"received": 0} for name in servers}
    folder = tmp_path_factory.mktemp("clips")
    clip = folder / "clip one.wav"
    clip.write_bytes(CLIP)
    clean = {name: value for name, value in os.environ.items() if name not in PROXIES and "DASHSCOPE" not in name}
    with web_server(send_clip) as web:
        given = {"servers": servers, "path": str(clip), "url": f"{web}/clip.wav"}
        done = subprocess.run(
            [python, ROOT / "tests" / "sdk_calls.py"],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            env=clean,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["version"] == request.param
    hits = {name: (stats(servers[name]) or before[name])["received"] - before[name]["received"] for name in servers}
    return told["results"] | {"hits": hits}


@pytest.mark.parametrize("form", ["data_url", "http_url", "file_url", "bare_path", "oss_first", "oss_again", "aio"])
def test_audio_arrives_in_every_form(sdk, form):
    told = sdk[form]
    assert (told["status"], told["finish"]) == (200, "stop")
    assert told["text"].startswith(SAID)
    assert {name: told["usage"][name] for name in ("input_tokens", "audio_tokens", "output_tokens")} == {
        "input_tokens": 33,
        "audio_tokens": 85,
        "output_tokens": 14,
    }
    assert len(told["request_id"]) == 36


def test_no_text_is_voice_chat(sdk):
    for form in ("no_text", "aio_file"):
        assert sdk[form]["text"].startswith(f"我听完了。{SAID}")


def test_turns_parameters_and_the_recogniser(sdk):
    assert sdk["turns"]["usage"]["audio_tokens"] == 85
    assert sdk["turns"]["usage"]["input_tokens"] > 33
    assert (sdk["parameters"]["text"], sdk["parameters"]["finish"]) == ("这段音", "length")
    assert sdk["recogniser"]["text"].startswith("canned ")
    assert sdk["recogniser"]["annotations"] == [{"type": "audio_info", "language": "en", "emotion": "neutral"}]


def test_a_text_that_names_a_file_is_uploaded_by_the_sdk(sdk):
    """Its own doing, on the public path: why our adapter does not take that path."""
    assert sdk["text_that_is_a_file"]["status"] == 200
    assert [text for text in TEXTS if text.startswith("oss://dashscope-instant/") and text.endswith("/clip one.wav")]


def test_a_file_of_another_model_is_not_found(sdk):
    assert sdk["oss_of_another_model"]["status"] == 400
    assert sdk["oss_of_another_model"]["message"].startswith("Failed to find the requested media resource")


def test_a_missing_file_is_told_before_anything_is_sent(sdk):
    assert sdk["missing_file"]["raised"] == "dashscope.common.error.InvalidInput"


@pytest.mark.parametrize("name", ["stream", "stream_merged"])
def test_streams_of_the_text_so_far(sdk, name):
    frames = sdk[name]
    assert [frame["finish"] for frame in frames] == ["null"] * 7 + ["stop"]
    assert all(later["text"].startswith(earlier["text"]) for earlier, later in itertools.pairwise(frames))
    assert frames[-1]["text"] == sdk["data_url"]["text"]
    assert frames[-1]["usage"] == sdk["data_url"]["usage"]


@pytest.mark.parametrize("name", ["stream_pieces", "aio_stream"])
def test_streams_of_pieces(sdk, name):
    assert sdk[name][-1]["text"] == ""
    assert "".join(frame["text"] for frame in sdk[name]) == sdk["data_url"]["text"]
    assert sdk[name][-1]["usage"]["output_tokens"] == 14


@pytest.mark.parametrize(
    ("name", "status", "code", "message"),
    [
        ("wrong_key", 401, "InvalidApiKey", "Invalid API-key provided."),
        ("unknown_model", 404, "ModelNotFound", "The model qwen-audio-3.0-asr-flash does not exist or you do not"),
        ("retired_model", 403, "Endpoint.AccessDenied", "Workspace endpoint access denied."),
        ("model_of_the_other_endpoint", 400, "InvalidParameter", "url error, please check url！"),
        ("bad_url", 400, "InvalidParameter", "The provided URL does not appear to be valid."),
        ("no_audio_data", 400, "InvalidParameter", "The audio format is illegal and cannot be opened."),
        ("too_large", 400, "InvalidParameter", "Exceeded limit on max bytes per data-uri item : 10485760"),
        ("bad_part", 400, "InvalidParameter", "The item of content should be a message of a certain modal."),
        ("bad_temperature", 400, "InvalidParameter", "Temperature should be in [0.0, 2.0)"),
        ("limited", 429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
        (
            "few_tokens",
            429,
            "Throttling.AllocationQuota",
            "Allocated quota exceeded, please increase your quota limit.",
        ),
        ("used_up", 429, "Throttling.AllocationQuota", "Free allocated quota exceeded."),
        ("storm", 429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
        ("aio_limited", 429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
        ("error_500", 500, "InternalError.Algo", "inference internal error."),
        ("stream_error", 500, "InternalError.Algo", "inference internal error."),
        ("error_503", 503, "ModelUnavailable", "Model is unavailable"),
        ("html", 502, "Unknown", "<html>"),
    ],
)
def test_errors_are_returned(sdk, name, status, code, message):
    assert (sdk[name]["status"], sdk[name]["code"]) == (status, code)
    assert sdk[name]["message"].startswith(message)
    assert bool(sdk[name]["request_id"]) == (name != "html")


def test_the_wait_asked_for_is_told(sdk):
    assert sdk["limited"]["retry_after"] == sdk["aio_limited"]["retry_after"] == "7"
    assert sdk["few_tokens"]["retry_after"] is None


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        ("wrong_key_for_upload", "dashscope.common.error.UploadFileException"),
        ("drop_before", "requests.exceptions.ConnectionError"),
        ("drop_after", "requests.exceptions.ConnectionError"),
        ("cut_sse", "requests.exceptions.ChunkedEncodingError"),
        ("torn_json", "requests.exceptions.JSONDecodeError"),
        ("no_output", "builtins.TypeError"),
        ("too_slow", "requests.exceptions.ReadTimeout"),
    ],
)
def test_errors_are_raised(sdk, name, raised):
    assert sdk[name]["raised"] == raised


def test_a_dropped_connection_is_sent_again_by_the_sdk(sdk):
    """Its own doing, too: a call and a stream make four hits."""
    assert sdk["hits"]["drop_before"] == 4
    assert sdk["hits"]["drop_after"] == 2


def test_odd_answers(sdk):
    assert sdk["wrong_usage"]["usage"]["audio_tokens"] == 1
    assert (sdk["empty"]["status"], sdk["empty"]["text"]) == (200, "")


def test_errors_of_streams(sdk):
    (refused,) = sdk["stream_refused"]
    assert (refused["status"], refused["code"]) == (400, "InvalidParameter")
    (limited,) = sdk["stream_limited"]
    assert (limited["status"], limited["code"]) == (429, "Throttling.RateQuota")
    *good, broken = sdk["stream_stream_error"]
    assert [frame["status"] for frame in good] == [200] * 4
    assert (broken["status"], broken["code"]) == (400, "InternalError.Algo")  # the SDK's status, whatever was sent
    *good, broken = sdk["stream_cut_sse"]
    assert [frame["finish"] for frame in good] == ["null"] * 4
    assert broken["raised"] == "requests.exceptions.ChunkedEncodingError"
    assert [frame["raised"] for frame in sdk["stream_drop_before"]] == ["requests.exceptions.ConnectionError"]


@pytest.fixture
def client(servers, monkeypatch):
    """Makes an openai client for one of the servers."""
    openai = pytest.importorskip("openai")
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    with contextlib.ExitStack() as stack:

        def make(server="plain", key="sk-right", path="/compatible-mode/v1"):
            made = openai.OpenAI(api_key=key, base_url=servers[server] + path, max_retries=0, timeout=20)
            return stack.enter_context(made)

        yield make


AUDIO = audio_part(data_url(CLIP))


def create(client, *content, **changes):
    """One call; a stream unless told otherwise."""
    messages = [{"role": "user", "content": list(content or (AUDIO, QUESTION))}]
    return client.chat.completions.create(**{"model": OMNI, "messages": messages, "stream": True, **changes})


def joined(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_openai_streams_with_usage(client):
    *chunks, last = create(client(), stream_options={"include_usage": True}, modalities=["text"])
    assert joined(chunks).startswith(SAID)
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert last.choices == []
    assert (last.usage.prompt_tokens, last.usage.completion_tokens, last.usage.total_tokens) == (57, 14, 71)
    assert (last.usage.prompt_tokens_details.audio_tokens, last.usage.prompt_tokens_details.text_tokens) == (24, 33)
    assert all(chunk.usage is None for chunk in create(client()))


def test_openai_thinking(client):
    model = "qwen3.8-omni-flash"
    deltas = [chunk.choices[0].delta for chunk in create(client(), model=model)]
    thought = "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)
    assert thought
    answer = create(client(), model=model, stream=False, extra_body={"enable_thinking": False})
    assert answer.choices[0].message.content.startswith(SAID)
    assert not hasattr(answer.choices[0].message, "reasoning_content")


def test_openai_and_an_uploaded_file(client, servers):
    certified = certificate(servers["plain"], OMNI, key="sk-right")
    assert post_file(certified, CLIP).status == 200
    part = audio_part(f"oss://{certified['upload_dir']}/a.wav")
    resolve = {"X-DashScope-OssResourceResolve": "enable"}
    assert joined(create(client(), part, QUESTION, extra_headers=resolve)).startswith(SAID)


def test_openai_and_the_recogniser(client):
    made = create(
        client(), AUDIO, model="qwen3-asr-flash", stream=False, extra_body={"asr_options": {"language": "en"}}
    )
    assert made.choices[0].message.content.startswith("canned ")


def test_openai_and_open_weights(client):
    weights = client(path="/v1")
    bare = audio_part(data_url(CLIP).partition(",")[2])
    url = {"type": "audio_url", "audio_url": {"url": data_url(CLIP, "audio/wav")}}
    for part in (bare, url):
        made = create(weights, part, QUESTION, model="Qwen/Qwen2-Audio-7B-Instruct", stream=False)
        assert made.choices[0].message.content.startswith(SAID)
        assert joined(create(weights, part, QUESTION, model="Qwen/Qwen2-Audio-7B-Instruct")).startswith(SAID)
    assert "Qwen/Qwen2-Audio-7B-Instruct" in [model.id for model in weights.models.list()]
    assert OMNI in [model.id for model in client().models.list()]


@pytest.mark.parametrize(
    ("server", "changes", "error", "status", "code"),
    [
        ("plain", {"stream": False}, "BadRequestError", 400, "invalid_parameter_error"),
        ("plain", {"temperature": 2}, "BadRequestError", 400, "invalid_parameter_error"),
        ("plain", {"model": "nothing"}, "NotFoundError", 404, "model_not_found"),
        ("plain", {"model": TURBO}, "NotFoundError", 404, "model_not_supported"),
        ("retiring", {"model": "qwen-omni-turbo"}, "PermissionDeniedError", 403, "Endpoint.AccessDenied"),
        ("limited", {}, "RateLimitError", 429, "limit_requests"),
        ("few_tokens", {}, "RateLimitError", 429, "insufficient_quota"),
        ("used_up", {}, "RateLimitError", 429, "insufficient_quota"),
        ("storm", {}, "RateLimitError", 429, "limit_requests"),
        ("error_500", {}, "InternalServerError", 500, "InternalError.Algo"),
        ("error_503", {}, "InternalServerError", 503, "ModelUnavailable"),
        ("html", {}, "InternalServerError", 502, None),
    ],
)
def test_openai_errors(client, server, changes, error, status, code):
    import openai

    with pytest.raises(getattr(openai, error)) as caught:
        create(client(server), **changes)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.response.headers["x-qaeval-emulator"]
    assert caught.value.response.headers.get("retry-after") == ("7" if server == "limited" else None)


def test_openai_wrong_keys_and_forms(client):
    import openai

    with pytest.raises(openai.AuthenticationError, match=r"Incorrect API key provided\."):
        create(client(key="sk-wrong"))
    with pytest.raises(openai.BadRequestError, match="The provided URL does not appear to be valid"):
        create(client(), audio_part(data_url(CLIP).partition(",")[2]))


def test_openai_dropped_connections(client, servers):
    import httpx
    import openai

    for server in ("drop_before", "drop_after"):
        hits = (stats(servers[server], OMNI) or {"received": 0})["received"]
        with pytest.raises(openai.APIConnectionError):
            create(client(server))
        assert stats(servers[server], OMNI)["received"] == hits + 1
    seen = []
    with pytest.raises((openai.APIConnectionError, httpx.RemoteProtocolError)):
        seen.extend(create(client("cut_sse")))
    with pytest.raises(openai.APITimeoutError):
        create(client("slow"), timeout=0.2)


def test_openai_broken_answers(client):
    import openai

    with pytest.raises(openai.APIError, match=r"inference internal error\."):
        list(create(client("stream_error")))
    with pytest.raises(json.JSONDecodeError):
        list(create(client("torn_json")))
    assert list(create(client("no_output"))) == []
    model = "qwen3.8-omni-flash"
    assert create(client("no_output"), model=model, stream=False).choices is None
    assert joined(create(client("empty"))) == ""
    *_, last = create(client("wrong_usage"), stream_options={"include_usage": True})
    assert last.usage.prompt_tokens_details.audio_tokens == 1


def test_openai_without_threads(servers, monkeypatch):
    openai = pytest.importorskip("openai")
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)

    async def ask_once():
        base = servers["plain"] + "/compatible-mode/v1"
        async with openai.AsyncOpenAI(api_key="sk-right", base_url=base, max_retries=0) as client:
            return [chunk async for chunk in await create(client)]

    assert joined(asyncio.run(ask_once())).startswith(SAID)
