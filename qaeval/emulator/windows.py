"""How much happened in any span of so many seconds."""

from __future__ import annotations

from collections import deque


class Window:
    """Amounts with their times, as far back as ``span`` seconds, and the most that any such span ever held.

    Times never go back. An amount counts for less than ``span`` seconds.

    >>> window = Window(60)
    >>> window.add(0, 3), window.add(59.9, 4), window.within(60), window.peak
    (None, None, 4, 7)
    """

    def __init__(self, span: float) -> None:
        self.span = span
        self.peak = 0
        self._events: deque[tuple[float, int]] = deque()
        self._total = 0

    def within(self, now: float) -> int:
        """The sum of the last ``span`` seconds."""
        while self._events and self._events[0][0] <= now - self.span:
            self._total -= self._events.popleft()[1]
        return self._total

    def add(self, now: float, amount: int) -> None:
        """Counts an amount."""
        self.within(now)
        self._events.append((now, amount))
        self._total += amount
        self.peak = max(self.peak, self._total)
