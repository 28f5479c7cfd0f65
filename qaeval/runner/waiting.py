"""How the threads of a lane wait, and how the end of the lane reaches them at once."""

from __future__ import annotations

import threading


class Ended(Exception):
    """The lane has ended; raised in threads whose request waits to be sent, or to be sent again."""


class Ending:
    """The end of a lane: once it has come, whoever waits through it is woken and gets `Ended`."""

    def __init__(self) -> None:
        self._come = threading.Event()
        self._waking: list[threading.Condition] = []

    def wakes(self, *conditions: threading.Condition) -> None:
        """Names conditions that threads wait on through `wait`."""
        self._waking += conditions

    def come(self) -> None:
        """Ends the lane. The caller holds none of the conditions."""
        self._come.set()
        for condition in self._waking:
            with condition:
                condition.notify_all()

    def sleep(self, seconds: float) -> None:
        """Sleeps so long. Raises `Ended` as soon as the end has come."""
        if self._come.wait(seconds):
            raise Ended

    def wait(self, condition: threading.Condition, seconds: float | None = None) -> None:
        """Waits for a notice on a condition that is held, at most so long. Raises `Ended` when the end has come."""
        self.check()
        condition.wait(None if seconds is None else min(seconds, threading.TIMEOUT_MAX))
        self.check()

    def check(self) -> None:
        """Raises `Ended` when the end has come."""
        if self._come.is_set():
            raise Ended
