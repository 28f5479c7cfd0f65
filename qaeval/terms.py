"""How a service counts and charges, as run.json has it of the day of the run, and what a run has used by that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from qaeval.naming import is_rehearsal
from qaeval.types import AudioLimits, Prices

if TYPE_CHECKING:
    import pandas as pd

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


TOKENS = ("input_tokens", "audio_tokens", "output_tokens")
"""Text in, audio in, and out; what is charged for."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a model's replies in a run have used; a reply counts once, however many questions it answers.

    ``tokens`` are by the names of `TOKENS`, those of failed attempts included, as far as the service told them;
    ``lost`` is how many these are, ``retries`` how many attempts went beyond each request's first. ``cost`` is in CNY,
    None where it is not known; ``unpriced`` counts the replies whose cost is not in it. ``clips`` and ``audio`` are the
    clips replied to, each once, and the seconds of audio sent with the requests that were replied to (None: not
    known). ``seconds`` and ``first_token`` are the median and the 90th percentile, in seconds, over the replies.
    """

    model: str
    hosted: bool = False
    rehearsed: bool = False
    replayed: bool = False
    free: bool = False
    replies: int = 0
    retries: int = 0
    tokens: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0
    cost: float | None = None
    unpriced: int = 0
    clips: int = 0
    audio: float | None = None
    seconds: tuple[float, float] | None = None
    first_token: tuple[float, float] | None = None

    def per(self, thing: float | None) -> float | None:
        """The cost for each of so many, None where one of both is not known.

        >>> Used("m", cost=0.5).per(4), Used("m").per(4)
        (0.125, None)
        """
        return None if self.cost is None or not thing else self.cost / thing


def used(
    models: Iterable[Mapping[str, Any]], replies: pd.DataFrame, journal: Iterable[Mapping[str, Any]]
) -> list[Used]:
    """What each model has used: ``models`` of run.json, `qaeval.Run.replies`, and the records of the journal.

    The journal also has the attempts that failed before a reply, in earlier calls too.
    """
    paid = replies[replies["outcome"] == "ok"].drop_duplicates("key")
    failed = _failed(replies, journal)
    return [
        _used(model, paid[paid["model"] == model["name"]], failed.get(str(model["name"]), _Failed()))
        for model in models
    ]


@dataclass(slots=True)
class _Failed:
    """Attempts beyond the first of each request, and the tokens that are known to be lost with them."""

    retries: int = 0
    tokens: dict[str, int] = field(default_factory=dict)

    def add(self, usage: Any) -> None:
        for name, number in _numbers(usage, TOKENS).items():
            self.tokens[name] = self.tokens.get(name, 0) + int(number)


def _failed(replies: pd.DataFrame, journal: Iterable[Mapping[str, Any]]) -> dict[str, _Failed]:
    owners = dict(zip(replies["key"], map(str, replies["model"]), strict=True))
    found: dict[str, _Failed] = {}
    sent, answered = set[str](), set[str]()
    for record in journal:
        key, ok = record["key"], record["outcome"] == "ok"
        if key not in owners or (ok and key in answered):  # a second reply is a copy: nothing is asked again
            continue
        mine = found.setdefault(owners[key], _Failed())
        attempts = int(_numbers(record, ("attempts",)).get("attempts", 1))
        mine.retries += attempts - (attempts > 0 and key not in sent)
        sent |= {key} if attempts else set()
        answered |= {key} if ok else set()
        mine.add(record.get("lost"))
        if not ok:
            mine.add(record.get("usage"))
    return found


def _used(model: Mapping[str, Any], paid: pd.DataFrame, failed: _Failed) -> Used:
    facts = model.get("facts") or {}
    prices = Terms.of(facts).prices
    counted = paid[list(TOKENS)].notna().any(axis=1)
    tokens = {name: int(paid[name].sum()) + failed.tokens.get(name, 0) for name in TOKENS}
    priced = paid["cost"].notna() & (counted | (prices is not None and not _by_tokens(prices)))
    cost = paid.loc[priced, "cost"].sum() + (prices.cost(failed.tokens) if prices else 0.0)
    return Used(
        str(model["name"]),
        hosted=bool(model.get("endpoint")),
        rehearsed=is_rehearsal(str(model["name"])) or bool(facts.get("rehearsal")),
        replayed="run" in facts,
        free=prices == Prices(),
        replies=len(paid),
        retries=failed.retries,
        tokens=tokens if counted.any() or failed.tokens else {},
        lost=sum(failed.tokens.values()),
        cost=float(cost) if prices is not None and (priced.any() or not len(paid)) else None,
        unpriced=int((~priced).sum()),
        clips=paid["sample"].nunique(),
        audio=float(paid["sent_seconds"].sum()) if len(paid) and paid["sent_seconds"].notna().all() else None,
        seconds=_spread(paid["seconds"]),
        first_token=_spread(paid["first_token_seconds"]),
    )


def _by_tokens(prices: Prices) -> bool:
    return bool(prices.text_in or prices.audio_in or prices.text_out)


def _spread(seconds: pd.Series) -> tuple[float, float] | None:
    """The median and the 90th percentile of what is known."""
    known = seconds.dropna().astype(float)
    return (float(known.median()), float(known.quantile(0.9))) if len(known) else None


def _numbers(known: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The values of those names that are numbers (or yes and no)."""
    if not isinstance(known, Mapping):
        return {}
    return {name: known[name] for name in names if isinstance(known.get(name), int | float)}
