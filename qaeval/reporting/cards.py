"""The clips of a report: which, in which order, and what is written at the head of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from qaeval.markup.clips import Clips, ClipView
from qaeval.markup.numbers import change, count, shown
from qaeval.markup.ranking import CHANGED, Measure, ranked, records

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Card:
    """A clip and, by the label of a metric, its values and status as the page's script shows them."""

    view: ClipView
    changes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Cards:
    """The chosen clips, out of how many; ``statuses`` are those that occur."""

    cards: list[Card]
    total: int
    statuses: list[str]


def cards(clips: Clips, known: Sequence[Measure], main: Sequence[Measure], a: str, b: str | None, most: int) -> Cards:
    """At most so many clips, chosen in turn by each main measure, with their values in all measures."""
    known, main = ([one for one in each if one.ranks] or list(each) for each in (known, main))
    rankings = {one.label: ranked(clips.scores, one, a, b) for one in known}
    picked = _in_turn([list(chosen(rankings[one.label], most)["sample"]) for one in main], most)
    changes = {one.label: _changes(rankings[one.label], one, set(picked)) for one in known}
    made = [
        Card(clips.view(name, a, b), {label: rows[name] for label, rows in changes.items() if name in rows})
        for name in picked
    ]
    statuses = dict.fromkeys(row["status"] for card in made for row in card.changes.values())
    total = len({name for ranking in rankings.values() for name in ranking["sample"]})
    return Cards(made, total, list(statuses))


def clips_note(made: Cards, clips: Clips, b: str | None) -> str:
    """How many clips are shown, in which order, and which of the run's clips are not among them."""
    how = " that both replied to: the largest regressions and improvements, worst first" if b else ", worst first"
    unasked = clips.unasked()
    lacking = len(clips.samples) - unasked - made.total
    left = [
        *(
            [f"{count(unasked, 'clip')} that no task was asked about, for want of a reference or an input"]
            * bool(unasked)
        ),
        *([f"{count(lacking, 'clip')} without a value {'of both models' if b else 'of the model'}"] * bool(lacking)),
    ]
    return (
        f"{len(made.cards)} of {count(made.total, 'clip')}{how}. "
        + (f"Not among them: {'; '.join(left)}. " if left else "")
        + "Texts are compared as they were scored, after normalisation; the reply itself is below each."
    )


def chosen(ranking: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many rows of `ranked`, in its order: half of them the worst regressions, half the best improvements.

    What one half does not need the other may use; then come those that are wrong alike. With one model: the worst.
    """
    ranking = ranking.reset_index(drop=True)
    changed = {name: ranking.index[ranking["status"] == name] for name in CHANGED}
    worse, better = changed["regressed"], changed["improved"][::-1]
    keep = [*worse[: max(most - most // 2, most - len(better))], *better[: max(most // 2, most - len(worse))]]
    rest = ranking.index[~ranking["status"].isin(CHANGED)]
    wrong_first = sorted(rest, key=lambda row: ranking["status"][row] not in ("both_wrong", "wrong"))
    return ranking.loc[sorted([*keep, *wrong_first][:most])]


def _in_turn(lists: Sequence[Sequence[str]], most: int) -> list[str]:
    """The first of each list, then the second of each, and so on, each name once."""
    names = dict.fromkeys(name for name in chain.from_iterable(zip_longest(*lists)) if name is not None)
    return list(names)[:most]


def _changes(ranking: pd.DataFrame, one: Measure, picked: set[str]) -> dict[str, dict[str, Any]]:
    rows = records(ranking[ranking["sample"].isin(picked)])
    return {str(row["sample"]): _change(row, one, rank) for rank, row in enumerate(rows)}


def _change(row: Mapping[str, Any], one: Measure, rank: int) -> dict[str, Any]:
    status = str(row["status"])
    values = [shown(row["value_a"], one.unit), *([shown(row["value_b"], one.unit)] if row["outcome_b"] else [])]
    return {
        "values": f"{one.metric} {' → '.join(values)}",
        "difference": change(row["difference"], one.unit) if status in CHANGED else "",
        "tone": {"regressed": "qa-worse", "improved": "qa-better"}.get(status, ""),
        "status": status.replace("_", " "),
        "changed": status in CHANGED,
        "rank": rank,
    }
