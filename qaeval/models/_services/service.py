"""From an entry of the catalogue to the model that answers over the network."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import date
from importlib import metadata, util
from typing import TYPE_CHECKING, Any

from qaeval.errors import ModelError, TransientError
from qaeval.hosts import host_of, is_loopback, is_web
from qaeval.models._services import faults, keys, scripts, sdk_logs
from qaeval.models.catalogue import Entry, retired_sentence
from qaeval.naming import REHEARSAL
from qaeval.types import Failure, Model, Reply, Request

if TYPE_CHECKING:
    import requests

INSTALL = 'pip install "qaeval[dashscope]"'
CHECK_S = 20.0
"""Seconds that a check of the key may take."""
_COMPATIBLE, _API = "/compatible-mode/v1", "/api/v1"


def model(entry: Entry) -> Model:
    """The model of an entry. Nothing is read or sent, and no SDK is imported, before it is checked or asked."""
    service = _Service(entry)
    url = service.url
    return Model(
        (REHEARSAL if entry.rehearsal else "") + f"{entry.provider}/{entry.name}",
        ask=service.ask,
        concurrency=entry.concurrency,
        reads_prompt=not entry.asr_options,
        refuses=lambda request: refusal(entry, request),
        endpoint=entry.protocol,
        facts=facts(entry),
        host="" if entry.rehearsal or is_loopback(url) else host_of(url),
        check=service.check,
        hears=entry.audio,
        rates=entry.rates,
        prices=entry.price,
        max_output=entry.max_output or 0,
        retired=retired_sentence(entry, date.today()),
        script=lambda request, kind: scripts.script(entry, url, request, kind),
    )


def facts(entry: Entry) -> dict[str, Any]:
    """What is known of the model, as plain JSON for run.json: ``prices`` of its region, the ``url`` that is asked."""
    known = dataclasses.asdict(entry)
    for name in ("endpoints", "base_url", "key_env", "workspace"):
        del known[name]
    known["prices"] = dataclasses.asdict(entry.price) if entry.price else None
    known["url"] = "" if entry.rehearsal else entry.url
    known["sdk"] = _sdk(entry)
    if not entry.rehearsal:
        del known["rehearsal"]
    plain: dict[str, Any] = _listed(known)
    return plain


def refusal(entry: Entry, request: Request) -> str:
    """Why the model cannot answer this, ``""`` when it may."""
    languages = entry.audio.languages
    if request.language and languages and request.language not in languages:
        return f"{entry.name} does not know the language {request.language}; it knows {', '.join(languages)}"
    if entry.asr_options:
        known = request.task in ("", "transcribe")
        return "" if known else f"{entry.name} only transcribes; the task is {request.task}"
    if not entry.voice_chat and not any(turn.text for turn in request.messages if turn.role == "user"):
        return f"{entry.name} needs a question in words; the catalogue does not say that it answers to audio alone"
    return ""


class _Service:
    """What the threads of one model share. The key and the SDK are looked for at the first check or ask."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.url = entry.url.rstrip("/")
        if not is_web(self.url):
            raise ModelError(
                f"{entry.name}: expected a base URL such as https://host/v1, without a name or a password in it; "
                "see base_url and endpoints in the catalogue, or OPENAI_BASE_URL"
            )
        self._lock = threading.Lock()
        self._asks: Callable[[Request], Reply] | None = None
        self._link: Any = None
        self._wrong: str | None = None  # what the check found, None before it

    def ask(self, request: Request) -> Reply:
        """One call of the service, never repeated here.

        Raises `AudioError` for a clip that cannot be sent, `TransientError` for what is worth another try, `ModelError`
        when the model cannot work.
        """
        from qaeval.models._services.uploads import UploadRefusedError

        try:
            return self._ready()(request)
        except UploadRefusedError as error:
            return Reply(error=error.failure)
        except UnicodeEncodeError as error:
            letter = ascii(error.object[error.start])
            return Reply(error=Failure("failed", f"the question has {letter}, half of a character; correct the text"))

    def check(self) -> None:
        """One call that costs nothing. Raises `ModelError` when the extra or the key is missing or wrong.

        What it says is kept, so that several runs and threads ask once.
        """
        self._ready()
        with self._lock:
            if self._wrong is None:
                self._wrong = self._preflight()
        if self._wrong:
            raise ModelError(self._wrong)

    def _ready(self) -> Callable[[Request], Reply]:
        with self._lock:
            if self._asks is None:
                require(self.entry)
                self._link = self._linked()
                self._asks = self._connected()
            return self._asks

    def _linked(self) -> Any:
        key = keys.key_of(self.entry, self.url)
        sdk_logs.install()
        from qaeval.models._services.links import Link
        from qaeval.models._services.uploads import Uploads
        from qaeval.models._services.wire import Wire

        wire = Wire(self.entry.concurrency, self.entry.rehearsal)
        base = self.url.removesuffix(_COMPATIBLE) + _API if self.url.endswith(_COMPATIBLE) else self.url
        return Link(self.entry, self.url, key, wire, Uploads(self.entry, base, key, wire))

    def _connected(self) -> Callable[[Request], Reply]:
        """The ask of the protocol; its SDK, which takes seconds to import, is imported now."""
        if self.entry.protocol == "dashscope":
            import dashscope  # noqa: F401

            from qaeval.models._services import native

            return lambda request: native.ask(self._link, request)
        from qaeval.models._services import compatible

        client = compatible.client_of(self._link)
        return lambda request: compatible.ask(self._link, client, request)

    def _preflight(self) -> str:
        """What is wrong with the key, the address or the way there; ``""`` when nothing is, as far as can be told."""
        from qaeval.models._services.rejections import rejection

        try:
            answer = self._free_call()
        except ModelError as error:
            return str(error)
        except TransientError as error:
            return f"{self.entry.name} cannot be reached: {error}; see that the network and its proxy work"
        seen = rejection(answer.status_code, answer.headers, answer.content)
        if answer.status_code != 401 and seen.code.lower() not in ("invalidapikey", "invalid_api_key"):
            return ""
        return faults.classify(401, seen.code, seen.message, self.entry).reason

    def _free_call(self) -> requests.Response:
        """An answer to a call that costs nothing. Raises `TransientError` when there is none a second time, either."""
        from qaeval.models._services.wire import deadline

        native = self.entry.protocol == "dashscope"
        query = {"action": "getPolicy", "model": self.entry.name} if native else {}
        headers = {"Authorization": f"Bearer {self._link.key.value}"}

        def call() -> requests.Response:
            with deadline(self.url, CHECK_S):
                path = "uploads" if native else "models"
                answer: requests.Response = self._link.wire.send(
                    "GET", f"{self.url}/{path}", params=query, headers=headers
                )
            return answer

        try:
            return call()
        except TransientError:
            return call()


def require(entry: Entry) -> None:
    """Raises `ModelError` when a package that the entry's protocol needs is missing."""
    needed = ("requests", "dashscope") if entry.protocol == "dashscope" else ("requests", "httpx", "openai")
    if missing := [name for name in needed if util.find_spec(name) is None]:
        raise ModelError(f"{entry.name} needs the package {missing[-1]}, which is not installed; do: {INSTALL}")


def _sdk(entry: Entry) -> str:
    name = "dashscope" if entry.protocol == "dashscope" else "openai"
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return ""


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _listed(item) for name, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple) else value
