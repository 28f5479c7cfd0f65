"""Many clips looked at at once, in their order, by processes: decoders hold the interpreter's lock most of the time.

The processes are plain ones that read pickled clips from a pipe: nothing is forked, so that threads of the caller are
no danger, and no script is imported anew, so that it needs no ``if __name__ == "__main__"``. A clip that makes a
decoder crash costs its process, and is told to be unreadable. The first clips are looked at in threads, for starting a
process takes longer.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from qaeval.audio.looking import Look, local, looks
from qaeval.errors import AudioError
from qaeval.types import Audio, Sample

_AT_FIRST = 32
"""So many clips are looked at in this process."""
_AT_ONCE = 16
"""Clips that a process is given at once: what it costs to ask is shared."""
_BYTES_AT_ONCE = 8 << 20
_CODE = "from qaeval.audio.looking import serve; serve()"


def looked(samples: Iterable[Sample], decode: bool, workers: int | None = None) -> Iterator[tuple[Sample, Look]]:
    """Each sample with what is seen of its clip, in their order; only a few are held at a time.

    ``workers``: how many processes; None for one a core, 0 for none (threads alone).
    """
    count = cores() if workers is None else workers
    waiting: deque[tuple[list[Sample], Future[list[Look]]]] = deque()
    crew = _Crew(count, decode)
    pool = ThreadPoolExecutor(min(32, cores() + 4), "checks")
    try:
        for together, here in _batches(samples, count > 0):
            waiting.append((together, pool.submit(looks if here else crew.look, [s.audio for s in together], decode)))
            if len(waiting) > 2 * (cores() + 4):
                yield from _done(*waiting.popleft())
        while waiting:
            yield from _done(*waiting.popleft())
    finally:
        crew.kill()  # first: threads wait for what the processes say
        pool.shutdown(cancel_futures=True)
        crew.close()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _done(samples: list[Sample], seen: Future[list[Look]]) -> Iterator[tuple[Sample, Look]]:
    yield from zip(samples, seen.result(), strict=True)


def _batches(samples: Iterable[Sample], processes: bool) -> Iterator[tuple[list[Sample], bool]]:
    """Samples to be looked at together, and whether that is done in this process."""
    held: list[Sample] = []
    size = 0
    for number, sample in enumerate(samples):
        if number < _AT_FIRST or not processes:
            yield [sample], True
            continue
        held.append(sample)
        size += len(sample.audio.source) if isinstance(sample.audio.source, bytes) else 0
        if len(held) == _AT_ONCE or size > _BYTES_AT_ONCE:
            yield held, False
            held, size = [], 0
    if held:
        yield held, False


class _Crew:
    """Processes that look at clips, started when they are needed."""

    def __init__(self, count: int, decode: bool) -> None:
        self.decode = decode
        self._free: queue.SimpleQueue[subprocess.Popen[bytes] | None] = queue.SimpleQueue()
        for _ in range(count):
            self._free.put(None)
        self._all: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._over = False
        self._unusable = False

    def look(self, clips: list[Audio], decode: bool) -> list[Look]:
        """What a process sees; where it dies, each clip is looked at alone, and that which kills it is unreadable."""
        found: dict[int, Look] = {}
        ready: dict[int, Audio] = {}
        for number, clip in enumerate(clips):
            try:
                ready[number] = local(clip)
            except AudioError as error:
                found[number] = Look(None, "unreadable", str(error))
        seen = self._asked(list(ready.values()))
        if seen is None and self._unusable:
            seen = looks(list(ready.values()), decode)
        elif seen is None:
            seen = [(self._asked([clip]) or [_crashed(clip)])[0] for clip in ready.values()]
        found.update(zip(ready, seen, strict=True))
        return [found[number] for number in range(len(clips))]

    def _asked(self, clips: list[Audio]) -> list[Look] | None:
        """The answer of a process, None if it died over the question."""
        worker = self._free.get()
        try:
            worker = worker or self._started()
            assert worker.stdin is not None
            assert worker.stdout is not None
            pickle.dump((clips, self.decode), worker.stdin)
            worker.stdin.flush()
            answer: list[Look] = pickle.load(worker.stdout)
            return answer
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            if worker is not None:
                worker.kill()
                worker = None
            return None
        finally:
            self._free.put(worker)

    def _started(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(map(os.path.abspath, sys.path))
        environment = {**os.environ, "PYTHONPATH": path}
        command = [sys.executable, "-P", "-c", _CODE]
        try:
            with self._lock:
                if self._over or self._unusable:
                    raise EOFError
                worker = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
                )
                self._all.append(worker)
            assert worker.stdout is not None
            pickle.load(worker.stdout)  # it is ready
        except (OSError, EOFError, pickle.UnpicklingError):
            self._unusable = not self._over  # this Python cannot be started anew: threads it is
            raise EOFError from None
        return worker

    def kill(self) -> None:
        """Ends all processes, whatever they do."""
        self._over = True
        for worker in list(self._all):
            worker.kill()

    def close(self) -> None:
        """Waits for them; by now nobody reads what they say."""
        for worker in self._all:
            worker.kill()
            worker.wait()
            for pipe in (worker.stdin, worker.stdout):
                with contextlib.suppress(OSError):  # what was still to be written to one that is gone
                    if pipe is not None:
                        pipe.close()


def _crashed(clip: Audio) -> Look:
    return Look(None, "unreadable", f"{clip.name}: the decoder crashed over it; leave it out, or re-encode it")
