"""Figures hold what the tables say, collide with nothing, and read no markup."""

import io
import itertools
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from qaeval import plots
from qaeval.drawing import fonts
from qaeval.errors import ScoreError, UnknownNameError
from qaeval.scores import COLUMNS
from qaeval.stats import compare
from qaeval.tables import changes, summarize

MODELS = ["dashscope/qwen-audio-turbo-latest", "dashscope/qwen3.5-omni-flash", "whisper/base", "control/silence"]
DIALECTS = ["西南官话/重庆话", "粤语", "a $\\alpha$ of _x_ & <b>"]


def scores(models=MODELS[:2], metric="wer", better="lower", samples=120, **fixed):
    """Errors of each model on the same clips of 30 speakers, some refused, some that failed."""
    rng = np.random.default_rng(7)
    words = rng.integers(4, 20, samples)
    hard = rng.beta(2, 18, 30)[np.arange(samples) % 30]
    blocks = []
    for place, model in enumerate(models):
        outcome = rng.choice(["answered", "refused", "failed"], samples, p=[0.9, 0.05, 0.05])
        errors = np.where(outcome == "refused", words, rng.binomial(words, hard + 0.03 * place))
        block = dict.fromkeys(COLUMNS, "") | {
            "dataset": "d", "sample": [f"s{i}" for i in range(samples)], "task": "transcribe", "prompt": "zh@1a2b",
            "model": model, "repeat": 0, "outcome": outcome, "metric": metric, "profile": "qaeval-1", "better": better,
            "num": np.where(outcome == "failed", 0, errors), "den": np.where(outcome == "failed", 0, words),
            "speaker": [f"p{i % 30}" for i in range(samples)], "dialect": [DIALECTS[i % 3] for i in range(samples)],
        }  # fmt: skip
        blocks.append(pd.DataFrame(block | fixed))
    return pd.concat(blocks, ignore_index=True)


def shown(figure):
    """The texts that are drawn: those of ticks beyond the ends of an axis are not."""
    figure.draw_without_rendering()
    beyond = [
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    ]
    texts = figure.findobj(matplotlib.text.Text)
    return [it for it in texts if it.get_visible() and it.get_text().strip() and it not in beyond]


def written(figure):
    return [it.get_text() for it in shown(figure)]


def collisions(figure):
    """Pairs of texts that overlap by more than a point."""
    boxes = [(it.get_text(), it.get_window_extent()) for it in shown(figure)]
    room = figure.dpi / 72
    return [
        (a, b)
        for (a, one), (b, two) in itertools.combinations(boxes, 2)
        if min(one.x1, two.x1) - max(one.x0, two.x0) > room and min(one.y1, two.y1) - max(one.y0, two.y0) > room
    ]


def outside(figure):
    """Texts that the edge of the figure cuts by more than a point."""
    boxes = [(it.get_text(), it.get_window_extent()) for it in shown(figure)]
    edge = figure.bbox.padded(figure.dpi / 72)
    return [said for said, box in boxes if not (edge.contains(box.x0, box.y0) and edge.contains(box.x1, box.y1))]


def settings():
    """Of matplotlib as a whole; to ask for the backend would load pyplot."""
    return {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}


def pixels(figure):
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=60)
    png.seek(0)
    return imread(png)


def correct(models, shares, **fixed):
    """Answers of which this share of each model's is right, the first ones."""
    table = scores(models, metric="accuracy", better="higher", **fixed)
    rank = table.groupby("model", sort=False).cumcount()
    right = rank < rank.max() * table["model"].map(dict(zip(models, shares, strict=True)))
    return table.assign(num=right & (table["outcome"] == "answered"), den=table["den"].clip(upper=1))


SUMMARY = summarize(scores(MODELS), by=["model", "dialect"])
LONG = [f"replay/结果/名字很长的文件夹/第{i}次重新评测:dashscope/qwen-audio-turbo-latest" for i in "一二"]
SEVERAL = pd.concat([
    scores(), scores(metric="hit@0.2", better="higher", task="locate"),
    scores(metric="onset_error", unit="s", task="locate", samples=9, speaker="p"),
])  # fmt: skip
FIGURES = {
    "one model": lambda: plots.plot_summary(summarize(scores(MODELS[:1]))),
    "eight models": lambda: plots.plot_summary(summarize(scores([f"replay/旧的运行{i}" for i in range(8)]))),
    "slices": lambda: plots.plot_summary(SUMMARY),
    "all or nothing": lambda: plots.plot_summary(summarize(correct(MODELS, [0, 0.01, 0.99, 1]))),
    "one cluster": lambda: plots.plot_summary(summarize(correct(MODELS, [0, 0.3, 0.9, 1], speaker="p"))),
    "points": lambda: plots.plot_summary(summarize(correct(MODELS, [0, 0.05, 0.5, 1], unit="points"))),
    "kappa": lambda: plots.plot_summary(
        summarize(correct(MODELS, [0, 0.2, 0.9, 1], unit="κ").assign(num=lambda rows: 1.5 * rows["num"] - 0.5))
    ),
    "no model": lambda: plots.plot_summary(summarize(scores(MODELS[:1]), by=[])),
    "several metrics": lambda: plots.plot_summary(summarize(SEVERAL)),
    "one comparison": lambda: plots.plot_comparison(compare(scores(), *MODELS[:2], "wer")),
    "compared slices": lambda: plots.plot_comparison(compare(scores(), *MODELS[:2], "wer", by="dialect")),
    "compared metrics": lambda: plots.plot_comparison(
        pd.concat([compare(SEVERAL, *MODELS[:2], name) for name in ("wer", "hit@0.2", "onset_error")])
    ),
    "nothing to compare": lambda: plots.plot_comparison(
        compare(
            scores().assign(outcome=lambda rows: np.where(rows["model"] == MODELS[0], "failed", "answered")),
            *MODELS[:2],
            "wer",
        )
    ),
    "changes": lambda: plots.plot_comparison(changes(scores(), *MODELS[:2], "wer")),
    "changes of long names": lambda: plots.plot_changes(changes(correct(LONG, [0.5, 0.9]), *LONG, "accuracy")),
}


def cut(figure):
    """The marks of values that reach beyond the axes by more than a pixel."""
    figure.draw_without_rendering()
    found = []
    for axes in figure.axes:
        left, right = axes.get_window_extent().intervalx
        for line in axes.lines:
            at = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]).astype(float))[:, 0]
            half = line.get_markersize() / 2 * figure.dpi / 72 if line.get_marker() not in ("|", "None") else 0
            found += [(line.get_marker(), x) for x in at if x - half < left - 1 or x + half > right + 1]
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_overlaps_is_cut_or_left_to_pyplot(name):
    before, pyplot = settings(), "matplotlib.pyplot" in sys.modules
    figure = FIGURES[name]()
    assert collisions(figure) == []
    assert outside(figure) == []
    assert cut(figure) == []
    assert len(np.unique(pixels(figure).reshape(-1, 4), axis=0)) > 20
    assert settings() == before
    assert ("matplotlib.pyplot" in sys.modules) == pyplot


def test_a_summary_shows_its_numbers_and_direction():
    table = summarize(scores(MODELS[:2]))
    said = written(plots.plot_summary(table))
    row = table.iloc[0]
    assert "wer, lower is better" in said
    assert f"{row.value:.3f}" in said
    assert f"[{row.ci_low:.3f}, {row.ci_high:.3f}]" in said
    assert f"{row.n} / {row.asked}" in said
    assert f"{row.refused} refused, {row.failed} failed" in said
    assert any("(speaker)" in words for words in said)
    assert said.count("30") == 2


def test_the_marks_stand_where_the_numbers_are():
    table = compare(scores(), *MODELS[:2], "wer")
    axes = plots.plot_comparison(table).axes[0]
    drawn = [tuple(np.asarray(line.get_xdata(), float)) for line in axes.lines]
    assert (table.difference[0],) in drawn
    assert (table.ci_low[0], table.ci_high[0]) in drawn


def test_text_of_others_is_drawn_as_it_is():
    assert DIALECTS[2] in written(plots.plot_summary(SUMMARY))
    long = plots.plot_summary(summarize(scores(["x" * 500, "two\nlines"])))
    assert "x" * 29 + "…" + "x" * 29 in written(long)
    assert "two lines" in written(long)


def test_names_that_end_differently_look_different():
    said = written(
        plots.plot_summary(summarize(scores([f"replay/{'旧' * 90}:whisper/{size}" for size in ("tiny", "base")])))
    )
    assert sum(words.endswith((":whisper/tiny", ":whisper/base")) and "…" in words for words in said) == 2


def test_per_cents_have_one_decimal_however_small():
    table = summarize(scores().assign(num=0)).assign(unit="%", ci_low=0.0, ci_high=1.5)
    texts = written(plots.plot_summary(table))
    assert texts.count("0.0") >= 2
    assert "[0.0, 1.5]" in texts
    assert "0.000" not in texts


def test_a_row_has_as_many_decimals_as_its_largest_number():
    table = summarize(correct(MODELS[:1], [0.05], unit="points")).assign(value=8.475, ci_low=4.516, ci_high=15.3)
    assert {"8.5", "[4.5, 15.3]"} <= set(written(plots.plot_summary(table)))


def test_marks_of_changes_point_to_where_the_value_went():
    for table, up, down in (
        (changes(scores(), *MODELS[:2], "wer"), "regressed", "improved"),
        (changes(correct(MODELS[:2], [0.5, 0.9]), *MODELS[:2], "accuracy"), "improved", "regressed"),
    ):
        marks = plots.plot_changes(table).axes[0].get_legend().legend_handles
        tips = {mark.get_label().partition(" ")[2]: mark.get_paths()[0].vertices[0, 1] for mark in marks}
        assert tips[up] > 0 > tips[down]


def test_clips_without_a_value_of_the_column_have_a_slice_of_their_own_that_says_so():
    table = scores()
    table["dialect"] = table["dialect"].replace({DIALECTS[1]: "", DIALECTS[2]: None})
    for said in (
        written(plots.plot_summary(summarize(table, by=["dialect", "model"]))),
        written(plots.plot_comparison(compare(table, *MODELS[:2], "wer", by="dialect"))),
    ):
        assert said.count("no dialect") == 2
        assert said.count(DIALECTS[0]) == 1
        assert "all samples" not in said


def test_a_metric_can_be_chosen():
    figure = plots.plot_summary(summarize(SEVERAL), metric="hit@0.2")
    assert [axes.get_xlabel() for axes in figure.axes] == ["hit@0.2, higher is better"]
    with pytest.raises(UnknownNameError, match="unknown metric 'hit'; did you mean"):
        plots.plot_summary(summarize(SEVERAL), metric="hit")


def test_a_comparison_says_which_side_is_better():
    lower = written(plots.plot_comparison(compare(scores(), *MODELS[:2], "wer")))
    higher = written(plots.plot_comparison(compare(scores(better="higher"), *MODELS[:2], "wer")))
    assert {"← b is better", "a is better →"} <= set(lower)
    assert {"← a is better", "b is better →"} <= set(higher)


def test_what_has_no_interval_is_hollow_and_says_so():
    figure = plots.plot_comparison(compare(scores(speaker="p"), *MODELS[:2], "wer"))
    assert [line.get_markerfacecolor() for line in figure.axes[0].lines if line.get_marker() == "D"] == ["white"]
    assert {"–", "too few clusters to tell"} <= set(written(figure))


def test_changes_count_each_status_and_what_is_not_shown():
    table = changes(scores(), *MODELS[:2], "wer")
    said = written(plots.plot_changes(table))
    for status, count in table["status"].value_counts().items():
        assert f"{count} {status.replace('_', ' ')}" in said
    table.loc[0, "status"] = "unscored"
    assert any("1 without a value from both" in words for words in written(plots.plot_changes(table)))


def test_far_larger_values_bend_the_axes_and_nothing_is_lost():
    table = changes(scores(), *MODELS[:2], "wer")
    assert plots.plot_changes(table).axes[0].get_xscale() == "linear"
    table.loc[0, "value_b"] = 40.0
    figure = plots.plot_changes(table)
    assert figure.axes[0].get_yscale() == "symlog"
    assert figure.axes[0].get_ylim()[1] > 40
    assert any("axes logarithmic beyond" in words for words in written(figure))
    assert collisions(figure) == outside(figure) == []


def test_other_tables_are_refused():
    table = compare(scores(), *MODELS[:2], "wer")
    with pytest.raises(ScoreError, match=r"lacks value, .*num, den; expected one of qaeval\.tables\.summarize"):
        plots.plot_summary(table)
    with pytest.raises(ScoreError, match=r"expected one of qaeval\.stats\.compare"):
        plots.plot_comparison(SUMMARY)
    with pytest.raises(ScoreError, match="the table has no rows"):
        plots.plot_comparison(table[:0])
    unscored = changes(scores(), *MODELS[:2], "wer").assign(status="unscored")
    with pytest.raises(ScoreError, match="no sample has a value from both models"):
        plots.plot_changes(unscored)


def test_notebooks_show_a_figure_without_pyplot():
    assert plots.plot_changes(changes(scores(), *MODELS[:2], "wer"))._repr_png_().startswith(b"\x89PNG")


@pytest.fixture
def no_installed_fonts(monkeypatch):
    """As on a machine where no font for Chinese is installed."""
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ())
    fonts._find_chinese_font.cache_clear()
    yield
    fonts._find_chinese_font.cache_clear()


@pytest.mark.usefixtures("no_installed_fonts")
def test_without_any_chinese_font_it_says_so_once(monkeypatch):
    monkeypatch.setattr(fonts, "FONT_PACKAGE", "no_such_package_of_fonts")
    assert fonts.chinese_font("only Latin, déjà vu →") == []
    with pytest.warns(fonts.MissingFontWarning, match=r"install one, or the extra qaeval\[fonts\]"):
        assert fonts.chinese_font("重庆") == []
    assert fonts.chinese_font("重庆") == []


@pytest.mark.usefixtures("no_installed_fonts")
def test_the_extra_has_a_font_for_chinese():
    pytest.importorskip(fonts.FONT_PACKAGE)
    assert fonts.chinese_font("重庆") == ["Noto Sans SC"]
