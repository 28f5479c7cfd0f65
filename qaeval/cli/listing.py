"""Commands that list what there is: models, tasks, datasets."""

from __future__ import annotations

from typing import Annotated

import typer

from qaeval.cli.app import Catalogue, app


@app.command()
def models(
    name: Annotated[str | None, typer.Argument(help="A model: all that is known of it.")] = None,
    catalogue: Catalogue = None,
) -> None:
    """List the models: local engines by provider, those of services with status, limits and prices."""
    from qaeval import models as room
    from qaeval.models.catalogue import describe, read_catalogue, table, table_text

    known = read_catalogue(catalogue)
    if name:
        print(describe(known.find(name.removeprefix("dashscope/").removeprefix("openai/"))))
        return
    for provider, summary in room.summaries().items():
        examples = [example for example in room.names() if example.startswith(f"{provider}/")]
        print(f"{provider}\n  {summary}\n  {', '.join(examples)}")
    print(f"\nModels of services (`qaeval models NAME` tells all of one):\n{table_text(table(known))}")


@app.command()
def tasks() -> None:
    """List the tasks, with their prompts and metrics."""
    from qaeval import tasks as room

    for name in room.names():
        task = room.find(name)
        metrics = ", ".join(f"{m.name} ({m.better} is better)" for m in task.metrics)
        prompts = "; ".join(f"{prompt.name}: {prompt.text}" for prompt in task.prompts)
        print(f"{name}\n  {task.summary}\n  metrics: {metrics}\n  prompts: {prompts}")


@app.command(name="datasets")
def list_datasets() -> None:
    """List the datasets that are loaded by name."""
    from qaeval import datasets as room

    for name, summary in room.summaries().items():
        print(f"{name}\n  {summary}")
