"""Runs the emulator with uvicorn, on this machine only."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from qaeval.emulator.sending import TRANSPORT
from qaeval.emulator.settings import Settings
from qaeval.emulator.web import application
from qaeval.errors import ModelError, QaevalError
from qaeval.hosts import is_loopback_host

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Server

KEEP_ALIVE_S = 300
"""Longer than a paced client is idle: a connection that closes as it is used looks like a dropped one."""
_START_S = 30.0
_BACKLOG = 2048
_say = functools.partial(print, flush=True)  # a parent process waits for it


def app(settings: Settings | None = None) -> FastAPI:
    """The emulator as a FastAPI application. Dropped connections need `serving` or `serve`.

    Raises `ModelError` when the extra ``emulator``, or that of the engine, is not installed.
    """
    for package in ("fastapi", "uvicorn", "python_multipart"):
        if importlib.util.find_spec(package) is None:
            raise ModelError(f'the emulator needs the package {package}; do: pip install "qaeval[emulator]"')
    return application(settings or Settings())


@contextlib.contextmanager
def serving(settings: Settings | None = None, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Runs the emulator in a thread for the length of a ``with`` block and gives its base URL.

    ``port`` 0 takes a free one. Raises `ModelError` as `app` does, `QaevalError` for a host that is not loopback or a
    port that is taken.
    """
    with _bound(host, port) as sock:
        server = _server(settings)
        thread = threading.Thread(target=server.run, args=([sock],), name="qaeval emulator", daemon=True)
        thread.start()
        try:
            _await_start(server, thread)
            yield _url(sock)
        finally:
            server.should_exit = True
            thread.join()


def serve(
    settings: Settings | None = None,
    host: str = "127.0.0.1",
    port: int = 8765,
    *,
    ready: Callable[[str], None] = _say,
) -> None:
    """Runs the emulator until it is interrupted or terminated; ``ready`` gets its base URL once it can be asked.

    Raises what `serving` does.
    """
    with _bound(host, port) as sock:
        server = _server(settings)
        ready(_url(sock))
        server.run([sock])


def _await_start(server: Server, thread: threading.Thread) -> None:
    ends = time.monotonic() + _START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > ends:
            raise QaevalError("the emulator did not start; its log says why")
        time.sleep(0.005)


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    if not is_loopback_host(host):
        raise QaevalError(f"the emulator serves this machine only: expected a host such as 127.0.0.1, seen {host!r}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off, which costs 40 ms an answer, only where the protocol is named
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen(_BACKLOG)
        except (OSError, OverflowError) as error:
            seen = f"the emulator cannot listen at {host}:{port}: {getattr(error, 'strerror', None) or error}"
            raise QaevalError(f"{seen}; choose another host or port") from None
        yield sock


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(settings: Settings | None) -> Server:
    made = app(settings)
    import uvicorn

    config = uvicorn.Config(
        made,
        http=_protocol(),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=2,
        backlog=_BACKLOG,
    )
    return uvicorn.Server(config)


def _protocol() -> Any:
    """Uvicorn's HTTP protocol, which also gives a request its connection, so that it can be broken off."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Droppable(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.app_state = {**self.app_state, TRANSPORT: transport}

    return Droppable
