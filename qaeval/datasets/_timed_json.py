"""Times of words in JSON, as recognisers and aligners write it, in seconds. These forms are read.

* Whisper's (also faster-whisper's, WhisperX's and the OpenAI API's): ``segments`` with ``start``, ``end``, ``text`` and
  ``words``, or ``words`` alone: the tiers ``words`` and ``segments``;
* the pipeline's of transformers: ``chunks`` with ``text`` and ``timestamp`` [onset, offset]: the tier ``words``;
* praatio's, which the Montreal Forced Aligner writes: ``tiers``, with their ``entries`` [onset, offset, label];
* a list of [word, onset, offset], or of objects with word and times: the tier ``words``; or an object with one such
  list, or one of the forms above, for each clip.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from qaeval.datasets._lines import TextFile, lines
from qaeval.datasets._textgrid import Tiers
from qaeval.errors import DatasetError, QaevalError
from qaeval.types import Event

LABELS, ONSETS, OFFSETS = ("word", "label", "text"), ("start", "onset", "begin"), ("end", "offset")
_FORMS = ("segments", "words", "word_segments", "chunks", "tiers")


def read_json(file: TextFile, clip: str) -> dict[str, Tiers]:
    """The tiers of each clip of a file; a file about one clip is about ``clip``.

    Raises `DatasetError` naming the file, and the line where it is no JSON or the entry that is not as it should be.
    """
    try:
        content = json.loads("".join(lines(file)))
    except json.JSONDecodeError as error:
        raise DatasetError(f"{file}, line {error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise DatasetError(f"{file}: JSON of too many levels") from None
    if isinstance(content, Mapping) and not any(form in content for form in _FORMS):
        return {name: _tiers(f"{file}, {name!r:.60}", part) for name, part in content.items()}
    return {clip: _tiers(str(file), content)}


def word_list(cell: str, place: str) -> tuple[Event, ...]:
    """The words in a text that is a JSON list of [word, onset, offset].

    >>> word_list('[["the", 0.25, 0.4], ["cat", 0.4, 0.9]]', "a")[1]
    Event(label='cat', onset=0.4, offset=0.9)
    """
    try:
        content = json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{place}: not JSON: {error}") from None
    return _listed(place, content)


def _tiers(place: str, content: Any) -> Tiers:
    if isinstance(content, list):
        return {"words": _listed(place, content)}
    if not isinstance(content, Mapping):
        raise DatasetError(f"{place}: expected a list or an object with {', '.join(_FORMS)}, seen {content!r:.60}")
    if "tiers" in content:
        return dict(_praatio(place, content["tiers"]))
    tiers: Tiers = {}
    segments = _list(f"{place}, segments", content.get("segments", []))
    inner = _inner(place, [part for part in segments if isinstance(part, Mapping)])
    words = inner or content.get("words") or content.get("word_segments") or content.get("chunks")
    if words:
        tiers["words"] = _listed(f"{place}, words", words)
    if segments:
        tiers["segments"] = _listed(f"{place}, segments", segments)
    return tiers or {"words": ()}


def _inner(place: str, segments: list[Mapping[str, Any]]) -> list[Any]:
    """The words of all segments. Raises `DatasetError` where some have them and one that says something has not."""
    words = [_list(f"{place}, words", part.get("words") or ()) for part in segments]
    for number, (part, found) in enumerate(zip(segments, words, strict=True), 1):
        if any(words) and not found and str(part.get("text", "")).strip():
            raise DatasetError(f"{place}, segment {number}: expected words as the others have, seen none")
    return [word for found in words for word in found]


def _praatio(place: str, tiers: Any) -> Iterator[tuple[str, tuple[Event, ...]]]:
    named = tiers.items() if isinstance(tiers, Mapping) else ((_get(place, tier, ("name",)), tier) for tier in tiers)
    for name, tier in named:
        where = f"{place}, tier {name!r:.40}"
        entries = _list(where, _get(where, tier, ("entries",)))
        yield str(name), _listed(where, [[entry[-1], entry[0], entry[-2]] for entry in entries if len(entry) > 1])


def _listed(place: str, items: Any) -> tuple[Event, ...]:
    found = [_event(f"{place}, entry {number}", item) for number, item in enumerate(_list(place, items), 1)]
    told = [event for event in found if event.label]
    return tuple(sorted(told, key=lambda event: (event.onset, event.offset)))


def _event(place: str, item: Any) -> Event:
    if isinstance(item, Mapping):
        times = item.get("timestamp")
        if not (isinstance(times, list | tuple) and len(times) == 2):
            times = [_get(place, item, ONSETS), _get(place, item, OFFSETS)]
        item = [_get(place, item, LABELS), *times]
    if not (isinstance(item, list | tuple) and len(item) == 3 and isinstance(item[0], str)):
        raise DatasetError(f"{place}: expected [word, onset, offset], seen {item!r:.80}")
    if not all(type(time) in (int, float) for time in item[1:]):
        raise DatasetError(f"{place}: expected times in seconds, seen {item!r:.80}")
    try:
        return Event(item[0].strip(), float(item[1]), float(item[2]))
    except QaevalError as error:
        raise DatasetError(f"{place}: {error}") from None


def _get(place: str, item: Any, names: tuple[str, ...]) -> Any:
    if isinstance(item, Mapping):
        for name in names:
            if name in item:
                return item[name]
    raise DatasetError(f"{place}: expected {' or '.join(names)} in it, seen {item!r:.80}")


def _list(place: str, items: Any) -> list[Any]:
    if not isinstance(items, list | tuple):
        raise DatasetError(f"{place}: expected a list, seen {items!r:.60}")
    return list(items)
