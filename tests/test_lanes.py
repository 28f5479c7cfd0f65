"""Lanes: tried again where it is worth it, never too fast, never over budget, stopped where nothing can come of it."""

import collections
import dataclasses
import heapq
import itertools
import json
import math
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from clips import samples
from hypothesis import given, settings, strategies as st

import qaeval as qa
from qaeval import runner, tasks
from qaeval.errors import AudioError, ModelError, RunError, TransientError, UnknownNameError
from qaeval.redaction import Secret
from qaeval.runner import Budgets, canary
from qaeval.runner.bounds import bound, held, paced, total, used
from qaeval.runner.budget import Accounts, Budget, Cost, OverBudget
from qaeval.runner.calling import Caller
from qaeval.runner.earlier import seeded
from qaeval.runner.gate import Gate
from qaeval.runner.logbook import Logbook
from qaeval.runner.pacing import Pace, Spacing, Window
from qaeval.runner.requests import Plan
from qaeval.runner.retrying import Health, Retries
from qaeval.runner.waiting import Ended, Ending
from qaeval.store import replies as stored
from qaeval.store.folder import RunFolder
from qaeval.types import Audio, AudioLimits, Failure, Message, Prices, RateLimits, Reply, Request

QUICK = Retries(base=0.001, cap=0.002, patience=0.2)
USAGE = {"input_tokens": 10, "audio_tokens": 25, "output_tokens": 5, "total_tokens": 40}


def go(tmp_path, *models, count=6, out="run", params=None, **options):
    """A run, with the runner's own options; its folder."""
    folder = RunFolder(tmp_path / out)
    task = tasks.find("transcribe")
    names = ("name", "endpoint", "reads_prompt", "facts")

    def save(changes):
        old = folder.read_info() if folder.info_path.exists() else {"models": []}
        known = {model["name"]: model for model in old["models"]}
        known |= {model.name: {name: getattr(model, name) for name in names} for model in models}
        info = {"dataset": {"name": "samples"}, "tasks": {}, "models": list(known.values())}
        folder.write_info(info | changes)

    plan = Plan([(task, task.prompts[:1])], params=params or {})
    clips = samples(tmp_path / "clips", count)
    runner.execute(clips, plan, models, folder, save_info=save, **{"progress": False, "retries": QUICK} | options)
    return folder


def records(folder, model=None):
    return [record for record in stored.read(folder.replies) if model in (None, record["model"])]


def log(folder):
    return (folder.path / "run.log").read_text("utf-8")


class Flaky:
    """An ask that raises what it is given, one after the other for each clip, and then answers."""

    def __init__(self, *errors):
        self.errors = errors
        self.asked = collections.Counter()
        self._lock = threading.Lock()

    def __call__(self, request):
        with self._lock:
            self.asked[request.audio.name] += 1
            made = self.asked[request.audio.name]
        if made <= len(self.errors):
            raise self.errors[made - 1]
        return Reply(f"'answer {made}'", usage=USAGE)


# --- pacing ---------------------------------------------------------------------------------------------------------


def simulate(rates, workers, seed, length, period=60.0):
    """Workers that ask as fast as the window lets them, on a clock of their own.

    Gives for each request when it arrived, when it was answered, and its tokens of input and of output.
    """
    draw = random.Random(seed)
    window, spacing = Window(rates, period), Spacing(rates if rates.per_second else RateLimits(), period)
    now, flying, seen = 0.0, [], []
    tokens = [(draw.randint(0, 300), draw.randint(1, 400)) for _ in range(length)]
    for text, most in tokens:
        while True:
            free = len(flying) < workers
            wait = max(window.delay(now, text + most), spacing.delay(now)) if free else math.inf
            if wait == 0:
                break
            now = min(now + wait, flying[0][0] if flying else math.inf)
            while flying and flying[0][0] <= now:
                _, _, slot, used = heapq.heappop(flying)
                window.close(slot, now, used)
                spacing.close(slot, now, used)
        slot = window.open(now, text + most, answer=most)
        spacing.open(slot)
        latency, said = draw.expovariate(0.1), draw.randint(0, most)
        arrived = now + draw.random() * latency
        heapq.heappush(flying, (now + latency, len(seen), slot, text + said))
        seen.append((arrived, now + latency, text, said))
    return seen


def most_in(events, period):
    """The most that any ``period`` seconds hold of (time, amount)."""
    events, most, held, first = sorted(events), 0, 0, 0
    for at, amount in events:
        held += amount
        while events[first][0] <= at - period:
            held -= events[first][1]
            first += 1
        most = max(most, held)
    return most


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(100, 3000), st.integers(1, 40), st.booleans(), st.integers(0, 10**6))
def test_no_60_seconds_at_the_server_hold_more_than_the_limits(requests, tokens, workers, per_second, seed):
    seen = simulate(RateLimits(requests, tokens, per_second), workers, seed, length=150)
    assert most_in([(arrived, 1) for arrived, *_ in seen], 60) <= requests
    counted = [(arrived, text) for arrived, _, text, _ in seen] + [(at, said) for _, at, _, said in seen]
    assert most_in(counted, 60) <= max(tokens, 700), "a request that is larger by itself goes alone"


def test_the_limits_are_used_up_and_not_just_kept():
    seen = simulate(RateLimits(60), 20, seed=1, length=600)
    assert len(seen) / max(at for at, *_ in seen) * 60 > 45, "10 s of latency cost a sixth of the window"


def test_a_service_that_counts_each_second_gets_requests_one_by_one():
    spacing = Spacing(RateLimits(60, 6000, per_second=True), period=60.0)
    window, now, sent = Window(RateLimits()), 0.0, []
    for tokens in (10, 10, 500, 10):
        now += spacing.delay(now)
        spacing.open(slot := window.open(now, tokens))
        sent.append(now)
    assert sent == [0.0, 1.0, 2.0, 7.0], "500 tokens are 5 s of 100 a second"
    spacing.close(slot, 7.0, 0)
    assert spacing.delay(7.0) == 1.0


def test_an_answer_counts_when_it_comes_and_not_when_it_may_be_long():
    spacing, window = Spacing(RateLimits(60, 6000, per_second=True), period=60.0), Window(RateLimits())
    spacing.open(slot := window.open(0.0, 2090, answer=2000))
    assert spacing.delay(0.0) == 1.0, "the share of a request; that of its 90 tokens is less"
    spacing.close(slot, 5.0, 60)
    assert spacing.delay(5.0) == 0.0
    spacing.open(slot := window.open(5.0, 2090, answer=2000))
    spacing.close(slot, 9.0, 390)
    assert spacing.delay(9.0) == 3.0, "300 tokens were said at 9 s"


@pytest.mark.parametrize("rpm", [60, 120])
@pytest.mark.parametrize("most", [2_048, 131_072])
@pytest.mark.parametrize("latency", [0.5, 2.0, 3.5])
def test_clips_of_5_s_are_asked_nearly_as_fast_as_they_may_be(rpm, most, latency):
    """Whatever an answer might have: what it holds of a minute is bounded, and takes no time of the next request."""
    rates = RateLimits(rpm, 100_000, per_second=True)
    request = Request("a", Audio("a.wav"), (Message("user", "What is said?"),))
    most = bound(request, 5.0, qa.Model("a", str, max_output=most))
    sent = paced_requests(rates, paced(most, {}), used=220, latency=latency)
    assert len(sent) / 10 > 0.93 * rpm


def paced_requests(rates, place, used, latency, seconds=600.0, workers=8):
    """When requests were sent that all hold ``place``, use as many tokens, and take as long."""
    window, spacing = Window(rates), Spacing(rates)
    flying, sent, now = collections.deque(), [], 0.0
    while now < seconds:
        while flying and flying[0][0] <= now:
            _, slot = flying.popleft()
            window.close(slot, now, used)
            spacing.close(slot, now, used)
        wait = max(window.delay(now, total(place)), spacing.delay(now)) if len(flying) < workers else math.inf
        if wait:
            now = min(now + wait, flying[0][0] if flying else math.inf)
            continue
        spacing.open(slot := window.open(now, total(place), answer=place["output_tokens"]))
        flying.append((now + latency, slot))
        sent.append(now)
    return sent


def test_a_request_larger_than_a_minute_waits_for_an_empty_window_and_then_goes():
    window = Window(RateLimits(tokens_per_minute=100), period=60.0)
    assert window.delay(0.0, 500) == 0.0
    slot = window.open(0.0, 500)
    assert window.delay(1.0, 1) == math.inf
    window.close(slot, 2.0, 40)
    assert window.delay(2.0, 60) == 0.0
    assert window.delay(2.0, 500) == 60.0
    assert window.delay(62.0, 500) == 0.0


def test_threads_keep_the_pace_and_end_at_once():
    pace, ending, arrived = Pace(RateLimits(10), period=0.25), Ending(), []
    ending.wakes(pace.turn, pace.changed)

    def work():
        while len(arrived) < 45:
            slot = pace.enter(1, ending)
            arrived.append((time.monotonic(), 1))
            time.sleep(0.001)
            pace.leave(slot, 1)

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(work) for _ in range(16)]:
            done.result()
    assert most_in(arrived[:45], 0.25) <= 10
    assert 1.0 <= arrived[44][0] - arrived[0][0] < 2.5, "4 windows, each used at once"
    slow = Pace(RateLimits(1))
    ending = Ending()
    ending.wakes(slow.turn, slow.changed)
    slow.enter(1, ending)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(slow.enter, 1, ending) for _ in range(8)]
        time.sleep(0.05)
        started = time.monotonic()
        ending.come()
        assert all(isinstance(thread.exception(5), Ended) for thread in waiting)
    assert time.monotonic() - started < 5


def test_a_wait_longer_than_any_clock_can_count_is_no_error():
    pace, ending = Pace(RateLimits(None, 60, per_second=True)), Ending()
    ending.wakes(pace.turn, pace.changed)
    pace.leave(pace.enter(1, ending), 10**23)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pace.enter, 1, ending)
        time.sleep(0.05)
        ending.come()
        assert isinstance(waiting.exception(5), Ended)


def test_tokens_that_were_not_used_let_the_next_one_through_at_once():
    pace, ending = Pace(RateLimits(tokens_per_minute=100)), Ending()
    first = pace.enter(90, ending)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(pace.enter, 90, ending)
        time.sleep(0.05)
        assert not second.done()
        pace.leave(first, 5)
        second.result(timeout=20)


def test_a_restart_within_the_minute_counts_what_was_sent_before(tmp_path):
    def limited(ask, rpm):
        return qa.Model("a", ask, rates=RateLimits(rpm), concurrency=2)

    go(tmp_path, limited(Flaky(), 6), count=4)

    def interrupting(request):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, qa.Model("a", interrupting, rates=RateLimits(6), concurrency=1), count=5)
    started = time.monotonic()
    later = threading.Timer(0.5, lambda: None)
    later.start()

    def second(request):
        later.join()
        raise KeyboardInterrupt

    waiting = limited(Flaky(), 6)
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, waiting, qa.Model("b", second, concurrency=1), count=6)
    assert sum(waiting.ask.asked.values()) == 0, "4 answered and 2 that may be in flight fill the minute"
    assert time.monotonic() - started < 5
    free = limited(Flaky(), 6)
    go(tmp_path, free, count=6, limits=False)
    assert sum(free.ask.asked.values()) == 2


def test_records_older_than_the_window_are_not_looked_at(tmp_path):
    now = datetime.now(UTC)
    ages = {"old": 90, "new": 5, "ahead": -3}
    at = {key: (now - timedelta(seconds=age)).isoformat() for key, age in ages.items()}
    lines = [{"key": key, "outcome": "failed", "at": moment} for key, moment in at.items()]
    lines += [{"key": "odd", "outcome": "failed", "at": odd} for odd in (None, "yesterday", "2026-01-01T00:00:00")]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = {record["key"]: age for age, record in stored.recent(stored.files(tmp_path), 60, now)}
    assert found == {"new": pytest.approx(5), "ahead": 0.0}
    assert not list(stored.recent([tmp_path / "a.jsonl", tmp_path / "none"], 60, now + timedelta(hours=1)))


def test_a_bound_is_never_below_what_is_used():
    hears = AudioLimits(seconds=30, cuts=True, tokens_per_second=25, least_tokens=25)
    model = qa.Model("a", ask=str, hears=hears, max_output=100)
    request = Request("a", Audio("a.wav"), (Message("system", "é"), Message("user", "这段音频在说什么?")))
    assert bound(request, 3600, model) == {
        "input_tokens": 2 + 25 + 50,
        "audio_tokens": 750,
        "output_tokens": 100,
        "total_tokens": 927,
    }
    unknown = dataclasses.replace(model, hears=AudioLimits(), max_output=0)
    assert bound(request, 1.0, unknown)["audio_tokens"] == 38, "25 a second, of 1.5 s"
    assert bound(request, 1.0, unknown)["output_tokens"] == 2048
    odd = dataclasses.replace(request, params={"max_tokens": "many", "max_completion_tokens": 7})
    assert bound(odd, 1.0, unknown)["output_tokens"] == 7


def test_what_a_server_may_have_counted_is_held_and_what_it_charges_is_charged():
    most = {"total_tokens": 500}
    wrong = Reply("x", usage={"input_tokens": 10, "audio_tokens": 1, "output_tokens": 5, "total_tokens": 16})
    refused = Reply(error=Failure("skipped", "no"))
    cases = [
        (Reply("x", usage=USAGE), 40, 40),
        (wrong, 40, 16),
        (Reply("x"), 500, 500),
        (refused, 500, 0),
        (TransientError("the stream broke off", usage={"output_tokens": 3}), 500, 500),
        (TransientError("500", usage={"total_tokens": 0}), 500, 0),
        (TransientError("too fast", throttled=True), 0, 0),
        (ModelError("no quota", "quota"), 0, 0),
    ]
    for got, counted, charged in cases:
        assert (held(got, most, audio=25), total(used(got, most))) == (counted, charged), got


@pytest.mark.parametrize(("params", "answer"), [({}, 2048), ({"max_tokens": 4000}, 4000)])
def test_a_request_takes_its_place_with_what_its_answer_may_have(tmp_path, params, answer):
    places = []

    class Seen(Pace):
        def enter(self, tokens, ending, answer=0):
            places.append((tokens, answer))
            return super().enter(tokens, ending, answer)

    model = service("x/a", Flaky(), max_output=16_384)
    request = Request("x/a", Audio("a.wav"), (Message("user", "What is said?"),), params)
    book = Logbook(tmp_path / "run.log")
    caller = Caller(model, Seen(RateLimits(60, 100_000, per_second=True)), book)
    assert caller.reply(model.ask, request, None).text
    book.close()
    question = total(bound(request, None, model)) - bound(request, None, model)["output_tokens"]
    assert places == [(question + answer, answer)]


def test_a_model_and_its_controls_share_one_pace(tmp_path):
    names = ("x/a", "control/silence:x/a", "control/swapped:control/silence:x/a", "x/b")
    paces = seeded([service(name, str) for name in names], True, RunFolder(tmp_path), cut_off=False)
    assert paces[0] is paces[1] is paces[2]
    assert paces[3] is not paces[0]


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


# --- budgets --------------------------------------------------------------------------------------------------------


def service(name, ask, **options):
    """A model as those of a service are: it counts tokens and has prices."""
    hears = AudioLimits(tokens_per_second=25, least_tokens=25)
    prices = Prices(text_in=1, audio_in=10, text_out=4)
    return qa.Model(name, ask, **{"endpoint": "openai", "hears": hears, "prices": prices, "max_output": 100} | options)


def spent(folder):
    return sum(record["usage"].get("total_tokens", 0) for record in records(folder))


def test_a_budget_of_calls_counts_every_attempt_and_earlier_calls(tmp_path, capsys):
    def call(count, limit):
        ask = Flaky(TransientError("busy", usage={"total_tokens": 0}))
        models = [service("x/a", ask)]
        folder = go(tmp_path, *models, count=count, budgets=Budgets.of({"calls": limit}, models), progress=True)
        return folder, sum(ask.asked.values())

    folder, sent = call(20, 13)
    assert sent == 13
    outcomes = collections.Counter(record["outcome"] for record in records(folder))
    assert sum(outcomes.values()) == 20
    [reason] = {record["reason"] for record in records(folder) if record["outcome"] == "skipped"}
    assert reason.startswith("over the budget of the run: 13 of 13 calls are spent, and this request may need 1")
    assert "raise 'calls' in budget=" in reason
    assert log(folder).count("over the budget") == 1
    assert capsys.readouterr().out.count("over the budget") == 1
    folder, sent = call(20, 13)
    assert sent == 0
    folder, sent = call(20, 17)
    assert sent == 4


@pytest.mark.parametrize("concurrency", [1, 12])
def test_tokens_are_never_overspent_and_used_as_far_as_they_go(tmp_path, concurrency):
    models = [service("x/a", Flaky(), concurrency=concurrency)]
    folder = go(tmp_path, *models, count=60, budgets=Budgets.of({"models": {"a": {"tokens": 1200}}}, models))
    outcomes = collections.Counter(record["outcome"] for record in records(folder))
    assert 1200 - 300 < spent(folder) <= 1200, "a request may need up to about 270 tokens"
    assert outcomes == {"ok": spent(folder) // 40, "skipped": 60 - spent(folder) // 40}
    [reason, *_] = [record["reason"] for record in records(folder) if record["outcome"] == "skipped"]
    assert "params={'max_tokens': ...}" in reason


def test_money_is_that_of_the_models_prices_and_shared_by_the_run(tmp_path):
    models = [service(f"x/{name}", Flaky(), concurrency=4) for name in "ab"]
    one = models[0].prices.cost(USAGE)
    folder = go(tmp_path, *models, count=30, budgets=Budgets.of({"money": 30 * one}, models))
    replies = sum(record["outcome"] == "ok" for record in records(folder))
    assert 20 <= replies <= 30
    assert len(records(folder)) == 60


def test_what_broke_off_counts_at_its_bound_and_what_was_refused_at_nothing(tmp_path):
    dropped = [service("x/a", Flaky(TransientError("the line broke off")), concurrency=1)]
    folder = go(tmp_path, *dropped, count=10, budgets=Budgets.of({"tokens": 1500}, dropped))
    replies = sum(record["outcome"] == "ok" for record in records(folder))
    assert 3 <= replies <= 5, "each broken attempt may have cost 250 to 290 tokens"
    refused = [service("x/b", lambda request: Reply(error=Failure("skipped", "not allowed")), concurrency=1)]
    folder = go(tmp_path, *refused, count=10, out="other", budgets=Budgets.of({"tokens": 400}, refused))
    assert {record["reason"] for record in records(folder)} == {"not allowed"}


def test_what_broken_attempts_are_known_to_have_used_counts_for_later_calls(tmp_path):
    half = TransientError("no output", usage={"input_tokens": 10, "audio_tokens": 25, "total_tokens": 35})
    model = service("x/a", Flaky(half, half))
    folder = go(tmp_path, model, count=2)
    assert [record["lost"] for record in records(folder)] == [
        {"input_tokens": 20, "audio_tokens": 50, "total_tokens": 70}
    ] * 2
    assert [record["usage"] for record in records(folder)] == [USAGE] * 2
    late = service("x/a", Flaky())
    folder = go(tmp_path, late, count=3, budgets=Budgets.of({"tokens": 2 * (40 + 70) + 150}, [late]))
    (reason,) = [record["reason"] for record in records(folder) if record["outcome"] == "skipped"]
    assert "220 of 370 tokens are spent" in reason


def test_engines_on_this_machine_cost_nothing(tmp_path):
    engine = qa.Model("mine", Flaky(), reads_prompt=False)
    models = [engine, service("x/a", Flaky())]
    folder = go(tmp_path, *models, budgets=Budgets.of({"calls": 2, "money": 1.0}, models))
    assert {record["outcome"] for record in records(folder, "mine")} == {"ok"}
    assert sum(record["outcome"] == "ok" for record in records(folder, "x/a")) == 2
    folder = go(tmp_path, models[1], budgets=Budgets.of({"calls": 3}, models[1:]))
    assert sum(record["outcome"] == "ok" for record in records(folder, "x/a")) == 3, "what it did before is free too"


@pytest.mark.parametrize(
    ("budget", "error", "message"),
    [
        ({"token": 5}, RunError, "budget: unknown key 'token'; expected tokens, money, calls, models"),
        (
            {"models": {"a": {"call": 5}}},
            RunError,
            "budget.models.a: unknown key 'call'; expected tokens, money, calls",
        ),
        ({"tokens": 0}, RunError, "budget: tokens must be a whole number above 0, seen 0"),
        (
            {"models": {"a": {"calls": "5"}}},
            RunError,
            "budget.models.a: calls must be a whole number above 0, seen '5'",
        ),
        ({"calls": True}, RunError, "calls must be a whole number above 0, seen True"),
        ({"tokens": 2.5}, RunError, "tokens must be a whole number above 0, seen 2.5"),
        ({"money": math.nan}, RunError, "money must be a number of CNY above 0, seen nan"),
        (5, RunError, "budget: expected a mapping of tokens, money and calls, seen 5"),
        ({"models": 5}, RunError, "budget.models: expected a mapping"),
        ({"models": {"x/aa": {"calls": 5}}}, UnknownNameError, "did you mean 'x/a'"),
        ({"models": {"b": {"calls": 5}}}, UnknownNameError, "may be any of these models, say which: x/b, y/b"),
        ({"money": 5}, RunError, "budget: money needs the prices of y/b, which are not known"),
        ({"models": {"e": {"calls": 5}}}, RunError, "e runs on this machine and spends nothing"),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(budget, error, message):
    models = [service("x/a", str), service("x/b", str), service("y/b", str, prices=None)]
    models += [qa.Model("e", str, reads_prompt=False), service("control/silence:x/a", str)]
    with pytest.raises(error) as raised:
        Budgets.of(budget, models)
    assert message in str(raised.value)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=40),
    st.integers(1, 400),
    st.integers(1, 12),
)
def test_accounts_are_never_overdrawn_whoever_comes_first(needs, limit, threads):
    accounts, ending = Accounts(Budgets(Budget(tokens=limit)), {}), Ending()
    lock, used, refused = threading.Lock(), [], []

    def spend(need_and_use):
        need, use = Cost(need_and_use[0], 0, 1), min(need_and_use)
        try:
            accounts.reserve("a", need, ending)
        except OverBudget:
            refused.append(need.tokens)
            return
        with lock:
            used.append(use)
        accounts.settle("a", need, Cost(use, 0, 1))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(spend, needs))
    assert sum(used) <= limit
    assert len(used) + len(refused) == len(needs)
    assert all(sum(used) + need > limit for need in refused), "nothing was refused that would have fitted"


def test_one_that_may_still_fit_waits_for_those_in_flight():
    accounts, ending = Accounts(Budgets(Budget(tokens=100)), {"a": Cost(10)}), Ending()
    ending.wakes(accounts.changed)
    accounts.reserve("a", Cost(60), ending)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(accounts.reserve, "a", Cost(60), ending)
        time.sleep(0.05)
        assert not second.done()
        accounts.settle("a", Cost(60), Cost(20))
        second.result(timeout=20)
        third = pool.submit(accounts.reserve, "a", Cost(20), ending)
        time.sleep(0.05)
        ending.come()
        assert isinstance(third.exception(timeout=20), Ended)


# --- all of it ------------------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
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


# --- speed ----------------------------------------------------------------------------------------------------------


def test_gate_pace_and_budget_cost_little(tmp_path):
    """In one thread; 30 microseconds a request on a quiet machine, here with room for a busy one."""
    model = service("x/a", lambda request: Reply("x", usage=USAGE, seconds=0.1), rates=RateLimits(10**9, 10**12))
    accounts = Accounts(Budgets.of({"calls": 10**9, "money": 1e9, "tokens": 10**12}, [model]), {})
    book = Logbook(tmp_path / "run.log")
    caller = Caller(model, Pace(model.rates), book, accounts)
    request = Request("x/a", Audio("a.wav"), (Message("user", "What is said?", with_audio=True),), endpoint="openai")
    best = math.inf
    for _ in range(5):
        started = time.thread_time()
        for _ in range(500):
            caller.reply(model.ask, request, None)
        best = min(best, (time.thread_time() - started) / 500)
    book.close()
    print(f"{best * 1e6:.1f} microseconds a request")
    assert best < 90e-6
