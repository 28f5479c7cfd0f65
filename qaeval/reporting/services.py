"""What the services' models were on the day of the run, and what they cost; from run.json and the replies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qaeval.markup.numbers import count
from qaeval.naming import is_rehearsal
from qaeval.redaction import redact
from qaeval.terms import Terms

if TYPE_CHECKING:
    import pandas as pd

_PRICES = {
    "text_in": "a million tokens of text",
    "audio_in": "a million tokens of audio",
    "text_out": "a million tokens of answer",
    "second": "a second of audio",
}


def services(models: Iterable[Mapping[str, Any]], replies: pd.DataFrame) -> list[tuple[str, str]]:
    """For each model of a service: status, what an alias meant, limits, prices, host, tokens and cost."""
    paid = replies.drop_duplicates("key")  # one reply may answer several questions
    return [
        (f"service {model['name']}", "\n".join([*_known(model), *_spent(model["name"], paid)]))
        for model in models
        if model.get("endpoint")
    ]


def _known(model: Mapping[str, Any]) -> list[str]:
    facts = model.get("facts") or {}
    said = [_status(facts), _limits(facts), _prices(facts), _host(facts)]
    return [redact(line) for line in said if line]


def _status(facts: Mapping[str, Any]) -> str:
    gone, instead = facts.get("retired_on"), facts.get("replacement")
    said = [
        f"status {facts['status']}" if facts.get("status") else "",
        f"an alias of {facts['means']}" if facts.get("means") else "",
        f"retired on {gone}" if gone else "",
        f"replaced by {instead}" if instead else "",
    ]
    day = f" (as of {facts['date']})" if facts.get("date") else ""
    return told + day if (told := ", ".join(filter(None, said))) else ""


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


def _spent(name: str, paid: pd.DataFrame) -> list[str]:
    mine = paid[(paid["model"] == name) & (paid["outcome"] != "pending")]
    tokens = {said: mine[f"{kind}_tokens"].sum() for kind, said in _TOKENS.items()}
    spent = ", ".join(f"{int(number):,} of {said}" for said, number in tokens.items())
    cost = mine["cost"].dropna()
    verb = "would have cost" if is_rehearsal(name) else "cost"
    replied = count(int((mine["outcome"] == "ok").sum()), "reply", "replies")
    return [
        f"{replied}, tokens: {spent}",
        *([f"{verb} CNY {cost.sum():.4f}"] if len(cost) else []),
    ]


_TOKENS = {"input": "text", "audio": "audio", "output": "answer"}
