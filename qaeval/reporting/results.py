"""Summaries and comparisons as tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from qaeval import stats
from qaeval.flags import FLAGS
from qaeval.markup import Column, breakable, table
from qaeval.markup.asked import told
from qaeval.markup.numbers import ARROWS, change, count, interval, metric_of, p_value, shown
from qaeval.markup.ranking import Measure, records
from qaeval.scores import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

_OUTCOME_MEANS = {
    "answered": "replies that could be read",
    "empty": "replies without a word; scored as said",
    "refused": "replies that decline; scored as said",
    "looped": "replies that repeat themselves; scored as said",
    "off_language": "replies in another language; scored as said",
    "unparsed": "replies that hold no answer of the kind asked for",
    "failed": "the request did not work; never scored",
    "quota": "no allowance was left; never scored",
    "retired": "the model was gone; never scored",
    "skipped": "not asked, as it could not work (unreadable audio, unsupported language ...); never scored",
    "pending": "not asked yet",
}
_FLAG_MEANS = {
    "cut": "only the start of the clip was heard; scored against all of it",
    "truncated": "the answer ended at the limit on its length; scored as it is",
    "unheard": "the audio tokens counted do not fit the audio sent: it did not arrive, or not as it was sent",
}
_UNVALUED = "replies that this metric can say nothing of: a time error needs a time that was told"
SUMMARY_NOTE = (
    "Value: errors (or hits) summed over all clips, then divided (medians, F1, kappa and BLEU: made of all clips at "
    "once); ↓ lower is better, ↑ higher; without an arrow it tells of the clips, not of a model. Ratios are in per "
    "cent here, in the plots below and in the explorer; on the terminal and in Python they are shares (0.05 is 5 %). "
    "Interval: robust to clips of one cluster being alike. n: replies that the value is made of, of those asked about "
    "clips that the metric applies to (macro-F1 and kappa: those with one true label); fewer than these where no reply "
    "came or a reply gives it nothing to divide by. "
    "Coverage: replies of the model among all asked; what a service failed on is not scored. Flags (cut, truncated, "
    "unheard) are of replies that are scored all the same. A time error tells only of the replies that told a time; "
    "presence and IoU tell of all."
)
COMPARISON_NOTE = (
    "Difference: B − A on the clips that both replied to; of ratios, in percentage points. Interval: paired, robust to "
    "clips of one cluster being alike; one that holds 0 shows no difference. With fewer than "
    f"{stats.TOO_FEW_CLUSTERS} clusters there is no verdict."
)


class Verdict(NamedTuple):
    """A comparison in words; ``tone`` is better, worse or open, as seen from a move from A to B."""

    headline: str
    detail: str
    tone: str


def clusters_note(table: pd.DataFrame) -> str:
    """What is counted as a cluster in a summary or a comparison, for print, where no hint can be pointed at."""
    return f"Clusters: groups of clips that may be alike, by {_clusters(records(table))}." if len(table) else ""


def _clusters(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(filter(None, (str(row["cluster"]) for row in rows)))) or "–"


def summary_table(summary: pd.DataFrame, order: Sequence[Measure], slices: Sequence[str] = ("model",)) -> Markup:
    """One row a metric and model (or what the slices are): value, interval, n, coverage, clusters, outcomes and flags.

    Rows stand by task and prompt, in the order of the measures, then in their own.
    """
    place = {(one.task, one.prompt, one.metric, one.field): number for number, one in enumerate(order)}
    questions = list(dict.fromkeys(key[:2] for key in place))

    def at(row: Mapping[str, Any]) -> tuple[int, str, str, int]:
        question = (str(row["task"]), str(row["prompt"]))
        known = questions.index(question) if question in questions else len(questions)
        return known, *question, place.get((*question, row["metric"], row["field"]), len(place))

    rows = sorted(records(summary), key=at)
    columns = [
        Column("metric"),
        *map(Column, slices),
        Column("value", True, "of all clips together, not the mean of each clip's"),
        Column(f"{100 * _level(rows):.0f} % interval", True),
        Column("n", True, "replies that the value is made of, and of how many asked where these are more"),
        Column("coverage", True, "replies of the model among all asked"),
        Column("clusters", True, f"groups of clips that may be alike: {_clusters(rows)}"),
        Column("outcomes"),
    ]
    lines: list[list[object]] = []
    for (task, prompt), group in groupby(rows, key=lambda row: (row["task"], row["prompt"])):
        lines += [[f"{task} · {prompt}"], *(_summary_row(row, slices) for row in group)]
    return table(columns, lines)


def _level(rows: Sequence[Mapping[str, Any]]) -> float:
    return next((float(row["level"]) for row in rows), 0.95)


def _summary_row(row: Mapping[str, Any], slices: Sequence[str]) -> list[object]:
    return [
        _metric(metric_of(row["metric"], row["field"]), row["better"]),
        *(_slice(row, name) for name in slices),
        shown(row["value"], row["unit"]),
        interval(row["ci_low"], row["ci_high"], row["unit"]),
        f"{row['n']:,}" if row["n"] == row["asked"] else f"{row['n']:,} of {row['asked']:,}",
        shown(row["coverage"]),
        f"{row['clusters']:,}",
        _outcomes(row),
    ]


def _slice(row: Mapping[str, Any], name: str) -> Markup:
    return breakable(row[name] if told(row[name]) else "–")


def _metric(label: str, better: str) -> Markup:
    """A metric's name with its arrow, which never stands on a line of its own."""
    return breakable(label + ARROWS[better].replace(" ", "\N{NO-BREAK SPACE}"))


def _outcomes(row: Mapping[str, Any]) -> Markup:
    means = _OUTCOME_MEANS | _FLAG_MEANS
    seen = Markup("").join(
        Markup('<span title="{}">{:,} {}</span>').format(means[name], row[name], name.replace("_", " "))
        for name in (*OUTCOMES, *FLAGS)
        if row[name]
    )
    if row["n_zero_den"]:
        seen += Markup('<span title="{}">{:,} without a value</span>').format(_UNVALUED, row["n_zero_den"])
    return Markup('<span class="qa-outcomes">{}</span>').format(seen)


def per_cent(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows for a plot, ratios in per cent as the tables of the report have them, their differences in points.

    >>> import pandas as pd
    >>> per_cent(pd.DataFrame({"value_a": [0.02, 1.5], "difference": [0.5, 0.5], "unit": ["", "s"]}))
       value_a  difference               unit
    0      2.0        50.0  percentage points
    1      1.5         0.5                  s
    """
    ratios = frame["unit"] == ""
    numbers = [name for name in _DRAWN if name in frame.columns]
    unit = "percentage points" if "difference" in frame.columns and "status" not in frame.columns else "%"
    scaled = frame[numbers].where(~ratios, 100 * frame[numbers])
    return frame.assign(**{name: scaled[name] for name in numbers}, unit=frame["unit"].where(~ratios, unit))


_DRAWN = ("value", "value_a", "value_b", "difference", "ci_low", "ci_high")


def compared(scores: pd.DataFrame, known: Sequence[Measure], a: str, b: str, cluster: str | None) -> pd.DataFrame:
    """`qaeval.stats.compare` of each measure: one row each, in their order."""
    import pandas as pd

    rows = [
        stats.compare(scores, a, b, one.metric, cluster, task=one.task, prompt=one.prompt, field=one.field)
        for one in known
    ]
    return pd.concat(rows, ignore_index=True)


def comparison_table(known: Sequence[Measure], comparison: pd.DataFrame, slices: Sequence[str] = ()) -> Markup:
    """One row a metric, or a metric and slice: both values, difference, verdict, interval, p, clips and clusters.

    Of several tasks or prompts, each has its heading.
    """
    rows = records(comparison)
    apart = [
        Column("apart", True, "clips compared that A and B heard differently: cut, in parts or re-encoded for one")
    ]
    apart = apart if any(row["differently_fitted"] for row in rows) else []
    columns = [
        Column("metric"),
        *map(Column, slices),
        *(Column(name, True) for name in ("A", "B", "difference")),
        Column("verdict"),
        Column(f"{100 * _level(rows):.0f} % interval", True),
        *(
            Column(name, True, hint)
            for name, hint in (("p", "of no difference, two-sided"), ("clips", "that both replied to"))
        ),
        Column("only A", True, "clips that only A replied to; not compared"),
        Column("only B", True, "clips that only B replied to; not compared"),
        Column("clusters", True, f"groups of clips that may be alike: {_clusters(rows)}"),
        *apart,
    ]
    lines: list[list[object]] = []
    questions = [list(group) for _, group in groupby(zip(known, rows, strict=True), key=lambda pair: pair[0][1:3])]
    for group in questions:
        task, prompt = group[0][0][1:3]
        lines += [[f"{task} · {prompt}"]] if len(questions) > 1 else []
        lines += [_comparison_row(one, row, slices, bool(apart)) for one, row in group]
    return table(columns, lines)


def _comparison_row(one: Measure, row: Mapping[str, Any], slices: Sequence[str], apart: bool) -> list[object]:
    return [
        _metric(one.label, one.better),
        *(_slice(row, name) for name in slices),
        shown(row["value_a"], one.unit),
        shown(row["value_b"], one.unit),
        change(row["difference"], one.unit, words=False),
        _verdict_words(row["verdict"]),
        interval(row["ci_low"], row["ci_high"], one.unit, signed=True),
        p_value(row["p_value"]),
        *(f"{row[name]:,}" for name in ("n", "only_a", "only_b", "clusters")),
        *([f"{row['differently_fitted']:,}"] if apart else []),
    ]


def _verdict_words(said: str) -> str:
    return {"a is better": "A is better", "b is better": "B is better"}.get(said, said)


def verdict(one: Measure, row: Mapping[str, Any]) -> Verdict:
    """A comparison in two sentences.

    >>> row = {"value_a": 0.231, "value_b": 0.077, "difference": -0.154, "ci_low": -0.187, "ci_high": -0.121,
    ...        "level": 0.95, "p_value": 1e-4, "n": 500, "clusters": 48, "cluster": "speaker", "verdict": "b is better"}
    >>> for part in verdict(Measure("wer", "transcribe", "en@1", "wer", "lower", ""), row):
    ...     print(part)
    B is better on wer: 23.1 % with A, 7.7 % with B, a difference of −15.4 points.
    95 % interval −18.7 to −12.1 points, p < 0.001; 500 clips in 48 clusters (by speaker).
    better
    """
    said = str(row["verdict"])
    values = f"{shown(row['value_a'], one.unit)} with A, {shown(row['value_b'], one.unit)} with B"
    difference = f"a difference of {change(row['difference'], one.unit)}"
    if said == "nothing to compare":
        return Verdict(f"Nothing to compare on {one.label}.", "No clip has a value of both models.", "open")
    tone = {"b is better": "better", "a is better": "worse"}.get(said, "open")
    headline = f"{_verdict_words(said)[:1].upper()}{_verdict_words(said)[1:]} on {one.label}: {values}, {difference}."
    return Verdict(headline, _certainty(one, row), tone)


def _certainty(one: Measure, row: Mapping[str, Any]) -> str:
    limits = interval(row["ci_low"], row["ci_high"], one.unit, signed=True)
    p = p_value(row["p_value"])
    bounds = f"{100 * row['level']:.0f} % interval {limits} {one.unit or 'points'}"
    known = [bounds] if limits != "–" else ["no interval"]
    known += [f"p {p}" if p.startswith("<") else f"p = {p}"] if p != "–" else []
    clusters = f"{count(int(row['clusters']), 'cluster')} (by {row['cluster']})"
    sentence = f"{', '.join(known)}; {count(int(row['n']), 'clip')} in {clusters}."
    return sentence[0].upper() + sentence[1:]
