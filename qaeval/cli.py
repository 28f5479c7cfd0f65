"""The command line: names become objects, objects become text. What it does, Python does with the same words."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import qaeval as qa
from qaeval.errors import QaevalError, RunError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    help="Evaluation of audio-language models: ask, keep every reply, score truthfully, compare.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Folder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
Profile = Annotated[str | None, typer.Option(help="The text normalisation to score with.")]
By = Annotated[list[str] | None, typer.Option("--by", help="Columns to slice by; may be given several times.")]
Metric = Annotated[str | None, typer.Option(help="The metric to compare on.")]


@app.command()
def demo(out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("results/demo")) -> None:
    """Run all of it on shipped audio with local engines: no key, no network."""
    from qaeval.demo import BENCHMARK, comparisons
    from qaeval.terminal import comparison_text

    finished = _run(BENCHMARK, out, f"qaeval demo --out {shlex.quote(str(out))}")
    scores = finished.scores()
    _print_summary(scores)
    print(comparison_text(comparisons(scores)), end="\n\n")
    a, b, metric = (BENCHMARK.compare[name] for name in ("a", "b", "metric"))
    print(f"Report: {qa.report(finished, out / 'report.html', a=a, b=b, metric=metric)}")


@app.command()
def run(
    benchmark: Annotated[str, typer.Argument(metavar="BENCH.toml|DATASET", help="A benchmark file, or a dataset.")],
    task: Annotated[list[str] | None, typer.Option("--task", help="A task, when a dataset is given.")] = None,
    model: Annotated[list[str] | None, typer.Option("--model", help="A model; overrides those of the file.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder (default: results/<name>).")] = None,
    limit: Annotated[int | None, typer.Option(help="How many samples.")] = None,
    language: Annotated[str | None, typer.Option(help="The language of a dataset that does not say.")] = None,
) -> None:
    """Ask every model everything that has no reply yet. Interrupt it, run it again: it goes on."""
    bench = _benchmark(benchmark, task, model, limit, language)
    resume = "qaeval " + shlex.join(sys.argv[1:])
    finished = _run(bench, out or Path("results") / bench.name, resume)
    _print_summary(finished.scores())


def _benchmark(
    said: str, tasks: list[str] | None, models: list[str] | None, limit: int | None, language: str | None
) -> Any:
    import dataclasses

    from qaeval.benchmark import Benchmark, read_benchmark

    changes: dict[str, Any] = {"models": models} if models else {}
    changes |= {"tasks": tasks} if tasks else {}
    changes |= {"limit": limit} if limit is not None else {}
    changes |= {"options": {"language": language}} if language else {}
    if said.endswith(".toml"):
        return dataclasses.replace(read_benchmark(said), **changes)
    if not (tasks and models):
        raise RunError(f"{said!r} is a dataset: say --task and --model too, or give a benchmark file (.toml)")
    return Benchmark(**{"name": Path(said).stem, "dataset": said, **changes})


def _run(bench: Any, out: Path, resume: str) -> qa.Run:
    data = qa.load(bench.dataset, **bench.options)
    return qa.run(data, out=out, resume=resume, **bench.arguments())


@app.command()
def score(
    folder: Folder,
    profile: Profile = None,
    by: By = None,
    parts: Annotated[bool, typer.Option(help="Also the counts that a metric is made of.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the summary there, too.")] = None,
) -> None:
    """Score the stored replies, print a summary, and write scores.parquet into the run's folder."""
    found = qa.open_run(folder)
    scores = found.scores(profile)
    scores.to_parquet(found.folder / "scores.parquet")
    summary = _print_summary(scores, by, parts)
    if csv:
        summary.map(_no_formula).to_csv(csv, index=False)


@app.command()
def compare(
    folder: Folder,
    a: Annotated[str, typer.Argument(help="A model of the run.")],
    b: Annotated[str, typer.Argument(help="The model to compare with it.")],
    metric: Metric = None,
    cluster: Annotated[str | None, typer.Option(help="The column of what is independent (speaker ...).")] = None,
    profile: Profile = None,
    by: By = None,
) -> None:
    """Compare two models on the samples that both replied to: difference, 95% interval, clusters."""
    import pandas as pd

    from qaeval.terminal import comparison_text

    scores = qa.open_run(folder).scores(profile)
    names = [metric] if metric else list(dict.fromkeys(scores["metric"]))
    rows = [qa.compare(scores, a, b, metric=name, cluster=cluster, by=by) for name in names]
    print(comparison_text(pd.concat(rows, ignore_index=True)))


@app.command()
def report(
    folder: Folder,
    a: Annotated[str | None, typer.Option(help="A model of the run.")] = None,
    b: Annotated[str | None, typer.Option(help="The model to compare with it.")] = None,
    metric: Metric = None,
    out: Annotated[Path | None, typer.Option(help="Where to (default: report.html in the run's folder).")] = None,
) -> None:
    """Write one self-contained HTML file: numbers, plots, and the clips that changed most, to listen to."""
    written = qa.report(qa.open_run(folder), out or folder / "report.html", a=a, b=b, metric=metric)
    print(f"Report: {written}")


@app.command()
def models() -> None:
    """List the providers of models, with names to try."""
    from qaeval import models as room

    for provider, summary in room.summaries().items():
        examples = [name for name in room.names() if name.startswith(f"{provider}/")]
        print(f"{provider}\n  {summary}\n  {', '.join(examples)}")


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


def _print_summary(scores: pd.DataFrame, by: list[str] | None = None, parts: bool = False) -> pd.DataFrame:
    from qaeval.terminal import summary_text

    summary = qa.summarize(scores, by=by or ["model"], parts=parts)
    print(summary_text(summary), end="\n\n")
    return summary


def _no_formula(cell: object) -> object:
    """A text that a spreadsheet would run (``=``, ``+``, ``-``, ``@`` ...) gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def main() -> None:
    """The entry point: an error is one message, never a traceback (QAEVAL_DEBUG=1 shows it)."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("QAEVAL_DEBUG"):
            raise
        known = isinstance(error, QaevalError)
        kind = "" if known else f"unexpected {type(error).__name__} (QAEVAL_DEBUG=1 shows where): "
        print(f"error: {kind}{error}", file=sys.stderr)
        sys.exit(2)
