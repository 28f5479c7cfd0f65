"""Which metrics a terminal shows: those that answer the question, and nothing that a reply says is left out."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import qaeval as qa
from qaeval import tasks
from qaeval.headlines import headlines, shown
from qaeval.scores import SERVICE_OUTCOMES

EXAMPLE = Path(__file__).parent.parent / "results" / "demo-example"
TRANSCRIBE = {"transcribe": tasks.find("transcribe")}
KEYS = ["model", "task", "field", "prompt", "metric"]


@pytest.fixture(scope="module")
def example():
    run = qa.open_run(EXAMPLE)
    return run, run.scores()


def test_the_demo_is_four_metrics_with_the_values_that_they_have_among_all(example):
    run, scores = example
    found = shown(run, scores, False)
    short, whole = qa.summarize(found.scores), qa.summarize(scores)
    assert list(dict.fromkeys(short["metric"])) == ["wer", "cer", "onset_error", "span_iou"]
    both = short.merge(whole, on=KEYS, suffixes=("", "_whole"), validate="1:1")
    assert len(both) == len(short) == 16
    for name in ("value", "ci_low", "ci_high", "n", "asked", "n_zero_den", "skipped"):
        assert both[name].tolist() == pytest.approx(both[f"{name}_whole"].tolist(), abs=1e-12)
    assert set(found.others) == set(whole["metric"]) - set(short["metric"])
    assert found.told("so") == "15 more metrics (mer, sentence_error, wrapped, raw_wer, raw_cer ...): so"


def test_all_are_shown_when_asked_for_and_one_when_it_is_named(example):
    run, scores = example
    everything = shown(run, scores, True)
    assert everything.scores is scores
    assert everything.told("so") == ""
    named = shown(run, scores, False, "raw_wer", None)
    assert list(named.scores["metric"].unique()) == ["wer", "cer", "raw_wer", "onset_error", "span_iou"]
    assert "raw_wer" not in named.others


def rows(metrics, **changes):
    """A scores frame: each metric's samples, and whether there is anything to divide by."""
    base = {"task": "transcribe", "field": "text", "prompt": "p", "model": "m", "repeat": 0, "part": ""}
    return pd.DataFrame(
        [
            {**base, "outcome": "answered", "metric": metric, "sample": sample, "den": den, **changes}
            for metric, samples in metrics.items()
            for sample, den in samples.items()
        ]
    )


def test_clips_without_words_or_without_a_time_are_told_of_by_the_next_metric():
    silent = rows({"hallucination": {"s": 1}, "wer": {"a": 3, "s": 0}, "cer": {"a": 9, "s": 0}})
    assert headlines(silent, TRANSCRIBE).scores["metric"].unique().tolist() == ["wer", "hallucination"]
    locate = {"locate": tasks.find("locate")}
    absent = {"presence": {"a": 1, "b": 1}, "span_iou": {"a": 1}, "onset_error": {"a": 1}, "aas": {"a": 1}}
    found = headlines(rows(absent, task="locate", field="events"), locate)
    assert found.scores["metric"].unique().tolist() == ["onset_error", "presence"]
    assert found.others == ["aas", "span_iou"]


def test_fields_and_tasks_have_their_own_and_keep_their_order():
    both = {"accuracy": {"a": 1}, "macro_f1": {"a": 1}}
    frame = pd.concat(
        [
            rows({"says": {"a": 1}}, task="mine", field="x"),
            rows(both, task="speaker", field="emotion"),
            rows(both, task="speaker", field="gender"),
        ]
    )
    found = headlines(frame, {"speaker": tasks.find("speaker")}).scores
    assert found[["task", "field", "metric"]].values.tolist() == [
        ["mine", "x", "says"],
        ["speaker", "gender", "accuracy"],
        ["speaker", "emotion", "accuracy"],
    ]


@pytest.mark.parametrize("outcome", SERVICE_OUTCOMES)
def test_where_nothing_came_back_the_first_metric_says_so(outcome):
    nothing = rows({"cer": {"a": 0, "b": 0}, "wer": {"a": 0, "b": 0}}, outcome=outcome)
    assert headlines(nothing, TRANSCRIBE).scores["metric"].tolist() == ["wer", "wer"]
    unscored = rows({"cer": {"a": 0}, "mer": {"a": 0}})
    assert headlines(unscored, TRANSCRIBE).scores["metric"].tolist() == ["cer"], "nothing to divide by anywhere"
    assert headlines(unscored[:0], TRANSCRIBE).scores.empty


METRICS = [metric.name for metric in TRANSCRIBE["transcribe"].metrics]


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from(METRICS), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2), min_size=1), min_size=1
    )
)
def test_every_reply_that_any_metric_tells_of_is_told_of_and_no_metric_is_idle(metrics):
    found = headlines(rows(metrics), TRANSCRIBE).scores
    telling = {name: {sample for sample, den in samples.items() if den} for name, samples in metrics.items()}
    kept = list(dict.fromkeys(found["metric"]))
    assert kept == sorted(kept, key=METRICS.index)
    assert set().union(*(telling[name] for name in kept)) == set().union(*telling.values())
    for place, name in enumerate(kept):
        assert telling[name] - set().union(*(telling[other] for other in kept[:place])) or len(kept) == 1
    assert len(found) == sum(len(metrics[name]) for name in kept)
