"""Which engine answers for a model, how many of its calls run at once, and one that only recites."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from qaeval import audio, models
from qaeval.emulator.clips import seconds_of
from qaeval.errors import ModelError, QaevalError
from qaeval.models.catalogue import Entry
from qaeval.types import Ask, Model, Request

Result = TypeVar("Result")
NATIVE, COMPATIBLE = "whisper/tiny.en", "whisper/base"
BY_TASK = {"sounds": "yamnet", "detect": "yamnet"}
"""Engines that answer a task instead, whichever the model, where their packages are installed."""


class Engines:
    """Runs blocking calls of engines in threads: no more at once than each engine's ``concurrency``.

    An ``engine`` that is given answers everything; by default a speech recogniser answers, and those of `BY_TASK`.
    """

    def __init__(self, engine: Model | Ask | str | None) -> None:
        self._by_task: dict[str, Model] = {}
        if engine is None:
            self._native, self._compatible = models.find(NATIVE), models.find(COMPATIBLE)
            self._by_task = {task: model for task, name in BY_TASK.items() if (model := _if_installed(name))}
        else:
            self._native = self._compatible = _model(engine)
        self._pools = {
            model.name: ThreadPoolExecutor(model.concurrency, f"engine {model.name}")
            for model in (self._native, self._compatible, *self._by_task.values())
        }

    def of(self, entry: Entry, task: str = "transcribe") -> Model:
        """The engine that answers a task for a model of the catalogue. What is itself a recogniser only recognises."""
        if task in self._by_task and not entry.asr_options:
            return self._by_task[task]
        return self._native if entry.protocol == "dashscope" else self._compatible

    async def run(self, engine: Model, work: Callable[[], Result]) -> Result:
        """The result of a blocking call, made in one of the engine's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pools[engine.name], work)

    def close(self) -> None:
        """Lets the threads end when their calls do."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def _if_installed(name: str) -> Model | None:
    try:
        return models.find(name)
    except ModelError:
        return None


def _model(engine: Model | Ask | str) -> Model:
    if isinstance(engine, str):
        engine = canned if engine == "canned" else models.find(engine)
    if not isinstance(engine, Model):
        return Model("emulator/function", engine, concurrency=64)
    if engine.ask is None:
        raise QaevalError(f"{engine.name} must see all samples before it answers: the emulator cannot ask it")
    return engine


def canned(request: Request) -> str:
    """No engine at all: a sentence made of the clip's sha256 and length. For load tests and benchmarks only.

    >>> from qaeval.types import Audio
    >>> print(canned(Request("x", Audio(b"", sha256="ab" * 32), span=(0, 30))))
    这段音频说的是:'canned abababababab 30.00'
    """
    content, digest = audio.read(request.audio), request.audio.sha256
    seconds = request.span[1] if request.span else seconds_of(content, digest)
    return f"这段音频说的是:'canned {request.audio.sha256[:12]} {seconds:.2f}'"
