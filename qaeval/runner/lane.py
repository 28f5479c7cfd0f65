"""A lane: one model, its own cursor over the samples, and as many threads as it may have requests in flight.

The threads take requests from one shared iterator, so no more are made than are asked, and a reply is in the journal
before anything else happens with it.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn, get_args

from qaeval.errors import AudioError, ModelError
from qaeval.runner.progress import Progress
from qaeval.runner.spool import Spool, Stopped
from qaeval.store.journal import Journal
from qaeval.types import Ask, Failure, Model, Reply, Request, ServiceOutcome


class _Taken(NamedTuple):
    request: Request
    key: str
    problem: str  # why it cannot be asked, "" when it can


class Lane:
    """Asks one model everything that has no reply yet."""

    def __init__(self, model: Model, progress: Progress, spool: Spool, journal: Journal, done: set[str]) -> None:
        self.model = model
        self.spool = spool
        self.journal = journal
        self.progress = progress
        self.broken = ""  # why the model cannot work at all, once this is known
        self._done = done
        self._asked: set[str] = set()
        self._lock = threading.Lock()
        self._pending = self._requests()

    def run(self, stopped: Callable[[], bool], start: Callable[[Callable[[], None]], None]) -> None:
        """Starts the lane's threads with ``start`` and lets them work until all is asked or ``stopped()``."""
        ask = self.model.ask or self._prepared()
        for _ in range(self.model.concurrency):
            start(lambda: self._work(ask, stopped))

    def _prepared(self) -> Ask:
        assert self.model.prepare is not None  # Model has exactly one of the two
        try:
            return self.model.prepare(self.spool.samples)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - the user's code may raise anything; the other models go on
            self.broken = f"the model could not be prepared: {_told(error)}"
            return _never

    def _work(self, ask: Ask, stopped: Callable[[], bool]) -> None:
        while not stopped():
            with self._lock:
                taken = next(self._pending, None)
            if taken is None or stopped():
                return
            reply = stamped(self._answer(ask, taken), taken)
            late = self.journal.append(reply)
            self.progress.count(reply)
            if late:
                print(f"A reply of {self.model.name} came after the run had ended; it is kept in {late}.")

    def _answer(self, ask: Ask, taken: _Taken) -> Reply:
        """The model's answer; once it turns out that the model cannot work, the rest fails without being asked."""
        if taken.problem:
            return skipped(taken.problem)
        if not self.broken:
            try:
                return answer(ask, taken.request, self.model.refuses)
            except ModelError as error:
                self.broken = str(error)
        return Reply(error=Failure("failed", self.broken), attempts=0)

    def _requests(self) -> Iterator[_Taken]:
        """What is to be asked. What is done is counted."""
        for sample, problem in self.spool:
            for asked in self.spool.plan.requests(sample, self.model):
                key = asked.request.key
                if key in self._done:
                    self.progress.keep()
                elif key in self._asked:
                    self.progress.share()
                else:
                    self._asked.add(key)
                    yield _Taken(asked.request, key, problem or asked.problem)


def answer(ask: Ask, request: Request, refuses: Callable[[Request], str]) -> Reply:
    """One call of a model. What it raises becomes the reply's error: a run never ends by one sample.

    Only `ModelError` is passed on: it says that the model cannot answer anything.
    """
    started = time.perf_counter()
    try:
        if refused := refuses(request):
            return skipped(refused)
        started = time.perf_counter()
        reply = sound(ask(request))
    except AudioError as error:
        return skipped(str(error))
    except ModelError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's or an engine's code may raise anything
        reply = Reply(error=Failure("failed", _told(error)))
    if reply.seconds is None:
        return dataclasses.replace(reply, seconds=round(time.perf_counter() - started, 6))
    return reply


def sound(said: Any) -> Reply:
    """What an ask returned, as a reply that can be kept and read again; what cannot be is kept as ``raw``.

    >>> sound("hello").text, sound({"text": "hello"}).raw
    ('hello', {'text': 'hello'})
    """
    if isinstance(said, str):
        return Reply(text=said)
    if not isinstance(said, Reply):
        reason = f"the model's ask returned {type(said).__name__}; expected a str or a qa.Reply"
        return Reply(error=Failure("failed", reason), raw=said)
    if not isinstance(said.text, str | None):
        reason = f"the text of the reply is {type(said.text).__name__}; expected a str"
        return dataclasses.replace(said, text=None, error=Failure("failed", reason), raw=[said.text, said.raw])
    if said.error and said.error.outcome not in get_args(ServiceOutcome):
        reason = f"unknown outcome {said.error.outcome!r}: {said.error.reason}"
        return dataclasses.replace(said, error=Failure("failed", reason))
    return said if isinstance(said.usage, Mapping) else dataclasses.replace(said, usage={})


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _never(request: Request) -> NoReturn:
    raise ModelError("the model could not be prepared")


def skipped(reason: str) -> Reply:
    """The reply that was not asked for, and why."""
    return Reply(error=Failure("skipped", str(reason)), attempts=0)


def stamped(reply: Reply, taken: _Taken) -> Reply:
    """The reply with its identity and its time."""
    at = reply.at or datetime.now(UTC).isoformat(timespec="milliseconds")
    request = taken.request
    return dataclasses.replace(reply, key=taken.key, question=request.question, model=request.model, at=at)
