"""What is known of one model of a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as day
from typing import Any, Literal

from qaeval.errors import ModelError
from qaeval.types import AudioLimits, Prices, RateLimits

Protocol = Literal["dashscope", "openai"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of a service.

    ``name`` is its name on the wire. ``protocol`` is ``dashscope`` (native) or ``openai`` (compatible). ``means`` is
    the snapshot that a moving alias means by the vendor's last word (``""``: it is none); the alias has a status of
    its own, never its snapshot's. ``means_retired_on`` is the day on which that snapshot was retired (``unknown``: it
    was, the day is not known); `Catalogue` fills it where it knows the snapshot. ``retired_on`` is an ISO day or
    ``""``. ``endpoints`` maps a region to a base URL of this protocol, ``region`` chooses one, ``base_url`` goes before
    them; see `url`. ``prices`` are by region, see `price`; prices of 0 mean that it is free as long as the free quota
    lasts. None and ``""`` mean not known.

    Lengths and quotas are in tokens, ``free_seconds`` in seconds of audio, ``free_days`` in days since the service was
    opened. ``date`` is the day (or month) of the facts, ``source`` where they stand, ``note`` what a user should know
    besides. ``group`` is the one whose ``[defaults.<group>]`` it takes.
    """

    name: str
    protocol: Protocol = "openai"
    provider: str = "dashscope"
    aliases: tuple[str, ...] = ()  # other names of the very same model
    means: str = ""
    means_retired_on: str = ""
    status: Literal["active", "retired", "unknown"] = "unknown"
    retired_on: str = ""
    replacement: str = ""  # as the vendor names it
    replacement_offered: bool = True  # false: it is no model of this catalogue
    endpoints: Mapping[str, str] = field(default_factory=dict)
    region: str = "beijing"
    base_url: str = ""
    key_env: str = "DASHSCOPE_API_KEY"
    workspace: str = ""
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    audio: AudioLimits = field(default_factory=AudioLimits)
    rates: RateLimits = field(default_factory=RateLimits)
    prices: Mapping[str, Prices] = field(default_factory=dict)
    free_tokens: int | None = None
    free_seconds: int | None = None
    free_days: int | None = None
    voice_chat: bool = False  # answers to audio without any text
    system: bool = True  # honours a system message
    stream: Literal["may", "must", "never"] = "may"
    streams: bool = False  # whether we stream where we may
    thinking: Literal["none", "off", "on"] = "none"  # what it does when nothing is said of it
    asr_options: bool = False  # a recogniser: language in asr_options, context in the system message, no question
    audio_part: Literal["input_audio", "audio_url"] = "input_audio"  # of the openai protocol
    audio_form: Literal["data_uri", "base64"] = "data_uri"
    send: Literal["auto", "data", "file", "url"] = "auto"  # how audio travels; see qaeval.models.dashscope
    concurrency: int = 8
    rehearsal: bool = False  # set by `Catalogue.pointing_to`: its answers come from the emulator
    source: str = ""
    date: str = ""
    note: str = ""
    group: str = ""

    @property
    def url(self) -> str:
        """The base URL that is asked, without a slash at its end.

        Raises `ModelError` when the region has none, or when it needs a workspace and none is given.

        >>> Entry("x", endpoints={"tokyo": "https://{workspace}.tokyo.test/v1"}, region="tokyo", workspace="ws-1").url
        'https://ws-1.tokyo.test/v1'
        """
        url = self.base_url or self.endpoints.get(self.region, "")
        if not url:
            known = ", ".join(self.endpoints) or "none"
            raise ModelError(
                f"{self.name}: no endpoint in the region {self.region!r}; expected one of: {known}; "
                "set region or base_url of this model in your catalogue file"
            )
        if "{workspace}" in url and not self.workspace:
            raise ModelError(
                f"{self.name}: {url} needs the id of your workspace; set workspace of this model in your catalogue file"
            )
        return url.replace("{workspace}", self.workspace).rstrip("/")

    @property
    def price(self) -> Prices | None:
        """The prices in the chosen region, None when they are not known."""
        return self.prices.get(self.region)


def retired_sentence(entry: Entry, today: day) -> str:
    """That the model is retired, since when and for which other one; ``""`` when it is not, or nobody knows.

    A day of retirement goes before the status: it may have passed since the catalogue was written.

    >>> gone = Entry("old", status="retired", retired_on="2026-01-30", replacement="new")
    >>> retired_sentence(gone, day(2026, 1, 30))
    'old was retired on 2026-01-30; the vendor names new as its replacement'
    >>> retired_sentence(gone, day(2026, 1, 29))
    ''
    """
    if entry.retired_on and entry.retired_on <= today.isoformat():
        return f"{entry.name} was retired on {entry.retired_on}{_instead(entry)}"
    if entry.status == "retired" and not entry.retired_on:
        return f"{entry.name} was retired, the day is not known{_instead(entry)}"
    return ""


def snapshot_sentence(name: str, facts: Mapping[str, Any]) -> str:
    """That an alias means a retired snapshot, from a model's facts; ``""`` where it does not, or nobody knows.

    >>> snapshot_sentence("latest", {"means": "old-1", "means_retired_on": "2026-01-30", "date": "2026-11"})
    "latest means old-1, which is retired as of 2026-01-30, by the catalogue's word of 2026-11; an alias has a status
    of its own (not known here), and another snapshot may answer by now"
    """
    gone = facts.get("means_retired_on")
    if not gone or not facts.get("means"):
        return ""
    status = str(facts.get("status") or "unknown").replace("unknown", "not known")
    since = ", on a day that is not known" if gone == "unknown" else f" as of {gone}"
    word = f"by the catalogue's word{' of ' + str(facts['date']) if facts.get('date') else ''}"
    return (
        f"{name} means {facts['means']}, which is retired{since}, {word}; an alias has a status of its own ({status} "
        "here), and another snapshot may answer by now"
    )


def _instead(entry: Entry) -> str:
    if not entry.replacement:
        return ""
    elsewhere = "" if entry.replacement_offered else ", which is not in the catalogue"
    return f"; the vendor names {entry.replacement} as its replacement{elsewhere}"
