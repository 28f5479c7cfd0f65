"""Commands that ask models."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import qaeval as qa
from qaeval import registry
from qaeval.benchmark import Benchmark
from qaeval.cli.app import Catalogue, Everything, Source, app, options_of
from qaeval.cli.opening import loaded
from qaeval.cli.printing import print_comparison, print_results, write_report
from qaeval.errors import RunError, UnknownNameError
from qaeval.headlines import shown
from qaeval.launch.choices import questions, readers
from qaeval.launch.precautions import having
from qaeval.naming import model_named

if TYPE_CHECKING:
    import pandas as pd


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("results/demo"),
    everything: Everything = False,
) -> None:
    """Run all of it on shipped audio with local engines: no key, no network."""
    from qaeval.cli.demo import BENCHMARK, comparisons
    from qaeval.cli.terminal import comparison_text

    finished = _run(BENCHMARK, out, f"qaeval demo --out {shlex.quote(str(out))}")
    scores = _print_results(finished, everything)
    print(comparison_text(comparisons(scores)), end="\n\n")
    write_report(finished, BENCHMARK.compare)


@app.command()
def run(
    benchmark: Annotated[str, typer.Argument(metavar="BENCH.toml|DATASET", help="A benchmark file, or a dataset.")],
    task: Annotated[list[str] | None, typer.Option("--task", help="A task, when a dataset is given.")] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", help="A model, in the place of the file's; two are compared.")
    ] = None,
    source: Source = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder (default: results/<name>).")] = None,
    limit: Annotated[int | None, typer.Option(help="How many samples.")] = None,
    prompt: Annotated[list[str] | None, typer.Option("--prompt", help="A prompt of the task (`qaeval tasks`).")] = None,
    language: Annotated[str | None, typer.Option(help="The language of a dataset that does not say.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Of the dataset's loader, as encoding=gb18030.")] = None,
    repeats: Annotated[int | None, typer.Option(help="How often each question is asked.")] = None,
    fit: Annotated[
        str | None, typer.Option(help="Clips that a service would cut or refuse: refuse, transcode, cut or split.")
    ] = None,
    tokens: Annotated[int | None, typer.Option(help="The most tokens that the run's folder may cost, in all.")] = None,
    money: Annotated[float | None, typer.Option(help="The most that it may cost, in CNY.")] = None,
    calls: Annotated[int | None, typer.Option(help="The most calls of services that it may make.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Requests in flight a model.")] = None,
    limits: Annotated[bool, typer.Option(help="Keep to the catalogue's requests and tokens a minute.")] = True,
    canary: Annotated[
        int | None, typer.Option(help="Questions a model to ask again, to notice that it changed.")
    ] = None,
    catalogue: Catalogue = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Ask the emulator in the place of every service.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree that the audio is sent to the services.")] = False,
    retired: Annotated[bool, typer.Option("--retired", help="Ask retired models all the same.")] = False,
    moved: Annotated[bool, typer.Option("--moved", help="Go on although an alias means another snapshot now.")] = False,
    everything: Everything = False,
) -> None:
    """Ask every model everything that has no reply yet. Interrupt it, run it again: it goes on."""
    given = {"tasks": task, "models": model, "limit": limit, "prompts": prompt, "repeats": repeats, "fit": fit}
    bench = _benchmark(benchmark, out, **given, concurrency=concurrency, canary=canary)
    bench = _of_loader(bench, options_of(option, language, source), limit)
    bench = _within(bench, {"tokens": tokens, "money": money, "calls": calls}, limits)
    agreed = {"yes": yes, "retired": retired, "moved": moved}
    resume = "qaeval " + shlex.join(sys.argv[1:])
    finished = _run(bench, out or Path("results") / bench.name, resume, catalogue, rehearse, not out, **agreed)
    _show(bench, finished, everything)
    if silent := _silent(finished):
        print(f"error: not one reply from {', '.join(silent)}; why stands above", file=sys.stderr)
        raise typer.Exit(1)


def _show(bench: Benchmark, run: qa.Run, everything: bool) -> None:
    """The results; where two models are compared, the comparison and a report, too."""
    said = _compared(bench, run)
    scores = _print_results(run, everything, said.get("metric"))
    if said:
        write_report(run, {**said, "by": _print_compared(scores, said)})


def _print_results(run: qa.Run, everything: bool, metric: str | None = None) -> pd.DataFrame:
    """Prints the results; returns the scores that they are of: with ``metric`` too, which the comparison is on."""
    found = shown(run, run.scores(), everything, metric)
    print_results(run, found.scores)
    if told := found.told(f"qaeval score {shlex.quote(str(run.folder))} --all"):
        print(told, end="\n\n")
    return found.scores


def _compared(bench: Benchmark, run: qa.Run) -> dict[str, Any]:
    """What is set side by side: what the file says, of the first two of ``--model`` where it chose others."""
    said = dict(bench.compare)
    if said and len(bench.models) > 1 and not {said["a"], said["b"]} <= set(bench.models):
        said |= dict(zip("ab", bench.models, strict=False))
    return said if said and all(_asked(said[side], run) for side in "ab") else {}


def _print_compared(scores: pd.DataFrame, said: Mapping[str, Any]) -> list[str]:
    """Prints the comparison, then by the columns that are named, where the samples that were asked about have them.

    Returns these columns.
    """
    chosen = (said["a"], said["b"], said.get("metric"), said.get("cluster"))
    print_comparison(scores, *chosen)
    if by := _slices(said):
        try:
            print_comparison(scores, *chosen, by=by)
        except UnknownNameError as error:
            print(f"note: not compared by {', '.join(by)}: {error}", file=sys.stderr)
            return []
    return by


def _slices(compare: Mapping[str, Any]) -> list[str]:
    """The columns of ``by`` in ``[compare]``, which may be one or several."""
    by = compare.get("by", [])
    return [by] if isinstance(by, str) else list(by)


def _comparable(bench: Benchmark) -> qa.Dataset:
    """The dataset, once what ``[compare]`` names is known to be there; raises `UnknownNameError` if it is not."""
    asked = questions(bench.tasks, bench.prompts)
    tasks = {task.name: task for task, _ in asked} | readers(asked)
    known = {metric.name for task in tasks.values() for metric in task.metrics}
    metric = bench.compare.get("metric")
    if metric is not None and metric not in known:
        raise registry.unknown("metric in [compare]", metric, known)
    data = loaded(bench.dataset, bench.options, qa.load)
    return having(data, bench.compare.get("cluster"), _slices(bench.compare))


def _silent(run: qa.Run) -> list[str]:
    """The models that were asked and never replied."""
    outcomes = run.replies().groupby("model", sort=False)["outcome"]
    return [str(model) for model, said in outcomes if said.isin(["failed", "quota", "retired"]).all()]


def _asked(name: str, run: qa.Run) -> bool:
    try:
        return bool(model_named(name, run.models))
    except UnknownNameError:
        return False


def _benchmark(said: str, out: Path | None, **given: Any) -> Benchmark:
    """The benchmark of a file, or of a dataset's name; what was ``given`` on the command line goes before it.

    That of a dataset is called as the folder that was chosen for it, else as the dataset.
    """
    changes = {name: value for name, value in given.items() if value not in (None, [])}
    if said.endswith(".toml"):
        return dataclasses.replace(qa.read_benchmark(said), **changes)
    if not {"tasks", "models"} <= changes.keys():
        raise RunError(f"{said!r} is a dataset: say --task and --model too, or give a benchmark file (.toml)")
    return Benchmark(**{"name": out.resolve().name if out else Path(said).stem, "dataset": said, **changes})


def _of_loader(bench: Benchmark, options: Mapping[str, Any], limit: int | None) -> Benchmark:
    """The benchmark with further options of the dataset's loader; one that has a limit keeps to that of the run."""
    options = {**bench.options, **options}
    if limit is not None and "limit" in options:
        options["limit"] = limit  # it chooses among the strata, too
    return dataclasses.replace(bench, options=options)


def _within(bench: Benchmark, most: Mapping[str, float | None], limits: bool) -> Benchmark:
    """The benchmark with what it may spend at most, where that is said, and with the catalogue's limits or without."""
    spend = {name: amount for name, amount in most.items() if amount is not None}
    return dataclasses.replace(bench, budget={**bench.budget, **spend}, limits=bench.limits and limits)


def _run(
    bench: Benchmark,
    out: Path,
    resume: str,
    catalogue: Path | None = None,
    rehearse: bool = False,
    beside: bool = False,
    **agreed: bool,
) -> qa.Run:
    """Runs the benchmark, or its rehearsal: by default ``beside`` the folder of the real run."""
    data = _comparable(bench)
    options: dict[str, Any] = {**bench.arguments(), **agreed, "resume": resume, "catalogue": bench.known(catalogue)}
    if not rehearse:
        return qa.run(data, out=out, **options)
    from qaeval.rehearsal import folder_of

    return qa.rehearse(data, out=folder_of(out) if beside else out, **options)
