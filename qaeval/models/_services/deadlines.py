"""A bound on the whole of a call, however steadily the server drips: when it passes, the call's socket is shut.

The timeout of a socket bounds the wait for the next byte only. One thread watches all calls of the process.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Any

TICK_S = 0.2


class Deadline:
    """A context around one call in one thread; `watch` hands it the sockets that the call uses.

    >>> with Deadline(60) as deadline:
    ...     deadline.passed
    False
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds
        self.passed = False
        self._socket: Any = None
        self._lock = threading.Lock()

    def __enter__(self) -> Deadline:
        _HERE.deadline = self
        _WATCHDOG.add(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _HERE.deadline = None
        _WATCHDOG.remove(self)
        with self._lock:
            self._socket = None

    def use(self, sock: Any) -> None:
        """The call goes over this socket from now on."""
        with self._lock:
            self._socket = sock
        if self.passed:
            self.end()

    def hurry(self, seconds: float) -> None:
        """Lowers the timeout of the socket; the next request over it sets its own."""
        with self._lock, contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.settimeout(seconds)

    def end(self) -> None:
        """Whatever is being read or written ends with an error, or as if the server had closed the connection."""
        with self._lock:
            self.passed = True
            if self._socket is not None:
                with contextlib.suppress(OSError):  # it is closed already
                    self._socket.shutdown(socket.SHUT_RDWR)


def watch(sock: Any) -> None:
    """The deadline of the call that this thread makes, if there is one, ends this socket."""
    deadline: Deadline | None = getattr(_HERE, "deadline", None)
    if deadline is not None:
        deadline.use(sock)


def hurry(seconds: float) -> None:
    """What is left of this thread's call may keep it waiting no longer than this for each byte."""
    deadline: Deadline | None = getattr(_HERE, "deadline", None)
    if deadline is not None:
        deadline.hurry(seconds)


class _Watchdog:
    """Looks at the clock while there are calls; its thread ends when there is none."""

    def __init__(self) -> None:
        self._open: set[Deadline] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, deadline: Deadline) -> None:
        with self._lock:
            self._open.add(deadline)
            if self._thread is None or not self._thread.is_alive():  # dead in a forked child
                self._thread = threading.Thread(target=self._look, name="qaeval-deadlines", daemon=True)
                self._thread.start()

    def remove(self, deadline: Deadline) -> None:
        with self._lock:
            self._open.discard(deadline)

    def _look(self) -> None:
        idle = 0
        while idle < 50:
            time.sleep(TICK_S)
            now = time.monotonic()
            with self._lock:
                late = [deadline for deadline in self._open if deadline.ends <= now and not deadline.passed]
                idle = 0 if self._open else idle + 1
                if idle == 50:
                    self._thread = None
            for deadline in late:
                deadline.end()


_HERE = threading.local()
_WATCHDOG = _Watchdog()
