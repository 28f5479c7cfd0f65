"""Samples pass once from the dataset to a file, from which every lane reads at its own pace.

So the dataset is read once however many models there are, a slow lane neither holds back nor buffers for a fast one,
and memory does not grow with the dataset. What each sample will be asked is written down beside it, before any model is
asked.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple

from qaeval.errors import DatasetError
from qaeval.fitting import ClipInfo
from qaeval.runner.hearing import Hearing, info_of
from qaeval.runner.requests import Plan
from qaeval.store.folder import RunFolder
from qaeval.store.journal import write_all
from qaeval.store.rows import from_ask, to_sample
from qaeval.store.tables import Table, to_spool
from qaeval.types import Model, Sample

_SYNC_S = 1.0  # after a power cut no more than this is missing, until the same command runs again
_REPLACED = "\ufffd".encode()
_LOOK_S = 0.2  # how often one who waits for samples looks whether the run was stopped


class Stopped(Exception):
    """The run was stopped before all samples had been read; raised in threads that wait for more."""


class Heard(NamedTuple):
    """A sample, why its audio cannot be heard (``""``: it can), and what the file holds (None: that is not known)."""

    sample: Sample
    problem: str
    info: ClipInfo | None


class Spool:
    """The samples of a run on disk, written by one thread and followed by any number of readers."""

    def __init__(self, folder: RunFolder, plan: Plan, models: Sequence[Model], stopped: Callable[[], bool]) -> None:
        self.folder = folder
        self.plan = plan
        self.models = models
        self.count = 0  # samples written
        self._asks: Counter[str] = Counter()  # requests by model
        self.whole = False  # whether all samples have been written
        self._stopped = stopped
        self._changed = threading.Condition()
        with folder.writing():
            for table in (folder.asks, folder.samples):
                table.spool.write_bytes(b"")

    def fill(self, samples: Iterable[Sample]) -> None:
        """Writes the samples, and what each is asked, to the end or until the run is stopped; raises what they do."""
        folder, hearing = self.folder, Hearing(self.folder, self._stopped, self._split_above())
        with _appending(folder, folder.samples) as rows, _appending(folder, folder.asks) as asks:
            synced = time.monotonic()
            for sample in distinct(samples):
                row = hearing.row(sample)
                if self._stopped():
                    return
                with folder.writing():
                    self._write(sample, row, rows, asks)
                    if time.monotonic() - synced > _SYNC_S:
                        os.fsync(asks.fileno())
                        os.fsync(rows.fileno())
                        synced = time.monotonic()
        self.whole = True
        self._advance(0, Counter())

    def _split_above(self) -> float:
        """The seconds from which a clip is split for one of the models."""
        limits = [model.hears.seconds for model in self.models if model.endpoint and self.plan.fit == "split"]
        return min((limit for limit in limits if limit is not None), default=math.inf)

    def _write(self, sample: Sample, row: dict[str, Any], rows: BinaryIO, asks: BinaryIO) -> None:
        written, info = to_spool(row), info_of(row)
        if _REPLACED in written or not all(type(value) is str for value in sample.inputs.values()):
            sample = to_sample(json.loads(written), self.folder.path)  # as the lanes will read it, so that keys agree
        else:
            sample = replace(sample, audio=replace(sample.audio, sha256=row["sha256"]))  # the same, sooner
        asked = [each for model in self.models for each in self.plan.requests(sample, model, info)]
        lines = [
            to_spool(from_ask(sample.id, each.prompt.id, each.request, each.part, task))
            for each in asked
            for task in self.plan.read_by(sample, each)
        ]
        write_all(asks, b"".join(lines))
        write_all(rows, written)
        self._advance(1, Counter(each.request.model for each in asked))

    def _advance(self, samples: int, asks: Counter[str]) -> None:
        with self._changed:
            self.count += samples
            self._asks.update(asks)
            self._changed.notify_all()

    def expected(self, model: Model) -> int:
        """How many requests this model gets, of the samples written so far."""
        return self._asks[model.name]

    def __iter__(self) -> Iterator[Heard]:
        """Each sample with what is known of its audio, waiting for those to come.

        Raises `Stopped` when the run is stopped before they have all come.
        """
        with open(self.folder.samples.spool, "rb") as file:
            read = 0
            while (available := self._available(read)) > read:
                for _ in range(available - read):
                    row = json.loads(file.readline())
                    yield Heard(to_sample(row, self.folder.path), row["problem"], info_of(row))
                read = available

    def _available(self, read: int) -> int:
        with self._changed:
            while self.count == read and not self.whole:
                if self._stopped():
                    raise Stopped
                self._changed.wait(_LOOK_S)
            return self.count

    def samples(self) -> Iterator[Sample]:
        """The samples that can be heard."""
        return (heard.sample for heard in self if not heard.problem)


def _appending(folder: RunFolder, table: Table) -> BinaryIO:
    with folder.writing():
        return open(table.spool, "ab", buffering=0)


def distinct(samples: Iterable[Sample]) -> Iterator[Sample]:
    """The samples. Raises `DatasetError` for what is none, and for an id that comes twice."""
    seen: set[bytes] = set()
    for sample in samples:
        if not isinstance(sample, Sample):
            raise DatasetError(f"a dataset gives qa.Sample objects; seen {type(sample).__name__}: {sample!r:.80}")
        short = hashlib.sha256(sample.id.encode("utf-8", "replace")).digest()[:12]
        if short in seen:
            raise DatasetError(f"sample id {sample.id!r} comes twice; ids must be unique in a dataset")
        seen.add(short)
        yield sample
