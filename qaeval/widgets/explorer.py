"""The explorer: controls of ipywidgets above a list of clips, and the chosen clip below."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
from markupsafe import Markup

from qaeval import markup
from qaeval.errors import RunError
from qaeval.markup.clips import Clips
from qaeval.markup.numbers import change, count, shown
from qaeval.markup.ranking import CHANGED, Measure, measures, ranked, records
from qaeval.markup.templates import render
from qaeval.naming import REHEARSED
from qaeval.scores import meta_columns
from qaeval.stats.changing import STATUSES

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.runs import Run

LISTED = 500
"""How many clips the list holds at once; filters reach the others."""

_SLICES = 60  # a column with more values than this is no slice
_ALL = "all"
_ANY = ()  # the choice of no value in particular, which no value of a column equals
_CHANGED = "changed only"
_SPACE = "\N{NO-BREAK SPACE}"


class Explorer(ipywidgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """Two models side by side, clip by clip. See `qaeval.explore`."""

    def __init__(self, run: Run, profile: str | None = None) -> None:
        if not run.models:
            raise RunError(f"{run.folder} has no model to explore")
        self.clips = Clips(run, run.scores(profile))
        self.slices = _slices(self.clips.scores)
        self._rankings: dict[tuple[str, str | None, Measure], pd.DataFrame] = {}
        self._build(run.models)
        shown = [self.style_, self.choices, self.filters, self.found, self.listing, self.problem, self.pane]
        super().__init__([self.mark, *shown] if run.is_rehearsal else shown)
        self.add_class("qa-explorer")
        self._busy = False
        self._models_changed()
        self._observe()

    def _build(self, models: list[str]) -> None:
        css = Path(__file__).with_name("explorer.css")
        self.style_ = ipywidgets.HTML(f"<style>{markup.STYLE.read_text('utf-8')}{css.read_text('utf-8')}</style>")
        self.mark = ipywidgets.HTML(Markup('<div class="qa">{}</div>').format(markup.note(REHEARSED, "error")))
        names = [(markup.plain(model), model) for model in models]
        self.a = _dropdown("A", names)
        self.b = _dropdown("B", [*names, ("none", "")])
        self.b.value = models[1] if len(models) > 1 else ""
        self.metric = _dropdown("Metric", [])
        self.column = _dropdown("Slice", [(_ALL, ""), *((markup.plain(name), name) for name in self.slices)])
        self.value = _dropdown("is", [(_ALL, _ANY)])
        self.status = _dropdown("Status", [_ALL])
        self.search = ipywidgets.Text(placeholder="words of the id or the reference", description="Text")
        self.choices = _row(self.a, self.b, self.metric)
        self.filters = _row(self.column, self.value, self.status, self.search)
        self.search.layout.min_width = "19rem"  # of what it asks for
        self.found = ipywidgets.HTML()
        self.listing = ipywidgets.Select(options=[], rows=9, layout={"width": "auto"})
        self.problem = ipywidgets.HTML()
        self.pane = ipywidgets.HTML()

    def _observe(self) -> None:
        for control, action in (
            (self.a, self._models_changed),
            (self.b, self._models_changed),
            (self.metric, self._fill),
            (self.column, self._column_changed),
            (self.value, self._fill),
            (self.status, self._fill),
            (self.search, self._fill),
            (self.listing, self._show),
        ):
            control.observe(partial(self._safely, action), names="value")

    def _safely(self, action: Callable[[], None], change: object = None) -> None:
        """Shows what goes wrong in a callback, which the kernel would swallow; what an action sets calls no other."""
        if self._busy:
            return
        self._busy, self.problem.value = True, ""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - whatever it is, the person at the controls must see it
            trace = "".join(traceback.format_exception(error))
            self.problem.value = Markup(
                '<div class="qa">{}<details><summary>traceback</summary><pre>{}</pre></details></div>'
            ).format(markup.note(f"{type(error).__name__}: {error}", "error"), markup.text(trace))
        finally:
            self._busy = False

    def _models_changed(self) -> None:
        known = measures(self.clips.scores, self.clips.run.tasks, [m for m in (self.a.value, self._b) if m])
        known = [one for one in known if one.ranks] or known
        _offer(self.metric, [(markup.plain(one.label), one) for one in known])
        compared = [*STATUSES]
        statuses = [_CHANGED, *compared] if self._b else ["wrong", "right", "unscored"]
        _offer(self.status, [(_ALL, _ALL), *((name.replace("_", " "), name) for name in statuses)])
        self._fill()

    def _column_changed(self) -> None:
        name = self.column.value
        counts = self.slices[name].value_counts().items() if name else ()
        _offer(self.value, [(_ALL, _ANY), *((f"{markup.plain(value)} ({n})", value) for value, n in counts)])
        self._fill()

    @property
    def _b(self) -> str | None:
        """The model to compare with; the same model twice is no comparison."""
        return None if self.b.value in ("", self.a.value) else self.b.value

    def ranking(self) -> pd.DataFrame:
        """The clips that the controls ask for, worst first."""
        key = (self.a.value, self._b, self.metric.value)
        if key not in self._rankings:
            self._rankings[key] = ranked(self.clips.scores, self.metric.value, self.a.value, self._b)
        rows = self._rankings[key]
        if self.value.value != _ANY:
            rows = rows[rows["sample"].map(self.slices[self.column.value]) == self.value.value]
        if self.status.value == _CHANGED:
            rows = rows[rows["status"].isin(CHANGED)]
        elif self.status.value != _ALL:
            rows = rows[rows["status"] == self.status.value]
        return rows[rows["sample"].map(self._matches)] if self.search.value.strip() else rows

    def _matches(self, id: str) -> bool:
        known = self.clips.samples[id]
        searched = " ".join([id, known.reference.text or "", *known.inputs.values()]).casefold()
        return all(word in searched for word in self.search.value.casefold().split())

    def _fill(self) -> None:
        """Lists the clips anew and shows the first."""
        if self.metric.value is None:
            self._say(
                "No metric has values of the models chosen: nothing was scored, or they were asked other prompts."
            )
            _offer(self.listing, [])
        else:
            rows = self.ranking()
            more = f", the first {LISTED} listed" if len(rows) > LISTED else ""
            both = ", of those that both replied to" if self._b else ""
            whole = count(len(self.clips.samples), "clip")
            self._say(f"{len(rows):,} of {whole}{more}, worst first{both}. {self._columns()}")
            _offer(self.listing, [(self._line(row), row["sample"]) for row in records(rows.head(LISTED))])
        self._show()

    def _columns(self) -> str:
        """What stands on a line of the list."""
        one = self.metric.value
        if not self._b:
            return f"Each line: {one.label}, status, clip."
        return f"Each line: {one.label} of A → of B, difference in {one.unit or 'points'}, status, clip."

    def _say(self, words: str) -> None:
        self.found.value = Markup('<div class="qa"><span class="qa-count" role="status">{}</span></div>').format(words)

    def _line(self, row: dict[str, Any]) -> str:
        unit = self.metric.value.unit
        values = [shown(row["value_a"], unit).rjust(9)]
        if self._b:
            values += ["→", shown(row["value_b"], unit).rjust(9), change(row["difference"], unit, words=False).rjust(8)]
        line = f"{' '.join(values)}  {row['status'].replace('_', ' '):<10}  {markup.plain(row['sample'])}"
        return line.replace(" ", _SPACE)

    def _show(self) -> None:
        """The chosen clip, with its player and what was said."""
        id = self.listing.value
        if id is None:
            self.pane.value = Markup('<div class="qa qa-pane">{}</div>').format(markup.note("No clip matches."))
            return
        view = self.clips.view(id, self.a.value, self._b)
        self.pane.value = render("explored.html", Path(__file__).parent, view=view)


def _dropdown(label: str, options: list[Any]) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(options=options, index=0 if options else None, description=label)


def _row(*controls: ipywidgets.Widget) -> ipywidgets.Box:
    for control in controls:
        control.style = {"description_width": "initial"}
        control.layout = {"width": "auto", "min_width": "9rem", "max_width": "24rem"}
    return ipywidgets.HBox(controls, layout={"flex_flow": "row wrap", "grid_gap": "4px 16px"})


def _offer(control: Any, options: list[Any]) -> None:
    """Gives a control new options, keeping what was chosen if it is still there, and else the first."""
    kept = control.value
    values = [option[1] for option in options]
    control.options = options
    control.index = values.index(kept) if kept in values else 0 if values else None


def _slices(scores: pd.DataFrame) -> dict[str, pd.Series]:
    """By name, the columns that divide the clips into a few parts: the value of each sample, as text."""
    first = scores.drop_duplicates("sample").set_index("sample")
    columns = {name: first[name].dropna().astype(str) for name in ["dataset", "language", *meta_columns(scores)]}
    return {name: column for name, column in columns.items() if 1 < column.nunique() <= _SLICES}
