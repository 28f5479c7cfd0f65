"""Tables for papers: what stands in each cell, what is told beside it, and what LaTeX and Markdown make of it."""

import numpy as np
import pandas as pd
import pytest

import qaeval as qa
from qaeval.cli.papers import for_paper, latex, markdown, write_paper
from qaeval.errors import RunError, ScoreError
from qaeval.scores import COLUMNS

FIXED = dict.fromkeys(COLUMNS, "") | {
    "dataset": "d", "task": "transcribe", "field": "text", "prompt": "zh@1", "outcome": "answered", "metric": "wer",
    "repeat": 0, "profile": "raw-1", "better": "lower",
}  # fmt: skip


def scores(**columns):
    """Two models on 12 clips: the first makes 3 errors of 10 words in each third clip, the second in each fourth."""
    return pd.DataFrame(
        [
            FIXED | {"sample": f"s{i}", "model": model, "num": 3 * (i % every == 0), "den": 10} | columns
            for i in range(12)
            for model, every in (("old", 3), ("new", 4))
        ]
    )


def failed(frame, model, sample):
    which = (frame["model"] == model) & (frame["sample"] == sample)
    return frame.assign(outcome=frame["outcome"].mask(which, "failed"), den=frame["den"].mask(which, 0))


def test_a_cell_is_the_value_with_its_interval_and_n_of_what_was_asked():
    summary = qa.summarize(failed(scores(), "new", "s1"))
    row = summary.set_index("model").loc["old"]
    table = qa.tabulate(summary)
    assert table.index.tolist() == ["wer (%) ↓"]
    assert table.index.name == "metric"
    assert table.columns.tolist() == ["old", "new", "n"]
    assert table.loc["wer (%) ↓", "old"] == f"10.0 [{100 * row.ci_low:.1f}, {100 * row.ci_high:.1f}]"
    assert table.loc["wer (%) ↓", "n"] == "12, 11/12"
    assert qa.tabulate(qa.summarize(scores()))["n"].tolist() == ["12"]


def test_rows_are_named_by_what_varies_and_in_units():
    both = pd.concat(
        [
            scores(),
            scores(task="locate", field="events", metric="onset_error", unit="s", prompt="zh@2"),
            scores(task="speaker", field="gender", metric="accuracy", better="higher", prompt="zh@3"),
        ]
    )
    table = qa.tabulate(qa.summarize(both))
    assert table.index.tolist() == [
        ("transcribe", "wer (%) ↓"), ("locate", "onset_error (s) ↓"), ("speaker", "accuracy (gender) (%) ↑")
    ]  # fmt: skip
    assert table.iloc[1, 0].split(" ")[0] == "0.100"
    prompts = qa.tabulate(qa.summarize(pd.concat([scores(), scores(prompt="en@2")])))
    assert prompts.index.names == ["prompt", "metric"]
    sliced = scores().assign(accent=["us"] * 12 + [None] * 12)
    assert qa.tabulate(qa.summarize(sliced, by=["model", "accent"])).index.get_level_values(0).tolist() == ["us", "–"]
    turned = qa.tabulate(qa.summarize(sliced, by=["model", "accent"]), columns="accent")
    assert turned.index.names == ["model", "metric"]


def test_what_one_model_lacks_is_told():
    lacking = scores()[lambda frame: (frame["model"] == "old") | (frame["sample"] < "s")]
    two = pd.concat([lacking, scores(metric="cer")])
    table = qa.tabulate(qa.summarize(two))
    assert table.loc["wer (%) ↓", ["new", "n"]].tolist() == ["–", "12, –"]


def test_a_comparison_has_both_values_and_the_difference():
    row = qa.compare(scores(), "old", "new", "wer").iloc[0]
    table = qa.tabulate(qa.compare(scores(), "old", "new", "wer"))
    assert table.columns.tolist() == ["old", "new", "difference", "p", "n", "clusters"]
    low, high = (f"{100 * limit:+.1f}".replace("-", "−") for limit in (row.ci_low, row.ci_high))
    assert table.iloc[0].tolist() == ["10.0", "7.5", f"−2.5 [{low}, {high}]", f"{row.p_value:.3f}", "12", "12"]
    pairs = pd.concat([qa.compare(scores(), *pair, "wer") for pair in (("old", "new"), ("new", "old"))])
    assert qa.tabulate(pairs).index.names == ["a", "b", "metric"]


def test_the_caption_says_what_the_numbers_rest_on():
    told = qa.tabulate(qa.summarize(scores(speaker="p1"), level=0.9)).attrs["caption"]
    assert told == "90 % intervals, robust to clips of one cluster (speaker) being alike. Texts normalised by raw-1."
    rehearsed = scores().assign(model=lambda frame: "rehearsal/" + frame["model"])
    assert "emulator" in qa.tabulate(qa.summarize(rehearsed)).attrs["caption"]
    assert "emulator" in qa.tabulate(qa.compare(rehearsed, "old", "new", "wer")).attrs["caption"]


def test_other_tables_are_refused():
    with pytest.raises(ScoreError, match=r"expected a table of qaeval\.summarize or qaeval\.compare"):
        qa.tabulate(scores())
    with pytest.raises(ScoreError, match="no column 'model'; make one with by="):
        qa.tabulate(qa.summarize(scores(), by=[]))
    with pytest.raises(ScoreError, match="no rows"):
        qa.tabulate(qa.summarize(scores())[:0])
    two = pd.concat([qa.summarize(scores()), qa.summarize(scores())])
    with pytest.raises(ScoreError, match=r"several values for wer \(%\) ↓, old"):
        qa.tabulate(two)


@pytest.fixture
def hostile():
    frame = scores(speaker="p_1").assign(kind=[r"<b>a|b</b> \input{x} $1 & 50%_#~^ 你好"] * 24)
    return qa.tabulate(qa.summarize(frame, by=["model", "kind"]))


def test_markdown_is_a_table_and_no_markup(hostile):
    lines = markdown(hostile).splitlines()
    assert lines[0] == "| kind | metric | old | new | n |"
    assert "<b>" not in markdown(hostile)
    assert lines[2].startswith(
        r"| &lt;b&gt;a\|b&lt;/b&gt; \\input{x} $1 &amp; 50%\_#~^ 你好 | wer (%) ↓ | 10.0 | 7.5 | 12 |"
    )
    assert lines[-1].startswith("95 % intervals")


def test_latex_is_escaped(hostile):
    text = latex(hostile)
    assert r"\input" not in text
    assert text.count("$<$b$>$a$|$b$<$/b$>$") == 1
    assert r"\textbackslash input\{x\} \$1 \& 50\%\_\#\textasciitilde \textasciicircum" in text
    assert r"wer (\%) $\downarrow$" in text
    assert r"\caption{95 \% intervals" in text


@pytest.mark.parametrize("ending", [".md", ".tex"])
def test_a_table_is_written_or_why_not_is_said(tmp_path, capsys, ending):
    path = tmp_path / f"table{ending}"
    write_paper(qa.summarize(scores()), for_paper(path))
    assert "wer" in path.read_text("utf-8")
    assert capsys.readouterr().out == f"Table: {path}\n"
    with pytest.raises(RunError, match=r"expected a file that ends with \.md or \.tex"):
        for_paper(tmp_path / "table.docx")
    with pytest.raises(RunError, match="has no folder"):
        for_paper(tmp_path / "none" / f"table{ending}")
    assert for_paper(None) is None


def test_infinite_limits_are_left_out():
    frame = qa.summarize(scores()).assign(ci_high=np.inf)
    assert qa.tabulate(frame).loc["wer (%) ↓", "old"] == "10.0"
