"""What was run, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qaeval.markup.numbers import count
from qaeval.naming import REHEARSED
from qaeval.reporting.services import services
from qaeval.runner import canary
from qaeval.store import replies as journal

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.markup.clips import Clips
    from qaeval.runs import Run


def lead(run: Run, clips: Clips) -> str:
    """The line below the heading: the dataset, how many clips, how many models, when."""
    unasked = clips.unasked()
    asked = f" ({len(clips.samples) - unasked:,} asked about)" if unasked else ""
    counts = (count(len(clips.samples), "clip") + asked, count(len(run.models), "model"))
    return ", ".join(filter(None, [f"dataset {run.dataset}", *counts, day(run.info.get("changed", ""))]))


def day(moment: str) -> str:
    """The day of an ISO 8601 time.

    >>> day("2026-11-24T08:15:00+00:00"), day("")
    ('24 November 2026', '')
    """
    return f"{datetime.fromisoformat(moment):%-d %B %Y}" if moment else ""


def marks(run: Run, replies: pd.DataFrame | None = None, comparison: pd.DataFrame | None = None) -> list[str]:
    """What must be known before a number is read: a rehearsal, replies that lack, drift, audio that differed.

    ``replies`` are those of the run, read anew unless they are given.
    """
    replies = run.replies() if replies is None else replies
    said = [REHEARSED] if run.is_rehearsal else []
    if not run.info.get("complete", True):
        said.append("This run is not complete: some questions were not asked yet.")
    elif lacking := int((replies["outcome"] == "pending").sum()):
        said.append(
            f"{count(lacking, 'question')} of this run {'has' if lacking == 1 else 'have'} no reply in its journal: "
            "not asked yet, or lines of it are missing or spoiled. The command that ran it asks again."
        )
    drifted = canary.drift(run.folder)
    moved = {(row["asked"], row["model"]) for row in drifted if not row["same"]}
    said += canary.sentences(row for row in drifted if (row["asked"], row["model"]) in moved)
    if comparison is not None and (most := int(comparison["differently_fitted"].max())):
        said.append(
            f"A and B did not hear the same audio of {count(most, 'clip')}, cut, asked in parts or re-encoded for one "
            "of them: their difference may come from that."
        )
    return said


def facts(run: Run, clips: Clips) -> list[tuple[str, str]]:
    """Names and values, for a list: dataset, models, prompts, why replies are missing, parameters, times, versions."""
    info = run.info
    dataset = info["dataset"]
    limit = f", limited to {dataset['limit']} (seed {dataset['seed']})" if dataset.get("limit") else ""
    seconds = sum(clips.seconds.values())
    known = [
        (
            "dataset",
            f"{dataset['name']}: {count(len(clips.samples), 'clip')}{limit}, {seconds / 60:.1f} minutes of audio",
        ),
        ("fingerprint", str(dataset.get("fingerprint") or "")),
        ("models", "\n".join(run.models)),
        *services(run.info["models"], clips.replies, journal.read(run.folder / "replies")),
        *((f"task {name}", _prompts(prompts)) for name, prompts in info["tasks"].items()),
        ("normalisation", ", ".join(map(str, clips.scores["profile"].unique()))),
        ("no reply", "\n".join(clips.reasons())),
        ("canaries", "\n".join(canary.sentences(canary.drift(run.folder)))),
        ("clips that do not fit", str(info.get("fit", ""))),
        ("repeats", str(info.get("repeats", 1))),
        ("parameters", ", ".join(f"{key} = {value}" for key, value in (info.get("params") or {}).items()) or "none"),
        ("begun, changed", " · ".join(filter(None, (str(info.get("created", "")), str(info.get("changed", "")))))),
        ("versions", f"qaeval {info.get('qaeval', '?')}, Python {info.get('python', '?')}"),
    ]
    return [(name, value) for name, value in known if value]


def _prompts(prompts: Mapping[str, Any]) -> str:
    return "\n".join(
        f"{name}: {' '.join(filter(None, (p.get('system'), p.get('text'))))}" for name, p in prompts.items()
    )
