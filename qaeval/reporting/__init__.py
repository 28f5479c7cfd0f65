"""The report: one HTML file that holds all that it shows, to be sent, opened from disk and believed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval import plots, registry, tables
from qaeval.errors import RunError, UnknownNameError
from qaeval.headlines import Key
from qaeval.markup.clips import Clips
from qaeval.markup.ranking import Measure, measures, ranked, records
from qaeval.naming import model_named
from qaeval.reporting import folding, results
from qaeval.reporting.cards import Cards, cards, clips_note
from qaeval.reporting.costs import cost_note, cost_table
from qaeval.reporting.facts import day, facts, lead, marks
from qaeval.reporting.page import page, picture, target, write
from qaeval.reporting.services import snapshots
from qaeval.reporting.slices import Sliced, sliced
from qaeval.store import replies as journal
from qaeval.terms import used

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.runs import Run


def report(
    run: Run,
    path: str | Path = "report.html",
    a: str | None = None,
    b: str | None = None,
    metric: str | None = None,
    clips: int = 20,
    *,
    cluster: str | None = None,
    by: str | Sequence[str] | None = None,
    profile: str | None = None,
    title: str = "",
) -> Path:
    """Writes one self-contained HTML file about a run: results, comparison, plots, and clips to listen to.

    Args:
        run: the run.
        path: where to.
        a: the model to compare from, its name in full or without what is before a slash; default: the run's first.
        b: the model to compare to; default: the run's first other one. With one model nothing is compared.
        metric: what clips are chosen and ordered by; default: the first metric of each task.
        clips: how many clips are shown, with their audio inside (about 25 kB for six seconds).
        cluster: the column of what is independent; see `qaeval.compare`.
        by: columns of the clips to slice the first metric of each task by, or ``metric``: accent, language ...
        profile: the text normalisation; see `Run.scores`.
        title: the page's heading; default: `Run.name`, that of the benchmark or of the run's folder.

    Returns:
        The path of the file.

    Raises:
        UnknownNameError: a model, metric or column that the run does not have.
        QaevalError: the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> from qaeval.runs import open_run
    >>> with TemporaryDirectory() as folder:
    ...     page = report(open_run("results/demo-example"), f"{folder}/report.html", metric="wer", clips=1)
    ...     page.name, page.stat().st_size > 100_000
    ('report.html', True)
    """
    path = target(Path(path))
    a, b = _sides(run, a, b)
    content = Clips(run, run.scores(profile))
    known = measures(content.scores, run.tasks, [a, b] if b else [a])
    main = _main(known, metric)
    known = _main_first(known, main)
    comparable = [one for one in known if one.better != "neither"]
    comparison = results.compared(content.scores, comparable, a, b, cluster) if b and comparable else None
    summary = tables.summarize(content.scores, by=["model"], cluster=cluster)
    made = cards(content, known, main, a, b, clips)
    slices = sliced(content.scores, main, a, b, cluster, by)
    filled = page(
        **_head(run, content, comparison, title),
        a=a,
        b=b,
        verdicts=_verdicts(comparable, main, comparison),
        **_tables(known, summary, comparable, comparison, folding.leading(content.scores, run.tasks, main)),
        slices=slices,
        **_costs(run, content.replies),
        plots=_plots(content.scores, main, summary, comparison, slices),
        **_clips(made, content, b),
        metrics=[*dict.fromkeys(one.label for one in [*main, *known])],
    )
    return write(path, filled)


def _head(run: Run, content: Clips, comparison: pd.DataFrame | None, title: str) -> dict[str, Any]:
    """What the page says of the run, and when it was made."""
    return {
        "title": title or run.name,
        "lead": lead(run, content),
        "marks": marks(run, content.replies, comparison),
        "notes": snapshots(run.info["models"]),
        "facts": facts(run, content),
        "version": str(run.info.get("qaeval", "")),
        "made": day(datetime.now(UTC).isoformat()),
    }


def _tables(
    known: Sequence[Measure],
    summary: pd.DataFrame,
    comparable: Sequence[Measure],
    comparison: pd.DataFrame | None,
    lead: set[Key],
) -> dict[str, Any]:
    said = (results.SUMMARY_NOTE, results.clusters_note(summary), folding.unvalued(summary, lead))
    return {
        "summary": folding.summaries(summary, known, lead),
        "summary_note": " ".join(filter(None, said)),
        "comparison": None if comparison is None else folding.comparisons(comparable, comparison, lead),
        "comparison_note": results.COMPARISON_NOTE,
    }


def _costs(run: Run, replies: pd.DataFrame) -> dict[str, Any]:
    known = used(run.info["models"], replies, journal.read(run.folder / "replies"))
    return {"costs": cost_table(known), "costs_note": cost_note(known)}


def _clips(made: Cards, content: Clips, b: str | None) -> dict[str, Any]:
    return {
        "clips": made.cards,
        "clips_title": "The clips that changed most" if b else "The clips with the largest errors",
        "clips_note": clips_note(made, content, b),
        "statuses": made.statuses,
    }


def _sides(run: Run, a: str | None, b: str | None) -> tuple[str, str | None]:
    """The two models, from what is given and the order of the run."""
    a, b = (name and model_named(name, run.models) for name in (a, b))
    if a is None:
        a = next((model for model in run.models if model != b), None)
    if a is None:
        raise RunError(f"{run.folder} has no model to report on")
    return a, b or next((model for model in run.models if model != a), None)


def _main(known: Sequence[Measure], metric: str | None) -> list[Measure]:
    """The measure asked for, or the first of each task."""
    if metric is None:
        return list({one.task: one for one in reversed(known)}.values())[::-1]
    if not known:
        raise UnknownNameError("nothing was scored yet: no metric has a value for the models asked for")
    found = [one for one in known if metric in (one.label, one.metric)]
    if not found:
        raise registry.unknown("metric", metric, [one.label for one in known])
    return found[:1]


def _main_first(known: Sequence[Measure], main: Sequence[Measure]) -> list[Measure]:
    """The same measures: the first main one, then those beside it, then those of its task, then the others."""
    return sorted(known, key=lambda one: (one != main[0], one[1:3] != main[0][1:3], one.task != main[0].task))


def _verdicts(
    known: Sequence[Measure], main: Sequence[Measure], comparison: pd.DataFrame | None
) -> list[results.Verdict]:
    rows = [] if comparison is None else zip(known, records(comparison), strict=True)
    return [results.verdict(one, row) for one, row in rows if one in main]


def _plots(
    scores: pd.DataFrame,
    main: Sequence[Measure],
    summary: pd.DataFrame,
    comparison: pd.DataFrame | None,
    slices: Sliced | None,
) -> list[dict[str, str]]:
    """The main measures of each model; with two, also their differences, and each clip's change in the first."""
    if not main:
        return []
    values = results.per_cent(_rows_of(summary, main))
    drawn = [("The value of each model with its interval", plots.plot_summary(values))]
    if comparison is not None and len(differences := results.per_cent(_rows_of(comparison, main))):
        drawn.append(("The difference of the two models with its interval", plots.plot_comparison(differences)))
        for one in [one for one in main if one.ranks][:1]:
            rows = ranked(scores, one, *comparison.loc[0, ["a", "b"]])
            if (rows["status"] != "unscored").any():
                drawn.append((f"{one.label} of each clip, A against B", plots.plot_changes(results.per_cent(rows))))
    drawn += [(slices.title, slices.figure())] if slices else []
    return [{"alt": alt, "source": picture(figure)} for alt, figure in drawn]


def _rows_of(frame: pd.DataFrame, main: Sequence[Measure]) -> pd.DataFrame:
    wanted = {(one.task, one.prompt, one.metric, one.field) for one in main}
    keys = zip(frame["task"], frame["prompt"], frame["metric"], frame["field"], strict=True)
    return frame[[key in wanted for key in keys]]
