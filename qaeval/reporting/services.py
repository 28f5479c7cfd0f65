"""What the services' models were on the day of the run, and what they cost; from run.json and the replies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qaeval.markup.numbers import count
from qaeval.models.catalogue import snapshot_sentence
from qaeval.redaction import redact
from qaeval.terms import TOKENS, Terms, Used, used

if TYPE_CHECKING:
    import pandas as pd

_PRICES = {
    "text_in": "a million tokens of text",
    "audio_in": "a million tokens of audio",
    "text_out": "a million tokens of answer",
    "second": "a second of audio",
}


def services(
    models: Iterable[Mapping[str, Any]], replies: pd.DataFrame, journal: Iterable[Mapping[str, Any]] = ()
) -> list[tuple[str, str]]:
    """For each model of a service: status, what an alias meant, limits, prices, host, tokens and cost."""
    hosted = [model for model in models if model.get("endpoint")]
    return [
        (f"service {model['name']}", "\n".join([*_known(model), *_spent(one)]))
        for model, one in zip(hosted, used(hosted, replies, journal), strict=True)
    ]


def snapshots(models: Iterable[Mapping[str, Any]]) -> list[str]:
    """A sentence for each alias that meant a retired snapshot, as it was known on the day of the run."""
    said = (snapshot_sentence(model["name"], model.get("facts") or {}) for model in models)
    return [f"{redact(sentence)}." for sentence in said if sentence]


def _known(model: Mapping[str, Any]) -> list[str]:
    facts = model.get("facts") or {}
    said = [_status(facts), _limits(facts), _prices(facts), _host(facts)]
    return [redact(line) for line in said if line]


def _status(facts: Mapping[str, Any]) -> str:
    gone, instead = facts.get("retired_on"), facts.get("replacement")
    said = [
        f"status {facts['status']}" if facts.get("status") else "",
        f"an alias of {facts['means']}{_snapshot(facts)}" if facts.get("means") else "",
        f"retired on {gone}" if gone else "",
        f"replaced by {instead}" if instead else "",
    ]
    day = f" (as of {facts['date']})" if facts.get("date") else ""
    return told + day if (told := ", ".join(filter(None, said))) else ""


def _snapshot(facts: Mapping[str, Any]) -> str:
    gone = facts.get("means_retired_on")
    return f" (retired on {gone})" if gone and gone != "unknown" else " (retired)" if gone else ""


def _limits(facts: Mapping[str, Any]) -> str:
    hears, rates = Terms.of(facts).hears, facts.get("rates") or {}
    seconds = (
        "" if hears.seconds is None else f"{'the first ' if hears.cuts else 'at most '}{hears.seconds:g} s of audio"
    )
    rate = hears.tokens_per_second
    said = [
        seconds,
        f"{rate:g} audio tokens a second" if rate else "",
        f"{rates['requests_per_minute']:,} requests a minute" if rates.get("requests_per_minute") else "",
        f"{rates['tokens_per_minute']:,} tokens a minute" if rates.get("tokens_per_minute") else "",
    ]
    return f"limits: {told}" if (told := ", ".join(filter(None, said))) else ""


def _prices(facts: Mapping[str, Any]) -> str:
    prices = Terms.of(facts).prices
    if prices is None:
        return "prices: not known"
    known = {means: getattr(prices, name) for name, means in _PRICES.items() if getattr(prices, name)}
    day = f" as of {facts['date']}" if facts.get("date") else ""
    said = ", ".join(f"CNY {price:g} {means}" for means, price in known.items())
    return f"prices{day}: {said or 'free while the free quota lasts'}"


def _host(facts: Mapping[str, Any]) -> str:
    """The host alone: an address might hold more than is to be shown."""
    host = urlsplit(str(facts.get("url") or "")).hostname
    region = f" ({facts['region']})" if facts.get("region") else ""
    return f"endpoint {host}{region}" if host else ""


def _spent(one: Used) -> list[str]:
    tokens = ", ".join(f"{one.tokens.get(name, 0):,} of {said}" for name, said in zip(TOKENS, _MEANS, strict=True))
    verb = "would have cost" if one.rehearsed else "cost"
    return [
        f"{count(one.replies, 'reply', 'replies')}, tokens: {tokens}",
        *([] if one.cost is None else [f"{verb} CNY {one.cost:.4f}"]),
    ]


_MEANS = ("text", "audio", "answer")
