"""Lanes: tried again where it is worth it, never too fast, never over budget, stopped where nothing can come of it."""

import collections
import dataclasses
import itertools
import random
import threading
import time
from datetime import datetime

import pytest
from clips import samples
from hypothesis import given, settings, strategies as st
from laning import QUICK, USAGE, Flaky, go, log, records, service

import qaeval as qa
from qaeval import runner, tasks
from qaeval.errors import AudioError, ModelError, TransientError
from qaeval.redaction import Secret
from qaeval.runner import Budgets, canary
from qaeval.runner.calling import Caller
from qaeval.runner.gate import Gate
from qaeval.runner.logbook import Logbook
from qaeval.runner.requests import Plan
from qaeval.runner.retrying import Health, Retries
from qaeval.runner.waiting import Ending
from qaeval.store.folder import RunFolder
from qaeval.types import AudioLimits, Failure, Reply

# --- how many at once -----------------------------------------------------------------------------------------------


def test_the_gate_halves_once_a_round_and_grows_by_one_a_round():
    gate, ending = Gate(8), Ending()
    for _ in range(8):
        gate.enter(ending)
    assert [gate.throttled(sent=1.0, now=2.0) for _ in range(8)] == [True] + [False] * 7
    assert gate.limit == 4
    assert gate.throttled(sent=3.0, now=4.0)
    assert gate.limit == 2
    for _ in range(8):
        gate.leave()
    grown = [(gate.answered(), gate.limit)[1] for _ in range(60)]
    assert grown[1] == 2
    assert grown[2] == 3
    assert grown[-1] == 8
    for moment in range(10, 20):
        gate.throttled(sent=moment, now=moment + 0.5)
    assert gate.limit == 1


def test_throttled_concurrency_falls_and_all_is_answered(tmp_path):
    inside, lock, first_four = [0], threading.Lock(), threading.Barrier(4)
    calls = itertools.count()

    def ask(request):
        with lock:
            inside[0] += 1
            now, call = inside[0], next(calls)
        try:
            if call < 4:
                first_four.wait(20)
            if now > 3:
                raise TransientError("too many at once", throttled=True, retry_after=0.001)
            return "x"
        finally:
            with lock:
                inside[0] -= 1

    patient = dataclasses.replace(QUICK, patience=30)
    folder = go(tmp_path, qa.Model("a", ask, concurrency=4), count=60, retries=patient)
    assert {record["outcome"] for record in records(folder)} == {"ok"}
    assert "a: throttled (too many at once); 2 at once from now on" in log(folder)
    assert "a: 4 requests at once again" in log(folder)


# --- trying again ---------------------------------------------------------------------------------------------------


def test_what_is_worth_another_try_gets_it_and_the_attempts_are_told(tmp_path):
    ask = Flaky(TransientError("busy"), TransientError("busy, key sk-0123456789abcdef"))
    folder = go(tmp_path, qa.Model("a", ask))
    assert set(ask.asked.values()) == {3}
    assert {(record["outcome"], record["attempts"]) for record in records(folder)} == {("ok", 3)}
    assert len(records(folder)) == 6
    assert "a: asked again in" in log(folder)
    assert "sk-0123456789abcdef" not in log(folder)


def test_what_never_works_is_given_up_with_its_reason(tmp_path):
    ask = Flaky(*[TransientError("busy", usage={"total_tokens": 7})] * 99)
    folder = go(tmp_path, qa.Model("a", ask), count=2)
    seen = {(r["outcome"], r["reason"], r["attempts"], r["usage"]["total_tokens"]) for r in records(folder)}
    assert seen == {("failed", "busy", 6, 42)}
    assert all(record["seconds"] is not None for record in records(folder))
    few = Flaky(*[TransientError("busy", attempts=2)] * 99)
    folder = go(tmp_path, qa.Model("b", few), count=2)
    assert {record["attempts"] for record in records(folder, "b")} == {2}


def test_a_reason_is_never_empty(tmp_path):
    folder = go(tmp_path, qa.Model("a", Flaky(*[TransientError("")] * 99)), count=1)
    folder = go(tmp_path, qa.Model("b", Flaky(ModelError(""))), count=1)
    folder = go(tmp_path, qa.Model("c", Flaky(ConnectionError())), count=1)
    assert all(record["reason"] for record in records(folder))
    assert records(folder, "c")[0]["reason"] == "ConnectionError"


def test_the_wait_is_the_services_or_grows_with_full_jitter():
    retries = Retries()
    assert retries.delay(1, 7.5) == 7.5
    assert retries.delay(1, 1e9) == retries.longest
    assert retries.delay(3, -1.0, draw=lambda: 0.5) == 1.0, "a wait that cannot be is none"
    assert retries.delay(500, None, draw=lambda: 1.0) == retries.cap
    drawn = [retries.delay(4, None) for _ in range(200)]
    assert 0 <= min(drawn) < 1 < 3 < max(drawn) <= 4


def test_a_service_that_answers_one_lane_is_well_for_the_others(tmp_path, monkeypatch):
    """Else a control that meets every 429 would wait ever longer, and its model with it: they share one pace."""
    made = []

    class Seen(Caller):
        def __init__(self, *given):
            super().__init__(*given)
            made.append(self)

    monkeypatch.setattr("qaeval.runner.session.Caller", Seen)
    go(tmp_path, *(service(name, Flaky()) for name in ("x/a", "control/silence:x/a", "x/b")), count=1)
    model, silence, other = (caller._health for caller in made)
    assert model is silence
    assert other is not model


def test_a_retry_after_is_waited_for(tmp_path):
    times = []

    def ask(request):
        times.append(time.monotonic())
        if len(times) == 1:
            raise TransientError("slow down", throttled=True, retry_after=0.3)
        return "x"

    go(tmp_path, qa.Model("a", ask, concurrency=1), count=2)
    assert times[1] - times[0] >= 0.3


def test_being_throttled_uses_up_no_attempts_and_makes_everybody_wait(tmp_path):
    ask = Flaky(*[TransientError("too fast", throttled=True)] * 9)
    folder = go(tmp_path, qa.Model("a", ask, concurrency=2), count=2, retries=dataclasses.replace(QUICK, patience=30))
    assert {(record["outcome"], record["attempts"]) for record in records(folder)} == {("ok", 10)}


def test_a_lane_that_is_only_throttled_ends_by_itself(tmp_path):
    ask = Flaky(*[TransientError("too fast", throttled=True)] * 9999)
    folder = go(tmp_path, qa.Model("a", ask, concurrency=2), qa.Model("b", Flaky()), count=12)
    assert {record["outcome"] for record in records(folder, "b")} == {"ok"}
    assert len(records(folder, "a")) == 12
    assert {record["outcome"] for record in records(folder, "a")} == {"failed"}
    assert "a is not asked any more: throttled for 0 s without an answer, at last with: too fast" in log(folder)


def test_a_service_that_is_down_is_left_alone_after_a_while(tmp_path):
    ask = Flaky(*[TransientError("no route to host")] * 99)
    folder = go(tmp_path, qa.Model("a", ask, concurrency=4), count=60)
    assert len(records(folder)) == 60
    assert len(ask.asked) <= 20 + 4
    assert sum(record["attempts"] == 0 for record in records(folder)) >= 60 - 24
    assert "20 requests in a row were given up, the last one because of: no route to host" in log(folder)


def test_requests_given_up_between_answers_stop_nothing(tmp_path):
    ask = Flaky()
    errors = itertools.cycle([True] * 6 + [False])

    def moody(request):
        if next(errors):
            raise TransientError("a bad moment")
        return ask(request)

    retries = dataclasses.replace(QUICK, attempts=2, in_a_row=5)
    folder = go(tmp_path, qa.Model("a", moody, concurrency=1), count=40, retries=retries)
    outcomes = collections.Counter(record["outcome"] for record in records(folder))
    assert outcomes["failed"] > 10
    assert "not asked any more" not in log(folder)


def test_health_counts_rounds_and_not_requests():
    health = Health(Retries(patience=10))
    assert [health.throttled(sent=0.0, now=1.0) for _ in range(5)] == [(1, False)] * 5
    assert health.throttled(sent=2.0, now=3.0) == (2, False)
    assert health.throttled(sent=2.5, now=11.0) == (2, True)
    health.answered()
    assert health.throttled(sent=12.0, now=13.0) == (1, False)


@pytest.mark.parametrize("throttled", [True, False])
def test_a_stop_is_heard_at_once_by_those_who_wait(tmp_path, throttled):
    waiting = threading.Event()

    def busy(request):
        waiting.set()
        raise TransientError("later", retry_after=100, throttled=throttled)

    def interrupted(request):
        assert waiting.wait(20)
        time.sleep(0.1)
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, qa.Model("a", busy), qa.Model("b", interrupted, concurrency=1))
    assert time.monotonic() - started < 5
    assert records(RunFolder(tmp_path / "run"), "a") == [], "what waits to be tried again has no outcome yet"


# --- what stops a lane ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["quota", "retired", "failed"])
def test_a_model_that_cannot_work_stops_its_lane_only(tmp_path, outcome, capsys):
    ask = Flaky(*[ModelError("Free allocated quota exceeded: use another model", outcome)] * 99)
    folder = go(tmp_path, qa.Model("a", ask, concurrency=1), qa.Model("b", Flaky()), progress=True)
    rows = records(folder, "a")
    assert sum(ask.asked.values()) == 1
    assert {(row["outcome"], row["reason"]) for row in rows} == {
        (outcome, "Free allocated quota exceeded: use another model")
    }
    assert sorted(row["attempts"] for row in rows) == [0] * 5 + [1]
    assert {row["outcome"] for row in records(folder, "b")} == {"ok"}
    said = "a is not asked any more: Free allocated quota exceeded: use another model"
    assert log(folder).count(said) == 1
    assert capsys.readouterr().out.count(said) == 1


def test_those_who_wait_for_another_try_learn_that_the_lane_has_stopped(tmp_path):
    waiting = threading.Event()

    def ask(request):
        if request.audio.source.stem == "0":
            waiting.set()
            raise TransientError("later", retry_after=100)
        assert waiting.wait(20)
        raise ModelError("retired", "retired")

    started = time.monotonic()
    folder = go(tmp_path, qa.Model("a", ask, concurrency=2))
    assert time.monotonic() - started < 10
    assert collections.Counter(record["outcome"] for record in records(folder)) == {"retired": 6}


def test_a_model_is_checked_once_before_it_is_asked_and_not_when_all_is_done(tmp_path):
    checks, asked = [], []

    def ask(request):
        asked.append(request)
        return "x"

    model = qa.Model("a", ask, check=lambda: checks.append(len(asked)))
    go(tmp_path, model)
    assert checks == [0]
    go(tmp_path, model)
    assert checks == [0]

    def wrong():
        time.sleep(0.05)  # the other threads of the lane wait for it
        raise ModelError("the key in DASHSCOPE_API_KEY is wrong")

    folder = go(tmp_path, qa.Model("b", ask, check=wrong))
    assert {record["reason"] for record in records(folder, "b")} == {"the key in DASHSCOPE_API_KEY is wrong"}
    assert len(asked) == 6
    folder = go(tmp_path, qa.Model("c", ask, check=lambda: 1 / 0))
    reasons = {record["reason"] for record in records(folder, "c")}
    assert reasons == {"the model could not be checked: ZeroDivisionError: division by zero"}


def test_a_model_error_while_preparing_keeps_its_outcome(tmp_path):
    def prepare(samples):
        raise ModelError("gone", "retired")

    folder = go(tmp_path, qa.Model("a", prepare=prepare))
    assert {record["outcome"] for record in records(folder)} == {"retired"}


def test_a_key_that_a_service_repeats_is_kept_nowhere(tmp_path):
    key = Secret("my-very-own-key-2").value

    def ask(request):
        said = f"{key} or sk-nobodys-9876543210"
        return Reply(said, finish_reason=key, request_id=f"Bearer {key}", served_model=key)

    folder = go(tmp_path, qa.Model("a", ask))
    assert {record["text"] for record in records(folder)} == {"*** or sk-nobodys-9876543210"}, (
        "its words are as they were"
    )
    assert not [path for path in folder.path.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


def test_keys_are_in_no_reply_and_no_reason(tmp_path):
    key = Secret("my-very-own-key-1")

    def ask(request):
        if request.audio.source.stem == "0":
            raise ModelError(f"wrong key {key.value}")
        return Reply(error=Failure("failed", f"key {key.value}"), raw={"body": [f"Bearer {key.value}"], ("a", 1): 2})

    folder = go(tmp_path, qa.Model("a", ask), progress=True)
    everything = folder.journal.read_text() + log(folder)
    assert "wrong key ***" in everything
    assert key.value not in everything


# --- all of it ------------------------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(st.integers(0, 10**6))
def test_whatever_happens_every_sample_has_exactly_one_outcome(tmp_path_factory, seed):
    draw, lock = random.Random(seed), threading.Lock()
    answered = collections.Counter()
    faults = [
        lambda: TransientError("5xx"),
        lambda: TransientError("429", throttled=True, retry_after=0.001),
        lambda: TransientError("429", throttled=True, attempts=2),
        lambda: AudioError("torn"),
        lambda: ValueError("odd"),
        lambda: None,
    ]

    def ask(request):
        with lock:
            fault, share = draw.choice(faults)(), draw.random()
        if share < 0.4 and fault:
            raise fault
        if share < 0.003:
            raise ModelError("gone", "retired")
        with lock:
            answered[request.audio.name] += 1
        return Reply("x", usage=USAGE) if share < 0.9 else Reply(error=Failure("failed", "bad request"))

    folder = tmp_path_factory.mktemp("run")
    models = [service("x/a", ask, concurrency=5), service("x/b", ask, concurrency=3)]
    budgets = Budgets.of({"calls": draw.choice([30, 10**6]), "tokens": 10**6}, models)
    written = records(go(folder, *models, count=25, budgets=budgets))
    assert len(written) == len({record["key"] for record in written}) == 50
    assert sum(record["outcome"] == "ok" for record in written) <= sum(answered.values())


def test_a_clip_that_cannot_be_fitted_is_skipped_and_what_was_done_is_kept(tmp_path):
    short = AudioLimits(seconds=0.1, cuts=True, tokens_per_second=25)
    heard = []

    def ask(request):
        heard.append(type(request.audio.source))
        return "x"

    model = service("x/a", ask, hears=short)
    folder = RunFolder(tmp_path / "run")
    plan = Plan([(tasks.find("transcribe"), tasks.find("transcribe").prompts[:1])], fit="cut")
    clips = list(samples(tmp_path / "clips", 3))

    def save(changes):
        folder.write_info({"dataset": {"name": "s"}, "tasks": {}, "models": [], **changes})

    runner.execute(clips, plan, [model], folder, save_info=save, progress=False)
    assert {(row["fitted"][:8], row["sent_seconds"]) for row in records(folder)} == {("cut to 0", 0.1)}
    assert heard == [bytes] * 3


def test_the_log_says_what_happened_and_stays_small(tmp_path):
    now = [0.0]
    book = Logbook(tmp_path / "run.log", clock=lambda: now[0])
    for _ in range(1000):
        now[0] += 0.01
        book.note("again", "a: asked again\nbecause sk-0123456789abcdef")
    book.note("other", "x" * 5000)
    book.close()
    book.note("late", "after the end")
    lines = (tmp_path / "run.log").read_text("utf-8").splitlines()
    assert len(lines) == 12
    assert "INFO a: asked again because ***" in lines[0]
    assert "(and 99 more like it before)" in lines[1]
    assert "again: left out since its last line: " in lines[-1]
    assert max(map(len, lines)) < 1100
    datetime.strptime(lines[0].split()[0], "%Y-%m-%dT%H:%M:%SZ")


def test_the_log_of_a_run_tells_how_it_went_on(tmp_path, caplog):
    caplog.set_level("INFO", "qaeval.runner")
    go(tmp_path, qa.Model("a", Flaky()), count=2)
    folder = go(tmp_path, qa.Model("a", Flaky()), count=5)
    assert "resumed: 2 requests have their replies from before" in log(folder)
    assert "ended: a: 5 done, 2 of them before" in log(folder)
    assert "ended: a: 5 done, 2 of them before" in caplog.text


# --- canaries -------------------------------------------------------------------------------------------------------


def test_canaries_are_asked_when_a_run_goes_on_and_their_difference_is_told(tmp_path, capsys):
    def model(text):
        return qa.Model("a", Flaky() if text is None else lambda request: text, concurrency=1)

    folder = go(tmp_path, model("'one'"), canary=3, count=4)
    assert canary.drift(folder) == []
    before = folder.journal.read_bytes()
    go(tmp_path, model("'one'"), canary=3, count=4, progress=True)
    assert "all 3 canary questions were answered as on" in capsys.readouterr().out
    go(tmp_path, model("'two'"), canary=2, count=4, progress=True)
    assert folder.journal.read_bytes() == before, "canaries are no replies of the run"
    rows = canary.drift(tmp_path / "run")
    assert [row["same"] for row in rows] == [True] * 3 + [False] * 2
    assert {row["text"] for row in rows if not row["same"]} == {"'two'"}
    assert {row["key"] for row in rows} <= {record["key"] for record in records(folder)}
    said = capsys.readouterr().out
    assert "a: drift: 2 of 2 canary questions were answered differently than on" in said
    assert "temperature above 0" in said
    assert "a: drift: " in log(folder)


def test_money_that_a_model_of_an_earlier_call_has_spent_counts(tmp_path):
    a, b = (
        service(f"x/{name}", Flaky(), facts={"prices": {"text_in": 1, "audio_in": 10, "text_out": 4}}) for name in "ab"
    )
    go(tmp_path, a, count=4)
    budget = Budgets.of({"money": 4 * a.prices.cost(USAGE) + 1e-6}, [b])
    folder = go(tmp_path, b, count=4, budgets=budget)
    assert {record["outcome"] for record in records(folder, "x/b")} == {"skipped"}


def test_canaries_count_for_the_budget(tmp_path):
    ask = Flaky()
    models = [service("x/a", ask)]
    go(tmp_path, *models, count=4)
    folder = go(tmp_path, *models, count=4, canary=4, budgets=Budgets.of({"calls": 6}, models))
    assert sum(ask.asked.values()) == 6
    go(tmp_path, *models, count=4, canary=4, budgets=Budgets.of({"calls": 6}, models))
    assert sum(ask.asked.values()) == 6
    assert len(canary.drift(folder)) == 2
