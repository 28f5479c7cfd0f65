"""What the report and the terminal say of tokens, cost and seconds, held against the journal."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, strategies as st
from seeing import small_run, speaker, tone

import qaeval as qa
from qaeval import plots
from qaeval.cli.terminal import used_text
from qaeval.reporting.costs import cost_note, cost_table
from qaeval.runner.budget import Cost, spending
from qaeval.store import replies as journal
from qaeval.terms import TOKENS, Used, used
from qaeval.types import Prices

PRICES = {"text_in": 2.0, "audio_in": 10.0, "text_out": 5.0, "second": 0.0}
USAGE = {"input_tokens": 30, "audio_tokens": 50, "output_tokens": 10}


def service(name: str, make: Callable[[qa.Request], qa.Reply], **facts: Any) -> qa.Model:
    return qa.Model(name, make, endpoint="openai", facts={"prices": PRICES, **facts})


def clips(folder: Path) -> list[qa.Sample]:
    """Two clips of 2 s and 4 s that are asked who speaks, and what is said."""
    labels = {"gender": ("male",)}
    return [
        qa.Sample(f"s{n}", tone(folder / f"{n}.wav", 2.0 * n, pitch=200.0 * n), qa.Annotation("hello", labels=labels))
        for n in (1, 2)
    ]


def of(run: Any) -> list[Used]:
    return used(run.info["models"], run.replies(), journal.read(run.folder / "replies"))


def test_a_reply_counts_once_and_what_was_lost_before_it_counts_too(tmp_path: Path) -> None:
    def reply(request: qa.Request) -> qa.Reply:
        long = Path(request.audio.name).stem == "2"
        lost = {"audio_tokens": 40, "input_tokens": 30} if long else {}
        return qa.Reply(
            "A man says: 'hello'", usage=USAGE, lost=lost, attempts=3 if long else 1, seconds=2.0 if long else 1.0
        )

    run = qa.run(
        clips(tmp_path), ["speaker", "transcribe"], service("hosted", reply), tmp_path / "run", prompts="en",
        progress=False,
    )  # fmt: skip
    records = [json.loads(line) for line in (run.folder / "replies" / "journal.jsonl").read_text("utf-8").splitlines()]
    assert len(run.replies()) > len(records), "a reply answers several questions"
    [one] = of(run)
    assert one.replies == len(records) == 4
    assert one.retries == sum(record["attempts"] for record in records) - 4 == 4
    assert one.tokens == {name: sum(r["usage"][name] + r["lost"].get(name, 0) for r in records) for name in TOKENS}
    assert one.lost == sum(sum(record["lost"].values()) for record in records) == 140
    assert one.cost == pytest.approx((one.tokens["input_tokens"] * 2 + 280 * 10 + 40 * 5) / 1e6)
    assert (one.clips, one.audio, one.unpriced) == (2, pytest.approx(12.0), 0)
    assert one.per(one.clips / 1000) == pytest.approx(1000 * one.cost / 2)
    assert one.seconds == pytest.approx((1.5, 2.0))
    assert one.first_token is None


def test_attempts_of_an_earlier_call_count_and_a_copied_line_does_not(tmp_path: Path) -> None:
    broken = [True]

    def reply(request: qa.Request) -> qa.Reply:
        if broken[0]:
            return qa.Reply(error=qa.Failure("failed", "it broke"), usage={"audio_tokens": 7}, attempts=2)
        return qa.Reply("'hello'", usage=USAGE)

    def ask() -> Any:
        return qa.run(clips(tmp_path), "transcribe", service("hosted", reply), tmp_path / "run", progress=False)

    [failed] = of(ask())
    assert (failed.replies, failed.retries, failed.lost, failed.seconds) == (0, 2, 14, None)
    assert failed.cost == pytest.approx(14 * 10 / 1e6)
    broken[0] = False
    run = ask()
    [once] = of(run)
    assert (once.replies, once.retries, once.lost) == (2, 4, 14)
    lines = (run.folder / "replies" / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (run.folder / "replies" / "z-copy.jsonl").write_bytes(b"".join(lines[-2:]))
    assert of(run) == [once]


COUNTS = st.fixed_dictionaries({name: st.integers(0, 9_000) for name in TOKENS})
ATTEMPTS = st.lists(st.tuples(COUNTS, COUNTS, st.integers(1, 5)), min_size=1, max_size=4)


@given(st.lists(ATTEMPTS, max_size=6))
def test_tokens_money_and_calls_are_those_that_the_budget_counts(history: list[Any]) -> None:
    """Each key fails until its last record; the budget sums all records of a journal."""
    records, rows = [], []
    for key, tries in enumerate(history):
        for place, (usage, lost, attempts) in enumerate(tries):
            outcome = "ok" if place == len(tries) - 1 else "failed"
            records.append(
                {"key": f"k{key}", "model": "m", "outcome": outcome, "usage": usage, "lost": lost, "attempts": attempts}
            )
        cost = Prices(**PRICES).cost(usage)
        rows.append({"key": f"k{key}", "model": "m", "sample": f"s{key}", "outcome": "ok", **usage, "cost": cost})
    columns = ["key", "model", "sample", "outcome", *TOKENS, "cost", "sent_seconds", "seconds", "first_token_seconds"]
    model = {"name": "m", "endpoint": "openai", "facts": {"prices": PRICES}}
    [one] = used([model], pd.DataFrame(rows, columns=columns), records)
    spent = spending(records, {"m": Prices(**PRICES)}).get("m", Cost())
    assert (sum(one.tokens.values()), round((one.cost or 0) * 1e9)) == (spent.tokens, spent.nanos)
    assert one.retries == spent.calls - len(history)


def test_what_is_not_known_is_not_made_up(tmp_path: Path) -> None:
    def silent(request: qa.Request) -> qa.Reply:
        counted = Path(request.audio.name).stem == "1"
        return qa.Reply("'hello'", usage=USAGE if counted else {})

    models = [
        service("unpriced", lambda request: qa.Reply("'hello'", usage=USAGE), prices=None),
        service("half", silent),
        service("free", lambda request: qa.Reply("'hello'", usage=USAGE), prices=dict.fromkeys(PRICES, 0.0)),
        service("uncounted", lambda request: qa.Reply("'hello'")),
        qa.Model("here", lambda request: "'hello'"),
    ]
    run = qa.run(clips(tmp_path), "transcribe", models, tmp_path / "run", progress=False)
    unpriced, half, free, uncounted, here = of(run)
    assert (unpriced.cost, uncounted.cost, here.cost) == (None, None, None)
    assert (uncounted.tokens, here.tokens, uncounted.unpriced) == ({}, {}, 2)
    assert (half.unpriced, half.cost) == (1, pytest.approx((30 * 2 + 50 * 10 + 10 * 5) / 1e6))
    assert (free.free, free.cost) == (True, 0.0)
    lines = used_text([unpriced, half, free, uncounted, here]).splitlines()
    assert [line.split(", median")[0] for line in lines] == [
        "unpriced: 2 replies, 180 tokens, cost not known",
        "half: 2 replies, 90 tokens, cost at least CNY 0.0006",
        "free: 2 replies, 180 tokens, free while the free quota lasts",
        "uncounted: 2 replies, cost not known",
        "here: 2 replies",
    ]
    rows = cells(cost_table([unpriced, half, free, uncounted, here]))
    assert [row[6] for row in rows] == ["not known", "≥\N{NO-BREAK SPACE}0.0006", "free", "not known", "–"]
    note = cost_note([unpriced, half, free, uncounted, here])
    assert "half: the cost of 1 reply is not known and not in the sum." in note
    assert "Free: while the free quota lasts." in note


def cells(table: str) -> list[list[str]]:
    """The body of a table, cell by cell, without markup."""
    rows = re.findall("<tr>(.*?)</tr>", str(table).partition("<tbody>")[2])
    return [[html.unescape(re.sub("<.*?>", "", cell)) for cell in re.findall("<t[hd].*?</t[hd]>", row)] for row in rows]


def heads(table: str) -> list[str]:
    return [re.sub("<.*?>", "", cell) for cell in re.findall('<th scope="col".*?</th>', str(table))]


def test_engines_of_this_machine_have_seconds_only() -> None:
    table = cost_table([Used("whisper/base", replies=3, clips=3, seconds=(0.5, 1.25))])
    assert heads(table) == ["model", "replies", "retries", "seconds, median / p90"]
    assert cells(table) == [["whisper/base", "3", "0", "0.50 / 1.25"]]
    assert "CNY" not in cost_note([Used("whisper/base")])


def test_a_rehearsal_would_have_cost_and_what_costs_are_divided_by_is_said() -> None:
    one = Used(
        "rehearsal/a", hosted=True, rehearsed=True, replies=4, tokens=USAGE, cost=0.5, clips=2, audio=72.0,
        seconds=(1.0, 2.0), first_token=(0.25, 0.5),
    )  # fmt: skip
    table = cost_table([one])
    assert heads(table)[3:] == [
        *(
            "text tokens in",
            "audio tokens in",
            "tokens out",
            "would have cost, CNY",
            "per 1,000 clips",
            "per hour of audio",
        ),
        *("seconds, median / p90", "to first token"),
    ]
    assert cells(table) == [
        ["rehearsal/a", "4", "0", "30", "50", "10", "0.5000", "250.00", "25.00", "1.00 / 2.00", "0.25 / 0.50"]
    ]
    note = cost_note([one])
    assert "Divided by 2 clips and 1.20 minutes of audio." in note
    assert "seconds those of this machine" in note
    assert (
        used_text([one])
        == "rehearsal/a: 4 replies, 90 tokens, would have cost CNY 0.5000, median 1.00 s on this machine"
    )
    other = Used("b", hosted=True, tokens=USAGE, cost=0.1, clips=3, audio=None)
    assert "rehearsal/a: divided by 2 clips and 1.20 minutes of audio." in cost_note([one, other])
    assert "b: divided by 3 clips and an unknown length of audio." in cost_note([one, other])


def test_a_replay_has_the_tokens_of_its_run_and_no_cost(tmp_path: Path) -> None:
    first = small_run(tmp_path / "first", models=[service("hosted", lambda request: qa.Reply("'hello'", usage=USAGE))])
    again = small_run(tmp_path / "again", models=[f"replay/{first.folder}"])
    [one] = of(again)
    assert (one.replayed, one.cost, one.tokens) == (True, None, of(first)[0].tokens)
    assert "those of the stored replies" in cost_note([one])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("costs")
    facts = {"means": "a-1", "means_retired_on": "2026-01-30", "date": "2026-11", "status": "unknown"}
    alias = service("dashscope/a", lambda request: qa.Reply("'hello'", usage=USAGE), **facts)
    run = small_run(folder / "my-benchmark", models=[alias, speaker("old")])
    return qa.report(run, folder / "report.html").read_text("utf-8")


def test_the_report_is_titled_with_the_run_and_names_the_dataset(page: str) -> None:
    assert "<title>run</title>" in page, "the folder of this run is called so"
    assert '<h1>run</h1>\n  <p class="lead">dataset samples, 7 clips, 2 models, ' in page


def test_the_report_tells_costs_and_that_the_snapshot_of_an_alias_is_retired(page: str) -> None:
    table = page.partition('<h2 id="costs">Cost and speed</h2>')[2].partition("</table>")[0]
    tokens = ["210", "350", "70"]
    assert cells(table)[0][:7] == ["dashscope/a", "7", "0", *tokens, f"{(210 * 2 + 350 * 10 + 70 * 5) / 1e6:.4f}"]
    assert cells(table)[1][:7] == ["old", "7", "0", *"––––"]
    told = '<p class="qa-note" role="note">dashscope/a means a-1, which is retired as of 2026-01-30, by the catalogue'
    assert page.count(told) == 1
    assert "status unknown, an alias of a-1 (retired on 2026-01-30) (as of 2026-11)" in page


def test_plots_of_the_report_are_in_per_cent_as_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: dict[str, pd.DataFrame] = {}
    for name in ("plot_summary", "plot_comparison", "plot_changes"):
        draw = getattr(plots, name)
        monkeypatch.setattr(plots, name, lambda rows, name=name, draw=draw: drawn.update({name: rows}) or draw(rows))
    run = small_run(tmp_path)
    qa.report(run, tmp_path / "report.html")
    summary = qa.summarize(run.scores(), by=["model"])
    for name, unit, column in (("plot_summary", "%", "value"), ("plot_comparison", "percentage points", "value_a")):
        by_unit = drawn[name].set_index(["metric"])
        assert by_unit.loc[["cer"], "unit"].unique().tolist() == [unit]
        assert by_unit.loc[["onset_error"], "unit"].unique().tolist() == ["s"]
        known = summary[(summary["model"] == "old") & summary["metric"].isin(["cer", "onset_error"])].set_index(
            "metric"
        )
        assert by_unit[column].groupby(level=0).first()["cer"] == pytest.approx(100 * known.loc["cer", "value"])
        assert by_unit[column].groupby(level=0).first()["onset_error"] == known.loc["onset_error", "value"]
    assert drawn["plot_changes"]["value_a"].max() > 1
