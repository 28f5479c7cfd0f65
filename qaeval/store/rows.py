"""Samples as rows of a table: plain columns, with the open-ended parts (reference, meta, inputs) as JSON texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qaeval.errors import DatasetError
from qaeval.types import Annotation, Audio, Event, Request, Sample, is_url

SAMPLE_NAMES = ("id",)
SAMPLE_COLUMNS = (
    *(*SAMPLE_NAMES, "audio", "source", "sha256", "duration", "problem", "reference", "meta", "inputs"),
    "format",  # what the file holds besides its duration, as JSON; null when that is not known
    "pauses",  # where it is quiet, as JSON; null when that was not looked for
    "current",  # false for a sample that the last command did not read; its replies can still be scored
)
ASK_NAMES = ("sample", "task", "prompt", "model", "repeat")
"""What tells one ask from another. A clip may be asked in parts, one row each: they come and go together."""
ASK_COLUMNS = (*ASK_NAMES, "part", "onset", "offset", "key", "question")


def from_sample(sample: Sample, source: str, sha256: str, known: Mapping[str, Any], problem: str) -> dict[str, Any]:
    """The row of a sample. ``source`` is where its audio lies; ``problem`` says why it cannot be heard, or ``""``.

    ``known`` has the columns that tell what the file holds: ``duration`` in seconds, ``format`` and ``pauses``.
    Raises `DatasetError` when the sample holds what JSON cannot.
    """
    reference = sample.reference
    events = None if reference.events is None else [[e.label, e.onset, e.offset] for e in reference.events]
    labels = {name: list(values) for name, values in reference.labels.items()}
    try:
        texts = {
            "reference": _json({"text": reference.text, "events": events, "labels": labels}),
            "meta": _json(dict(sample.meta)),
            "inputs": _json(dict(sample.inputs)),
        }
    except (TypeError, ValueError, RecursionError) as error:
        raise DatasetError(
            f"sample {sample.id!r}: its reference, meta and inputs must be plain values (texts, numbers, lists, "
            f"mappings from text); {error}"
        ) from error
    named = {"id": sample.id, "audio": sample.audio.name, "source": source, "sha256": sha256}
    return named | dict(known) | {"problem": problem, "current": True} | texts


def to_sample(row: Mapping[str, Any], folder: Path | None = None) -> Sample:
    """The sample of a row. A relative source lies below the run's ``folder``."""
    known = json.loads(row["reference"])
    events = None if known["events"] is None else tuple(Event(*event) for event in known["events"])
    labels = {name: tuple(values) for name, values in known["labels"].items()}
    source = row["source"]
    where = source if is_url(source) else Path(folder or "", source)
    return Sample(
        row["id"],
        Audio(where, row["audio"], row["sha256"]),
        Annotation(known["text"], events, labels),
        json.loads(row["meta"]),
        json.loads(row["inputs"]),
    )


def _json(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    """What numpy holds as numbers and lists; anything else that JSON lacks as its text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)


def from_ask(sample: str, prompt: str, request: Request, part: int = 0, task: str = "") -> dict[str, Any]:
    """The row that says which key answers what: one reply may serve several of them.

    ``task`` is another task that reads the reply (default: the one that asked).

    ``part`` counts the parts of a clip that is asked in several; ``onset`` and ``offset`` in seconds are then its span.
    """
    onset, offset = request.span or (None, None)
    return {
        "sample": sample,
        "task": task or request.task,
        "prompt": prompt,
        "model": request.model,
        "repeat": request.repeat,
        "part": part,
        "onset": onset,
        "offset": offset,
        "key": request.key,
        "question": request.question,
    }
