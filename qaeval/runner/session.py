"""One call of `qaeval.run`: takes the lock, lets the lanes work, and leaves whole tables behind, however it ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from qaeval.errors import RunError
from qaeval.runner.lane import Lane
from qaeval.runner.progress import Progress
from qaeval.runner.requests import Plan
from qaeval.runner.spool import Spool
from qaeval.store import journal
from qaeval.store.folder import RunFolder, read_lines, spool_of, write_table
from qaeval.types import Model, Sample


class Crew:
    """The threads of a session. The first error stops them all and is raised by `wait`."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._active = 0

    def start(self, work: Callable[[], None]) -> None:
        """Runs ``work`` in a thread of its own."""

        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised again in the thread of the user
                self.stop(error)
            finally:
                with self._changed:
                    self._active -= 1
                    self._changed.notify_all()

        with self._changed:
            self._active += 1
        threading.Thread(target=guarded, daemon=True).start()

    def stop(self, error: BaseException | None = None) -> None:
        """Lets every thread end after the request it has in flight."""
        self.error = self.error or error
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether no new request may be made."""
        return self._stop.is_set()

    def wait(self) -> None:
        """Returns when all threads have ended; an interrupt is heard at once."""
        with self._changed:
            while self._active:
                self._changed.wait(0.2)


def execute(
    samples: Iterable[Sample],
    plan: Plan,
    models: Sequence[Model],
    folder: RunFolder,
    *,
    save_info: Callable[[dict[str, Any]], None],
    progress: bool = True,
    resume: str = "",
) -> None:
    """Asks every model everything that has no reply yet, and writes the run's tables.

    ``save_info(changes)`` records what is now known of the run. ``resume`` is the command that goes on with it.
    Raises `RunError` when the folder is taken or cannot be written, KeyboardInterrupt when interrupted, and whatever
    the dataset raises; every reply that had arrived is in the journal by then.
    """
    lock = folder.lock()
    try:
        save_info({"complete": False})
        _work(samples, plan, models, folder, Crew(), progress, resume)
        save_info({"complete": True})
    except OSError as error:
        raise RunError(f"cannot write to the run folder {folder.path}: {error.strerror or error}") from error
    finally:
        lock.release()


def _work(
    samples: Iterable[Sample],
    plan: Plan,
    models: Sequence[Model],
    folder: RunFolder,
    crew: Crew,
    progress: bool,
    resume: str,
) -> None:
    log = journal.Journal(folder.journal)
    spool = Spool(folder, plan, models)
    done = journal.finished(folder.replies)
    lanes = [Lane(model, spool, log, done, Progress(model.name, progress)) for model in models]

    def fill() -> None:
        if spool.fill(samples, lambda: crew.stopped):
            _write_tables(folder, plan, models)
            for lane in lanes:
                lane.progress.expect(spool.asks)

    def go(lane: Lane) -> Callable[[], None]:
        return lambda: lane.run(lambda: crew.stopped, crew.start)

    crew.start(fill)
    for lane in lanes:
        crew.start(go(lane))
    try:
        _wait(crew)
    finally:
        crew.stop()
        rescued = log.close()
        if folder.samples.exists():
            spool.path.unlink(missing_ok=True)
        counts = filter(None, [lane.progress.close() for lane in lanes])
        if progress:
            print(*counts, sep="\n")
    _raise(crew, folder, rescued, resume)


def _wait(crew: Crew) -> None:
    """Waits for the lanes. An interrupt lets requests in flight come home; a second one leaves them."""
    try:
        crew.wait()
    except KeyboardInterrupt as interrupt:
        crew.stop(interrupt)
        print("\nInterrupted: waiting for the requests in flight (interrupt again to leave them).")
        with contextlib.suppress(KeyboardInterrupt):
            crew.wait()


def _raise(crew: Crew, folder: RunFolder, rescued: object, resume: str) -> None:
    go_on = f"To go on: {resume or f'run the same call again (out={str(folder.path)!r})'}"
    if rescued:
        raise RunError(
            f"{crew.error}. Replies that had arrived but could not be written are in {rescued}: when there is room, "
            f"move that file into {folder.replies}. {go_on}"
        )
    if isinstance(crew.error, KeyboardInterrupt):
        print(f"Every reply that arrived is kept in {folder.path}. {go_on}")
    if crew.error is not None:
        raise crew.error


def _write_tables(folder: RunFolder, plan: Plan, models: Sequence[Model]) -> None:
    """Turns the spools into tables. What an earlier command asked of other models or with other prompts is kept."""
    now = {(task.name, prompt.id, model.name) for task, prompts in plan.tasks for prompt in prompts for model in models}

    def asks() -> Iterator[dict[str, Any]]:
        yield from read_lines(spool_of(folder.asks))
        if folder.asks.exists():
            old = folder.read_table(folder.asks)
            yield from (row for row in old if (row["task"], row["prompt"], row["model"]) not in now)

    write_table(folder.asks, asks())
    write_table(folder.samples, read_lines(spool_of(folder.samples)))
    spool_of(folder.asks).unlink()
