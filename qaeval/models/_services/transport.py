"""What the openai SDK sends through: httpx's idea of a transport, over our own connections.

So one module rules how often a request is sent, how long it may take, and which proxy it goes through, for both SDKs.
Imports httpx: import it inside functions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
import requests

from qaeval.errors import TransientError
from qaeval.models._services.connections import bounded
from qaeval.models._services.deadlines import hurry
from qaeval.models._services.wire import Wire, reading

_DONE = b"data: [DONE]"
DRAIN_S = 1.0
_NOT_OURS = {"host", "content-length", "connection", "openai-organization", "openai-project"}
"""Headers that requests sets itself, and those that name an account of another company's service."""


class Transport(httpx.BaseTransport):
    """One request of httpx over a `Wire`; its errors are ours and pass through the SDK."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends once, and hands on what comes as it comes."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_OURS}
        answer = self._wire.send(
            request.method, str(request.url), stream=True, data=request.read() or None, headers=headers
        )
        return httpx.Response(answer.status_code, headers=list(answer.headers.items()), stream=_Body(answer))


def _rest(pieces: Iterator[bytes]) -> bytes:
    """What comes behind the last event, where the SDK stops: only a connection read to its end can be kept."""
    hurry(DRAIN_S)
    with contextlib.suppress(TransientError):
        return b"".join(pieces)
    return b""


class _Body(httpx.SyncByteStream):
    def __init__(self, response: requests.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        pieces = reading(self._response)
        for piece in bounded(pieces, self._response):
            yield piece + (_rest(pieces) if piece.rstrip().endswith(_DONE) else b"")

    def close(self) -> None:
        self._response.close()
