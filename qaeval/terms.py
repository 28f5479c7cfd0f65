"""How a service counts and charges, as run.json has it of the day of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from qaeval.types import AudioLimits, Prices

_AUDIO = ("seconds", "cuts", "tokens_per_second", "least_tokens")
_PRICES = ("text_in", "audio_in", "text_out", "second")


class Terms(NamedTuple):
    """What a model hears and how it counts audio, and its prices (None: not known, or it costs nothing)."""

    hears: AudioLimits = AudioLimits()
    prices: Prices | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Terms:
        """The terms in a model's facts. Of one that hears another clip than was asked about, no length is known.

        >>> Terms.of({"audio": {"tokens_per_second": 25, "least_tokens": 25}}).hears.tokens(3.4)
        85
        """
        audio = {} if facts.get("control") == "swapped" else _numbers(facts.get("audio"), _AUDIO)
        charged = facts.get("prices")
        if isinstance(charged, Mapping):  # of the region, where there are several
            charged = charged.get(facts.get("region"), charged)
        prices = _numbers(charged, _PRICES)
        return cls(AudioLimits(**audio), Prices(**prices) if prices else None)

    def cost(self, usage: Mapping[str, int], seconds: float | None) -> float | None:
        """What a call cost, in CNY; None where that is not known."""
        if self.prices is None or (self.prices.second and seconds is None):
            return None
        return self.prices.cost(usage, seconds or 0.0)


def _numbers(known: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The values of those names that are numbers (or yes and no)."""
    if not isinstance(known, Mapping):
        return {}
    return {name: known[name] for name in names if isinstance(known.get(name), int | float)}
