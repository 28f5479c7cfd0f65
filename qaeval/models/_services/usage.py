"""Token counts of both protocols by the names of `qaeval.types.Reply`: text in, audio in, out, and their sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOO_MANY = 2**31


def native(usage: Any) -> dict[str, int]:
    """Of the native protocol, where the audio is not contained in ``input_tokens``.

    >>> native({"input_tokens": 33, "audio_tokens": 85, "output_tokens": 10})
    {'input_tokens': 33, 'audio_tokens': 85, 'output_tokens': 10, 'total_tokens': 128}
    """
    return _summed(
        _count(usage, "input_tokens", ("input_tokens_details", "text_tokens")),
        _count(usage, "audio_tokens", ("input_tokens_details", "audio_tokens")),
        _count(usage, "output_tokens", ("output_tokens_details", "text_tokens")),
    )


def compatible(usage: Any) -> dict[str, int]:
    """Of the compatible protocol, where ``prompt_tokens`` contains text and audio.

    >>> compatible({"prompt_tokens": 120, "completion_tokens": 7, "prompt_tokens_details": {"audio_tokens": 85}})
    {'input_tokens': 35, 'audio_tokens': 85, 'output_tokens': 7, 'total_tokens': 127}
    """
    details = ("prompt_tokens_details", "audio_tokens")
    prompt, audio = _count(usage, "prompt_tokens"), _count(usage, "", details)
    text = _count(usage, "", ("prompt_tokens_details", "text_tokens"))
    if text is None and prompt is not None:
        text = max(0, prompt - (audio or 0))
    return _summed(text, audio, _count(usage, "completion_tokens"))


def _summed(text: int | None, audio: int | None, output: int | None) -> dict[str, int]:
    known = {"input_tokens": text, "audio_tokens": audio, "output_tokens": output}
    found = {name: count for name, count in known.items() if count is not None}
    return {**found, "total_tokens": sum(found.values())} if found else {}


def _count(usage: Any, name: str, nested: tuple[str, str] = ("", "")) -> int | None:
    """A count that is one: neither missing, negative, a text, nor more than any request can have."""
    if not isinstance(usage, Mapping):
        return None
    inner = usage.get(nested[0])
    for value in (usage.get(name), inner.get(nested[1]) if isinstance(inner, Mapping) else None):
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_MANY:
            return value
    return None
