"""Many clips looked at at once, in their order, by processes: decoders hold the interpreter's lock most of the time.

The processes are plain ones that read pickled clips from a pipe and answer in JSON: nothing is forked, so that threads
of the caller are no danger, and no script is imported anew, so that it needs no ``if __name__ == "__main__"``. A clip
that makes a decoder crash, or takes it longer than `qaeval.checks.processes.limit_s`, costs its process and is told to
be unreadable.

The first clips are looked at in threads where they are plain WAV, which needs no decoder: starting a process takes
longer. Only without processes (``workers=0``, or where none can be started) do threads decode; then nothing ends a
decoder that hangs.
"""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from qaeval.audio.headers import plain_wav
from qaeval.audio.looking import Look, local, look, looks
from qaeval.audio.sources import opened
from qaeval.checks.processes import Process, limit_s
from qaeval.errors import AudioError
from qaeval.types import Audio, Sample

_AT_FIRST = 32
"""So many clips are looked at in this process, if they are plain WAV."""
_AT_ONCE = 16
"""Clips that a process is given at once: what it costs to ask is shared."""
_BYTES_AT_ONCE = 8 << 20


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
            look = looks if count == 0 else crew.look_first if here else crew.look
            waiting.append((together, pool.submit(look, [s.audio for s in together], decode)))
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
    """Samples to be looked at together, and whether they are among the first."""
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
        self._free: queue.SimpleQueue[Process | None] = queue.SimpleQueue()
        for _ in range(count):
            self._free.put(None)
        self._all: set[Process] = set()
        self._lock = threading.Lock()
        self._over = False
        self._unusable = False

    def look_first(self, clips: list[Audio], decode: bool) -> list[Look]:
        """What this process sees, where no clip needs a decoder; else `look`."""
        fetched = _fetched(clips)
        try:
            plain = all(isinstance(each, Look) or _is_plain(each) for each in fetched)
        except Exception:  # noqa: BLE001 - the look says what it is
            plain = True
        if not plain:
            return self._looks(fetched)
        return [each if isinstance(each, Look) else look(each, decode) for each in fetched]

    def look(self, clips: list[Audio], decode: bool) -> list[Look]:
        """What a process sees; where it ends, each clip is looked at alone, and that which ends it is unreadable."""
        return self._looks(_fetched(clips))

    def _looks(self, fetched: list[Audio | Look]) -> list[Look]:
        found = {number: each for number, each in enumerate(fetched) if isinstance(each, Look)}
        ready = {number: each for number, each in enumerate(fetched) if isinstance(each, Audio)}
        seen = self._asked(list(ready.values()))
        if isinstance(seen, str) and self._unusable:
            seen = looks(list(ready.values()), self.decode)
        elif isinstance(seen, str):
            told = seen if len(ready) == 1 else ""
            seen = [self._alone(clip, told) for clip in ready.values()]
        found.update(zip(ready, seen, strict=True))
        return [found[number] for number in range(len(fetched))]

    def _alone(self, clip: Audio, told: str) -> Look:
        """What a process sees of one clip, unless it is told already that one ended over it."""
        seen = told or self._asked([clip])
        if isinstance(seen, str):
            return Look(None, "unreadable", f"{clip.name}: {seen}; leave it out, or re-encode it")
        return seen[0]

    def _asked(self, clips: list[Audio]) -> list[Look] | str:
        """The answer of a process; what was the matter, if it ended over the question or was too late."""
        process = self._free.get()
        seen, late = None, False
        try:
            if process := process or self._started():
                seen = process.ask(clips, self.decode)
                late = process.late
        finally:
            if process is not None and (seen is None or late):
                self._close(process)
                process = None
            self._free.put(process)
        if seen is not None:
            return seen
        return f"not decoded within {limit_s(clips):.0f} s" if late else "the decoder crashed over it"

    def _started(self) -> Process | None:
        """One more process; None when all is over, or where none can be started: then threads it is."""
        try:
            with self._lock:
                if self._over or self._unusable:
                    return None
                process = Process()
                self._all.add(process)
        except OSError:
            self._unusable = True
            return None
        if process.is_ready():
            return process
        self._unusable = not self._over
        return None

    def _close(self, process: Process) -> None:
        with self._lock:
            process.close()
            self._all.discard(process)

    def kill(self) -> None:
        """Ends all processes, whatever they do."""
        self._over = True
        with self._lock:
            for process in self._all:
                process.kill()

    def close(self) -> None:
        """Waits for them; by now nobody reads what they say."""
        for process in self._all:
            process.close()


def _fetched(clips: list[Audio]) -> list[Audio | Look]:
    """Each clip as a path or as bytes, fetched once; what there is to say of one that cannot be fetched."""
    found: list[Audio | Look] = []
    for clip in clips:
        try:
            found.append(local(clip))
        except AudioError as error:
            found.append(Look(None, "unreadable", str(error)))
    return found


def _is_plain(clip: Audio) -> bool:
    """Whether it is a WAV file that is read without a decoder."""
    with opened(clip) as file:
        wav = plain_wav(file)
    return wav is not None and wav.codec == "pcm_s16le"
