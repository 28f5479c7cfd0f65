"""An old run as a model: ``replay/<run folder>:<model>`` gives the stored replies, asking nobody.

So a retired snapshot stays comparable for ever. A reply is found by its question: the same audio, wording, parameters,
span and repeat. ``:<model>`` may be left out when the run has only one.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from qaeval.errors import ModelError
from qaeval.naming import is_rehearsal
from qaeval.registry import unknown
from qaeval.store.folder import RunFolder
from qaeval.store.replies import from_record, latest
from qaeval.types import Failure, Model, Reply, Request

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
        reads_prompt=asked[name]["reads_prompt"],
        facts={"run": path, "model": name},
    )


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
