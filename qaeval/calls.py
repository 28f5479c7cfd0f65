"""A row's call as a script to paste: what was asked of the service, and how, to be run by oneself.

The request is made anew from what the run has stored, and it is the very same one: its key must be the row's.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qaeval import audio, fitting, models
from qaeval.errors import RunError
from qaeval.fitting import ClipInfo
from qaeval.models.catalogue import Catalogue, Entry, read_catalogue
from qaeval.naming import REHEARSAL, model_named
from qaeval.runner.hearing import info_of
from qaeval.runner.requests import Plan
from qaeval.runs import Run
from qaeval.store.folder import RunFolder
from qaeval.store.rows import to_sample
from qaeval.store.tables import replacing
from qaeval.types import Audio, Model, Prompt, Request, Sample

FORMS = ("python", "curl")


def script(
    run: Run,
    sample: str,
    form: str = "python",
    model: str = "",
    task: str = "",
    prompt: str = "",
    repeat: int | None = None,
    part: int | None = None,
) -> str:
    """A script that makes the request of a row: the key comes from the environment, the audio by reference.

    ``model``, ``task``, ``prompt``, ``repeat`` and ``part`` choose the row where a sample has several; a prompt is
    named as in the rows, or by what stands before its ``@``. The script of a rehearsal calls the service itself.

    Raises `UnknownNameError` for an unknown sample, `RunError` when no row or several fit, and for a local model.
    """
    if form not in FORMS:
        raise RunError(f"a call is printed as {' or '.join(FORMS)}, seen {form!r}")
    named = {"model": model and model_named(model, run.models), "task": task, "prompt": prompt}
    wanted = {
        name: value for name, value in (named | {"repeat": repeat, "part": part}).items() if value not in ("", None)
    }
    row = _row(run, sample, wanted)
    facts = next(known for known in run.info["models"] if known["name"] == row["model"])
    if not facts["endpoint"]:
        raise RunError(f"{row['model']} answers on this machine: there is no call of a service to print")
    if facts["facts"].get("control"):
        raise RunError(
            f"{row['model']} hears another clip than its rows name; print the call of {facts['facts']['inner']}"
        )
    asked = models.find(row["model"].removeprefix(REHEARSAL), _as_recorded(facts["facts"]))
    if asked.script is None:
        raise RunError(f"{row['model']} cannot say how it is called")
    request = _request(run, row, facts, asked)
    return asked.script(request, form)


def _row(run: Run, sample: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The one row that is meant."""
    rows = run.asks()
    rows = rows[rows["sample"] == run.sample(sample).id]
    found = [row for row in rows.to_dict("records") if _fits(row, wanted)]
    if len(found) == 1:
        return {str(name): value for name, value in found[0].items()}
    if found:
        listed = "\n".join(f"  {_options(row, found)}" for row in found)
        raise RunError(f"{len(found)} rows of {run.folder} are about {sample!r}; say which:\n{listed}")
    chosen = " ".join(f"{value}" for value in wanted.values())
    raise RunError(f"{run.folder} has no row about {sample!r}{chosen and f' of {chosen}'}; its models: {run.models}")


def _fits(row: Mapping[Any, Any], wanted: Mapping[str, Any]) -> bool:
    known = dict(row)
    if "@" not in str(wanted.get("prompt", "@")):
        known["prompt"] = row["prompt"].partition("@")[0]
    return all(known[name] == value for name, value in wanted.items())


def _options(row: Mapping[Any, Any], among: Sequence[Mapping[Any, Any]]) -> str:
    """What chooses the row: repeat and part only where they tell it from another."""
    names = ["model", "task", "prompt"]
    names += [name for name in ("repeat", "part") if len({other[name] for other in among}) > 1]
    return " ".join(f"--{name} {row[name]}" for name in names)


def _as_recorded(facts: Mapping[str, Any]) -> Catalogue:
    """The catalogue with what the run recorded of the model: its endpoint above all."""
    fields = {field.name for field in dataclasses.fields(Entry)} - {"name", "prices", "rehearsal", "base_url"}
    changes = {name: value for name, value in facts.items() if name in fields and value is not None}
    if facts.get("url"):
        changes["base_url"] = facts["url"]
    return read_catalogue().overriding({facts["name"]: changes})


def _request(run: Run, row: Mapping[str, Any], facts: Mapping[str, Any], asked: Model) -> Request:
    """The request of a row as it was sent: audio that was fitted lies in a file of the run's ``audio`` folder."""
    same = dataclasses.replace(asked, name=row["model"], reads_prompt=facts["reads_prompt"])
    stored = next(each for each in RunFolder(run.folder).current_samples() if each["id"] == row["sample"])
    info = info_of(stored)
    for request in _requests(run, row, facts, same, to_sample(stored, run.folder), info):
        if request.key == row["key"]:
            sent = fitting.applied(request, info, same).request
            return dataclasses.replace(sent, model=asked.name, audio=_in_a_file(sent.audio, run.folder))
    raise RunError(
        f"the request of sample {row['sample']!r} to {row['model']} cannot be made anew: the task {row['task']!r} or "
        "the clip is not what it was when the run was made"
    )


def _in_a_file(clip: Audio, folder: Path) -> Audio:
    """The clip at an absolute path, so that the script can be run from anywhere."""
    if isinstance(clip.source, str | Path):
        return clip if clip.is_url else dataclasses.replace(clip, source=os.path.abspath(clip.source))
    path = (folder / "audio" / f"{clip.sha256[:32]}{Path(clip.name).suffix}").absolute()
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(audio.read(clip))
    return dataclasses.replace(clip, source=path)


def _requests(
    run: Run, row: Mapping[str, Any], facts: Mapping[str, Any], model: Model, sample: Sample, info: ClipInfo | None
) -> Iterator[Request]:
    wording = run.info["tasks"][row["task"]][row["prompt"]]
    prompt = Prompt(row["prompt"].partition("@")[0], wording["text"], wording["system"], (), wording.get("audio", True))
    task = run.tasks[row["task"]]
    for fit in fitting.MODES:  # a model that only an earlier call asked may have been asked with another
        plan = Plan([(task, [prompt])], row["repeat"] + 1, facts["params"], fit)
        yield from (asked.request for asked in plan.requests(sample, model, info))
