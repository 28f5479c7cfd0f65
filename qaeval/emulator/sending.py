"""Sends what goes back through ASGI, or breaks the connection off; marks each response as the emulator's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qaeval._version import __version__
from qaeval.emulator.wire import Outgoing
from qaeval.errors import QaevalError
from qaeval.naming import EMULATOR

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MARK = EMULATOR.lower().encode()
TRANSPORT = "transport"
"""The name under which `qaeval.emulator.server` puts the connection into the scope's state."""


class Sending:
    """An ASGI response that sends an `Outgoing`; ``done`` is called when a full answer has been sent."""

    def __init__(self, outgoing: Outgoing, request_id: str = "", done: Callable[[], None] = lambda: None) -> None:
        self.outgoing = outgoing
        self.request_id = request_id
        self.done = done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it all, or as much as there is before the connection is broken off."""
        outgoing = self.outgoing
        if outgoing.chunks:
            await send({"type": "http.response.start", "status": outgoing.status, "headers": self._headers()})
        for number, chunk in enumerate(outgoing.chunks):
            if outgoing.pause and number:
                await asyncio.sleep(outgoing.pause)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if outgoing.cut:
            await _break_off(scope)
            return
        is_there = not _is_gone(scope)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        if outgoing.answers and is_there:
            self.done()

    def _headers(self) -> list[tuple[bytes, bytes]]:
        outgoing = self.outgoing
        told = {"content-type": outgoing.content_type, **outgoing.headers}
        if self.request_id:
            told["x-request-id"] = self.request_id
        if outgoing.length is not None:
            told["content-length"] = str(outgoing.length)
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]


class Mark:
    """ASGI middleware: every response says that it comes from the emulator, and from which version."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the header."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (_MARK, __version__.encode())]
            await send(message)

        await self.app(scope, receive, marked)


async def _break_off(scope: Scope) -> None:
    """Closes the connection at once, with nothing more to be said."""
    transport = _transport(scope)
    if transport is None:
        raise QaevalError("a dropped connection needs the server of qaeval.emulator.serving")
    transport.abort()
    await asyncio.sleep(0)  # the server learns of it before this request ends


def _is_gone(scope: Scope) -> bool:
    transport = _transport(scope)
    return transport is not None and bool(transport.is_closing())


def _transport(scope: Scope) -> Any:
    return scope.get("state", {}).get(TRANSPORT)
