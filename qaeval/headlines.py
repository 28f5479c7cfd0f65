"""The metrics that a terminal shows, unless all are asked for, and a report first: those that answer a task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from qaeval.runs import Run
    from qaeval.types import Task

_NAMED = 5
"""So many of the metrics that are not shown are named."""
Key = tuple[str, str, str]
"""The task, the field and the name of a metric."""


class Headlines(NamedTuple):
    """The rows of scores that are shown, those of each task in the order of its metrics; the names of other metrics."""

    scores: pd.DataFrame
    others: Sequence[str] = ()

    def told(self, how: str) -> str:
        """A line on what is not shown and how to see it; ``""`` if all is shown."""
        if not self.others:
            return ""
        named = ", ".join(self.others[:_NAMED]) + (" ..." if len(self.others) > _NAMED else "")
        return f"{len(self.others)} more metrics ({named}): {how}"


def shown(run: Run, scores: pd.DataFrame, everything: bool, *also: str | None) -> Headlines:
    """All of the scores of a run if ``everything`` is asked for, else its `headlines`."""
    return Headlines(scores) if everything else headlines(scores, run.tasks, also)


def headlines(scores: pd.DataFrame, tasks: Mapping[str, Task], also: Collection[str | None] = ()) -> Headlines:
    """The scores of the metrics that answer a task's question, and of those that are named in ``also``.

    A task lists the metric first that says most. Of each field that one is shown, and of the others, in their order,
    each that tells of a reply of which none before it does: CER beside WER where a language has no words, the IoU of
    spans beside the error of onsets where no time was told. What is left says the same of the same replies in another
    way, as medians do, or explains it.

    >>> import pandas as pd
    >>> from qaeval import tasks
    >>> row = {"task": "transcribe", "field": "text", "part": "", "prompt": "en", "model": "m", "repeat": 0}
    >>> said = [("en", "mer"), ("en", "cer"), ("en", "wer"), ("zh", "cer"), ("zh", "mer"), ("zh", "wrapped")]
    >>> rows = [{**row, "sample": s, "metric": m, "den": 1, "outcome": "answered"} for s, m in said]
    >>> shown = headlines(pd.DataFrame(rows), {"transcribe": tasks.find("transcribe")})
    >>> shown.scores["metric"].tolist(), shown.told("--all")
    (['wer', 'cer', 'cer'], '2 more metrics (mer, wrapped): --all')
    """
    import numpy as np

    from qaeval.scores import row_groups

    if scores.empty:
        return Headlines(scores)
    groups = row_groups(scores, ["task", "field", "metric"])
    first = scores.iloc[groups.first]
    measures: list[Key] = list(zip(*(first[name].astype(str) for name in ("task", "field", "metric")), strict=True))
    ordered = sorted(range(len(measures)), key=lambda number: _place(measures, number, tasks))
    kept = _telling(scores, groups.number, [(number, measures[number]) for number in ordered])
    kept |= {number for number in ordered if measures[number][2] in also}
    rank = np.full(len(measures), -1)
    for place, number in enumerate(number for number in ordered if number in kept):
        rank[number] = place
    places = rank[groups.number]
    order = np.argsort(places, kind="stable")
    rows = scores.iloc[order[np.count_nonzero(places < 0) :]]
    names = {measures[number][2] for number in kept}
    return Headlines(rows, list(dict.fromkeys(m for _, _, m in (measures[n] for n in ordered) if m not in names)))


def _place(measures: Sequence[Key], number: int, tasks: Mapping[str, Task]) -> tuple[int, int]:
    """Where a metric comes: tasks as they come in the scores, and their metrics in their order, unknown ones last."""
    task, field, metric = measures[number]
    come = [each[0] for each in measures].index(task)
    known = [(each.field, each.name) for each in tasks[task].metrics] if task in tasks else []
    return come, known.index((field, metric)) if (field, metric) in known else len(known) + number


def _telling(scores: pd.DataFrame, numbers: NDArray[np.integer], measures: Sequence[tuple[int, Key]]) -> set[int]:
    """The metrics that tell of a reply of which none before them does. What has no reply is told of by any row."""
    import numpy as np

    from qaeval.scores import SERVICE_OUTCOMES, row_groups

    telling = (scores["part"] == "") & ((scores["den"] > 0) | scores["outcome"].isin(SERVICE_OUTCOMES))
    rows, number = scores[telling], numbers[telling.to_numpy(bool)]
    asks = row_groups(rows, ["task", "field", "prompt", "sample", "model", "repeat"]).number
    by_metric = np.argsort(number, kind="stable")
    bounds = np.searchsorted(number[by_metric], np.arange(max((n for n, _ in measures), default=0) + 2))
    told, kept = np.zeros(len(rows), bool), set()
    for one, _ in measures:
        those = asks[by_metric[bounds[one] : bounds[one + 1]]]
        if not told[those].all():
            kept.add(one)
            told[those] = True
    return kept or {one for one, _ in measures[:1]}
