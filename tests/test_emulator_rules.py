"""What stands in the way of a request to the emulator, limits, quotas and faults, and what it counts of them."""

import contextlib
import http.client
import json
import threading
import time

import pytest
from hypothesis import given, strategies as st
from serving import (
    ASKED,
    ASKED_OMNI,
    COMPATIBLE,
    NATIVE,
    OMNI,
    STREAM,
    TURBO,
    ask,
    emulator,
    message_of,
    native,
    stats,
)

from qaeval.emulator import FAULTS, Settings
from qaeval.emulator.faults import STORM, drawn
from qaeval.emulator.limits import Allowance, Meter
from qaeval.emulator.refusals import Refusal
from qaeval.emulator.windows import Window
from qaeval.errors import QaevalError, UnknownNameError
from qaeval.models.catalogue import read_catalogue
from qaeval.types import RateLimits


class TestLimits:
    def test_requests_a_minute(self):
        now = [0.0]
        with emulator(scale=1 / 20, clock=lambda: now[0], retry_after=2.5) as base:  # 3 of 60
            statuses = []
            for now[0] in (0.0, 10.0, 20.0, 59.9, 60.0, 69.9, 70.0):
                answered = ask(base, NATIVE, ASKED)
                statuses.append(answered.status)
                if answered.status == 429:
                    assert answered.headers["retry-after"] == "2.5"
                    assert message_of(answered)[1:] == (
                        "Throttling.RateQuota",
                        "Requests rate limit exceeded, please try again later.",
                    )
            assert statuses == [200, 200, 200, 429, 200, 429, 200]
            seen = stats(base)
            assert (seen["received"], seen["admitted"], seen["rejected"]) == (7, 5, {"429 Throttling.RateQuota": 2})
            assert (seen["peak_requests"], seen["requests_per_minute"]) == (3, 3)

    def test_tokens_a_minute(self):
        few = read_catalogue().overriding({OMNI: {"rates": {"tokens_per_minute": 130}}})
        now = [0.0]
        with emulator(catalogue=few, scale=1, clock=lambda: now[0]) as base:  # 57 in and 14 out a request
            assert [ask(base, COMPATIBLE, ASKED_OMNI).status for _ in range(3)] == [200, 200, 429]
            answered = ask(base, COMPATIBLE, ASKED_OMNI)
            assert message_of(answered)[1:] == (
                "insufficient_quota",
                "Allocated quota exceeded, please increase your quota limit.",
            )
            assert "retry-after" not in answered.headers
            now[0] = 60.0
            assert ask(base, COMPATIBLE, ASKED_OMNI).status == 200
            assert stats(base, OMNI)["peak_tokens"] == 142

    def test_each_account_has_its_own(self):
        with emulator(scale=1 / 60) as base:
            assert [ask(base, NATIVE, ASKED, key=key).status for key in ("a", "b", "a")] == [200, 200, 429]

    def test_a_sixtieth_in_each_second(self):
        now = [0.0]
        with emulator(scale=1, per_second=True, clock=lambda: now[0]) as base:
            statuses = []
            for now[0] in (0.0, 0.5, 1.0, 1.95):
                answered = ask(base, NATIVE, ASKED)
                statuses.append(answered.status)
                if answered.status == 429:
                    assert message_of(answered)[1] == "Throttling.BurstRate"
            assert statuses == [200, 429, 200, 200]

    def test_a_quota_is_used_up_for_ever(self):
        now = [0.0]
        with emulator(quotas={TURBO: 200}, clock=lambda: now[0]) as base:  # 118 in and 14 out a request
            assert [ask(base, NATIVE, ASKED).status for _ in range(3)] == [200, 200, 429]
            now[0] = 1e9
            told = (429, "Throttling.AllocationQuota", "Free allocated quota exceeded.")
            assert message_of(ask(base, NATIVE, ASKED)) == told
            assert ask(base, NATIVE, {**ASKED, "model": "qwen-audio-turbo"}).status == 200

    def test_a_quota_may_go_by_another_name_but_not_by_none(self):
        with emulator(quotas={"qwen-audio-turbo-1204": 0}) as base:
            assert ask(base, NATIVE, {**ASKED, "model": "qwen-audio-turbo-2024-12-04"}).status == 429
        unknown = pytest.raises(UnknownNameError, match="did you mean 'qwen-audio-turbo")
        with unknown, emulator(quotas={"qwen-audio-turb": 0}):
            pass

    @given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=60))
    def test_the_window_is_the_sum_of_the_last_minute(self, steps):
        window, now, seen, peak = Window(60), 0, [], 0
        for pause, amount in steps:
            now += pause
            seen.append((now, amount))
            window.add(now, amount)
            true = sum(each for at, each in seen if now - 60 < at <= now)
            peak = max(peak, true)
            assert window.within(now) == true
        assert window.peak == peak

    @given(st.lists(st.floats(0, 5), max_size=80), st.integers(1, 6), st.integers(1, 300))
    def test_no_more_is_admitted_than_may_be(self, pauses, most_requests, most_tokens):
        meter, now, admitted = Meter(Allowance(most_requests, most_tokens)), 0.0, []
        for pause in pauses:
            now += pause
            with contextlib.suppress(Refusal):
                meter.admit(now, 70, None)
                admitted.append(now)
        for end in admitted:
            recent = [at for at in admitted if end - 60 < at <= end]
            assert len(recent) <= most_requests
            assert 70 * (len(recent) - 1) < most_tokens

    def test_no_limits_known(self):
        allowance = Allowance.of(RateLimits(), 1.0, None, None)
        meter = Meter(allowance)
        for _ in range(1000):
            meter.admit(0.0, 10**9, None)
        assert meter.requests.peak == 1000


class TestFaults:
    def seen(self, fault, path=NATIVE, body=ASKED, **headers):
        with emulator(faults={fault: 1.0}) as base:
            try:
                return ask(base, path, body, **headers), stats(base, body["model"])
            except (http.client.HTTPException, OSError) as error:
                return error, stats(base, body["model"])

    @pytest.mark.parametrize(("path", "body"), [(NATIVE, ASKED), (COMPATIBLE, ASKED_OMNI)])
    @pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
    def test_a_dropped_connection(self, fault, path, body):
        error, counted = self.seen(fault, path, body)
        assert isinstance(error, (http.client.RemoteDisconnected, ConnectionResetError))
        assert counted["faults"] == {fault: 1}
        assert (counted["admitted"], counted["answered"]) == (1, 0)
        assert counted["tokens"].get("output", 0) == (14 if fault == "drop_after" else 0)

    @pytest.mark.parametrize(
        ("path", "body", "headers"), [(NATIVE, ASKED, {}), (NATIVE, ASKED, STREAM), (COMPATIBLE, ASKED_OMNI, {})]
    )
    def test_an_answer_that_breaks_off(self, path, body, headers):
        error, counted = self.seen("cut_sse", path, body, **headers)
        assert isinstance(error, http.client.IncompleteRead)
        assert error.partial
        assert counted["answered"] == 0

    @pytest.mark.parametrize(
        ("fault", "status", "code"),
        [
            ("error_500", 500, "InternalError.Algo"),
            ("error_503", 503, "ModelUnavailable"),
            ("storm", 429, "Throttling.RateQuota"),
        ],
    )
    def test_errors(self, fault, status, code):
        answered, counted = self.seen(fault)
        assert message_of(answered)[:2] == (status, code)
        assert counted["rejected"] == {f"{status} {code}": 1}
        assert counted["admitted"] == (0 if fault == "storm" else 1)

    def test_a_fault_that_was_not_reached_does_not_count(self):
        with emulator(faults={"html": 1.0}, quotas={TURBO: 0}) as base:
            assert ask(base, NATIVE, ASKED).status == 429
            assert stats(base)["faults"] == {}

    def test_a_page(self):
        answered, _ = self.seen("html")
        assert (answered.status, answered.headers["content-type"]) == (502, "text/html")
        assert answered.body.startswith(b"<html>")

    def test_no_output(self):
        answered, counted = self.seen("no_output")
        assert answered.status == 200
        assert answered.json.keys() == {"usage", "request_id", "emulator"}
        assert counted["answered"] == 0
        assert "choices" not in self.seen("no_output", COMPATIBLE, ASKED_OMNI)[0].json

    def test_torn_json(self):
        for path, body in (
            (NATIVE, ASKED),
            (COMPATIBLE, {**ASKED_OMNI, "model": "qwen3.8-omni-flash", "stream": False}),
        ):
            answered, counted = self.seen("torn_json", path, body)
            assert answered.status == 200
            assert answered.body.startswith(b"{")
            with pytest.raises(ValueError, match=r"line 1"):
                json.loads(answered.body)
            assert counted["answered"] == 0

    def test_an_error_in_the_middle_of_a_stream(self):
        answered, counted = self.seen("stream_error", **STREAM)
        assert answered.status == 200
        *good, bad = answered.body.removesuffix(b"\n\n").split(b"\n\n")
        assert good
        assert bad.startswith(b"id:%d\nevent:error\n:HTTP_STATUS/500\ndata:" % (len(good) + 1))
        assert counted["answered"] == 0
        answered, _ = self.seen("stream_error", COMPATIBLE, ASKED_OMNI)
        assert answered.frames[-1]["error"]["code"] == "InternalError.Algo"
        assert b"[DONE]" not in answered.body
        assert self.seen("stream_error")[0].status == 500

    def test_wrong_usage_and_empty_answers(self):
        answered, counted = self.seen("wrong_usage")
        assert answered.json["usage"]["audio_tokens"] == 1
        assert (counted["answered"], counted["tokens"]["audio"]) == (1, 85)
        answered, counted = self.seen("empty")
        assert answered.json["output"]["choices"][0]["message"]["content"] == []
        assert counted["answered"] == 1

    def test_slowness(self, monkeypatch):
        monkeypatch.setattr("qaeval.emulator.service.SPIKE_S", 0.05)
        monkeypatch.setattr("qaeval.emulator.outcomes.SLOW_S", 0.01)
        assert self.seen("latency")[0].status == 200
        assert self.seen("slow_sse", **STREAM)[0].frames[-1]["output"]["choices"][0]["finish_reason"] == "stop"

    @pytest.mark.parametrize("seed", range(3))
    def test_faults_come_as_often_as_said(self, seed):
        faults = {**dict.fromkeys(FAULTS, 0.05), "storm": 0.2}
        count = 16_000
        seen = [drawn(faults, seed, number) for number in range(count)]
        for name, probability in faults.items():
            assert seen.count(name) == pytest.approx(probability * count, rel=0.2), name
        blocks = [seen[start : start + STORM] for start in range(0, count, STORM)]
        assert {block.count("storm") for block in blocks} == {0, STORM}
        assert seen == [drawn(faults, seed, number) for number in range(count)]

    @pytest.mark.parametrize(
        ("faults", "message"),
        [
            ({"drop": 1}, "unknown fault 'drop'"),
            ({"html": 2}, "seen 2"),
            ({"html": 0.6, "empty": 0.6}, "at most 1, seen 1.2"),
        ],
    )
    def test_faults_that_are_none(self, faults, message):
        with pytest.raises(QaevalError, match=message):
            Settings(faults=faults)


class TestStatistics:
    def test_a_question_that_is_answered_twice(self):
        with emulator() as base:
            for body in (ASKED, ASKED, {**ASKED, "model": "qwen-audio-turbo"}):
                ask(base, NATIVE, body)
            ask(base, NATIVE, ASKED, **STREAM)
            body = ask(base, "/emulator/stats").json
        assert (body["questions_answered"], body["questions_answered_again"]) == (3, 1)
        assert body["most_answers_to_a_question"] == 2
        counted = body["models"][TURBO]
        assert (counted["received"], counted["admitted"], counted["answered"]) == (3, 3, 3)
        assert counted["tokens"] == {"input": 99, "audio": 255, "output": 42}

    def test_an_answer_that_nobody_waits_for_is_none(self):
        asked, go_on = threading.Event(), threading.Event()

        def engine(request):
            asked.set()
            go_on.wait(10)
            return "too late"

        with emulator(engine=engine) as base:
            connection = http.client.HTTPConnection("127.0.0.1", int(base.rpartition(":")[2]))
            connection.request("POST", NATIVE, json.dumps(ASKED), {"Authorization": "Bearer x"})
            assert asked.wait(10)
            connection.close()
            time.sleep(0.1)  # the server hears of it
            go_on.set()
            while not stats(base)["tokens"]:
                time.sleep(0.01)
            time.sleep(0.1)
            assert (stats(base)["admitted"], stats(base)["answered"]) == (1, 0)

    def test_what_is_refused(self):
        with emulator() as base:
            ask(base, NATIVE, {**ASKED, "model": "nothing"})
            ask(base, NATIVE, native({"audio": "x"}))
            assert stats(base, "unknown")["rejected"] == {"404 ModelNotFound": 1}
            assert stats(base)["rejected"] == {"400 InvalidParameter": 1}
