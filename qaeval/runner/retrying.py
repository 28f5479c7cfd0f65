"""When and how often a service that could not answer is asked again, and when a lane gives up on it.

Failures are waited out with exponential backoff and full jitter (a random part of the wait, so that many clients do not
come back together), or as long as the service says. A request is given up after a few of them; when many requests in a
row are, the service is down and the lane ends. Being throttled says that the service is well: the whole lane waits,
and ends only when nothing was answered for a long time.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retries:
    """The numbers. Seconds, but for ``attempts`` (a request) and ``in_a_row`` (requests given up until a lane ends)."""

    attempts: int = 6
    base: float = 0.5
    cap: float = 30.0
    longest: float = 120.0  # a longer wait that a service asks for is cut to this
    patience: float = 600.0  # throttled without an answer
    in_a_row: int = 20

    def delay(self, failures: int, retry_after: float | None, draw: Callable[[], float] = random.random) -> float:
        """The wait after so many failures; ``draw`` gives a number between 0 and 1.

        >>> [Retries().delay(failures, None, draw=lambda: 1.0) for failures in (1, 2, 3, 9)]
        [0.5, 1.0, 2.0, 30.0]
        >>> Retries().delay(1, retry_after=3600)
        120.0
        """
        if retry_after is not None and retry_after >= 0:
            return min(float(retry_after), self.longest)
        return draw() * min(self.cap, self.base * 2.0 ** min(failures - 1, 30))


class Health:
    """How a service is doing, told by the threads of its lanes. Times are those of one clock, in seconds."""

    def __init__(self, retries: Retries) -> None:
        self.retries = retries
        self._lock = threading.Lock()
        self._given_up = 0  # requests, without an answer between them
        self._rounds = 0  # of being throttled, without an answer between them
        self._since: float | None = None  # when the first of them was
        self._last_round = -math.inf

    def answered(self) -> None:
        """The service has answered a request, be it by refusing it."""
        if self._given_up or self._rounds:
            with self._lock:
                self._given_up = self._rounds = 0
                self._since = None

    def gave_up(self) -> bool:
        """A request was given up; whether the service is to be taken for down."""
        with self._lock:
            self._given_up += 1
            return self._given_up >= self.retries.in_a_row

    def throttled(self, sent: float, now: float) -> tuple[int, bool]:
        """A request that was sent at ``sent`` was throttled: the rounds so far, and whether patience is at its end.

        What was sent before the last round began belongs to that round.
        """
        with self._lock:
            if self._since is None:
                self._since = now
            if sent > self._last_round:
                self._rounds += 1
                self._last_round = now
            return max(self._rounds, 1), now - self._since >= self.retries.patience
