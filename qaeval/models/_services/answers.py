"""What the answers of both protocols have in common: how a body becomes a reply, and the errors of one that is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qaeval.errors import TransientError
from qaeval.hosts import host_of
from qaeval.models._services.faults import shortened
from qaeval.types import Reply


def choice_of(holder: Any) -> dict[str, Any] | None:
    """The first of the ``choices`` in a part of a body, None where there is none.

    >>> choice_of({"choices": [{"finish_reason": "stop"}]}), choice_of({"choices": []}), choice_of(None)
    ({'finish_reason': 'stop'}, None, None)
    """
    choices = holder.get("choices") if isinstance(holder, Mapping) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def reply_of(body: dict[str, Any], text: str, finish: str, used: dict[str, int]) -> Reply:
    """The reply with its text, finish reason and usage, and with what a body says of itself."""
    return Reply(
        text,
        raw=body,
        finish_reason=finish,
        usage=used,
        request_id=str(body.get("request_id") or body.get("id") or ""),
        served_model=str(body.get("model") or ""),
    )


def unreadable(url: str, why: object) -> TransientError:
    """The error for what is no answer of the protocol."""
    return TransientError(f"{host_of(url)}: the answer cannot be read: {shortened(str(why))}; another try may help")


def without_output(url: str, used: dict[str, int]) -> TransientError:
    """The error for a body that has everything but an answer; ``used`` is the usage that it tells."""
    return TransientError(f"{host_of(url)}: the answer has no output; another try may help", usage=used)


def broken_off(url: str, used: dict[str, int]) -> TransientError:
    """The error for a stream that ended too soon; ``used`` is the usage that it told before."""
    return TransientError(
        f"{host_of(url)}: the stream broke off before its last frame; another try may help", usage=used
    )
