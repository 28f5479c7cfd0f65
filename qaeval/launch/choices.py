"""What a user says to `qaeval.run`, as objects: names are looked up, plain functions become models."""

from __future__ import annotations

import dataclasses
import json
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from qaeval import datasets, models, registry, runner, tasks
from qaeval.errors import DatasetError, RunError
from qaeval.models.catalogue import Catalogue
from qaeval.redaction import redacted
from qaeval.runner.requests import Plan
from qaeval.types import Ask, Dataset, Model, Prompt, Sample, Task

Prompts = Mapping[str, Sequence[str | Prompt] | str | Prompt] | Sequence[str | Prompt] | str | Prompt
Models = Sequence[str | Model | Ask] | str | Model | Ask


def dataset_of(given: Dataset | Iterable[Sample] | str) -> Dataset:
    """A generator is passed through as it comes, since a run needs only one pass; all else is `qaeval.load`'s."""
    if isinstance(given, Iterator):
        return Dataset("samples", lambda: given)
    return datasets.load(given)


def positive(name: str, value: int) -> int:
    """The value as an int. Raises `RunError` naming what it is of, unless it is a whole number of 1 or more."""
    if not hasattr(value, "__index__") or operator.index(value) < 1:
        raise RunError(f"{name} must be 1 or more, seen {value!r}")
    return operator.index(value)


def plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, which are part of every request's identity, as JSON has them; no key is among them.

    Raises `RunError`.
    """
    if redacted(params) is not params:
        raise RunError("params: expected sampling parameters, seen a key; it belongs into the environment alone")
    try:
        if (plain := json.loads(json.dumps(dict(params)))).keys() == params.keys():
            return dict(plain)
    except (TypeError, ValueError, RecursionError):
        pass
    raise RunError(f"params must be plain values (texts, numbers, lists, mappings) by their names, seen {params!r}")


def questions(wanted: Sequence[str | Task] | str | Task, prompts: Prompts | None) -> list[tuple[Task, list[Prompt]]]:
    """Each task with the prompts that it is asked by, its first where none are named.

    Raises `RunError` for no task or one that comes twice, `UnknownNameError` for a name that nothing bears.
    """
    listed = [wanted] if isinstance(wanted, str | Task) else list(wanted)
    if not listed:
        raise RunError("no task given; `qaeval tasks` lists them")
    found = [tasks.find(task) if isinstance(task, str) else task for task in listed]
    if len({task.name for task in found}) < len(found):
        raise RunError(f"expected each task once, seen {', '.join(task.name for task in found)}")
    if isinstance(prompts, Mapping) and (extra := set(prompts) - {task.name for task in found}):
        raise registry.unknown("task in prompts", extra.pop(), [task.name for task in found])
    return [(task, _prompts(task, prompts)) for task in found]


def readers(asked: Sequence[tuple[Task, Sequence[Prompt]]]) -> dict[str, Task]:
    """The tasks, by name, that read replies to prompts which ask for them ``also``.

    >>> list(readers(questions("speaker", None)))
    ['transcribe']
    """
    given = {task.name: task for task, _ in asked}
    also = dict.fromkeys(name for _, prompts in asked for prompt in prompts for name in prompt.also)
    return {name: given.get(name) or tasks.find(name) for name in also}


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


def models_of(wanted: Models, concurrency: int | None, catalogue: Catalogue) -> list[Model]:
    """The models that are meant, with ``concurrency`` requests in flight where it is given.

    Raises `RunError` for no model or a name that comes twice, and what `qaeval.models.find` raises.
    """
    listed = list(wanted) if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]
    found = [_model(model, catalogue) for model in listed]
    names = [model.name for model in found]
    if not names or len(set(names)) < len(names):
        raise RunError(f"expected one or more models, each once; seen {names}")
    if concurrency is None:
        return found
    return [dataclasses.replace(model, concurrency=positive("concurrency", concurrency)) for model in found]


def _model(wanted: str | Model | Ask, catalogue: Catalogue) -> Model:
    if isinstance(wanted, str):
        return models.find(wanted, catalogue)
    if isinstance(wanted, Model):
        return wanted
    if not callable(wanted):
        raise RunError(f"a model is a name, a qa.Model, or a function of a request; seen {wanted!r:.80}")
    name = getattr(wanted, "__name__", type(wanted).__name__)
    if name == "<lambda>":
        raise RunError('a lambda has no name for its replies to be kept under: give it one, as qa.Model("mine", ask)')
    return Model(name, wanted)


def checked(samples: Iterable[Sample], plan: Plan, limit: int | None = None) -> Iterator[Sample]:
    """The samples; at their end, an error for each task and each prompt that none of them could be asked.

    With a ``limit`` it is a note: the samples beyond may have what is needed.
    """
    unasked = {(task.name, prompt): task for task, prompts in plan.tasks for prompt in prompts}
    for sample in samples:
        for (name, prompt), task in list(unasked.items()):
            if runner.fits(sample, task) and not runner.missing(sample, prompt):
                del unasked[name, prompt]
        yield sample
    for (name, prompt), task in unasked.items():
        inputs = dict.fromkeys([*task.inputs, *runner.places(prompt)])
        needs = [f"reference.{needed.replace('|', ' or ')}" for needed in task.needs]
        needs += [f"inputs.{needed}" for needed in inputs]
        lacks = f"has what the task {name!r} needs: {', '.join(needs)} (prompt {prompt.name!r})"
        if limit is None:
            raise DatasetError(f"no sample of the dataset {lacks}")
        print(f"note: none of the {limit} samples that the limit admits {lacks}")
