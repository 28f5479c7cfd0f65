"""Budgets: never overspent, whoever comes first, and used as far as they go."""

import collections
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings, strategies as st
from laning import USAGE, Flaky, go, log, records, service, spent

import qaeval as qa
from qaeval.errors import RunError, TransientError, UnknownNameError
from qaeval.runner import Budgets
from qaeval.runner.budget import Accounts, Budget, Cost, OverBudget
from qaeval.runner.waiting import Ended, Ending
from qaeval.types import Failure, Reply


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


@settings(max_examples=30)
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
