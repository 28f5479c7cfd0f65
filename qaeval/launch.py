"""`qaeval.run`: names become objects, and the objects are asked."""

from __future__ import annotations

import dataclasses
import json
import operator
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qaeval import datasets, models, registry, runner, tasks
from qaeval._version import __version__
from qaeval.errors import DatasetError, RunError
from qaeval.runner.requests import Plan
from qaeval.runner.spool import order
from qaeval.runs import Run
from qaeval.store.folder import RunFolder
from qaeval.types import Ask, Dataset, Model, Prompt, Sample, Task

Prompts = Mapping[str, Sequence[str | Prompt] | str | Prompt] | Sequence[str | Prompt] | str | Prompt


def run(
    dataset: Dataset | Iterable[Sample] | str,
    tasks: Sequence[str | Task] | str | Task,
    models: Sequence[str | Model | Ask] | str | Model | Ask,
    out: str | Path,
    *,
    prompts: Prompts | None = None,
    limit: int | None = None,
    seed: int = 0,
    repeats: int = 1,
    params: Mapping[str, Any] | None = None,
    concurrency: int | None = None,
    progress: bool = True,
    resume: str = "",
) -> Run:
    """Asks each model each task about each sample and keeps every reply; goes on where an earlier call stopped.

    Args:
        dataset: what `qaeval.load` gives or takes, or any iterable of `Sample`.
        tasks: names (``qaeval tasks``) or `Task` objects. A sample is asked the tasks whose needs its reference fills.
        models: names (``qaeval models``), `Model` objects, or plain functions ``ask(request) -> str``.
        out: the run's folder. Running again with the same folder asks only what has no reply yet.
        prompts: names of the tasks' prompts or `Prompt` objects, for all tasks or by task; default: each task's first.
        limit: how many samples, a prefix of an order seeded by ``seed`` (200 is contained in 500).
        seed: of that order.
        repeats: how often each question is asked.
        params: sampling parameters, as the model's service names them.
        concurrency: requests in flight a model; default: what each model says of itself.
        progress: show bars and the final counts.
        resume: the command to print when the run is interrupted.

    Raises:
        RunError: the folder is in use, cannot be written, or holds a run over another dataset.
        UnknownNameError: a name that nothing bears.
        DatasetError: the dataset is not as it should be, or no sample has what the tasks need.
        KeyboardInterrupt: after an interrupt, when the requests in flight have come home.
    """
    data = _dataset(dataset)
    plan = Plan(_plan(tasks, prompts), _positive("repeats", repeats), _plain(params or {}))
    chosen = _models(models, concurrency)
    limit = None if limit is None else _positive("limit", limit)
    folder = RunFolder(out)
    if progress:
        _tell_of_change(folder, data)
    asked = {"name": data.name, "fingerprint": data.fingerprint, "limit": limit, "seed": seed}
    runner.execute(
        _checked(order(data, limit, seed), plan),
        plan,
        chosen,
        folder,
        save_info=_recorder(folder, asked, plan, chosen),
        progress=progress,
        resume=resume,
    )
    return Run(out, [task for task, _ in plan.tasks])


def _dataset(given: Dataset | Iterable[Sample] | str) -> Dataset:
    """A generator is passed through as it comes, since a run needs only one pass; all else is `qaeval.load`'s."""
    if isinstance(given, Iterator):
        return Dataset("samples", lambda: given)
    return datasets.load(given)


def _tell_of_change(folder: RunFolder, data: Dataset) -> None:
    old = folder.read_info()["dataset"] if folder.info_path.exists() else {}
    if old.get("name") == data.name and old.get("fingerprint") not in (None, data.fingerprint):
        print(
            f"The dataset {data.name!r} is not the one that {folder.path} was begun with: replies are kept, and the "
            "tables show the samples of this call."
        )


def _positive(name: str, value: int) -> int:
    if not hasattr(value, "__index__") or operator.index(value) < 1:
        raise RunError(f"{name} must be 1 or more, seen {value!r}")
    return operator.index(value)


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, which are part of every request's identity, as JSON has them."""
    try:
        if (plain := json.loads(json.dumps(dict(params)))).keys() == params.keys():
            return dict(plain)
    except (TypeError, ValueError, RecursionError):
        pass
    raise RunError(f"params must be plain values (texts, numbers, lists, mappings) by their names, seen {params!r}")


def _plan(wanted: Sequence[str | Task] | str | Task, prompts: Prompts | None) -> list[tuple[Task, list[Prompt]]]:
    listed = [wanted] if isinstance(wanted, str | Task) else list(wanted)
    if not listed:
        raise RunError("no task given; `qaeval tasks` lists them")
    found = [tasks.find(task) if isinstance(task, str) else task for task in listed]
    if len({task.name for task in found}) < len(found):
        raise RunError(f"expected each task once, seen {', '.join(task.name for task in found)}")
    if isinstance(prompts, Mapping) and (extra := set(prompts) - {task.name for task in found}):
        raise registry.unknown("task in prompts", extra.pop(), [task.name for task in found])
    return [(task, _prompts(task, prompts)) for task in found]


def _prompts(task: Task, prompts: Prompts | None) -> list[Prompt]:
    wanted = prompts.get(task.name) if isinstance(prompts, Mapping) else prompts
    if wanted is None:
        return [task.prompts[0]]
    known = {prompt.name: prompt for prompt in task.prompts}
    chosen = []
    for prompt in [wanted] if isinstance(wanted, str | Prompt) else wanted:
        if isinstance(prompt, str) and prompt not in known:
            raise registry.unknown(f"prompt of the task {task.name!r}", prompt, known)
        chosen.append(known[prompt] if isinstance(prompt, str) else prompt)
    return list(dict.fromkeys(chosen))


def _models(wanted: Sequence[str | Model | Ask] | str | Model | Ask, concurrency: int | None) -> list[Model]:
    listed = list(wanted) if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]
    found = [_model(model) for model in listed]
    names = [model.name for model in found]
    if not names or len(set(names)) < len(names):
        raise RunError(f"expected one or more models, each once; seen {names}")
    if concurrency is None:
        return found
    return [dataclasses.replace(model, concurrency=_positive("concurrency", concurrency)) for model in found]


def _model(wanted: str | Model | Ask) -> Model:
    if isinstance(wanted, str):
        return models.find(wanted)
    if isinstance(wanted, Model):
        return wanted
    if not callable(wanted):
        raise RunError(f"a model is a name, a qa.Model, or a function of a request; seen {wanted!r:.80}")
    name = getattr(wanted, "__name__", type(wanted).__name__)
    if name == "<lambda>":
        raise RunError('a lambda has no name for its replies to be kept under: give it one, as qa.Model("mine", ask)')
    return Model(name, wanted)


def _checked(samples: Iterable[Sample], plan: Plan) -> Iterator[Sample]:
    """The samples; at their end, an error for each task and each prompt that none of them could be asked."""
    unasked = {(task.name, prompt): task for task, prompts in plan.tasks for prompt in prompts}
    for sample in samples:
        for (name, prompt), task in list(unasked.items()):
            if runner.fits(sample, task) and not runner.missing(sample, prompt):
                del unasked[name, prompt]
        yield sample
    for (name, prompt), task in unasked.items():
        inputs = dict.fromkeys([*task.inputs, *runner.places(prompt)])
        needs = [f"reference.{needed}" for needed in task.needs] + [f"inputs.{needed}" for needed in inputs]
        raise DatasetError(
            f"no sample of the dataset has what the task {name!r} needs: {', '.join(needs)} (prompt {prompt.name!r})"
        )


def _recorder(
    folder: RunFolder, asked: dict[str, Any], plan: Plan, chosen: Sequence[Model]
) -> Callable[[dict[str, Any]], None]:
    """Writes what this call asks into run.json, beside what earlier calls asked."""

    def save(changes: dict[str, Any]) -> None:
        old = folder.read_info() if folder.info_path.exists() else {}
        if old and old["dataset"]["name"] != asked["name"]:
            raise RunError(
                f"{folder.path} holds a run over the dataset {old['dataset']['name']!r}, not {asked['name']!r}; "
                "choose another folder (out=...)"
            )
        folder.write_info({**_info(old, asked, plan, chosen), **changes})

    return save


def _info(old: dict[str, Any], asked: dict[str, Any], plan: Plan, chosen: Sequence[Model]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    said = {name: dict(task) for name, task in old.get("tasks", {}).items()}
    for task, prompts in plan.tasks:
        said[task.name] = {**said.get(task.name, {}), **{p.id: {"text": p.text, "system": p.system} for p in prompts}}
    facts = {model["name"]: model for model in old.get("models", [])}
    for model in chosen:
        facts[model.name] = {
            "name": model.name,
            "endpoint": model.endpoint,
            "reads_prompt": model.reads_prompt,
            "params": dict(plan.params),
            "facts": dict(model.facts),
        }
    return {
        "qaeval": __version__,
        "python": platform.python_version(),
        "created": old.get("created", now),
        "changed": now,
        "dataset": asked,
        "tasks": said,
        "models": list(facts.values()),
        "repeats": plan.repeats,
        "params": dict(plan.params),
    }
