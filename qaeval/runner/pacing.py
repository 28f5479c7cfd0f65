"""Never faster than a service allows: requests and tokens in any 60 seconds, as the server counts them.

When a request arrives at the server is not known, only that it is between its sending and its answer. So it holds its
place from before it is sent until 60 s after its answer came: whichever 60 s the server looks at, all requests that it
sees in them held their places together when the last of them was sent. Tokens are held as an upper bound, and as what
was used once this is known; of answers that may be very long see `qaeval.runner.bounds.paced`.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from qaeval.runner.waiting import Ending
from qaeval.types import RateLimits

PERIOD_S = 60.1  # a little more than a minute: two clocks do not run alike


class Slot:
    """The place of one request in a window: when it was taken, its tokens, and how many of them are the answer's."""

    __slots__ = ("answer", "at", "tokens")

    def __init__(self, at: float, tokens: int, answer: int = 0) -> None:
        self.at = at
        self.tokens = tokens
        self.answer = answer

    @property
    def question(self) -> int:
        """The tokens that are counted when the request is sent."""
        return self.tokens - self.answer


class Window:
    """The requests and tokens of the last ``period`` seconds. Knows no clock and no threads: times are given, in order.

    A limit of 0, as retired models have, is none: the service itself refuses.

    >>> window = Window(RateLimits(requests_per_minute=1))
    >>> window.close(window.open(0.0, 0), 1.5, 0)
    >>> round(window.delay(2.0, 0), 6)
    59.6
    """

    def __init__(self, rates: RateLimits, period: float = PERIOD_S) -> None:
        self.period = period
        self._most_requests = rates.requests_per_minute or math.inf
        self._most_tokens = rates.tokens_per_minute or math.inf
        self._requests = 0  # places held
        self._tokens = 0  # and their tokens
        self._past: deque[tuple[float, int]] = deque()  # those answered: when they are free, and their tokens

    def delay(self, now: float, tokens: int) -> float:
        """Seconds until a place is worth asking for again; 0: it may be taken now; inf: after an answer only.

        A request that holds more tokens than a minute has goes when the window is empty.
        """
        self._forget(now)
        full = self._requests >= self._most_requests or self._tokens + tokens > self._most_tokens
        if not full or not self._requests:
            return 0.0
        return self._past[0][0] - now if self._past else math.inf

    def open(self, now: float, tokens: int, answer: int = 0) -> Slot:
        """Takes a place, just before a request is sent; ``answer`` of the tokens are for what will be said."""
        self._requests += 1
        self._tokens += tokens
        return Slot(now, tokens, answer)

    def close(self, slot: Slot, now: float, tokens: int) -> None:
        """Says that the answer has come, and how many tokens were used."""
        self._tokens += tokens - slot.tokens
        self._past.append((now + self.period, tokens))

    def _forget(self, now: float) -> None:
        while self._past and self._past[0][0] <= now:
            self._requests -= 1
            self._tokens -= self._past.popleft()[1]


class Spacing:
    """Requests sent one by one at an even rate, for a service that also enforces a sixtieth of its limits a second.

    After each, its own share of a minute must pass, of requests and of the tokens of its question. Those of an answer
    count when it comes, as no server can count them before: then their share must pass too. A question that needed
    fewer tokens than it held gives back the rest, and so the next one comes sooner. A request of more than a second's
    tokens is not divided: it goes when the shares before it have passed.
    """

    def __init__(self, rates: RateLimits, period: float = PERIOD_S) -> None:
        self._per_request = period / rates.requests_per_minute if rates.requests_per_minute else 0.0
        self._per_token = period / rates.tokens_per_minute if rates.tokens_per_minute else 0.0
        self._next_request = self._next_token = -math.inf

    def delay(self, now: float) -> float:
        """Seconds until the next request may be sent."""
        return max(self._next_request - now, self._next_token - now, 0.0)

    def open(self, slot: Slot) -> None:
        """Counts one that is sent."""
        self._next_request = slot.at + self._per_request
        self._next_token = max(slot.at, self._next_token) + slot.question * self._per_token

    def close(self, slot: Slot, now: float, tokens: int) -> None:
        """Counts the answer, or gives back what the question did not use."""
        more = tokens - slot.question
        since = max(now, self._next_token) if more > 0 else self._next_token
        self._next_token = since + more * self._per_token


class Pace:
    """One service's window, for the threads of all lanes that ask it.

    Of the threads that wait for a place only the first one waits for the window, and exactly until a place comes free;
    the others wait for their turn.
    """

    def __init__(
        self, rates: RateLimits, period: float = PERIOD_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        lock = threading.Lock()
        self.turn = threading.Condition(lock)
        self.changed = threading.Condition(lock)
        self._window = Window(rates, period)
        self._spacing = Spacing(rates if rates.per_second else RateLimits(), period)
        self._clock = clock
        self._not_before = -math.inf
        self._waiting = False  # whether one waits for the window

    def enter(self, tokens: int, ending: Ending, answer: int = 0) -> Slot:
        """Takes a place, waiting until there is one; ``answer`` of the tokens are for what will be said.

        Raises `Ended`.
        """
        with self.turn:
            while self._waiting:
                ending.wait(self.turn)
            self._waiting = True
            try:
                while (delay := self._delay(tokens)) > 0:
                    ending.wait(self.changed, None if math.isinf(delay) else delay)
                ending.check()
                slot = self._window.open(self._clock(), tokens, answer)
                self._spacing.open(slot)
                return slot
            finally:
                self._waiting = False
                self.turn.notify()

    def _delay(self, tokens: int) -> float:
        now = self._clock()
        return max(self._window.delay(now, tokens), self._spacing.delay(now), self._not_before - now)

    def leave(self, slot: Slot, tokens: int) -> None:
        """Says that the answer to a request has come, or that none will, and how many tokens it has used."""
        with self.changed:
            now = self._clock()
            self._window.close(slot, now, tokens)
            self._spacing.close(slot, now, tokens)
            self.changed.notify()

    def pause(self, seconds: float) -> None:
        """Lets nobody through for so long."""
        with self.changed:
            self._not_before = max(self._not_before, self._clock() + seconds)

    def seed(self, sent: Iterable[tuple[float, int]]) -> None:
        """Counts what an earlier call sent: for each request how long ago its answer came, in s, and its tokens."""
        with self.changed:
            now = self._clock()
            for age, tokens in sorted(sent, reverse=True):
                self._window.close(self._window.open(now - age, tokens), now - age, tokens)
