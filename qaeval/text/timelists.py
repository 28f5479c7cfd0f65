"""Spans in JSON: ``[[1.53, 1.87]]``, ``{"start": 1.53, "end": 1.87}``, ``[{"onset": "1.5 s", "offset": "1.8 s"}]``."""

from __future__ import annotations

import json
import re
from typing import Any

from qaeval.text.times import LATEST, plain, times

_ONSETS = ("onset", "start", "begin", "from", "开始")
_OFFSETS = ("offset", "end", "stop", "to", "结束")
_MILLISECONDS = re.compile(r"_?(?:ms|milliseconds?)\Z|\(ms\)\Z")
_SECONDS = re.compile(r"_?(?:s|sec|seconds?)\Z|\(s\)\Z")


def listed(text: str) -> list[tuple[float, float]] | None:
    """The spans (seconds) of a JSON text: pairs of numbers, or objects that name onset and offset; None if it is none.

    Seconds, unless a key ends in ``ms`` or says so as ``unit``, or the value is a text with another unit.

    >>> listed('[{"start_ms": 1530, "end_ms": 1870}]'), listed("[]"), listed('{"found": false}')
    ([(1.53, 1.87)], [], None)
    """
    if not text.startswith(("[", "{")):
        return None
    try:
        value = json.loads(text)
        if isinstance(value, dict):
            value = next((item for item in value.values() if isinstance(item, list)), value)
        single = isinstance(value, dict) or (value and not isinstance(value[0], list | dict))
        pairs = [_pair(item) for item in ([value] if single else value)]
    except (ValueError, TypeError, KeyError, StopIteration, RecursionError):
        return None
    return pairs if all(0 <= seconds <= LATEST for pair in pairs for seconds in pair) else None


def _pair(item: Any) -> tuple[float, float]:
    if not isinstance(item, dict):
        onset, offset = item
        return _seconds("", onset, 1), _seconds("", offset, 1)
    keys = {str(key).lower().strip(): value for key, value in item.items()}
    scale = 0.001 if str(keys.get("unit", keys.get("units", ""))).lower().startswith(("ms", "milli", "毫")) else 1
    named = {_name(key): (key, value) for key, value in keys.items()}
    onset = next(key for key in _ONSETS if key in named)
    offset = next(key for key in _OFFSETS if key in named)
    return _seconds(*named[onset], scale), _seconds(*named[offset], scale)


def _name(key: str) -> str:
    """The key without its unit and the word time: ``start_time_ms`` is ``start``."""
    bare = _SECONDS.sub("", _MILLISECONDS.sub("", key)).strip()
    return bare.removesuffix("_time").removesuffix("time").removesuffix("时间").strip(" _")


def _seconds(key: str, value: Any, scale: float) -> float:
    if isinstance(value, str):
        (time,) = times(plain(value))
        if time.has_unit:
            return time.seconds
        value = time.seconds
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"not a time: {value!r}")
    return round(float(value) * (0.001 if _MILLISECONDS.search(key) else scale), 9)
