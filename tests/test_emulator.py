"""The emulator itself: its bytes, its rules, its answers and its server, without any SDK in between."""

import contextlib
import http.client
import importlib.util
import itertools
import json
import signal
import statistics
import subprocess
import sys
import threading
import time
from datetime import date

import pytest
from clips import wav
from hypothesis import given, strategies as st
from serving import (
    COMPATIBLE,
    NATIVE,
    OMNI,
    RESOLVES,
    STREAM,
    TURBO,
    WEIGHTS,
    ask,
    audio_part,
    certificate,
    compatible,
    data_url,
    emulator,
    message_of,
    native,
    post_file,
    web_server,
)

from qaeval import tasks
from qaeval._version import __version__
from qaeval.audio import read
from qaeval.datasets import load
from qaeval.emulator import Settings, canned, compatible as compatible_dialect, native as native_dialect, serve, serving
from qaeval.emulator.answers import answer, known_question, tokens
from qaeval.emulator.clips import Place
from qaeval.emulator.refusals import Refusal
from qaeval.emulator.uploads import Uploads
from qaeval.errors import AudioError, ModelError, QaevalError
from qaeval.models.catalogue import read_catalogue
from qaeval.types import Model

CLIP = wav(3.4)
QUESTION = "这段音频在说什么?"
SAID = "这段音频说的是:'canned"
ASKED = native({"audio": data_url(CLIP)}, {"text": QUESTION})
NO_CONTENT = "The item of content should be a message of a certain modal."
NO_MESSAGES = 'Required parameter "messages" missing or invalid, please check the request parameters.'
BAD_URL = "The provided URL does not appear to be valid. Ensure it is correctly formatted."
BAD_BODY = "Required body invalid, please check the request body format."
BAD_ROLE = "Role must be user or assistant and Content length must be greater than 0"
LAST_ROLE = "The last message must have the role user."
ILLEGAL = "The audio format is illegal and cannot be opened."
ASKED_OMNI = compatible(audio_part(data_url(CLIP)), {"type": "text", "text": QUESTION})


@pytest.fixture(scope="module")
def base():
    with emulator() as base:
        yield base


def text_of(answered):
    """The words of a native answer."""
    return answered.json["output"]["choices"][0]["message"]["content"][0]["text"]


WORDS = (
    "audio", "text", "type", "role", "content", "input_audio", "audio_url", "data", "url", "parameters", "input",
    "messages", "stream_options", "modalities", "max_tokens", "temperature", "asr_options", "enable_thinking", "model",
)  # fmt: skip
ENGINE = Model("x", ask=canned)


class TestNative:
    def test_answers_whole(self, base):
        answered = ask(base, NATIVE, ASKED)
        body = answered.json
        assert answered.status == 200
        assert answered.headers["content-type"] == "application/json"
        assert answered.headers["x-request-id"] == body["request_id"]
        (choice,) = body["output"]["choices"]
        assert choice["finish_reason"] == "stop"
        assert choice["message"]["role"] == "assistant"
        assert choice["message"]["content"][0]["text"].startswith(SAID)
        assert body["usage"] == {"input_tokens": 33, "output_tokens": 14, "audio_tokens": 85}

    def test_streams_the_text_so_far_in_exact_frames(self, base):
        answered = ask(base, NATIVE, ASKED, **STREAM)
        assert answered.headers["content-type"] == "text/event-stream;charset=UTF-8"
        assert "content-length" not in answered.headers
        frames = answered.body.split(b"\n\n")
        assert frames.pop() == b""
        for number, frame in enumerate(frames, 1):
            assert frame.startswith(b"id:%d\nevent:result\n:HTTP_STATUS/200\ndata:{" % number)
        bodies = answered.frames
        texts = [body["output"]["choices"][0]["message"]["content"][0]["text"] for body in bodies]
        assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
        assert texts[-1].startswith(SAID)
        finishes = [body["output"]["choices"][0]["finish_reason"] for body in bodies]
        assert finishes == ["null"] * (len(bodies) - 1) + ["stop"]
        outputs = [body["usage"]["output_tokens"] for body in bodies]
        assert outputs == sorted(outputs)
        assert outputs[-1] == 14
        assert all(body["usage"]["audio_tokens"] == 85 for body in bodies)

    def test_streams_pieces_with_an_empty_last_frame(self, base):
        body = native({"audio": data_url(CLIP)}, {"text": QUESTION}, incremental_output=True)
        contents = [
            frame["output"]["choices"][0]["message"]["content"] for frame in ask(base, NATIVE, body, **STREAM).frames
        ]
        assert contents[-1] == []
        whole = ask(base, NATIVE, ASKED).json["output"]["choices"][0]["message"]["content"][0]["text"]
        assert "".join(content[0]["text"] for content in contents[:-1]) == whole

    @pytest.mark.parametrize(
        ("seconds", "counted"), [(0.2, 25), (1.0, 25), (1.02, 26), (3.4, 85), (30.0, 750), (31.0, 750)]
    )
    def test_counts_audio(self, base, seconds, counted):
        body = native({"audio": data_url(wav(seconds))}, {"text": "?"})
        assert ask(base, NATIVE, body).json["usage"]["audio_tokens"] == counted

    def test_cuts_the_answer_at_max_tokens(self, base):
        body = native({"audio": data_url(CLIP)}, {"text": QUESTION}, max_tokens=3)
        answered = ask(base, NATIVE, body).json
        (choice,) = answered["output"]["choices"]
        assert choice["finish_reason"] == "length"
        assert choice["message"]["content"] == [{"text": "这段音"}]
        assert answered["usage"]["output_tokens"] == 3
        assert ask(base, NATIVE, body, **STREAM).frames[-1]["output"]["choices"][0]["finish_reason"] == "length"

    def test_several_turns_and_a_system_message(self, base):
        messages = [
            {"role": "system", "content": [{"text": "You are a helpful assistant."}]},
            {"role": "user", "content": [{"audio": data_url(wav(1))}, {"text": QUESTION}]},
            {"role": "assistant", "content": [{"text": "你好"}]},
            {"role": "user", "content": [{"audio": data_url(wav(2))}, {"text": "What is being said in this audio?"}]},
        ]
        body = ask(base, NATIVE, native(messages=messages)).json
        assert body["usage"]["audio_tokens"] == 25 + 50
        assert body["output"]["choices"][0]["message"]["content"][0]["text"].endswith("2.00'")

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b"{", BAD_BODY),
            (b"[]", BAD_BODY),
            ({"input": {"messages": []}}, "Model not exist."),
            ({"model": TURBO}, NO_MESSAGES),
            (native({"image": "http://127.0.0.1/x.png"}), NO_CONTENT),
            (native({"audio": None}), NO_CONTENT),
            (native({"audio": "song.wav"}), BAD_URL),
            (native({"audio": "data:audio/wav,abc"}), BAD_URL),
            (native({"audio": "data:;base64,!!!"}), ILLEGAL),
            (native({"audio": data_url(b"no audio at all")}), ILLEGAL),
            (native({"audio": data_url(CLIP[:2000])}), ILLEGAL),
            (native({"audio": data_url(wav(0))}), "The audio is empty"),
            (native({"audio": data_url(b"")}), "The audio is empty"),
            (native({"text": "hi"}, temperature=2), "Temperature should be in [0.0, 2.0)"),
            (native({"text": "hi"}, top_p=0), "Range of top_p should be (0.0, 1.0]"),
            (native({"text": "hi"}, max_tokens=99999), "Range of max_tokens should be [1, 2048]"),
            (native({"text": "字" * 7000}), "Range of input length should be [1, 6144]"),
            (native({"text": "hi"}, model=OMNI), "url error, please check url！"),
            (native(messages=[{"role": "assistant", "content": [{"text": "hi"}]}]), LAST_ROLE),
            (native(messages=[{"role": "robot", "content": "hi"}]), BAD_ROLE),
        ],
    )  # fmt: skip
    def test_refuses_what_cannot_work(self, base, body, message):
        assert message_of(ask(base, NATIVE, body)) == (400, "InvalidParameter", message)

    def test_refuses_a_data_url_above_ten_mebibytes(self, base):
        url = "data:;base64," + "A" * 10_485_760
        told = "Exceeded limit on max bytes per data-uri item : 10485760"
        assert message_of(ask(base, NATIVE, native({"audio": url}))) == (400, "InvalidParameter", told)

    def test_refused_streams_are_an_event(self, base):
        answered = ask(base, NATIVE, native({"audio": "x"}), **STREAM)
        assert answered.status == 400
        assert answered.body.startswith(b'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"InvalidParameter"')

    def test_a_text_alone_gets_an_answer_without_audio(self, base):
        body = ask(base, NATIVE, native({"text": "hi"})).json
        assert body["usage"]["audio_tokens"] == 0
        assert body["output"]["choices"][0]["message"]["content"] == [{"text": "请提供一段音频。"}]

    def test_voice_chat(self, base):
        said = ask(base, NATIVE, native({"audio": data_url(CLIP)})).json["output"]["choices"][0]["message"]["content"]
        assert said[0]["text"].startswith("我听完了。")

    def test_there_are_no_asynchronous_calls(self, base):
        told = message_of(ask(base, NATIVE, ASKED, X_DashScope_Async="enable"))
        assert told == (403, "AccessDenied", "current user api does not support asynchronous calls.")

    def test_the_recogniser_answers_with_words_and_annotations(self, base):
        body = native(
            messages=[
                {"role": "system", "content": [{"text": "names: Alice"}]},
                {"role": "user", "content": [{"audio": data_url(CLIP)}]},
            ],
            model="qwen3-asr-flash",
            asr_options={"language": "en", "enable_itn": False},
        )
        message = ask(base, NATIVE, body).json["output"]["choices"][0]["message"]
        assert message["content"][0]["text"].startswith("canned ")
        assert message["annotations"] == [{"type": "audio_info", "language": "en", "emotion": "neutral"}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from(["", "text", "user", "audio", "data:;base64,"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
MESSAGE = st.fixed_dictionaries({"role": st.just("user"), "content": JSON})
CATALOGUE = read_catalogue()


@pytest.mark.parametrize(("dialect", "model"), [(native_dialect, TURBO), (compatible_dialect, OMNI)])
@given(body=st.dictionaries(st.sampled_from(WORDS), JSON), messages=st.lists(MESSAGE, max_size=3))
def test_no_body_is_more_than_refused(dialect, model, body, messages):
    entry, place = CATALOGUE.find(model), Place(Uploads(time.monotonic), "account", model, True)
    for said in (body, {**body, "messages": messages, "input": {"messages": messages}}):
        with contextlib.suppress(Refusal):
            asked = dialect.read(entry, {"x-dashscope-sse": "enable"}, {"stream": True, **said}, place)
            assert dialect.whole(asked, answer(asked, ENGINE), "id")


class TestReferences:
    def test_a_url_on_this_machine_is_fetched(self, base):
        def clip(handler):
            assert "DashScopeUserBot" in handler.headers["User-Agent"]
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(CLIP)))
            handler.end_headers()
            handler.wfile.write(CLIP)

        with web_server(clip) as web:
            body = native({"audio": f"{web}/a.wav?x=1"}, {"text": "?"})
            assert ask(base, NATIVE, body).json["usage"]["audio_tokens"] == 85

    def test_no_other_machine_is_asked(self, base):
        for url in ("http://192.0.2.1/a.wav", "https://localhost/a.wav", "http://example.test/a.wav"):
            status, code, message = message_of(ask(base, NATIVE, native({"audio": url})))
            assert (status, code) == (400, "InvalidParameter")
            assert message.endswith("(The emulator fetches http URLs of this machine only.)")

    def test_redirects_are_not_followed(self, base):
        def elsewhere(handler):
            handler.send_response(302)
            handler.send_header("Location", "http://192.0.2.1/a.wav")
            handler.end_headers()

        with web_server(elsewhere) as web:
            told = message_of(ask(base, NATIVE, native({"audio": f"{web}/a.wav"})))
        assert told == (400, "InvalidParameter", "Failed to download multimodal content.")

    def test_a_url_without_a_length(self, base):
        def endless(handler):
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(CLIP)

        with web_server(endless) as web:
            told = message_of(ask(base, NATIVE, native({"audio": f"{web}/a.wav"})))
        assert told == (500, "InternalError.Algo", "Missing Content-Length of multimodal url.")


class TestUploads:
    def test_a_file_serves_its_account_and_model(self, base):
        key = upload(base)
        body = native({"audio": f"oss://{key}"}, {"text": "?"})
        assert ask(base, NATIVE, body, **RESOLVES).json["usage"]["audio_tokens"] == 85
        assert ask(base, NATIVE, body, **RESOLVES).status == 200
        unresolved = message_of(ask(base, NATIVE, body))
        assert unresolved[2].startswith("The provided URL does not appear to be valid")
        gone = "Failed to find the requested media resource during the data inspection process."
        assert message_of(ask(base, NATIVE, body, key="sk-other", **RESOLVES))[2] == gone
        body["model"] = "qwen-audio-turbo"
        assert message_of(ask(base, NATIVE, body, **RESOLVES))[2] == gone

    def test_files_and_policies_expire(self):
        now = [0.0]
        with emulator(clock=lambda: now[0]) as base:
            certified, key = certificate(base), upload(base)
            now[0] = 301
            assert (
                "<Message>Invalid according to Policy: Policy expired.</Message>"
                in post_file(certified, CLIP).body.decode()
            )
            body = native({"audio": f"oss://{key}"}, {"text": "?"})
            now[0] = 48 * 3600 - 1
            assert ask(base, NATIVE, body, **RESOLVES).status == 200
            now[0] = 48 * 3600
            assert ask(base, NATIVE, body, **RESOLVES).status == 400

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"Signature": "AAAA"}, 403, "SignatureDoesNotMatch"),
            ({"OSSAccessKeyId": "LTAIother"}, 403, "InvalidAccessKeyId"),
            ({"policy": "e30="}, 403, "SignatureDoesNotMatch"),
            ({"key": "elsewhere/a.wav"}, 403, "AccessDenied"),
            ({"policy": ""}, 400, "InvalidArgument"),
        ],
    )
    def test_forms_that_are_not_as_signed(self, base, changes, status, code):
        answered = post_file(certificate(base), CLIP, **changes)
        assert answered.status == status
        assert answered.headers["content-type"] == "application/xml"
        assert f"<Error><Code>{code}</Code>".encode() in answered.body

    def test_a_form_that_is_none(self, base):
        answered = ask(base, "/oss", b"nonsense", Content_Type="multipart/form-data")
        assert (answered.status, answered.json["code"]) == (400, "NotServed")

    def test_a_name_is_not_used_twice(self, base):
        certified = certificate(base)
        first, again = post_file(certified, CLIP), post_file(certified, CLIP)
        assert (first.status, first.body) == (200, b"")
        assert again.status == 409
        assert b"FileAlreadyExists" in again.body

    def test_certificates_need_a_key_and_a_model(self, base):
        path = "/api/v1/uploads?action=getPolicy&model="
        assert message_of(ask(base, path + TURBO, key=None))[:2] == (401, "InvalidApiKey")
        assert message_of(ask(base, path + "nothing"))[:2] == (404, "ModelNotFound")

    def test_certificates_a_second(self):
        now = [0.0]
        with emulator(uploads_per_second=2, clock=lambda: now[0]) as base:
            path = f"/api/v1/uploads?action=getPolicy&model={TURBO}"
            assert [ask(base, path).status for _ in range(3)] == [200, 200, 429]
            now[0] = 1
            assert ask(base, path).status == 200


def upload(base):
    certified = certificate(base)
    assert post_file(certified, CLIP).status == 200
    return certified["upload_dir"] + "/a.wav"


class TestCompatible:
    def test_streams(self, base):
        answered = ask(base, COMPATIBLE, {**ASKED_OMNI, "stream_options": {"include_usage": True}})
        assert answered.headers["content-type"] == "text/event-stream;charset=UTF-8"
        assert answered.body.endswith(b"data: [DONE]\n\n")
        *chunks, last = answered.frames
        assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks).startswith(SAID)
        assert [chunk["choices"][0]["finish_reason"] for chunk in chunks][-2:] == [None, "stop"]
        assert all(chunk["usage"] is None for chunk in chunks)
        assert last["choices"] == []
        assert last["usage"] == {
            "prompt_tokens": 33 + 24,
            "completion_tokens": 14,
            "total_tokens": 33 + 24 + 14,
            "prompt_tokens_details": {"audio_tokens": 24, "text_tokens": 33},
            "completion_tokens_details": {"text_tokens": 14, "reasoning_tokens": 0},
        }

    def test_says_nothing_of_usage_unasked(self, base):
        assert all(chunk["choices"] and chunk["usage"] is None for chunk in ask(base, COMPATIBLE, ASKED_OMNI).frames)

    def test_must_stream(self, base):
        status, code, message = message_of(ask(base, COMPATIBLE, {**ASKED_OMNI, "stream": False}))
        assert (status, code) == (400, "invalid_parameter_error")
        assert message.startswith("This model only support stream mode")

    def test_the_envelope_of_an_error(self, base):
        body = ask(base, COMPATIBLE, {**ASKED_OMNI, "temperature": 3}).json
        assert body["error"] == {
            "message": "Temperature should be in [0.0, 2.0)",
            "type": "invalid_request_error",
            "param": None,
            "code": "invalid_parameter_error",
        }
        assert len(body["request_id"]) == 36

    @pytest.mark.parametrize(
        ("content", "status", "code", "message"),
        [
            (audio_part("UklGRg=="), 400, "invalid_parameter_error", "The provided URL does not appear to be valid"),
            (audio_part("data:;base64," + "A" * 20_971_520), 400, "BadRequest.TooLarge", "Exceeded limit on max bytes"),
            (
                {"type": "audio_url", "audio_url": {"url": data_url(CLIP)}},
                400,
                "invalid_parameter_error",
                "The item of",
            ),
            ({"type": "image_url"}, 400, "invalid_parameter_error", "The item of content"),
        ],
    )
    def test_refuses_what_cannot_work(self, base, content, status, code, message):
        told = message_of(ask(base, COMPATIBLE, compatible(content)))
        assert told[:2] == (status, code)
        assert told[2].startswith(message)

    def test_native_models_are_not_here(self, base):
        told = message_of(ask(base, COMPATIBLE, {**ASKED_OMNI, "model": TURBO}))
        assert told == (404, "model_not_supported", f"Unsupported model {TURBO} for OpenAI compatibility mode.")

    def test_too_long_a_clip(self):
        short = read_catalogue().overriding({OMNI: {"audio": {"seconds": 2}}})
        with emulator(catalogue=short) as base:
            assert message_of(ask(base, COMPATIBLE, ASKED_OMNI))[2] == "The audio is too long"

    @pytest.mark.parametrize(
        ("said", "thinks"), [({}, True), ({"enable_thinking": False}, False), ({"reasoning_effort": "none"}, False)]
    )
    def test_thinking(self, base, said, thinks):
        body = {**ASKED_OMNI, "model": "qwen3.8-omni-flash", "stream": False, **said}
        answered = ask(base, COMPATIBLE, body).json
        message = answered["choices"][0]["message"]
        assert message["content"].startswith(SAID)
        assert ("reasoning_content" in message) == thinks
        assert bool(answered["usage"]["completion_tokens_details"]["reasoning_tokens"]) == thinks
        deltas = [c["choices"][0]["delta"] for c in ask(base, COMPATIBLE, {**body, "stream": True}).frames]
        assert any("reasoning_content" in delta for delta in deltas) == thinks

    def test_thinking_only_on_request(self, base):
        body = {**ASKED_OMNI, "model": "qwen3-omni-flash"}
        assert b"reasoning_content" not in ask(base, COMPATIBLE, body).body
        assert b"reasoning_content" in ask(base, COMPATIBLE, {**body, "enable_thinking": True}).body

    def test_it_does_not_speak(self, base):
        told = message_of(ask(base, COMPATIBLE, {**ASKED_OMNI, "modalities": ["text", "audio"]}))
        assert told[2] == 'The emulator does not speak: expected modalities ["text"].'

    def test_lists_its_models(self, base):
        names = [row["id"] for row in ask(base, "/compatible-mode/v1/models").json["data"]]
        assert OMNI in names
        assert TURBO not in names
        assert ask(base, "/compatible-mode/v1/models", key=None).status == 401


class TestOpenWeights:
    MODEL = "Qwen/Qwen2-Audio-7B-Instruct"

    def body(self, *content, **rest):
        return compatible(*content, model=self.MODEL, stream=False, **rest)

    def test_bare_base64_without_a_key(self, base):
        bare = data_url(CLIP).partition(",")[2]
        answered = ask(base, WEIGHTS, self.body(audio_part(bare), {"type": "text", "text": QUESTION}), key=None)
        assert answered.json["choices"][0]["message"]["content"].startswith(SAID)
        assert answered.json["usage"]["prompt_tokens_details"]["audio_tokens"] == 85

    def test_an_audio_url(self, base):
        part = {"type": "audio_url", "audio_url": {"url": data_url(CLIP, "audio/wav")}}
        assert ask(base, WEIGHTS, self.body(part)).status == 200
        assert ask(base, WEIGHTS, {**self.body(part), "stream": True}).body.endswith(b"[DONE]\n\n")

    def test_a_data_url_is_no_base64(self, base):
        told = message_of(ask(base, WEIGHTS, self.body(audio_part(data_url(CLIP)))))
        assert told[2] == ILLEGAL

    def test_only_what_is_served(self):
        with emulator(open_weights=("mine",)) as base:
            assert message_of(ask(base, WEIGHTS, self.body({"type": "text", "text": "hi"})))[0] == 404
            assert [row["id"] for row in ask(base, "/v1/models").json["data"]] == ["mine"]

    def test_services_models_are_not_here(self, base):
        assert ask(base, WEIGHTS, ASKED_OMNI).status == 404

    def test_a_server_of_the_users_catalogue(self):
        mine = {"mine": {"provider": "openai", "base_url": "http://127.0.0.1:1/v1", "audio_form": "base64"}}
        bare = data_url(CLIP).partition(",")[2]
        with emulator(catalogue=read_catalogue().overriding(mine), open_weights=()) as base:
            body = compatible(audio_part(bare), model="mine", stream=False)
            assert ask(base, WEIGHTS, body).status == 200
            assert ask(base, COMPATIBLE, body).status == 200


class TestAccess:
    def test_keys(self):
        with emulator(keys=("sk-right",)) as base:
            assert ask(base, NATIVE, ASKED, key="sk-right").status == 200
            for key in ("sk-wrong", "", None):
                told = (401, "InvalidApiKey", "Invalid API-key provided.")
                assert message_of(ask(base, NATIVE, ASKED, key=key)) == told
                told = (401, "invalid_api_key", "Incorrect API key provided.")
                assert message_of(ask(base, COMPATIBLE, ASKED_OMNI, key=key)) == told
                assert ask(base, WEIGHTS, ASKED_OMNI, key=key).status == 401
            assert ask(base, NATIVE, ASKED, key="sk-wrong", **STREAM).body.startswith(b"id:1\nevent:error\n")

    def test_any_key_will_do_but_none(self, base):
        assert ask(base, NATIVE, ASKED, key="x").status == 200
        assert ask(base, NATIVE, ASKED, key=None).status == 401

    def test_unknown_models(self, base):
        body = {**ASKED, "model": "qwen-audio-3.0-asr-flash"}
        told = "The model qwen-audio-3.0-asr-flash does not exist or you do not have access to it."
        assert message_of(ask(base, NATIVE, body)) == (404, "ModelNotFound", told)

    def test_retired_from_their_day_on(self):
        body = {**ASKED, "model": "qwen-audio-turbo-1204"}
        for today, status in ((date(2026, 1, 29), 200), (date(2026, 1, 30), 403)):
            with emulator(today=today) as base:
                answered = ask(base, NATIVE, body)
                assert answered.status == status
                assert ask(base, NATIVE, ASKED).status == 200  # an alias does not retire with its snapshot
        assert message_of(answered) == (403, "Endpoint.AccessDenied", "Workspace endpoint access denied.")

    def test_everything_says_where_it_comes_from(self, base):
        answers = [
            ask(base, NATIVE, ASKED),
            ask(base, NATIVE, b"{"),
            ask(base, COMPATIBLE, {**ASKED_OMNI, "stream": False}),
            ask(base, "/emulator/stats"),
            ask(base, "/v1/models"),
            ask(base, f"/api/v1/uploads?action=getPolicy&model={TURBO}"),
            ask(base, "/nowhere"),
            ask(base, NATIVE),
        ]
        for answered in answers:
            assert answered.headers["x-qaeval-emulator"] == __version__
            assert answered.json["emulator"] == f"qaeval {__version__}"
        for path, body, headers in ((NATIVE, ASKED, STREAM), (COMPATIBLE, ASKED_OMNI, {})):
            answered = ask(base, path, body, **headers)
            assert answered.headers["x-qaeval-emulator"] == __version__
            assert all(frame["emulator"] == f"qaeval {__version__}" for frame in answered.frames)


class TestAnswers:
    def test_every_wording_of_ours_is_known(self):
        for name in tasks.names():
            task = tasks.find(name)
            filled = {place: f"a {place}" for place in task.inputs}
            for prompt in task.prompts:
                if prompt.text:
                    text = prompt.text
                    for place, value in filled.items():
                        text = text.replace("{" + place + "}", value)
                    assert known_question(text)[0] == name, prompt

    def test_a_query_is_found_in_the_text(self):
        assert known_question('"阿里"出现在这段音频中的什么位置?') == ("locate", {"query": "阿里"})

    @given(st.text(max_size=80))
    def test_tokens_lose_nothing(self, text):
        assert "".join(tokens(text)) == text

    def test_the_engine_hears_what_the_service_would(self):
        heard = []

        def engine(request):
            heard.append(request)
            return "..."

        with emulator(engine=engine) as base:
            ask(base, NATIVE, native({"audio": data_url(wav(31))}, {"text": 'When does "x" occur in this audio?'}))
            ask(base, COMPATIBLE, compatible(audio_part(data_url(wav(31))), {"type": "text", "text": QUESTION}))
        native_request, omni_request = heard
        assert (native_request.span, native_request.task, native_request.inputs) == (
            (0.0, 30.0),
            "locate",
            {"query": "x"},
        )
        assert (omni_request.span, omni_request.task) == (None, "transcribe")
        assert omni_request.audio.source == wav(31)

    def test_an_engine_that_cannot_do_the_task_transcribes(self):
        def refuses(request):
            return "" if request.task == "transcribe" else "no"

        engine = Model("x", ask=lambda request: request.task, reads_prompt=False, refuses=refuses)
        with emulator(engine=engine) as base:
            body = native({"audio": data_url(CLIP)}, {"text": 'When does "x" occur in this audio?'})
            assert ask(base, NATIVE, body).json["output"]["choices"][0]["message"]["content"] == [
                {"text": "transcribe"}
            ]

    @pytest.mark.parametrize(
        ("error", "status"), [(AudioError("torn"), 400), (ModelError("no weights"), 500), (ZeroDivisionError("x"), 500)]
    )
    def test_an_engine_that_fails(self, error, status, caplog):
        def engine(request):
            raise error

        with emulator(engine=engine) as base:
            assert ask(base, NATIVE, ASKED).status == status
            assert ask(base, NATIVE, native({"text": "hi"})).status == 200
        assert "emulator/function" in caplog.text or status == 400

    def test_a_model_that_must_see_all_samples(self):
        with pytest.raises(QaevalError, match="must see all samples"), emulator(engine="control/majority"):
            pass

    def test_no_more_calls_at_once_than_the_engine_bears(self):
        running, most, lock = [0], [0], threading.Lock()

        def engine(request):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            threading.Event().wait(0.02)
            with lock:
                running[0] -= 1
            return "x"

        with emulator(engine=Model("x", ask=engine, concurrency=2)) as base:
            threads = [threading.Thread(target=ask, args=(base, NATIVE, ASKED)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert most == [2]

    def test_latency_blocks_no_thread(self):
        with emulator(latency=0.3) as base:
            answers = []
            threads = [
                threading.Thread(target=lambda: answers.append(ask(base, NATIVE, ASKED).status)) for _ in range(30)
            ]
            started = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert answers == [200] * 30
            assert time.monotonic() - started < 30 * 0.3 / 3  # at most a third of what one after the other takes


@pytest.mark.engine
def test_local_engines_hear_the_words(tmp_path, monkeypatch):
    """Weights on this machine: the words come from the sound, not from the test."""
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path))
    pytest.importorskip("faster_whisper")
    clips = {sample.id: sample.audio for sample in load("demo")}
    said = data_url(read(clips["sense-0880"]))  # he was not an ill disposed young man
    with emulator(engine=None) as base:
        native_text = text_of(ask(base, NATIVE, native({"audio": said}, {"text": QUESTION})))
        question = {"text": 'When does "young man" occur in this audio?'}
        located = text_of(ask(base, NATIVE, native({"audio": said}, question)))
        omni = ask(base, COMPATIBLE, compatible(audio_part(said), {"type": "text", "text": QUESTION})).frames
    omni_text = "".join(chunk["choices"][0]["delta"]["content"] for chunk in omni)
    assert "young man" in native_text.lower()
    assert "young man" in omni_text.lower()
    assert located.startswith('"young man" 从第')
    assert "秒结束" in located


class TestServer:
    def test_only_this_machine(self):
        with pytest.raises(QaevalError, match=r"this machine only.*'0\.0\.0\.0'"), serving(host="0.0.0.0"):
            pass
        with pytest.raises(QaevalError, match="this machine only"):
            serve(host="example.test")

    def test_a_port_that_is_taken(self, base):
        port = int(base.rpartition(":")[2])
        with pytest.raises(QaevalError, match=f"cannot listen at 127.0.0.1:{port}"), serving(port=port):
            pass

    def test_it_ends(self):
        with emulator() as base:
            assert ask(base, "/emulator/stats").status == 200
        with pytest.raises(ConnectionRefusedError):
            ask(base, "/emulator/stats")

    def test_a_mistake_of_its_own(self, monkeypatch, caplog):
        def fail(*said):
            raise ZeroDivisionError("never mind")

        monkeypatch.setattr("qaeval.emulator.service.drawn", fail)
        with emulator() as base:
            answered = ask(base, NATIVE, ASKED)
        assert message_of(answered)[:2] == (500, "InternalError.Algo")
        assert answered.headers["x-qaeval-emulator"] == __version__
        assert "never mind" in caplog.text

    def test_answers_are_not_held_back(self, base):
        """Nagle's algorithm with a delayed acknowledgement would cost each answer on a kept connection 40 ms."""
        connection = http.client.HTTPConnection("127.0.0.1", int(base.rpartition(":")[2]))
        taken = []
        for _ in range(21):
            started = time.perf_counter()
            connection.request("POST", NATIVE, json.dumps(ASKED), {"Authorization": "Bearer x"})
            assert connection.getresponse().read()
            taken.append(time.perf_counter() - started)
        connection.close()
        assert statistics.median(taken) < 0.03

    def test_serve_says_where_and_ends_when_told(self):
        code = "from qaeval.emulator import Settings, serve; serve(Settings(engine='canned'), port=0)"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            base = process.stdout.readline().strip()
            assert ask(base, NATIVE, ASKED).status == 200
            process.terminate()
            assert process.wait(10) == -signal.SIGTERM

    def test_without_its_extra(self, monkeypatch):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(ModelError, match=r'pip install "qaeval\[emulator\]"'), serving():
            pass

    def test_without_the_extra_of_its_engines(self, monkeypatch):
        real = importlib.util.find_spec
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "faster_whisper" else real(name))
        with pytest.raises(ModelError, match=r"qaeval\[local\]"), emulator(engine=None):
            pass

    @pytest.mark.parametrize("wrong", [{"scale": 0}, {"latency": -1}])
    def test_settings_that_cannot_be(self, wrong):
        with pytest.raises(QaevalError, match="expected"):
            Settings(**wrong)

    def test_settings_do_not_tell_keys(self):
        assert "sk-mine" not in repr(Settings(keys=("sk-mine",)))
