"""One request from its bytes to what goes back: key, model, question, fault, limits, engine, answer."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qaeval.emulator.answers import Answer, answer
from qaeval.emulator.clips import Place
from qaeval.emulator.dialect import Dialect
from qaeval.emulator.engines import Engines
from qaeval.emulator.faults import SPIKE_S, drawn
from qaeval.emulator.limits import Allowance, Meter
from qaeval.emulator.outcomes import faulty, instead, refused
from qaeval.emulator.questions import Question
from qaeval.emulator.refusals import Refusal, internal, invalid, not_found, retired, too_many_requests, wrong_key
from qaeval.emulator.settings import OPEN_WEIGHTS, Settings
from qaeval.emulator.statistics import Statistics
from qaeval.emulator.uploads import Uploads
from qaeval.emulator.wire import Outgoing
from qaeval.errors import AudioError, QaevalError, UnknownNameError
from qaeval.models.catalogue import Entry, retired_sentence
from qaeval.redaction import redact
from qaeval.types import AudioLimits

log = logging.getLogger(__name__)
WEIGHTS_HEAR = AudioLimits(tokens_per_second=25, least_tokens=25)


@dataclass
class Call:
    """A request as it came, and what is found out about it on its way.

    ``dialect`` is `qaeval.emulator.native` or `qaeval.emulator.compatible`; ``weights`` says that it came to the vLLM
    form. ``headers`` have lower-case names.
    """

    dialect: Dialect
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    weights: bool = False
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    account: str = ""
    model: str = "unknown"
    stream: bool = False
    digest: bytes = b""


class Service:
    """The state of one emulator. Its coroutines run in one event loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.statistics = Statistics()
        self.uploads = Uploads(settings.clock, settings.uploads_per_second)
        self._engines = Engines(settings.engine)
        self._meters: dict[tuple[str, str], Meter] = {}
        self._numbers = itertools.count()

    def close(self) -> None:
        """Ends the threads and removes the uploaded files."""
        self._engines.close()
        self.uploads.close()

    async def generate(self, call: Call) -> Outgoing:
        """What goes back for a request."""
        number = next(self._numbers)
        try:
            try:
                asked = await asyncio.to_thread(self._read, call)
            finally:
                self.statistics.of(call.model).received += 1
            return await self._answer(call, asked, drawn(self.settings.faults, self.settings.seed, number))
        except Refusal as refusal:
            self.statistics.of(call.model).rejected[f"{refusal.status} {refusal.code}"] += 1
            return refused(call.dialect, refusal, call.request_id, call.stream)

    def acknowledged(self, call: Call) -> None:
        """Counts that the whole answer has been sent."""
        self.statistics.acknowledged(call.model, call.digest)

    def told(self) -> dict[str, Any]:
        """The statistics as JSON."""
        return self.statistics.told((model, meter) for (_, model), meter in self._meters.items())

    def account(self, headers: Mapping[str, str], needs_key: bool = True) -> str:
        """A short hash of the key that a request bears. Raises `Refusal` for none and for one that is not accepted."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else ""
        if (needs_key or self.settings.keys is not None) and not key:
            raise wrong_key()
        if self.settings.keys is not None and key not in self.settings.keys:
            raise wrong_key()
        return hashlib.sha256(key.encode()).hexdigest()[:16]

    def entry(self, name: Any, weights: bool = False) -> Entry:
        """What the catalogue says of the model of that name. Raises `Refusal` when there is none or it is retired."""
        if not isinstance(name, str) or not name:
            raise invalid("Model not exist.")
        entry = self._weights(name) if weights else self._known(name)
        if entry is None:
            raise not_found(name)
        if self.settings.today is not None and retired_sentence(entry, self.settings.today):
            raise retired()
        return entry

    def names(self, weights: bool) -> list[str]:
        """The names that the compatible endpoint, or the vLLM form, lists."""
        entries = self.settings.catalogue.entries.values()
        if not weights:
            served = [entry for entry in entries if entry.protocol == "openai" or entry.asr_options]
            return [entry.name for entry in served if entry.provider == "dashscope"]
        own = [entry.name for entry in entries if entry.provider != "dashscope"]
        return [*(OPEN_WEIGHTS if self.settings.open_weights is None else self.settings.open_weights), *own]

    def _known(self, name: str) -> Entry | None:
        try:
            return self.settings.catalogue.find(name)
        except UnknownNameError:
            return None

    def _weights(self, name: str) -> Entry | None:
        entry = self._known(name)
        if entry is not None:
            return entry if entry.provider != "dashscope" else None
        served = self.settings.open_weights
        if served is not None and name not in served:
            return None
        return Entry(name, provider="openai", audio_form="base64", audio=WEIGHTS_HEAR)

    def _read(self, call: Call) -> Question:
        """The question; fills in what the call does not know yet. Runs in a thread: audio is decoded and fetched."""
        call.stream = call.dialect.streams(call.headers, {})
        call.account = self.account(call.headers, needs_key=not call.weights)
        try:
            body = json.loads(call.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise invalid("Required body invalid, please check the request body format.")
        call.stream = call.dialect.streams(call.headers, body)
        call.digest = hashlib.sha256(b"%d" % call.stream + call.body).digest()
        entry = self.entry(body.get("model"), call.weights)
        call.model = entry.name
        call.dialect.check_model(entry)
        resolves = call.headers.get("x-dashscope-ossresourceresolve", "").lower() == "enable"
        place = Place(self.uploads, call.account, entry.name, resolves)
        return call.dialect.read(entry, call.headers, body, place)

    async def _answer(self, call: Call, asked: Question, fault: str) -> Outgoing:
        counts, meter = self.statistics.of(call.model), self._meter(call.account, asked.entry)
        if fault:
            counts.faults[fault] += 1
        if fault == "storm":
            raise too_many_requests(self.settings.retry_after)
        tokens_in = asked.input_tokens + asked.audio_tokens
        meter.admit(self.settings.clock(), tokens_in, self.settings.retry_after)
        counts.admitted += 1
        if outgoing := instead(fault):
            return outgoing
        await asyncio.sleep(self.settings.latency + (SPIKE_S if fault == "latency" else 0))
        said = await self._said(asked)
        meter.answered(self.settings.clock(), tokens_in, said.output_tokens)
        counts.tokens.update(input=asked.input_tokens, audio=asked.audio_tokens, output=said.output_tokens)
        return faulty(fault, call.dialect, asked, said, call.request_id)

    def _meter(self, account: str, entry: Entry) -> Meter:
        key = account, entry.name
        if key not in self._meters:
            settings = self.settings
            free = settings.quotas.get(entry.name)
            self._meters[key] = Meter(Allowance.of(entry.rates, settings.scale, settings.per_second, free))
        return self._meters[key]

    async def _said(self, asked: Question) -> Answer:
        engine = self._engines.of(asked.entry)
        try:
            return await self._engines.run(engine, lambda: answer(asked, engine))
        except AudioError as error:
            log.info("%s could not decode a clip: %s", engine.name, redact(str(error)))
            raise invalid("The audio format is illegal and cannot be opened.") from None
        except QaevalError as error:
            log.warning("%s could not answer: %s", engine.name, redact(str(error)))
            raise internal() from None
        except Exception:
            log.exception("%s failed", engine.name)
            raise internal() from None
