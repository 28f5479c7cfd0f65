"""From a request to its reply: checked, fitted, within budget and pace, and tried again where that is worth it."""

from __future__ import annotations

import dataclasses
import logging
import math
import threading
import time
from collections.abc import Callable

from qaeval import fitting
from qaeval.audio import AudioInfo
from qaeval.errors import AudioError, ModelError, TransientError
from qaeval.fitting import Fitted
from qaeval.runner.answers import skipped, told
from qaeval.runner.attempts import Attempts, Call
from qaeval.runner.bounds import bound, is_free
from qaeval.runner.budget import Accounts, OverBudget
from qaeval.runner.gate import Gate
from qaeval.runner.logbook import Logbook
from qaeval.runner.pacing import Pace
from qaeval.runner.retrying import Health, Retries
from qaeval.runner.waiting import Ended, Ending
from qaeval.types import Ask, Failure, Model, Reply, Request


@dataclasses.dataclass(slots=True)
class _Tries:
    """The attempts at one request: all, those that failed without being throttled, and what they are known to cost."""

    made: int = 0
    failed: int = 0
    throttled_since: float = math.inf
    usage: dict[str, int] = dataclasses.field(default_factory=dict)

    def ended(self, failure: Failure, seconds: float | None = None) -> Reply:
        """The reply that there is instead of one."""
        return Reply(error=failure, attempts=self.made, usage=self.usage, seconds=seconds)


class Caller:
    """Gets replies from one model, for the threads of its lane. Once the model cannot work, it asks nothing more.

    ``pace``, ``accounts`` (None: nothing is limited) and ``health`` may be shared with other lanes: who asks the same
    service waits for it together. ``clock`` gives seconds.
    """

    def __init__(
        self,
        model: Model,
        pace: Pace,
        log: Logbook,
        accounts: Accounts | None = None,
        retries: Retries | None = None,
        health: Health | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model = model
        self.broken: Failure | None = None  # why the model cannot work at all, once this is known
        self.gate = Gate(model.concurrency)
        self.ending = Ending()
        self._pace, self._log = pace, log
        self._retries = retries or Retries()
        self._health = health or Health(self._retries)
        self._clock = clock
        accounts = None if is_free(model.name, model.endpoint, model.reads_prompt) else accounts
        self._attempts = Attempts(model, self.gate, pace, accounts, self.ending, clock)
        self._checking = threading.Lock()
        self._checked = self._said_over = False
        self.ending.wakes(self.gate.changed, self._pace.turn, self._pace.changed)
        if accounts:
            self.ending.wakes(accounts.changed)

    def stop(self, failure: Failure) -> None:
        """Ends the lane with the reason that what is left gets; said once."""
        with self._checking:
            if self.broken:
                return
            self.broken = failure
        self._end(failure)

    def _end(self, failure: Failure) -> None:
        self._log.tell(f"{self.model.name} stopped", f"{self.model.name} is not asked any more: {failure.reason}")
        self.ending.come()

    def reply(self, ask: Ask, request: Request, info: AudioInfo | None) -> Reply | None:
        """The reply, or what there is instead; None when the run was stopped while the request waited."""
        if not self.broken:
            self._check()
        if self.broken:
            return Reply(error=self.broken, attempts=0)
        try:
            if refused := self.model.refuses(request):
                return skipped(refused)
            fitted = fitting.applied(request, info, self.model)
        except AudioError as error:
            return skipped(str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's code may raise anything
            return Reply(error=Failure("failed", told(error)), attempts=0)
        reply = self._persist(ask, fitted)
        if reply is None:
            return None
        seconds = fitted.seconds if reply.sent_seconds is None else reply.sent_seconds  # replays and controls say it
        return dataclasses.replace(reply, fitted=reply.fitted or fitted.said, sent_seconds=seconds)

    def _check(self) -> None:
        """Lets the model look once whether it can work, before anything is asked."""
        if self._checked:
            return
        with self._checking:
            if self._checked or self.broken:
                return
            self.broken = _failure_of_check(self.model)
            self._checked = True
        if self.broken:
            self._end(self.broken)

    def _persist(self, ask: Ask, fitted: Fitted) -> Reply | None:
        """Attempts until there is a reply, or no sense in another."""
        tries = _Tries()
        most = bound(fitted.request, fitted.seconds, self.model)
        try:
            while not self.broken:
                call = self._attempts.make(ask, fitted, most)
                if isinstance(call.got, Reply):
                    return self._answered(call.got, tries)
                tries.made += 1
                if isinstance(call.got, ModelError):
                    self.stop(Failure(call.got.outcome, str(call.got) or "the model cannot work"))
                elif final := self._failed(call.got, call, tries):
                    return final
        except OverBudget as error:
            self._say_over(str(error))
            return tries.ended(Failure("skipped", str(error)))
        except Ended:
            pass
        return tries.ended(self.broken) if self.broken else None

    def _answered(self, reply: Reply, tries: _Tries) -> Reply:
        self._health.answered()
        if self.gate.answered():
            self._log.note(f"{self.model.name} pace", f"{self.model.name}: {self.gate.limit} requests at once again")
        if not tries.made:
            return reply
        return dataclasses.replace(reply, attempts=tries.made + reply.attempts, lost=tries.usage)

    def _failed(self, error: TransientError, call: Call, tries: _Tries) -> Reply | None:
        """Waits until the request is to be tried again; the reply when it is not."""
        for name, count in error.usage.items():
            tries.usage[name] = tries.usage.get(name, 0) + count
        if error.throttled:
            given_up = self._throttled(error, tries, call.sent)
        else:
            tries.failed += 1
            given_up = tries.failed >= min(self._retries.attempts, error.attempts or self._retries.attempts)
            if given_up and self._health.gave_up():
                self.stop(_down(error, self._retries.in_a_row))
        if given_up:
            reason = str(error) or "the service could not answer, and did not say why"
            return tries.ended(Failure("failed", reason), call.seconds)
        if not error.throttled:
            delay = self._retries.delay(tries.failed, error.retry_after)
            self._log.note(f"{self.model.name} again", f"{self.model.name}: asked again in {delay:.1f} s: {error}")
            self.ending.sleep(delay)
        return None

    def _throttled(self, error: TransientError, tries: _Tries, sent: float) -> bool:
        """Slows the lane down; whether the request is given up."""
        now, name, patience = self._clock(), self.model.name, self._retries.patience
        tries.throttled_since = min(tries.throttled_since, now)
        rounds, over = self._health.throttled(sent, now)
        pause = self._retries.delay(rounds, error.retry_after)
        self._pace.pause(pause)
        if self.gate.throttled(sent, now):
            said = f"{name}: throttled ({error}); {self.gate.limit} at once from now on, after {pause:.1f} s"
            self._log.note(f"{name} throttled", said, logging.WARNING)
        if over:
            reason = f"throttled for {patience:.0f} s without an answer, at last with: {error}; go on with it later"
            self.stop(Failure("failed", reason))
        return now - tries.throttled_since >= patience or (error.attempts is not None and tries.made >= error.attempts)

    def _say_over(self, reason: str) -> None:
        if not self._said_over:
            self._said_over = True
            self._log.tell(f"{self.model.name} budget", f"{self.model.name}: {reason}")


def _failure_of_check(model: Model) -> Failure | None:
    try:
        model.check()
    except ModelError as error:
        return Failure(error.outcome, str(error))
    except Exception as error:  # noqa: BLE001 - the user's code may raise anything; the other models go on
        return Failure("failed", f"the model could not be checked: {told(error)}")
    return None


def _down(error: TransientError, requests: int) -> Failure:
    return Failure(
        "failed",
        f"the service does not answer: {requests} requests in a row were given up, the last one because of: {error}; "
        "run the same again when it is back",
    )
