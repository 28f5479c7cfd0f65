"""What the server counted, for `GET /emulator/stats`: proof for a client that says it kept to the limits."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from qaeval.emulator.limits import Meter


@dataclass
class ModelCounts:
    """Counts of one model since the start."""

    received: int = 0
    admitted: int = 0
    answered: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)


class Statistics:
    """Counts by model, and how often each question was answered in full. Used by one thread.

    A question is a model and the sha256 of a request's body (and whether a stream was asked for); 16 bytes are kept.
    """

    def __init__(self) -> None:
        self._models: dict[str, ModelCounts] = {}
        self._answered: dict[bytes, int] = {}

    def of(self, model: str) -> ModelCounts:
        """The counts of a model."""
        return self._models.setdefault(model, ModelCounts())

    def acknowledged(self, model: str, body_sha256: bytes) -> None:
        """Counts an answer that was sent in full with status 200."""
        self.of(model).answered += 1
        question = hashlib.sha256(model.encode() + b"\0" + body_sha256).digest()[:16]
        self._answered[question] = self._answered.get(question, 0) + 1

    def told(self, meters: Iterable[tuple[str, Meter]]) -> dict[str, Any]:
        """All of it as JSON; ``meters`` are those of every account, by model."""
        by_model: dict[str, list[Meter]] = {}
        for model, meter in meters:
            by_model.setdefault(model, []).append(meter)
        models = {name: _told(counts, by_model.get(name, [])) for name, counts in sorted(self._models.items())}
        again = sum(1 for times in self._answered.values() if times > 1)
        return {
            "models": models,
            "questions_answered": len(self._answered),
            "questions_answered_again": again,
            "most_answers_to_a_question": max(self._answered.values(), default=0),
        }


def _told(counts: ModelCounts, meters: list[Meter]) -> dict[str, Any]:
    allowance = meters[0].allowance if meters else None
    return {
        "received": counts.received,
        "admitted": counts.admitted,
        "answered": counts.answered,
        "rejected": dict(counts.rejected),
        "faults": dict(counts.faults),
        "tokens": dict(counts.tokens),
        "peak_requests": max((meter.requests.peak for meter in meters), default=0),
        "peak_tokens": max((meter.tokens.peak for meter in meters), default=0),
        "requests_per_minute": _finite(allowance.requests) if allowance else None,
        "tokens_per_minute": _finite(allowance.tokens) if allowance else None,
    }


def _finite(limit: float) -> float | None:
    return None if limit == float("inf") else limit
