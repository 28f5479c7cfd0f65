"""How connections to services are made: kept alive, watched by the deadline of a call, answers of a bounded size.

Imports requests: import it inside functions.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from qaeval.errors import TransientError
from qaeval.hosts import host_of
from qaeval.models._services import deadlines

MOST_BYTES = 64 * 1024 * 1024
"""Of one answer: one that goes on and on must not fill the memory."""


def bounded(pieces: Iterator[bytes], response: requests.Response) -> Iterator[bytes]:
    """The pieces of an answer. Raises `TransientError` when there are more than `MOST_BYTES`."""
    left = MOST_BYTES
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            response.close()
            what = f"{host_of(response.url)}: the answer has no end (more than {MOST_BYTES:,} bytes)"
            raise TransientError(f"{what}; another try may help", attempts=2)
        yield piece


class _Watched:
    """A connection whose socket the deadline of the call may shut."""

    sock: Any

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        deadlines.watch(self.sock)
        super().request(*args, **kwargs)  # type: ignore[misc]


class _Http(_Watched, HTTPConnection):
    pass


class _Https(_Watched, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Bounded(requests.Response):
    """An answer that is read up to `MOST_BYTES`, by ``content`` and ``iter_lines`` too."""

    def iter_content(self, *size: Any, **how: Any) -> Iterator[Any]:
        return bounded(super().iter_content(*size, **how), self)


class Adapter(HTTPAdapter):
    """requests' own, with connections that are kept alive and watched."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, socket_options=_kept_alive(), **options)
        _watched(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return _watched(super().proxy_manager_for(proxy, socket_options=_kept_alive(), **options))

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        response = super().build_response(req, resp)
        response.__class__ = _Bounded
        return response


def _watched(manager: Any) -> Any:
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return manager


def _kept_alive() -> list[tuple[int, int, int]]:
    """So that a connection that a router has dropped without a word fails soon, rather than at the timeout."""
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options
