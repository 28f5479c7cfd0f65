"""All that is known of one model, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from qaeval.models._catalogue.entry import Entry
from qaeval.naming import REHEARSAL
from qaeval.types import Prices

_PROTOCOL = {"dashscope": "DashScope (native)", "openai": "OpenAI-compatible"}
_STREAM = {"may": "possible", "must": "the only way", "never": "not possible"}
_THINKING = {"none": "no", "off": "off unless asked for", "on": "on unless switched off"}
_RETIRED = " (retired on {})"
_WIDTH = 24  # of the labels


def describe(entry: Entry) -> str:
    """Every field of a model, a line each, with its unit; what is not known says so.

    >>> print(describe(Entry("x")))  # doctest: +ELLIPSIS
    model                   dashscope/x
    status                  not known
    ...
    """
    lines = []
    for label, value in _lines(entry):
        first, further = f"{label:<{_WIDTH}}", " " * _WIDTH
        lines += textwrap.wrap(value, 110, initial_indent=first, subsequent_indent=further, break_on_hyphens=False)
    return "\n".join(lines)


def _lines(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "model", f"{REHEARSAL if entry.rehearsal else ''}{entry.provider}/{entry.name}"
    yield "status", "not known" if entry.status == "unknown" else entry.status
    yield "retired on", entry.retired_on or "-"
    elsewhere = "" if entry.replacement_offered else " (not in the catalogue)"
    yield "replacement", f"{entry.replacement or '-'}{elsewhere}"
    yield "other names", ", ".join(entry.aliases) or "-"
    yield "means", f"{entry.means or '-'}{_RETIRED.format(_day(entry)) if entry.means_retired_on else ''}"
    yield from _access(entry)
    yield from _audio(entry)
    yield from _limits(entry)
    yield from _abilities(entry)
    yield "note", entry.note or "-"
    yield "source", f"{entry.source or 'not known'} ({entry.date or 'day not known'})"
    yield "defaults of the group", entry.group or "-"


def _day(entry: Entry) -> str:
    return "a day that is not known" if entry.means_retired_on == "unknown" else entry.means_retired_on


def _access(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "protocol", _PROTOCOL[entry.protocol]
    yield "base URL", entry.base_url or f"that of the region {entry.region}"
    for region, url in entry.endpoints.items():
        yield f"  {region}", url
    yield "workspace", entry.workspace or "-"
    yield "key", f"in the environment variable {entry.key_env}" if entry.key_env else "none"
    yield "requests in flight", f"{entry.concurrency} at most"


def _audio(entry: Entry) -> Iterator[tuple[str, str]]:
    audio = entry.audio
    beyond = "; of a longer clip the rest is not heard" if audio.cuts else ""
    yield "longest clip", _known(audio.seconds, "s") + beyond
    yield "largest file", _known(audio.size, "bytes")
    yield "formats named", ", ".join(audio.formats) or "not known"
    yield "languages", ", ".join(audio.languages) or "not known"
    least = f", at least {audio.least_tokens}" if audio.least_tokens else ""
    yield "audio tokens", _known(audio.tokens_per_second, "a second") + least
    part = f"{entry.audio_part}, {entry.audio_form}" if entry.audio_part == "input_audio" else entry.audio_part
    yield "audio travels as", f"{part}, {entry.send}" if entry.protocol == "openai" else entry.send


def _limits(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "context", _known(entry.context, "tokens")
    yield "longest input", _known(entry.max_input, "tokens")
    yield "longest output", _known(entry.max_output, "tokens")
    yield "requests a minute", _known(entry.rates.requests_per_minute)
    yield "tokens a minute", _known(entry.rates.tokens_per_minute)
    yield "also in each second", "a sixtieth of both" if entry.rates.per_second else "no"
    yield "free quota", _free(entry)
    for region, price in entry.prices.items():
        yield f"price in {region}", _price(price)
    if not entry.prices:
        yield "price", "not known"


def _free(entry: Entry) -> str:
    parts = [f"{entry.free_tokens:,} tokens"] if entry.free_tokens is not None else []
    parts += [f"{entry.free_seconds:,} s of audio"] if entry.free_seconds is not None else []
    parts += [f"for {entry.free_days} days"] if parts and entry.free_days is not None else []
    return " ".join(parts) or "not known"


def _abilities(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "answers without text", "yes" if entry.voice_chat else "no"
    yield "system message", "honoured" if entry.system else "ignored"
    yield "streaming", _STREAM[entry.stream] + (", and done" if entry.streams and entry.stream == "may" else "")
    yield "thinking", _THINKING[entry.thinking]
    yield "recogniser", "yes: it takes a language and a context, no question" if entry.asr_options else "no"


def _known(figure: float | None, unit: str = "") -> str:
    return "not known" if figure is None else f"{figure:,} {unit}".rstrip()


def _price(price: Prices) -> str:
    """The prices in words.

    >>> _price(Prices(2.2, 18, 13.3)), _price(Prices(second=0.00022)), _price(Prices())
    ('CNY a million tokens: text in 2.2, audio in 18, text out 13.3', 'CNY 0.00022 a second of audio', 'free')
    """
    tokens = f"text in {price.text_in:g}, audio in {price.audio_in:g}, text out {price.text_out:g}"
    parts = [f"CNY a million tokens: {tokens}"] if price.text_in or price.audio_in or price.text_out else []
    parts += [f"CNY {price.second:g} a second of audio"] if price.second else []
    return "; ".join(parts) or "free"
