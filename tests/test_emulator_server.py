"""Who may ask the emulator, what answers, and how the server runs."""

import http.client
import importlib.util
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
    ASKED,
    ASKED_OMNI,
    CLIP,
    COMPATIBLE,
    NATIVE,
    QUESTION,
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

from qaeval import tasks
from qaeval._version import __version__
from qaeval.audio import read
from qaeval.datasets import load
from qaeval.emulator import Settings, serve, serving
from qaeval.emulator.answers import known_question, tokens
from qaeval.errors import AudioError, ModelError, QaevalError
from qaeval.types import Model


def text_of(answered):
    """The words of a native answer."""
    return answered.json["output"]["choices"][0]["message"]["content"][0]["text"]


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
            filled = {place: f"a {place}" for place in (*task.inputs, *task.options)}
            for prompt in task.prompts:
                if prompt.audio and prompt.text.strip() not in ("", "{query}"):  # that alone may be any question
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

    def test_a_port_that_is_none(self):
        with (
            pytest.raises(QaevalError, match=r"cannot listen at 127.0.0.1:99999: .*; choose another"),
            serving(port=99999),
        ):
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
        assert statistics.quantiles(taken)[0] < 0.03

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
