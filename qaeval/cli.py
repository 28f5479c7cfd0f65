"""The command line: names become objects, objects become text. What it does, Python does with the same words."""

from __future__ import annotations

import dataclasses
import io
import os
import shlex
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import qaeval as qa
from qaeval.benchmark import Benchmark
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
    scores = _print_results(finished)
    print(comparison_text(comparisons(scores)), end="\n\n")
    _report(finished, BENCHMARK.compare)


@app.command()
def run(
    benchmark: Annotated[str, typer.Argument(metavar="BENCH.toml|DATASET", help="A benchmark file, or a dataset.")],
    task: Annotated[list[str] | None, typer.Option("--task", help="A task, when a dataset is given.")] = None,
    model: Annotated[list[str] | None, typer.Option("--model", help="A model; overrides those of the file.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder (default: results/<name>).")] = None,
    limit: Annotated[int | None, typer.Option(help="How many samples.")] = None,
    prompt: Annotated[list[str] | None, typer.Option("--prompt", help="A prompt of the task (`qaeval tasks`).")] = None,
    language: Annotated[str | None, typer.Option(help="The language of a dataset that does not say.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Of the dataset's loader, as encoding=gb18030.")] = None,
) -> None:
    """Ask every model everything that has no reply yet. Interrupt it, run it again: it goes on."""
    bench = _benchmark(benchmark, tasks=task, models=model, limit=limit, prompts=prompt)
    options = dict(map(_option, option or ())) | ({"language": language} if language else {})
    bench = dataclasses.replace(bench, options={**bench.options, **options})
    resume = "qaeval " + shlex.join(sys.argv[1:])
    finished = _run(bench, out or Path("results") / bench.name, resume)
    scores = _print_results(finished)
    said = bench.compare
    if said and {said["a"], said["b"]} <= set(finished.models):  # --model may have chosen others
        _print_comparison(scores, said["a"], said["b"], said.get("metric"), said.get("cluster"))
        _report(finished, said)


def _benchmark(said: str, **given: Any) -> Benchmark:
    """The benchmark of a file, or of a dataset's name; what was ``given`` on the command line goes before it."""
    changes = {name: value for name, value in given.items() if value not in (None, [])}
    if said.endswith(".toml"):
        return dataclasses.replace(qa.read_benchmark(said), **changes)
    if not {"tasks", "models"} <= changes.keys():
        raise RunError(f"{said!r} is a dataset: say --task and --model too, or give a benchmark file (.toml)")
    return Benchmark(**{"name": Path(said).stem, "dataset": said, **changes})


def _option(said: str) -> tuple[str, Any]:
    """``name=value``; the value is a whole number, true, false, a list ... as in TOML, or else a text."""
    name, equals, value = said.partition("=")
    if not equals:
        raise RunError(f"--option {said!r}: expected name=value, such as encoding=gb18030")
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


def _run(bench: Benchmark, out: Path, resume: str) -> qa.Run:
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
    summary = _print_summary(scores, by, parts)
    try:
        scores.to_parquet(found.folder / "scores.parquet")
    except OSError as error:
        print(f"note: {found.folder / 'scores.parquet'} was not written: {error.strerror or error}", file=sys.stderr)
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
    _print_comparison(qa.open_run(folder).scores(profile), a, b, metric, cluster, by)


@app.command()
def report(
    folder: Folder,
    a: Annotated[str | None, typer.Option(help="A model of the run.")] = None,
    b: Annotated[str | None, typer.Option(help="The model to compare with it.")] = None,
    metric: Metric = None,
    out: Annotated[Path | None, typer.Option(help="Where to (default: report.html in the run's folder).")] = None,
    audio_root: Annotated[
        Path | None, typer.Option(help="Where the dataset's audio lies now, if it was moved.")
    ] = None,
) -> None:
    """Write one self-contained HTML file: numbers, plots, and the clips that changed most, to listen to."""
    said = {"a": a, "b": b, "metric": metric}
    _report(qa.open_run(folder, audio_root=audio_root), {k: v for k, v in said.items() if v}, out)


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


def _print_results(finished: qa.Run) -> pd.DataFrame:
    """Prints a summary, and why there are no replies; returns the scores."""
    from qaeval.frames import reasons

    scores = finished.scores()
    _print_summary(scores)
    if told := reasons(finished.replies()):
        print("\n".join(["Not asked, or without a reply:", *told]), end="\n\n")
    return scores


def _print_summary(scores: pd.DataFrame, by: list[str] | None = None, parts: bool = False) -> pd.DataFrame:
    from qaeval.terminal import summary_text

    summary = qa.summarize(scores, by=by or ["model"], parts=parts)
    print(summary_text(summary), end="\n\n")
    return summary


def _print_comparison(
    scores: pd.DataFrame,
    a: str,
    b: str,
    metric: str | None = None,
    cluster: str | None = None,
    by: list[str] | None = None,
) -> None:
    import pandas as pd

    from qaeval.terminal import comparison_text

    names = [metric] if metric else list(dict.fromkeys(scores["metric"]))
    if not names:
        raise RunError("nothing was scored yet: there is nothing to compare")
    rows = [qa.compare(scores, a, b, metric=name, cluster=cluster, by=by) for name in names]
    print(comparison_text(pd.concat(rows, ignore_index=True)), end="\n\n")


def _report(finished: qa.Run, compare: Mapping[str, str], out: Path | None = None) -> None:
    chosen: dict[str, Any] = {name: compare.get(name) for name in ("a", "b", "metric", "cluster")}
    print(f"Report: {qa.report(finished, out or finished.folder / 'report.html', **chosen)}")


def _no_formula(cell: object) -> object:
    """A text that a spreadsheet would run (``=``, ``+``, ``-``, ``@`` ...) gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def main() -> None:
    """The entry point: an error is one message, never a traceback (QAEVAL_DEBUG=1 shows it)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows another, and goes on
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
