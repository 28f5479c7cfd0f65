"""Commands that read a run: they ask nobody, and may be repeated for ever."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import qaeval as qa
from qaeval.cli.app import By, Everything, Folder, Metric, Profile, app
from qaeval.cli.opening import opened, scores_of
from qaeval.cli.papers import for_paper, write_paper
from qaeval.cli.printing import (
    comparison_of,
    for_csv,
    of_status,
    print_changes,
    print_comparison,
    print_summary,
    with_model,
    write_csv,
    write_report,
)
from qaeval.headlines import shown

if TYPE_CHECKING:
    import pandas as pd

Paper = Annotated[
    Path | None, typer.Option("--table", help="Write the table there as a paper prints it: .md or .tex (LaTeX).")
]
Cluster = Annotated[str | None, typer.Option(help="The column of what is independent (speaker ...).")]


@app.command()
def score(
    folder: Folder,
    profile: Profile = None,
    by: By = None,
    parts: Annotated[bool, typer.Option(help="Also the counts that a metric is made of.")] = False,
    everything: Everything = False,
    csv: Annotated[Path | None, typer.Option(help="Write the summary of every metric there, too.")] = None,
    paper: Paper = None,
) -> None:
    """Score the stored replies, print a summary, and write scores.parquet into the run's folder."""
    csv, paper, found = for_csv(csv), for_paper(paper), opened(folder)
    scores = scores_of(found, profile)
    _print_summary(found, scores, everything, by, parts)
    try:
        scores.to_parquet(found.folder / "scores.parquet")
    except OSError as error:
        print(f"note: {found.folder / 'scores.parquet'} was not written: {error.strerror or error}", file=sys.stderr)
    if csv:
        write_csv(qa.summarize(scores, by=with_model(by), parts=parts), csv)
    if paper:
        write_paper(qa.summarize(shown(found, scores, everything).scores, by=with_model(by), parts=parts), paper)


def _print_summary(run: qa.Run, scores: pd.DataFrame, everything: bool, by: list[str] | None, parts: bool) -> None:
    """Prints the summary by model; further columns ``by``, and ``parts``, as in `qaeval.summarize`."""
    found = shown(run, scores, everything)
    print_summary(found.scores, by, parts)
    if told := found.told("--all shows them, --csv FILE writes them, too"):
        print(told)


@app.command()
def compare(
    folder: Folder,
    a: Annotated[str, typer.Argument(help="A model of the run.")],
    b: Annotated[str, typer.Argument(help="The model to compare with it.")],
    metric: Metric = None,
    cluster: Cluster = None,
    profile: Profile = None,
    by: By = None,
    everything: Everything = False,
    csv: Annotated[Path | None, typer.Option(help="Write the comparison on every metric there, too.")] = None,
    paper: Paper = None,
) -> None:
    """Compare two models on the samples that both replied to: difference, 95% interval, clusters."""
    csv, paper, run = for_csv(csv), for_paper(paper), opened(folder)
    scores = scores_of(run, profile)
    found = shown(run, scores, everything or metric is not None)
    print_comparison(found.scores, a, b, metric, cluster, by)
    if told := found.told("--all shows them, --metric NAME one of them, --csv FILE writes them, too"):
        print(told)
    if csv:
        write_csv(comparison_of(scores, a, b, metric, cluster, by), csv)
    if paper:
        write_paper(comparison_of(found.scores, a, b, metric, cluster, by), paper)


@app.command()
def changes(
    folder: Folder,
    a: Annotated[str, typer.Argument(help="A model of the run.")],
    b: Annotated[str, typer.Argument(help="The model to compare with it.")],
    metric: Metric = None,
    task: Annotated[str | None, typer.Option(help="Only this task, where several have the metric.")] = None,
    prompt: Annotated[str | None, typer.Option(help="Only this prompt (name@hash), where there are several.")] = None,
    status: Annotated[
        str | None, typer.Option(help="Only clips that are regressed, improved, both_wrong, unchanged or unscored.")
    ] = None,
    most: Annotated[int, typer.Option(help="How many clips are shown.")] = 10,
    profile: Profile = None,
    csv: Annotated[Path | None, typer.Option(help="Write all of these clips there, too.")] = None,
) -> None:
    """Show clip by clip what two models said, the worst change from A to B first."""
    csv, run = for_csv(csv), opened(folder)
    metric = metric or str(next(iter(shown(run, scores_of(run, profile), False).scores["metric"]), ""))
    table = run.changes(a, b, metric, task, prompt, profile=profile)
    print_changes(table, status, most)
    if csv:
        write_csv(of_status(table, status), csv)


@app.command()
def report(
    folder: Folder,
    a: Annotated[str | None, typer.Option(help="A model of the run.")] = None,
    b: Annotated[str | None, typer.Option(help="The model to compare with it.")] = None,
    metric: Metric = None,
    cluster: Cluster = None,
    by: By = None,
    profile: Profile = None,
    out: Annotated[Path | None, typer.Option(help="Where to (default: report.html in the run's folder).")] = None,
    audio_root: Annotated[
        Path | None, typer.Option(help="Where the dataset's audio lies now, if it was moved.")
    ] = None,
) -> None:
    """Write one self-contained HTML file: numbers, plots, and the clips that changed most, to listen to."""
    said = {"a": a, "b": b, "metric": metric, "cluster": cluster, "by": by}
    write_report(opened(folder, audio_root), {k: v for k, v in said.items() if v}, out, profile)
