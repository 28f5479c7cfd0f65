"""An old run as a model: ``replay/<run folder>:<model>`` gives the stored replies, asking nobody.

So a retired snapshot stays comparable for ever. A reply is found by its question: the same audio, wording, parameters,
span and repeat; what was asked in parts is asked in the same parts. ``:<model>`` may be left out when the run has only
one.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qaeval.errors import ModelError
from qaeval.naming import is_rehearsal
from qaeval.registry import unknown
from qaeval.store.folder import RunFolder
from qaeval.store.replies import from_record, latest
from qaeval.store.rows import ASK_NAMES
from qaeval.types import Failure, Model, Reply, Request, Span

SUMMARY = "stored replies of an earlier run: replay/<run folder>:<model>"
EXAMPLES = ("replay/results/demo:whisper/base",)


def load(rest: str) -> Model:
    """The model that answers from the run's journal. Raises `ModelError` or `RunError` when there is no such run."""
    path, wanted = _parted(rest)
    folder = RunFolder(Path(path))
    asked = {model["name"]: model for model in folder.read_info()["models"]}
    if not wanted and len(asked) > 1:
        raise ModelError(f"replay/{path} has several models; say which, as replay/{path}:<one of {', '.join(asked)}>")
    name = wanted or next(iter(asked))
    if name not in asked:
        raise unknown(f"model of the run {path}", name, asked)
    full = f"{path}:{name}" if is_rehearsal(name) else rest  # its name says what it is
    return Model(
        f"replay/{full}",
        _Stored(folder, name),
        parts=_Parts(folder, name),
        reads_prompt=asked[name]["reads_prompt"],
        facts={"run": path, "model": name, **_counted(asked[name]["facts"])},
    )


def _counted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """How the model counted audio: by that a reply is flagged, whoever gives it."""
    return {name: facts[name] for name in ("audio", "control") if name in facts}


def _parted(rest: str) -> tuple[str, str]:
    """The run's path and the model's name, parted by a colon; either may have further ones."""
    starts = [rest[:at] for at, letter in enumerate(rest) if letter == ":"] + [rest]
    path = next((start for start in starts if RunFolder(start).info_path.exists()), starts[0])
    return path, rest[len(path) + 1 :]


class _Stored:
    """Answers from the journal, which is read at the first question."""

    def __init__(self, folder: RunFolder, model: str) -> None:
        self.folder = folder
        self.model = model
        self._replies: dict[str, dict[str, Any]] | None = None
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            if self._replies is None:
                records = [r for r in latest(self.folder.replies).values() if r.get("model") == self.model]
                records.sort(key=lambda record: record["outcome"] == "ok")  # a failure never hides a reply
                self._replies = {record.get("question", ""): record for record in records}
        record = self._replies.get(request.question)
        if record is None:
            return Reply(error=Failure("skipped", f"{self.folder.path} never asked {self.model} this"), attempts=0)
        return from_record(record)


class _Parts:
    """In which parts of its clip a request was asked. What the run asked is read at the first request."""

    def __init__(self, folder: RunFolder, model: str) -> None:
        self.folder = folder
        self.model = model
        self._firsts: dict[str, list[Span]] = {}  # first parts of a clip, by its sha256
        self._parts: dict[str, tuple[Span, ...]] | None = None  # all parts, by the question about the first
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> tuple[Span, ...]:
        with self._lock:
            if self._parts is None:
                self._parts = self._read()
        questions = (
            dataclasses.replace(request, span=first).question for first in self._firsts.get(request.audio.sha256, ())
        )
        return next((self._parts[question] for question in questions if question in self._parts), (None,))

    def _read(self) -> dict[str, tuple[Span, ...]]:
        asked: dict[tuple[str, ...], dict[int, tuple[Span, str]]] = {}
        for row in self.folder.asks.rows():
            if row["model"] == self.model and row["onset"] is not None:
                parts = asked.setdefault(tuple(row[name] for name in ASK_NAMES), {})
                parts[row["part"]] = (row["onset"], row["offset"]), row["question"]
        digests = {row["id"]: row["sha256"] for row in self.folder.samples.rows()} if asked else {}
        found = {}
        for (sample, *_), parts in asked.items():
            first, question = parts[0]
            firsts = self._firsts.setdefault(digests[sample], [])
            if first not in firsts:
                firsts.append(first)
            found[question] = tuple(parts[part][0] for part in sorted(parts))
        return found
