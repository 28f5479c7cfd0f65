"""A lane: one model, its own cursor over the samples, and as many threads as it may have requests in flight.

The threads take requests from one shared iterator, so no more are made than are asked, and a reply is in the journal
before anything else happens with it.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from qaeval.errors import AudioError, ModelError
from qaeval.runner.progress import Progress
from qaeval.runner.spool import Spool
from qaeval.store.journal import Journal
from qaeval.types import Ask, Failure, Model, Reply, Request


class Lane:
    """Asks one model everything that has no reply yet."""

    def __init__(self, model: Model, spool: Spool, journal: Journal, done: set[str], progress: Progress) -> None:
        self.model = model
        self.spool = spool
        self.journal = journal
        self.progress = progress
        self.broken = ""  # why the model cannot work at all, once this is known
        self._seen = done
        self._lock = threading.Lock()
        self._pending = self._requests()

    def run(self, stopped: Callable[[], bool], start: Callable[[Callable[[], None]], None]) -> None:
        """Starts the lane's threads with ``start`` and lets them work until all is asked or ``stopped()``."""
        ask = self.model.ask or (self.model.prepare and self.model.prepare(self.spool.samples))
        assert ask is not None  # Model has exactly one of the two
        for _ in range(self.model.concurrency):
            start(lambda: self._work(ask, stopped))

    def _work(self, ask: Ask, stopped: Callable[[], bool]) -> None:
        while not stopped():
            with self._lock:
                taken = next(self._pending, None)
            if taken is None:
                return
            request, problem = taken
            reply = skipped(problem) if problem else self._answer(ask, request)
            self.journal.append(stamped(reply, request))
            self.progress.count(reply)

    def _answer(self, ask: Ask, request: Request) -> Reply:
        """The model's answer; once it turns out that the model cannot work, the rest fails without being asked."""
        if not self.broken:
            try:
                return answer(ask, request)
            except ModelError as error:
                self.broken = str(error)
        return Reply(error=Failure("failed", self.broken), attempts=0)

    def _requests(self) -> Iterator[tuple[Request, str]]:
        """What is to be asked, each with the reason why it cannot work (``""``: it can). What is done is counted."""
        for sample, problem in self.spool:
            for _, request in self.spool.plan.requests(sample, self.model):
                key = request.key
                if key in self._seen:
                    self.progress.count(None)
                    continue
                self._seen.add(key)
                yield request, problem or self.model.refuses(request)


def answer(ask: Ask, request: Request) -> Reply:
    """One call of a model. What it raises becomes the reply's error: a run never ends by one sample.

    Only `ModelError` is passed on: it says that the model cannot answer anything.
    """
    started = time.perf_counter()
    try:
        said = ask(request)
    except AudioError as error:
        return skipped(str(error))
    except ModelError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's or an engine's code may raise anything
        reply = Reply(error=Failure("failed", f"{type(error).__name__}: {error}"))
    else:
        reply = Reply(text=said) if isinstance(said, str) else said
    if not isinstance(reply, Reply):
        seen = type(said).__name__
        reply = Reply(error=Failure("failed", f"the model's ask returned {seen}; expected a str or a qa.Reply"))
    if reply.seconds is None:
        reply = dataclasses.replace(reply, seconds=round(time.perf_counter() - started, 6))
    return reply


def skipped(reason: str) -> Reply:
    """The reply that was not asked for, and why."""
    return Reply(error=Failure("skipped", reason), attempts=0)


def stamped(reply: Reply, request: Request) -> Reply:
    """The reply with its identity and its time."""
    at = reply.at or datetime.now(UTC).isoformat(timespec="milliseconds")
    return dataclasses.replace(reply, key=request.key, question=request.question, model=request.model, at=at)
