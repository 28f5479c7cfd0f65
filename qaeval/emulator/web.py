"""The routes: a FastAPI application around `qaeval.emulator.service.Service`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from xml.sax.saxutils import escape

from qaeval._version import __version__
from qaeval.emulator import compatible, native
from qaeval.emulator.dialect import Dialect
from qaeval.emulator.refusals import Refusal, internal
from qaeval.emulator.sending import Mark, Sending
from qaeval.emulator.service import Call, Service
from qaeval.emulator.settings import Settings
from qaeval.emulator.wire import JSON, XML, Outgoing, dumped, in_one, signed

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

GENERATION = "/api/v1/services/aigc/multimodal-generation/generation"
UPLOADS = "/api/v1/uploads"
STORE = "/oss"
"""Where files are posted; the real store is another host."""
_Handler = Callable[["Request"], Awaitable[Any]]
"""What it returns is a `Sending`: an ASGI application, which is all that Starlette needs."""


def application(settings: Settings) -> FastAPI:
    """The application. Raises `ModelError` when the engine's extra is missing."""
    from fastapi import FastAPI
    from starlette.exceptions import HTTPException

    service = Service(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(title="qaeval emulator", version=__version__, openapi_url=None, lifespan=lifespan)
    app.state.service = service
    app.add_middleware(Mark)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(Exception, _broken)
    for method, path, handler in _routes(service):
        app.add_route(path, handler, methods=[method])
    return app


def _routes(service: Service) -> list[tuple[str, str, _Handler]]:
    async def policy(request: Request) -> Sending:
        return Sending(_policy(service, request))

    async def store(request: Request) -> Sending:
        return Sending(await _store(service, request))

    async def stats(request: Request) -> Sending:
        return _json(service.told())

    return [
        ("POST", GENERATION, _generation(service, native)),
        ("GET", UPLOADS, policy),
        ("POST", STORE, store),
        ("POST", "/compatible-mode/v1/chat/completions", _generation(service, compatible)),
        ("GET", "/compatible-mode/v1/models", _models(service, weights=False)),
        ("POST", "/v1/chat/completions", _generation(service, compatible, weights=True)),
        ("GET", "/v1/models", _models(service, weights=True)),
        ("GET", "/emulator/stats", stats),
    ]


def _generation(service: Service, dialect: Dialect, weights: bool = False) -> _Handler:
    async def generate(request: Request) -> Sending:
        call = Call(dialect, dict(request.headers), await request.body(), weights)
        outgoing = await service.generate(call)
        return Sending(outgoing, call.request_id, lambda: service.acknowledged(call))

    return generate


def _models(service: Service, weights: bool) -> _Handler:
    async def models(request: Request) -> Sending:
        try:
            service.access.account(dict(request.headers), weights)
        except Refusal as refusal:
            return _json(compatible.error(refusal, str(uuid4())), refusal.status)
        return _json(compatible.listing(service.access.names(weights), "vllm" if weights else "system"))

    return models


def _policy(service: Service, request: Request) -> Outgoing:
    """A certificate for an upload: ``GET /api/v1/uploads?action=getPolicy&model=...``."""
    request_id = str(uuid4())
    try:
        account = service.access.account(dict(request.headers))
        entry = service.access.entry(request.query_params.get("model"))
        data = service.uploads.policy(account, entry.name, str(request.base_url).rstrip("/") + STORE)
    except Refusal as refusal:
        return in_one(refusal.status, JSON, dumped(native.error(refusal, request_id)))
    return in_one(200, JSON, dumped(signed({"request_id": request_id, "data": data})))


async def _store(service: Service, request: Request) -> Outgoing:
    """A form with a file, as OSS takes it; its errors are XML."""
    async with request.form() as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        file: Any = form.get("file")
        content = b"" if file is None or isinstance(file, str) else await file.read()
    try:
        await asyncio.to_thread(service.uploads.store, fields, content)
    except Refusal as refusal:
        told = (
            f"<Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message><RequestId>{uuid4()}</RequestId>"
        )
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{told}</Error>'
        return in_one(refusal.status, XML, body.encode())
    return in_one(200 if fields.get("success_action_status") == "200" else 204, XML, b"")


def _json(body: dict[str, Any], status: int = 200) -> Sending:
    return Sending(in_one(status, JSON, dumped(signed(body))))


async def _not_served(request: Request, error: Exception) -> Any:
    """An address or method that is not served, or a form that cannot be read."""
    status, detail = getattr(error, "status_code", 404), getattr(error, "detail", error)
    message = f"The emulator cannot serve {request.method} {request.url.path}: {detail}"
    return _json({"code": "NotServed", "message": message, "request_id": str(uuid4())}, status)


async def _broken(request: Request, error: Exception) -> Any:
    """What a mistake of the emulator's own looks like; it is logged by the server. No middleware sees it any more."""
    return Mark(_json(native.error(internal(), str(uuid4())), 500))
