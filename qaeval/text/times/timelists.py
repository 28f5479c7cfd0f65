"""Spans in JSON and in tables: ``[[1.53, 1.87]]``, ``{"start": 1.53, "end": 1.87}``, ``{"时间": "1.5s-1.8s"}``.

Numbers are seconds, unless a key ends in ``ms`` or says so as ``unit``, or the value is a text with another unit. Onset
and duration make a span, too, an onset alone one without length. What has no readable onset is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from qaeval.text.replies.jsontexts import json_values
from qaeval.text.times.moments import LATEST, times
from qaeval.text.times.timekeys import (
    LENGTHS,
    OFFSETS,
    ONSETS,
    UNREAL,
    folded,
    in_milliseconds,
    name,
    telling_what,
    tells_when,
)
from qaeval.text.times.timeprose import plain
from qaeval.text.times.timeranges import spans
from qaeval.text.times.timetables import tables

_OF_TIME = re.compile(r"\bfrom\b|(?:milli)?seconds?|minutes?|\band\b")
_WORD = re.compile(r"[^\W\d_]{4}")
_BETWEEN_SPANS = re.compile(r"[;\n]|,(?=\s)")
_LONGEST = 200


class Item(NamedTuple):
    """A span in seconds, and what is said to be there (``""``: nothing is)."""

    label: str
    onset: float
    offset: float


def listed(reply: str) -> list[Item] | None:
    """The spans of the JSON and the tables in a reply; none where they say so; None if there are no such.

    >>> listed('[{"start_ms": 1530, "end_ms": 1870}]'), listed("[]"), listed('{"found": false}'), listed('{"a": 1}')
    ([Item(label='', onset=1.53, offset=1.87)], [], [], None)
    """
    values = json_values(reply)
    try:
        found = [item for value in [*values, *tables(reply)] for item in _items(value, "")]
        return found if found or any(map(_says_none, values)) else None
    except RecursionError:
        return None


def texts_of(value: Any) -> Iterator[str]:
    """The texts in a JSON value, in order.

    >>> list(texts_of({"answer": ["a", {"b": "c"}]}))
    ['a', 'c']
    """
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_of(inner)


def _says_none(value: Any) -> bool:
    """An empty list, or an object that holds one or says that it is not so."""
    if isinstance(value, dict):
        denied = any(folded(key) in UNREAL and inner is False for key, inner in value.items())
        return denied or any(_says_none(inner) for inner in value.values() if isinstance(inner, dict | list))
    return isinstance(value, list) and (not value or any(map(_says_none, value)))


def _items(value: Any, label: str) -> Iterator[Item]:
    if isinstance(value, dict):
        yield from _of_object(value, label)
    elif isinstance(value, list):
        pair = _pair(value)
        if pair:
            yield Item(label, *pair)
            return
        names = [inner for inner in value if isinstance(inner, str) and _seconds("", inner, 1.0) is None]
        pair = _pair([inner for inner in value if inner not in names]) if len(value) == 3 and len(names) == 1 else None
        if pair:  # ["dog", 0.5, 1.5]
            yield Item(names[0], *pair)
            return
        for inner in value:
            yield from _of_text(inner, label) if isinstance(inner, str) else _items(inner, label)


def _of_object(value: Mapping[str, Any], label: str) -> Iterator[Item]:
    keys = {folded(key): inner for key, inner in value.items()}
    label = next((keys[key] for key in telling_what(keys) if isinstance(keys[key], str)), label)
    scale = 0.001 if str(keys.get("unit", keys.get("units", ""))).lower().startswith(("ms", "milli", "毫")) else 1.0
    onset, offset, length = (_named(keys, names, scale) for names in (ONSETS, OFFSETS, LENGTHS))
    if onset is not None:
        end = offset if offset is not None else round(onset + (length or 0), 9)
        yield Item(label, min(onset, end), max(onset, end))
        return
    for key, inner in value.items():
        told = folded(key)
        if tells_when(told) and not isinstance(inner, dict | list):
            yield from _when(told, inner, label, scale)
        elif when := list(_of_text(str(key), "")):  # {"0-2 s": "dog"}
            for what in inner if isinstance(inner, list) else [inner]:
                yield from (item._replace(label=str(what)) for item in when)
        elif isinstance(inner, dict | list):
            yield from _items(inner, label or ("" if tells_when(told) else str(key)))
        elif isinstance(inner, str) and not label and name(told) not in ONSETS | OFFSETS | LENGTHS:
            yield from _of_text(inner, str(key))


def _named(keys: Mapping[str, Any], names: frozenset[str], scale: float) -> float | None:
    return next((_seconds(key, value, scale) for key, value in keys.items() if name(key) in names), None)


def _when(key: str, value: Any, label: str, scale: float) -> Iterator[Item]:
    """The spans of a value whose key is time, timestamp, 时间段 or the like."""
    seconds = _seconds(key, value, scale)
    if seconds is not None:
        yield Item(label, seconds, seconds)
    elif isinstance(value, str):
        yield from _of_text(value, label)


def _of_text(text: str, label: str) -> Iterator[Item]:
    """The spans of a text that tells nothing else, such as ``0:01 - 0:02, 0:05 - 0:06``."""
    told = plain(text) if len(text) <= _LONGEST else ""
    if not _WORD.search(_OF_TIME.sub("", told)):
        for part in _BETWEEN_SPANS.split(told):
            yield from (Item(label, span.onset, span.offset) for span in spans(part))


def _pair(value: list[Any]) -> tuple[float, float] | None:
    """Two times in a list."""
    if len(value) != 2 or any(isinstance(one, list | dict) for one in value):
        return None
    onset, offset = (_seconds("", one, 1.0) for one in value)
    return None if onset is None or offset is None else (min(onset, offset), max(onset, offset))


def _seconds(key: str, value: Any, scale: float) -> float | None:
    """The seconds of a value, None where it is no time."""
    if isinstance(value, str):
        told = plain(value) if len(value) <= _LONGEST else ""
        found = times(told)
        if len(found) != 1 or _WORD.search(_OF_TIME.sub("", told)):
            return None
        if found[0].has_unit:
            return found[0].seconds
        value = found[0].seconds
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        return None
    return round(float(value) * (0.001 if in_milliseconds(key) else scale), 9)
