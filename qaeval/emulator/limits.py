"""Who is admitted: requests and tokens a minute, by the second where that is enforced, and the free quota.

A request is admitted when fewer requests than the limit were admitted in the last 60 seconds and fewer tokens than the
limit were counted in them. Its tokens in (text and audio) count when it is admitted, those out when it is answered;
one that is refused counts as nothing. Each account has its own counts for each model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qaeval.emulator.refusals import Refusal, no_quota, too_fast, too_many_requests, too_many_tokens
from qaeval.emulator.windows import Window
from qaeval.types import RateLimits

SECOND = 0.9
"""Seconds in which a sixtieth may be asked: less than one, so that a client which paces itself meets no jitter."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one account may ask one model: requests and tokens a minute, free tokens in all; may be infinite."""

    requests: float = math.inf
    tokens: float = math.inf
    per_second: bool = False
    free: float = math.inf

    @classmethod
    def of(cls, rates: RateLimits, scale: float, per_second: bool | None, free: int | None) -> Allowance:
        """The catalogue's limits times ``scale``."""
        requests, tokens = rates.requests_per_minute, rates.tokens_per_minute
        return cls(
            math.inf if requests is None else requests * scale,
            math.inf if tokens is None else tokens * scale,
            rates.per_second if per_second is None else per_second,
            math.inf if free is None else free,
        )


class Meter:
    """What one account has used of one model. Used by one thread."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self.requests, self.tokens = Window(60.0), Window(60.0)
        self._second_requests, self._second_tokens = Window(SECOND), Window(SECOND)
        self.used = 0

    def admit(self, now: float, tokens: int, retry_after: float | None) -> None:
        """Counts a request with its tokens in. Raises `Refusal` when it is not admitted."""
        if refusal := self._refusal(now, retry_after):
            raise refusal
        self.requests.add(now, 1)
        self._second_requests.add(now, 1)
        self._count(now, tokens)

    def answered(self, now: float, tokens_in: int, tokens_out: int) -> None:
        """Counts the tokens out, and all of them against the free quota."""
        self.used += tokens_in + tokens_out
        self._count(now, tokens_out)

    def _count(self, now: float, tokens: int) -> None:
        self.tokens.add(now, tokens)
        self._second_tokens.add(now, tokens)

    def _refusal(self, now: float, retry_after: float | None) -> Refusal | None:
        most = self.allowance
        if self.used >= most.free:
            return no_quota()
        if self.requests.within(now) >= most.requests:
            return too_many_requests(retry_after)
        if self.tokens.within(now) >= most.tokens:
            return too_many_tokens(retry_after)
        if most.per_second and (
            self._second_requests.within(now) >= max(most.requests / 60, 1)
            or self._second_tokens.within(now) >= most.tokens / 60
        ):
            return too_fast(retry_after)
        return None
