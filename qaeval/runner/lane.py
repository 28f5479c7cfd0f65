"""A lane: one model, its own cursor over the samples, and as many threads as it may have requests in flight.

The threads take requests from one shared iterator, so no more are made than are asked, and a reply is in the journal
before anything else happens with it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from qaeval import fitting
from qaeval.audio import AudioInfo
from qaeval.errors import ModelError
from qaeval.runner.answers import skipped, stamped, told
from qaeval.runner.calling import Caller
from qaeval.runner.canary import Canaries
from qaeval.runner.crew import Crew
from qaeval.runner.progress import Progress
from qaeval.runner.spool import Spool, Stopped
from qaeval.store.journal import Journal
from qaeval.types import Ask, Failure, Reply, Request


class _Taken(NamedTuple):
    request: Request
    key: str
    problem: str  # why it cannot be asked, "" when it can
    info: AudioInfo | None
    again: bool = False  # whether it has its reply, and is asked again to see whether the model has changed


class Lane:
    """Asks one model everything that has no reply yet."""

    def __init__(
        self,
        caller: Caller,
        progress: Progress,
        spool: Spool,
        journal: Journal,
        done: set[str],
        canaries: Canaries | None = None,
    ) -> None:
        self.caller = caller
        self.model = caller.model
        self.spool = spool
        self.journal = journal
        self.progress = progress
        self._canaries = canaries
        self._done = done
        self._asked: set[str] = set()
        self._lock = threading.Lock()
        self._pending = self._requests()

    def run(self, crew: Crew) -> None:
        """Starts the lane's threads, which work until all is asked or the crew is stopped."""
        crew.on_stop(self.caller.ending.come)
        ask = self.model.ask or self._prepared()
        for _ in range(self.model.concurrency):
            crew.start(lambda: self._work(ask, crew))

    def _prepared(self) -> Ask:
        assert self.model.prepare is not None  # Model has exactly one of the two
        try:
            return self.model.prepare(self.spool.samples)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - the user's code may raise anything; the other models go on
            outcome = error.outcome if isinstance(error, ModelError) else "failed"
            self.caller.stop(Failure(outcome, f"the model could not be prepared: {told(error)}"))
            return _never

    def _work(self, ask: Ask, crew: Crew) -> None:
        while not crew.stopped:
            with self._lock:
                taken = next(self._pending, None)
            if taken is None or crew.stopped:
                return
            reply = skipped(taken.problem) if taken.problem else self.caller.reply(ask, taken.request, taken.info)
            if reply is not None:
                self._keep(stamped(reply, taken.request, taken.key), taken.again)

    def _keep(self, reply: Reply, again: bool) -> None:
        if again and self._canaries:
            self._canaries.keep(reply)
            return
        late = self.journal.append(reply)
        self.progress.count(reply)
        if late:
            print(f"A reply of {self.model.name} came after the run had ended; it is kept in {late}.")

    def _requests(self) -> Iterator[_Taken]:
        """What is to be asked. What is done is counted."""
        canaries = self._canaries.count if self._canaries else 0
        for sample, problem, info in self.spool:
            for asked in self.spool.plan.requests(sample, self.model, info):
                key = asked.request.key
                unheard = problem if fitting.has_audio(asked.request) else ""
                taken = _Taken(asked.request, key, unheard or asked.problem, info, again=key in self._done)
                if taken.again:
                    self.progress.keep()
                    if canaries <= 0 or key in self._asked or taken.problem or asked.request.repeat:
                        continue
                    canaries -= 1
                elif key in self._asked:
                    self.progress.share()
                    continue
                self._asked.add(key)
                yield taken


def _never(request: Request) -> NoReturn:
    raise ModelError("the model could not be prepared")
