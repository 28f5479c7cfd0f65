"""One attempt at a request: made when there is room for it at the gate, in the budget and in the pace."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from qaeval.errors import ModelError, TransientError
from qaeval.fitting import Fitted
from qaeval.runner.answers import answer
from qaeval.runner.bounds import held, paced, total, used
from qaeval.runner.budget import Accounts, Cost
from qaeval.runner.gate import Gate
from qaeval.runner.pacing import Pace
from qaeval.runner.waiting import Ended, Ending
from qaeval.types import Ask, Model, Reply, Request


class Call(NamedTuple):
    """One call: when it was sent, what came of it, and how long that took. Seconds."""

    sent: float
    got: Reply | TransientError | ModelError
    seconds: float


class Attempts:
    """Makes attempts for one model, each no sooner than the others that share its gate, pace and accounts allow.

    ``accounts`` is None where nothing is limited; ``clock`` gives seconds.
    """

    def __init__(
        self,
        model: Model,
        gate: Gate,
        pace: Pace,
        accounts: Accounts | None,
        ending: Ending,
        clock: Callable[[], float],
    ) -> None:
        self._model, self._gate, self._pace, self._accounts = model, gate, pace, accounts
        self._ending, self._clock = ending, clock

    def make(self, ask: Ask, fitted: Fitted, most: Mapping[str, int]) -> Call:
        """One call, when there is room for it. Raises `Ended` and `OverBudget`."""
        self._gate.enter(self._ending)
        try:
            return self._paid(ask, fitted, most)
        finally:
            self._gate.leave()

    def _paid(self, ask: Ask, fitted: Fitted, most: Mapping[str, int]) -> Call:
        if self._accounts is None:
            return self._paced(ask, fitted, most)
        need = Cost.of(most, self._model.prices, fitted.seconds, 1)
        self._accounts.reserve(self._model.name, need, self._ending)
        cost = need
        try:
            call = self._paced(ask, fitted, most)
            times = call.got.attempts if isinstance(call.got, Reply) else 1
            cost = Cost.of(used(call.got, most), self._model.prices, fitted.seconds, times)
            return call
        except Ended:  # it was not sent
            cost = Cost()
            raise
        finally:
            self._accounts.settle(self._model.name, need, cost)

    def _paced(self, ask: Ask, fitted: Fitted, most: Mapping[str, int]) -> Call:
        place = paced(most, fitted.request.params)
        tokens = total(place)
        slot = self._pace.enter(tokens, self._ending, answer=place["output_tokens"])
        try:
            call = _call(ask, fitted.request, self._clock())
            audio = None if fitted.seconds is None else self._model.hears.tokens(fitted.seconds)
            tokens = held(call.got, place, audio)
            return call
        finally:
            self._pace.leave(slot, tokens)


def _call(ask: Ask, request: Request, sent: float) -> Call:
    got: Reply | TransientError | ModelError
    started = time.perf_counter()
    try:
        got = answer(ask, request)
    except (TransientError, ModelError) as error:
        got = error
    return Call(sent, got, round(time.perf_counter() - started, 6))
