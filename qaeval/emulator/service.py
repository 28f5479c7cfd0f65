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

from qaeval.emulator.access import Access
from qaeval.emulator.answers import Answer, answer, known_question
from qaeval.emulator.clips import Place
from qaeval.emulator.dialect import Dialect
from qaeval.emulator.engines import Engines
from qaeval.emulator.faults import SPIKE_S, drawn
from qaeval.emulator.limits import Allowance, Meter
from qaeval.emulator.outcomes import faulty, instead, refused
from qaeval.emulator.questions import Question
from qaeval.emulator.refusals import Refusal, internal, invalid, too_many_requests
from qaeval.emulator.settings import Settings
from qaeval.emulator.statistics import Statistics
from qaeval.emulator.uploads import Uploads
from qaeval.emulator.wire import Outgoing
from qaeval.errors import AudioError, QaevalError
from qaeval.models.catalogue import Entry
from qaeval.redaction import redact

log = logging.getLogger(__name__)


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
    """The state of one emulator. Its coroutines run in one event loop.

    Raises `UnknownNameError` for a quota of a model that the catalogue does not know.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.access = Access(settings)
        self.statistics = Statistics()
        self.uploads = Uploads(settings.clock, settings.uploads_per_second)
        self._engines = Engines(settings.engine)
        self._quotas = {settings.catalogue.find(name).name: free for name, free in settings.quotas.items()}
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

    def _read(self, call: Call) -> Question:
        """The question; fills in what the call does not know yet. Runs in a thread: audio is decoded and fetched."""
        call.stream = call.dialect.streams(call.headers, {})
        call.account = self.access.account(call.headers, call.weights)
        try:
            body = json.loads(call.body)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise invalid("Required body invalid, please check the request body format.")
        call.stream = call.dialect.streams(call.headers, body)
        call.digest = hashlib.sha256(b"%d" % call.stream + call.body).digest()
        entry = self.access.entry(body.get("model"), call.weights)
        call.model = entry.name
        call.dialect.check_model(entry)
        resolves = call.headers.get("x-dashscope-ossresourceresolve", "").lower() == "enable"
        place = Place(self.uploads, call.account, entry.name, resolves)
        return call.dialect.read(entry, call.headers, body, place)

    async def _answer(self, call: Call, asked: Question, fault: str) -> Outgoing:
        counts, meter = self.statistics.of(call.model), self._meter(call.account, asked.entry)
        if fault == "storm":
            counts.faults[fault] += 1
            raise too_many_requests(self.settings.retry_after)
        tokens_in = asked.input_tokens + asked.audio_tokens
        meter.admit(self.settings.clock(), tokens_in, self.settings.retry_after)
        counts.admitted += 1
        if fault:
            counts.faults[fault] += 1
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
            scale, per_second = self.settings.scale, self.settings.per_second
            self._meters[key] = Meter(Allowance.of(entry.rates, scale, per_second, self._quotas.get(entry.name)))
        return self._meters[key]

    async def _said(self, asked: Question) -> Answer:
        engine = self._engines.of(asked.entry, known_question(asked.text)[0])
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
