"""Canaries: a few questions that have their reply are asked again whenever a run goes on, to notice a changed model.

An alias may move to another snapshot in silence. The answers lie in ``canary.jsonl`` of the run's folder, as lines
like those of the journal, and are never part of its replies. A model that samples (a temperature above 0) answers
differently anyway: then differences are normal.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from qaeval.store import replies as stored
from qaeval.store.folder import RunFolder
from qaeval.store.journal import Journal
from qaeval.types import Reply

NAME = "canary.jsonl"


class Canaries:
    """Keeps what the canaries of one call are answered; the first ``count`` questions of each model are canaries."""

    def __init__(self, folder: RunFolder, count: int) -> None:
        self.count = count
        self.started = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._path = folder.path / NAME
        self._lock = threading.Lock()
        self._file: Journal | None = None

    def keep(self, reply: Reply) -> None:
        """Writes down an answer. Its key is that of the question with the time of this call behind it."""
        with self._lock:
            self._file = self._file or Journal(self._path)
        self._file.append(dataclasses.replace(reply, key=f"{reply.key}~{self.started}"))

    def close(self) -> None:
        """Closes the file, if there is one."""
        with self._lock:
            if self._file:
                self._file.close()


def drift(folder: RunFolder | Path | str) -> list[dict[str, Any]]:
    """One row for each canary that was answered: was it answered as the first time?

    Its columns: model, key (of the question), asked (when the call began that asked again, ISO 8601), first_at (when
    the first reply came), same, first_text, text. The rows are in the order of asked and model.
    """
    run = folder if isinstance(folder, RunFolder) else RunFolder(folder)
    again = [record for record in stored.lines(run.path / NAME) if record["outcome"] == "ok" and "~" in record["key"]]
    firsts = stored.replies_to(run.replies, {record["key"].partition("~")[0] for record in again})
    rows = [_row(record, firsts) for record in again if record["key"].partition("~")[0] in firsts]
    return sorted(rows, key=lambda row: (row["asked"], row["model"]))


def _row(record: Mapping[str, Any], firsts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    key, _, asked = record["key"].partition("~")
    first = firsts[key]
    return {
        "model": str(record.get("model", "")),
        "key": key,
        "asked": asked,
        "first_at": str(first.get("at", "")),
        "same": record["text"] == first["text"],
        "first_text": first["text"],
        "text": record["text"],
    }


def sentences(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the rows of `drift` mean, one sentence for each call and model.

    >>> row = {"model": "m", "asked": "2026-12-01T08:00:00", "first_at": "2026-11-24T09:30:00", "same": True}
    >>> sentences([row])
    ['m: all 1 canary questions were answered as on 2026-11-24']
    >>> sentences([row, {**row, "same": False}])[0].partition(" (")[0]
    'm: drift: 1 of 2 canary questions were answered differently than on 2026-11-24'
    """
    found = []
    for (_, model), grouped in groupby(rows, key=lambda row: (row["asked"], row["model"])):
        group = list(grouped)
        other = sum(not row["same"] for row in group)
        day = min(row["first_at"] for row in group)[:10]
        if other:
            what = f"drift: {other} of {len(group)} canary questions were answered differently than on {day}"
            found.append(f"{model}: {what} (normal where the model samples, at a temperature above 0)")
        else:
            found.append(f"{model}: all {len(group)} canary questions were answered as on {day}")
    return found
