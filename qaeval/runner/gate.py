"""How many requests of a lane may be in flight at once: fewer when the service says that it is asked too fast.

Additive increase, multiplicative decrease, as TCP has it: half when throttled, one more after each round of answers.
"""

from __future__ import annotations

import math
import threading

from qaeval.runner.waiting import Ending


class Gate:
    """Lets up to ``limit`` requests through, which lies between 1 and ``most`` and begins there."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.changed = threading.Condition(threading.Lock())
        self._limit = float(most)
        self._inside = 0
        self._last_cut = -math.inf

    @property
    def limit(self) -> int:
        """How many may be in flight now."""
        return int(self._limit)

    def enter(self, ending: Ending) -> None:
        """Waits until one more may be in flight. Raises `Ended`."""
        with self.changed:
            while self._inside >= self.limit:
                ending.wait(self.changed)
            self._inside += 1

    def leave(self) -> None:
        """Says that a request is no longer in flight."""
        with self.changed:
            self._inside -= 1
            self.changed.notify()

    def answered(self) -> bool:
        """Counts an answer; whether this has let the limit grow back to ``most``."""
        if self._limit >= self.most:
            return False
        with self.changed:
            self._limit = min(self._limit + 1 / self._limit, self.most)
            self.changed.notify()
            return self._limit >= self.most

    def throttled(self, sent: float, now: float) -> bool:
        """Halves the limit, once for all that were sent before the last time; whether it did."""
        with self.changed:
            if sent <= self._last_cut:
                return False
            self._last_cut = now
            self._limit = max(math.floor(self._limit / 2), 1)
            return True
