"""One call of `qaeval.run`: takes the lock, lets the lanes work, and leaves whole tables behind, however it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from qaeval.errors import RunError
from qaeval.runner.crew import Crew, terminable
from qaeval.runner.lane import Lane
from qaeval.runner.progress import Progress
from qaeval.runner.requests import Plan
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
    progress: bool = True,
    resume: str = "",
) -> None:
    """Asks every model everything that has no reply yet, and writes the run's tables.

    ``save_info(changes)`` records what is now known of the run. ``resume`` is the command that goes on with it.
    Raises `RunError` when the folder is taken or cannot be written, KeyboardInterrupt when interrupted or terminated,
    and whatever the dataset raises; every reply that had arrived is in the journal by then.
    """
    lock = folder.lock()
    try:
        with terminable():
            _work(samples, plan, models, folder, save_info, progress, resume)
    finally:
        lock.release()


def _work(
    samples: Iterable[Sample],
    plan: Plan,
    models: Sequence[Model],
    folder: RunFolder,
    save_info: Callable[[dict[str, Any]], None],
    progress: bool,
    resume: str,
) -> None:
    crew = Crew()
    with folder.writing():
        save_info({"complete": False})
        folder.fold()  # what a killed run left, of this command or of another
        spool = Spool(folder, plan, models, lambda: crew.stopped)
        done = finished(folder.replies)
        log = Journal(folder.journal)
    bars: list[Progress] = []
    with crew.working():
        bars += [Progress(model.name, progress) for model in models]
        _start(crew, samples, spool, [Lane(*each, spool, log, done) for each in zip(models, bars, strict=True)])
        crew.wait()
    rescued = log.close()
    with crew.working(), folder.writing():  # where this fails, the spools stay and are folded by the next
        folder.fold(spool.whole)
        if crew.error is None:
            save_info({"complete": True})
    crew.leave()
    if counts := [line for line in (bar.close() for bar in bars) if line and progress]:
        print(*counts, sep="\n")
    _raise(crew.error, folder, rescued, resume)


def _start(crew: Crew, samples: Iterable[Sample], spool: Spool, lanes: Sequence[Lane]) -> None:
    def fill() -> None:
        spool.fill(samples)
        for lane in lanes if spool.whole else ():
            lane.progress.expect(spool.asks)

    def go(lane: Lane) -> Callable[[], None]:
        return lambda: lane.run(lambda: crew.stopped, crew.start)

    crew.start(fill, reads=True)
    for lane in lanes:
        crew.start(go(lane))


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
