"""The body of an error in each of the services' forms: native JSON, OpenAI's, SSE, the XML of OSS, a page of HTML."""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

_LONGEST = 1_000_000
"""Characters of an error's body that is read as JSON; of a longer one its beginning is text."""


class Rejection(NamedTuple):
    """What an answer that is an error says. ``retry_after`` is in seconds, None where it says nothing of it."""

    status: int | None
    code: str
    message: str
    request_id: str = ""
    retry_after: float | None = None
    body: Any = None


class RejectedError(Exception):
    """An answer that is an error, on its way through the SDK."""

    def __init__(self, seen: Rejection) -> None:
        super().__init__(seen.code)
        self.seen = seen


def rejection(status: int | None, headers: Mapping[str, str], content: bytes) -> Rejection:
    """Reads an answer whose status is not 200; ``content`` is its body, which is UTF-8 whatever its headers say.

    >>> rejection(404, {}, b'{"error": {"code": "model_not_found", "message": "no x"}, "request_id": "r"}')[:4]
    (404, 'model_not_found', 'no x', 'r')
    >>> rejection(502, {}, b"<html><title>Bad Gateway</title></html>").message
    'Bad Gateway'
    """
    text = content.decode("utf-8", "replace")
    found = _json(text) if len(text) <= _LONGEST else None
    headers = {name.lower(): value for name, value in headers.items()}
    request_id = headers.get("x-request-id") or headers.get("x-oss-request-id", "")
    if not isinstance(found, dict):
        return Rejection(status, *_page(text[:2000]), request_id, retry_after(headers), text[:2000])
    code, message = told(found)
    return Rejection(status, code, message, str(found.get("request_id") or request_id), retry_after(headers), found)


def told(body: Mapping[str, Any]) -> tuple[str, str]:
    """The code and the message of an error's body.

    >>> told({"code": "Throttling", "message": "too fast"}), told({"error": "busy"}), told({"detail": "Not Found"})
    (('Throttling', 'too fast'), ('', 'busy'), ('', 'Not Found'))
    """
    error = body.get("error", body)
    if not isinstance(error, Mapping):
        return "", str(error)
    code, kind = error.get("code"), error.get("type")
    message = error.get("message") or error.get("msg") or error.get("detail") or ""
    return str(code if code is not None else kind or ""), message if isinstance(message, str) else json.dumps(message)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The wait that an answer asks for, in seconds (RFC 9110, or OpenAI's header in milliseconds); names in lower case.

    >>> retry_after({"retry-after": "2"}), retry_after({"retry-after-ms": "1500"}), retry_after({"retry-after": "soon"})
    (2.0, 1.5, None)
    """
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        with contextlib.suppress(KeyError, ValueError):
            seconds = float(headers[name]) / scale
            if math.isfinite(seconds) and seconds >= 0:
                return seconds
    with contextlib.suppress(KeyError, ValueError, TypeError):
        at = parsedate_to_datetime(headers["retry-after"])
        return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
    return None


def _json(text: str) -> Any:
    """The JSON of a body, or of the first data line of a stream of events; None if there is none."""
    data = next((line[5:] for line in text.splitlines() if line.startswith("data:")), text)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _page(text: str) -> tuple[str, str]:
    """Code and message of XML, or the title of a page, or the text itself."""
    code, message, title = (
        re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL | re.IGNORECASE) for tag in ("Code", "Message", "title")
    )
    if code:
        return code[1].strip(), message[1].strip() if message else ""
    return "", title[1].strip() if title else text.strip()
