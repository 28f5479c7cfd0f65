"""Pacing: no minute at the server ever holds more than the limits, and hardly less than they allow."""

import collections
import dataclasses
import heapq
import json
import math
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st
from laning import USAGE, Flaky, go, service

import qaeval as qa
from qaeval.errors import ModelError, TransientError
from qaeval.runner.bounds import bound, held, paced, total, used
from qaeval.runner.calling import Caller
from qaeval.runner.earlier import seeded
from qaeval.runner.logbook import Logbook
from qaeval.runner.pacing import Pace, Spacing, Window
from qaeval.runner.waiting import Ended, Ending
from qaeval.store import replies as stored
from qaeval.store.folder import RunFolder
from qaeval.types import Audio, AudioLimits, Failure, Message, RateLimits, Reply, Request


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


@settings(max_examples=60)
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
