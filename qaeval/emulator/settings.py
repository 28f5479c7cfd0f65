"""What an emulator is to be like."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from qaeval.emulator.faults import check
from qaeval.errors import QaevalError
from qaeval.models.catalogue import Catalogue
from qaeval.types import Ask, Model

OPEN_WEIGHTS = ("Qwen/Qwen2-Audio-7B-Instruct", "Qwen/Qwen2.5-Omni-7B")
"""Listed where no names are given."""


def _shipped() -> Catalogue:
    from qaeval.models.catalogue import read_catalogue

    return read_catalogue()


@dataclass(frozen=True)
class Settings:
    """How an emulator behaves; all of it can be left out.

    Attributes:
        catalogue: the models, their limits and what they hear.
        engine: what answers: a model of ours or its name, a plain ``ask``, or ``"canned"`` (`qaeval.emulator.canned`);
            None takes a local engine by the kind of model.
        keys: those that are accepted; None: any that is not empty.
        today: the day that decides which models are retired; None: none is.
        scale: multiplies the requests and tokens a minute.
        per_second: whether a sixtieth of them is enforced in each second; None: as the catalogue says.
        quotas: free tokens by model; one that is not named has no end of them.
        latency: seconds that each answer takes besides the engine's own.
        retry_after: seconds that a 429 tells in its header ``Retry-After``; None: it has none, like the services'.
        uploads_per_second: of each account and model; None: any number.
        faults: probabilities by the names of `qaeval.emulator.FAULTS`.
        seed: draws, with a request's number, which fault it meets.
        open_weights: names that the vLLM form at ``/v1`` serves besides the catalogue's models of other servers; None:
            any name, as whoever starts such a server chooses it.
        clock: gives seconds, which only grow.

    Raises `QaevalError` for what cannot be.
    """

    catalogue: Catalogue = field(default_factory=_shipped, repr=False)
    engine: Model | Ask | str | None = None
    keys: tuple[str, ...] | None = field(default=None, repr=False)
    today: date | None = None
    scale: float = 1.0
    per_second: bool | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    latency: float = 0.0
    retry_after: float | None = None
    uploads_per_second: int | None = None
    faults: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    open_weights: tuple[str, ...] | None = None
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def __post_init__(self) -> None:
        check(self.faults)
        if not self.scale > 0:
            raise QaevalError(f"the emulator's scale multiplies its limits: expected above 0, seen {self.scale}")
        if not self.latency >= 0:
            raise QaevalError(f"the emulator's latency is in seconds: expected 0 or more, seen {self.latency}")
