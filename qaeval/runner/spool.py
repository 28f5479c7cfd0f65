"""Samples pass once from the dataset to a file, from which every lane reads at its own pace.

So the dataset is read once however many models there are, a slow lane neither holds back nor buffers for a fast one,
and memory does not grow with the dataset. A clip is hashed and probed here; one that cannot be heard goes on with the
reason. What each sample will be asked is written down beside it, before any model is asked.
"""

from __future__ import annotations

import dataclasses
import hashlib
import heapq
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from qaeval import audio
from qaeval.errors import AudioError, DatasetError
from qaeval.runner.requests import Plan
from qaeval.store.folder import RunFolder, spool_of
from qaeval.store.rows import from_ask, from_sample, to_sample
from qaeval.types import Audio, Model, Sample


class Spool:
    """The samples of a run on disk, written by one thread and followed by any number of readers."""

    def __init__(self, folder: RunFolder, plan: Plan, models: Sequence[Model]) -> None:
        self.folder = folder
        self.plan = plan
        self.models = models
        self.path = spool_of(folder.samples)
        self.count = 0  # samples written
        self.asks = 0  # requests a model
        self.complete = False
        self._changed = threading.Condition()
        self.path.write_bytes(b"")

    def fill(self, samples: Iterable[Sample], stopped: Callable[[], bool]) -> bool:
        """Writes all samples, and what each is asked. Returns whether it came to the end. Raises what they raise."""
        try:
            with _appending(self.path) as rows, _appending(spool_of(self.folder.asks)) as asks:
                for sample in _distinct(samples):
                    if stopped():
                        return False
                    self._write(sample, rows, asks)
            return True
        finally:
            self.complete = True
            self._advance(0, 0)

    def _write(self, sample: Sample, rows: IO[bytes], asks: IO[bytes]) -> None:
        row = _row(sample, self.folder)
        sample = to_sample(row, self.folder.path)
        lines = [
            _line(from_ask(sample.id, prompt.id, request))
            for model in self.models
            for prompt, request in self.plan.requests(sample, model)
        ]
        asks.write(b"".join(lines))
        rows.write(_line(row))
        self._advance(1, len(lines) // len(self.models))

    def _advance(self, samples: int, asks: int) -> None:
        with self._changed:
            self.count += samples
            self.asks += asks
            self._changed.notify_all()

    def __iter__(self) -> Iterator[tuple[Sample, str]]:
        """Each sample with the reason why its audio cannot be heard (``""``: it can), waiting for those to come."""
        with open(self.path, "rb") as file:
            read = 0
            while True:
                with self._changed:
                    while self.count == read and not self.complete:
                        self._changed.wait()
                    available = self.count
                if available == read:
                    return
                for _ in range(available - read):
                    row = json.loads(file.readline())
                    yield to_sample(row, self.folder.path), row["problem"]
                read = available

    def samples(self) -> Iterator[Sample]:
        """The samples that can be heard."""
        return (sample for sample, problem in self if not problem)


def order(samples: Iterable[Sample], limit: int | None, seed: int) -> Iterable[Sample]:
    """The first ``limit`` samples in an order seeded by a hash of the id, so that 200 is contained in 500.

    Without a limit the samples come in the order of the dataset.
    """
    if limit is None:
        return samples
    return heapq.nsmallest(limit, samples, key=lambda sample: hashlib.sha256(f"{seed}:{sample.id}".encode()).digest())


def _row(sample: Sample, folder: RunFolder) -> dict[str, Any]:
    sha256, duration, problem = "", None, ""
    clip = sample.audio
    try:
        clip, sha256 = _settle(clip, folder)
        duration = audio.probe(clip).duration
    except AudioError as error:
        problem = str(error)
        sha256 = sha256 or "unreadable:" + hashlib.sha256(sample.id.encode("utf-8", "surrogatepass")).hexdigest()
    sample = dataclasses.replace(sample, audio=dataclasses.replace(clip, sha256=sha256))
    return from_sample(sample, _relative(clip, folder), duration, problem)


def _settle(clip: Audio, folder: RunFolder) -> tuple[Audio, str]:
    """The clip as a file, and its sha256; bytes and downloads are kept in the run's ``audio`` folder."""
    if not isinstance(clip.source, bytes) and not clip.is_url:
        return clip, audio.sha256(clip)
    content = audio.read(clip)
    sha256 = hashlib.sha256(content).hexdigest()
    kept = folder.audio / sha256[:32]
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(content)
    return dataclasses.replace(clip, source=kept), sha256


def _relative(clip: Audio, folder: RunFolder) -> str:
    """The clip's path as seen from the run's folder, so that both can be moved together."""
    if isinstance(clip.source, bytes):
        return ""
    return str(clip.source) if clip.is_url else Path(os.path.relpath(clip.source, folder.path)).as_posix()


def _distinct(samples: Iterable[Sample]) -> Iterator[Sample]:
    seen: set[bytes] = set()
    for sample in samples:
        if not isinstance(sample, Sample):
            raise DatasetError(f"a dataset gives qa.Sample objects; seen {type(sample).__name__}: {sample!r:.80}")
        short = hashlib.sha256(sample.id.encode("utf-8", "surrogatepass")).digest()[:12]
        if short in seen:
            raise DatasetError(f"sample id {sample.id!r} comes twice; ids must be unique in a dataset")
        seen.add(short)
        yield sample


def _appending(path: Path) -> IO[bytes]:
    return open(path, "wb", buffering=0)


def _line(row: dict[str, Any]) -> bytes:
    return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
