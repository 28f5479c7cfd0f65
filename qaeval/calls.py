"""A row's call as a script to paste: what was asked of the service, and how, to be run by oneself.

The request is made anew from what the run has stored, and it is the very same one: its key must be the row's.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qaeval import audio, fitting, models, registry
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

    Raises `UnknownNameError` for an unknown sample or model, `RunError` with what there is when no row or several fit,
    and for a local model.
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
    raise RunError(f"{run.folder} has no row about {sample!r}{_unmet(rows.to_dict('records'), wanted)}")


def _unmet(rows: Sequence[Mapping[Any, Any]], wanted: Mapping[str, Any]) -> str:
    """The end of a sentence: the first choice that no row meets which meets those before it, and what there is."""
    met = ""
    for name, value in wanted.items():
        left = [row for row in rows if _fits(row, {name: value})]
        if not left:
            known = {str(row[name]) for row in rows}
            bare = name == "prompt" and "@" not in str(value)
            named = {one.partition("@")[0] for one in known} if bare else known
            return f"{met and f' of {met}'} with the {name} {str(value)!r}{registry.nearest(str(value), named)}"
        rows, met = left, f"{met} {value}".strip()
    return ": nothing was asked about it"


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
