"""One call of `qaeval.run`: takes the lock, lets the lanes work, and leaves whole tables behind, however it ends."""

from __future__ import annotations

import contextlib
import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from qaeval.errors import RunError
from qaeval.runner import canary as canaries
from qaeval.runner.budget import Budgets
from qaeval.runner.calling import Caller
from qaeval.runner.crew import Crew, terminable
from qaeval.runner.earlier import accounts, seeded
from qaeval.runner.lane import Lane
from qaeval.runner.logbook import NAME as LOG_NAME, Logbook
from qaeval.runner.progress import Progress
from qaeval.runner.requests import Plan
from qaeval.runner.retrying import Health, Retries
from qaeval.runner.spool import Spool
from qaeval.store.folder import RunFolder
from qaeval.store.journal import Journal
from qaeval.store.replies import finished
from qaeval.types import Model, Sample


def execute(
    samples: Iterable[Sample],
    plan: Plan,
    models: Sequence[Model],
    folder: RunFolder,
    *,
    save_info: Callable[[dict[str, Any]], None],
    budgets: Budgets | None = None,
    limits: bool = True,
    retries: Retries | None = None,
    canary: int = 0,
    progress: bool = True,
    resume: str = "",
) -> None:
    """Asks every model everything that has no reply yet, and writes the run's tables.

    ``save_info(changes)`` records what is now known of the run. ``budgets`` is the most that may be spent in the
    folder. Without ``limits`` the models' rates are not kept to. ``canary`` is how many questions a model that have
    their reply are asked again. ``resume`` is the command that goes on with it.

    Raises `RunError` when the folder is taken or cannot be written, KeyboardInterrupt when interrupted or terminated,
    and whatever the dataset raises; every reply that had arrived is in the journal by then.
    """
    lock = folder.lock()
    try:
        with terminable(), _little_garbage():
            session = _Session(samples, plan, models, folder, save_info, progress)
            session.run(budgets or Budgets(), limits, retries or Retries(), canary, resume)
    finally:
        lock.release()


@contextlib.contextmanager
def _little_garbage() -> Iterator[None]:
    """Keeps the collector from walking, each time, what was there before: of pandas and an SDK that takes 0.1 s."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _Session:
    """What one call works with. The caller holds the folder's lock."""

    def __init__(
        self,
        samples: Iterable[Sample],
        plan: Plan,
        models: Sequence[Model],
        folder: RunFolder,
        save_info: Callable[[dict[str, Any]], None],
        progress: bool,
    ) -> None:
        self.samples, self.models, self.folder = samples, models, folder
        self.save_info = save_info
        self.progress = progress
        self.crew = Crew()
        before = folder.read_info() if folder.info_path.exists() else {}
        self.cut_off = before.get("complete") is False  # whether an earlier call was stopped or killed
        with folder.writing():
            save_info({"complete": False})
            folder.fold()  # what a killed run left, of this command or of another
            self.spool = Spool(folder, plan, models, lambda: self.crew.stopped)
            self.done = finished(folder.replies)
            self.journal = Journal(folder.journal)
            self.log = Logbook(folder.path / LOG_NAME, show=progress)

    def run(self, budgets: Budgets, limits: bool, retries: Retries, canary: int, resume: str) -> None:
        crew, folder = self.crew, self.folder
        again = canaries.Canaries(folder, canary) if canary else None
        bars: list[Progress] = []
        with crew.working():
            self.log.note("begun", self._begun())
            bars += [Progress(model.name, self.progress) for model in self.models]
            self._start(
                [
                    Lane(caller, bar, self.spool, self.journal, self.done, again)
                    for caller, bar in zip(self._callers(budgets, limits, retries), bars, strict=True)
                ]
            )
            crew.wait()
        rescued = self.journal.close()
        if again:
            with crew.working():
                self._tell_drift(again)
        with crew.working(), folder.writing():  # where this fails, the spools stay and are folded by the next
            folder.fold(self.spool.whole)
            if crew.error is None:
                self.save_info({"complete": True, "failed": sum(bar.failed for bar in bars)})
        crew.leave()
        self._end(bars)
        _raise(crew.error, folder, rescued, resume)

    def _begun(self) -> str:
        return "begun" if not self.done else f"resumed: {len(self.done)} requests have their replies from before"

    def _callers(self, budgets: Budgets, limits: bool, retries: Retries) -> list[Caller]:
        paces = seeded(self.models, limits, self.folder, self.cut_off)
        spent = accounts(budgets, self.models, self.folder) if budgets.any else None
        healths = {pace: Health(retries) for pace in paces}
        lanes = zip(self.models, paces, strict=True)
        return [Caller(model, pace, self.log, spent, retries, healths[pace]) for model, pace in lanes]

    def _start(self, lanes: Sequence[Lane]) -> None:
        crew = self.crew

        def fill() -> None:
            self.spool.fill(self.samples)
            for lane in lanes if self.spool.whole else ():
                lane.progress.expect(self.spool.expected(lane.model))

        def go(lane: Lane) -> Callable[[], None]:
            return lambda: lane.run(crew)

        crew.start(fill, reads=True)
        for lane in lanes:
            crew.start(go(lane))

    def _tell_drift(self, again: canaries.Canaries) -> None:
        again.close()
        rows = [row for row in canaries.drift(self.folder) if row["asked"] == again.started]
        for sentence in canaries.sentences(rows):
            level = logging.WARNING if ": drift: " in sentence else logging.INFO
            self.log.tell(f"canary {sentence}", sentence, level)

    def _end(self, bars: Sequence[Progress]) -> None:
        counts = [bar.close() for bar in bars]
        for bar in bars:
            self.log.note(f"counts {bar.name}", f"ended: {bar.name}: {bar.counts()}")
        if error := self.crew.error:
            self.log.note("error", f"stopped: {type(error).__name__}: {error}", logging.ERROR)
        self.log.close()
        if shown := [line for line in counts if line and self.progress]:
            print(*shown, sep="\n")


def _raise(error: BaseException | None, folder: RunFolder, rescued: Path | None, resume: str) -> None:
    go_on = f"To go on: {resume or f'run the same call again (out={str(folder.path)!r})'}"
    if rescued:
        is_in = rescued.parent.resolve() == folder.replies.resolve()
        then = "which is part of the run" if is_in else f"when there is room, move that file into {folder.replies}"
        raise RunError(
            f"{error}. Replies that had arrived but could not be written there are in {rescued}: {then}. {go_on}"
        ) from error
    if isinstance(error, KeyboardInterrupt):
        print(f"Every reply that arrived is kept in {folder.path}. {go_on}")
    if error is not None:
        raise error
