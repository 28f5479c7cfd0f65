"""Commands that list what there is: models, tasks, datasets."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from qaeval import registry
from qaeval.cli.app import Catalogue, app
from qaeval.markup.numbers import ARROWS

if TYPE_CHECKING:
    from qaeval.types import Task


@app.command()
def models(
    name: Annotated[str | None, typer.Argument(help="A model: all that is known of it.")] = None,
    catalogue: Catalogue = None,
) -> None:
    """List the models: local engines by provider, those of services with status, limits and prices."""
    from qaeval import models as room
    from qaeval.models.catalogue import describe, read_catalogue, table, table_text

    known = read_catalogue(catalogue)
    providers = room.summaries()
    local = [provider for provider in providers if provider not in ("dashscope", "openai")]
    if name and name.partition("/")[0] in local:
        print(_provider(name.partition("/")[0], providers))
        return
    if name and "/" in name and name.partition("/")[0] not in providers:
        raise registry.unknown("model", name, {*room.names(), *known.names()})
    if name:
        print(describe(known.find(name.removeprefix("dashscope/").removeprefix("openai/"))))
        return
    for provider in providers:
        print(_provider(provider, providers))
    print(f"\nModels of services (`qaeval models NAME` tells all of one):\n{table_text(table(known))}")


def _provider(name: str, summaries: Mapping[str, str]) -> str:
    """What a provider of models is, with examples of its names."""
    from qaeval import models as room

    examples = [example for example in room.names() if example.partition("/")[0] == name]
    return "\n  ".join(filter(None, (name, summaries[name], ", ".join(examples))))


@app.command()
def tasks(name: Annotated[str | None, typer.Argument(help="A task: its prompts and metrics, whole.")] = None) -> None:
    """List the tasks, a line each with their metrics (↓ lower is better, ↑ higher); or tell all of one."""
    from qaeval import tasks as room

    if name:
        print(_whole(room.find(name)))
        return
    width = max(map(len, room.names()))
    for task in map(room.find, room.names()):
        print(f"{task.name:{width}}  {task.summary}: {_metrics(task)}")


def _metrics(task: Task) -> str:
    """The metrics with their direction, those of several fields once: ``accuracy ↑ (gender, emotion)``."""
    fields: dict[tuple[str, str], list[str]] = {}
    for metric in task.metrics:
        fields.setdefault((metric.name, ARROWS[metric.better]), []).append(metric.field)
    several = len({metric.field for metric in task.metrics}) > 1
    of = {key: f" ({', '.join(names)})" if several else "" for key, names in fields.items()}
    return ", ".join(f"{name}{arrow}{of[name, arrow]}" for name, arrow in fields)


def _whole(task: Task) -> str:
    """All that there is to say of a task, for a terminal."""
    lines = [f"{task.name}: {task.summary}", f"  reference needs: {', '.join(task.needs) or 'nothing'}"]
    if inputs := [*task.inputs, *(f"{name} (if there)" for name in task.options)]:
        lines.append(f"  inputs: {', '.join(inputs)}")
    lines.append("  prompts (the first is asked unless others are named):")
    for prompt in task.prompts:
        lines.append(f"    {prompt.name}: {prompt.text or '(no text: the clip alone)'}")
        lines += [f"      system: {prompt.system}"] if prompt.system else []
        lines += [f"      read by {', '.join(prompt.also)}, too"] if prompt.also else []
    lines.append("  metrics:")
    lines += [f"    {m.name}{ARROWS[m.better]} of {m.field}: {m.summary}" for m in task.metrics]
    return "\n".join(lines)


@app.command(name="datasets")
def list_datasets(
    name: Annotated[str | None, typer.Argument(help="A dataset: how it is read, with its options.")] = None,
) -> None:
    """List the datasets that are loaded by name; or tell all of one."""
    from qaeval import datasets as room

    if name:
        print(inspect.getdoc(registry.find(room, name, "load", "dataset")))
        return
    for name, summary in room.summaries().items():
        print(f"{name}\n  {summary}")
