"""The protocols of the emulator: its bytes and its refusals, without any SDK in between."""

import contextlib
import itertools
import time

import pytest
from clips import wav
from hypothesis import given, strategies as st
from serving import (
    ASKED,
    ASKED_OMNI,
    CLIP,
    COMPATIBLE,
    NATIVE,
    OMNI,
    QUESTION,
    SAID,
    STREAM,
    TURBO,
    WEIGHTS,
    ask,
    audio_part,
    compatible,
    data_url,
    emulator,
    message_of,
    native,
)

from qaeval.emulator import canned, compatible as compatible_dialect, native as native_dialect
from qaeval.emulator.answers import answer
from qaeval.emulator.clips import Place
from qaeval.emulator.refusals import Refusal
from qaeval.emulator.uploads import Uploads
from qaeval.models.catalogue import read_catalogue
from qaeval.types import Model

NO_CONTENT = "The item of content should be a message of a certain modal."
NO_MESSAGES = 'Required parameter "messages" missing or invalid, please check the request parameters.'
BAD_URL = "The provided URL does not appear to be valid. Ensure it is correctly formatted."
BAD_BODY = "Required body invalid, please check the request body format."
BAD_ROLE = "Role must be user or assistant and Content length must be greater than 0"
LAST_ROLE = "The last message must have the role user."
ILLEGAL = "The audio format is illegal and cannot be opened."


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


WORDS = (
    "audio", "text", "type", "role", "content", "input_audio", "audio_url", "data", "url", "parameters", "input",
    "messages", "stream_options", "modalities", "max_tokens", "temperature", "asr_options", "enable_thinking", "model",
)  # fmt: skip
ENGINE = Model("x", ask=canned)


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
