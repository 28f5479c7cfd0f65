"""One process that looks at clips: asked through a pipe, ended when it takes too long."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable

from qaeval.audio.looking import Look, looks_of
from qaeval.types import Audio

PATIENCE_S, PER_MB_S = 60.0, 2.0
"""A clip may take so many seconds, and so many more for each megabyte; decoding takes some hundredths of that."""
_BROKEN = (OSError, ValueError, TypeError, KeyError)
_CODE = """
import os, threading, time
def watch(caller=os.getppid()):
    while os.getppid() == caller:
        time.sleep(1)
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
from qaeval.audio.looking import serve
serve()
"""


def limit_s(clips: Iterable[Audio]) -> float:
    """How many seconds a process may take for these clips together.

    >>> limit_s([Audio(bytes(5_000_000))])
    70.0
    """
    return PATIENCE_S + PER_MB_S * sum(map(_size, clips)) / 1e6


def _size(clip: Audio) -> int:
    if isinstance(clip.source, bytes):
        return len(clip.source)
    try:
        return os.stat(str(clip.source)).st_size
    except (OSError, ValueError):
        return 0


class Process:
    """A process that answers with looks. It ends when its caller is gone, whatever its decoder does."""

    def __init__(self) -> None:
        """Starts it. Raises `OSError` where that is not possible."""
        self.late = False
        path = os.pathsep.join(map(os.path.abspath, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )

    def is_ready(self) -> bool:
        """Waits until it can be asked; False if it ended instead."""
        return self._read() is not None

    def ask(self, clips: list[Audio], decode: bool) -> list[Look] | None:
        """What it sees; None if it ended over it, ``late`` if that is because it took longer than `limit_s`.

        Where it is late by a hair its answer counts, and it has ended all the same.
        """
        timer = threading.Timer(limit_s(clips), self._end_late)
        timer.daemon = True
        timer.start()
        try:
            assert self._process.stdin is not None
            pickle.dump((clips, decode), self._process.stdin)
            self._process.stdin.flush()
            return self._read()
        except _BROKEN:
            return None
        finally:
            timer.cancel()
            timer.join()

    def _read(self) -> list[Look] | None:
        assert self._process.stdout is not None
        try:
            return looks_of(self._process.stdout.readline())
        except _BROKEN:
            return None

    def _end_late(self) -> None:
        self.late = True
        self.kill()

    def kill(self) -> None:
        """Ends it at once; who reads its answer finds none."""
        self._process.kill()

    def close(self) -> None:
        """Ends it and waits for that; nobody may be reading its answer."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was still to be written to one that is gone
                if pipe is not None:
                    pipe.close()
