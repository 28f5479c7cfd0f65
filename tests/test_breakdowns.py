"""Confusions, the effect of the prompt, and how reduced metrics and labels are shown to people."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from qaeval import tables
from qaeval.breakdowns import EFFECT, confusion, prompt_effect
from qaeval.cli.terminal import comparison_text, summary_text
from qaeval.errors import ScoreError, UnknownNameError
from qaeval.markup.numbers import change, interval, shown
from qaeval.markup.ranking import measures, ranked
from qaeval.reducers import confusion as pair
from qaeval.scores import COLUMNS
from qaeval.stats import compare
from qaeval.tables import changes, summarize
from qaeval.types import Annotation, Metric, Prompt, Ratio, Task

FIXED = dict.fromkeys(COLUMNS, "") | {
    "dataset": "d", "task": "speaker", "field": "emotion", "prompt": "zh@1", "outcome": "answered", "repeat": 0,
    "profile": "raw-1", "better": "higher", "model": "m", "num": 1, "den": 1, "metric": "macro_f1",
    "reduce": "macro_f1",
}  # fmt: skip


def answers(told, **columns):
    rows = []
    for i, (truth, said) in enumerate(told):
        here = FIXED | {"sample": f"s{i:02}"} | columns
        rows += [here | {"num": int(truth == said)}, here | {"part": pair(truth, said)}]
    return pd.DataFrame(rows)


def rates(said, **columns):
    """A frame of wer: errors of ten words a sample and prompt; None for a failure of the service."""
    rows = []
    for prompt, errors in said.items():
        for i, num in enumerate(errors):
            here = FIXED | {"sample": f"s{i}", "prompt": prompt, "metric": "wer", "reduce": "", "field": "text"}
            here |= {"better": "lower"} | columns
            rows.append(here | ({"outcome": "failed", "num": 0, "den": 0} if num is None else {"num": num, "den": 10}))
    return pd.DataFrame(rows)


def test_a_confusion_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    truths, told = rng.choice(list("abc"), 60), rng.choice(["a", "b", "c", "d", "(none)", "(other)"], 60)
    found = confusion(answers(zip(truths.tolist(), told.tolist(), strict=True)), "emotion")
    assert list(found.index) == ["a", "b", "c"]
    assert list(found.columns) == ["a", "b", "c", "d", "(none)", "(other)"]
    assert (found.index.name, found.columns.name) == ("reference", "hypothesis")
    oracle = confusion_matrix(truths, told, labels=list(found.columns))[:3]
    assert found.to_numpy().tolist() == oracle.tolist()


def test_classes_with_numbers_are_in_their_order():
    told = [("10-19", "5-9"), ("5-9", "100-109"), ("100-109", "(none)")]
    found = confusion(answers(told, field="age"), "age")
    assert list(found.index) == ["5-9", "10-19", "100-109"]
    assert list(found.columns) == ["5-9", "10-19", "100-109", "(none)"]


def test_a_confusion_is_of_one_question_to_one_model():
    told = [("a", "b"), ("a", "a")]
    both = pd.concat([answers(told), answers(told[::-1], model="n"), answers(told, field="gender", model="n")])
    assert confusion(both, "gender").to_numpy().tolist() == [[1, 1]]
    with pytest.raises(ScoreError, match="scored for several models; choose one with model=: m, n"):
        confusion(both, "emotion")
    assert confusion(both, "emotion", "m").equals(confusion(both, "emotion", "n"))
    with pytest.raises(ScoreError, match="several prompts; choose one with prompt=: en@2, zh@1"):
        confusion(pd.concat([answers(told), answers(told, prompt="en@2")]), "emotion")
    with pytest.raises(UnknownNameError, match="unknown field 'emotions'; did you mean 'emotion'"):
        confusion(both, "emotions")
    wer = rates({"zh@1": [1]}, field="emotion", model="m")
    with pytest.raises(ScoreError, match="wer of emotion has no confusions, these metrics have: macro_f1"):
        confusion(pd.concat([answers(told), wer]), "emotion", metric="wer")


def test_the_effect_of_the_prompt_is_seen_on_the_same_samples():
    """The third sample failed under one prompt, so it counts under none."""
    said = {"zh@1": [1, 3, 9], "en@1": [4, 4, None], "strict@1": [0, 2, 0]}
    table = prompt_effect(pd.concat([rates(said), rates({"zh@1": [2, 2, 2]}, model="n")]), "wer")
    assert list(table.columns) == list(EFFECT)
    row = table.set_index("model").loc["m"]
    assert row[["prompts", "n", "left_out", "best", "worst"]].tolist() == [3, 2, 1, "strict@1", "en@1"]
    assert row[["value_best", "value_worst", "range"]].tolist() == pytest.approx([0.1, 0.4, 0.3])
    assert row["deviation"] == pytest.approx(np.std([0.2, 0.4, 0.1], ddof=1))
    alone = table.set_index("model").loc["n"]
    assert alone[["prompts", "n", "left_out", "range"]].tolist() == [1, 3, 0, 0]
    assert np.isnan(alone["deviation"])


def test_the_effect_of_the_prompt_knows_directions_reducers_and_fields():
    told = [("a", "a"), ("b", "b"), ("b", "a"), ("a", "a")]
    worse = [("a", "b"), ("b", "b"), ("b", "a"), ("a", "a")]
    frames = [
        answers(list_, prompt=prompt, field=field)
        for field in ("emotion", "gender")
        for prompt, list_ in (("zh@1", worse), ("en@1", told))
    ]
    table = prompt_effect(pd.concat(frames), "macro_f1")
    assert table[["field", "best", "worst", "n"]].values.tolist() == [
        ["emotion", "en@1", "zh@1", 4], ["gender", "en@1", "zh@1", 4]
    ]  # fmt: skip
    whole = tables.summarize(pd.concat(frames[:2])).set_index("prompt")["value"]
    assert table.loc[0, ["value_worst", "value_best"]].tolist() == whole.tolist()
    assert len(prompt_effect(pd.concat(frames), "macro_f1", field="gender")) == 1
    with pytest.raises(UnknownNameError, match="unknown metric 'macro'"):
        prompt_effect(pd.concat(frames), "macro")


def test_amounts_count_where_every_prompt_got_one():
    said = rates({"zh@1": [1, 3], "en@1": [4, 4]}, unit="s", metric="onset_error")
    said.loc[(said["sample"] == "s1") & (said["prompt"] == "zh@1"), ["num", "den"]] = 0
    row = prompt_effect(said, "onset_error").iloc[0]
    assert (row.n, row.left_out, row.value_best, row.value_worst) == (1, 1, 0.1, 0.4)


def test_where_no_sample_has_all_prompts_there_is_no_value():
    row = prompt_effect(rates({"zh@1": [1, None], "en@1": [None, 4]}), "wer").iloc[0]
    assert (row.prompts, row.n, row.left_out, row.best) == (2, 0, 2, "")
    assert np.isnan([row.value_best, row.range, row.deviation]).all()


def test_each_unit_has_its_decimals():
    assert (shown(-0.124, "κ"), change(0.05, "κ"), interval(0.5, 0.6123, "κ")) == ("−0.12 κ", "+0.05 κ", "0.50 to 0.61")
    assert (shown(31.25, "points"), change(-1.26, "points")) == ("31.2 points", "−1.3 points")
    assert (shown(0.5, ""), shown(0.5, "s")) == ("50.0 %", "0.500 s")


def test_the_terminal_names_fields_parts_and_units():
    told = [("a", "a"), ("b", "b"), ("b", "a"), ("a", "b"), ("b", "b")] * 4
    kappa = [answers(told[: 10 + i], field=field, metric="kappa", reduce="kappa", unit="κ", model=m)
             for i, (field, m) in enumerate((f, m) for f in ("emotion", "gender") for m in "mn")]  # fmt: skip
    written = summary_text(tables.summarize(pd.concat(kappa)))
    assert written.count("kappa (emotion) ↑") == written.count("kappa (gender) ↑") == 2
    assert "0.17 κ" in written
    lines = [line for line in written.splitlines() if "kappa" in line]
    assert [("emotion" in line) for line in lines] == [True, True, False, False]
    compared = comparison_text(compare(pd.concat(kappa), "m", "n", "kappa"))
    assert "kappa (gender) ↑" in compared
    hits = [rates({"zh@1": [5, 10]}, model=m, metric="span_recall", field="events") for m in "mn"]
    parts = pd.concat([*hits, *(frame.assign(part="0.7") for frame in hits)])
    assert "span_recall 0.7 ↓" in comparison_text(compare(parts, "m", "n", "span_recall", part="0.7"))


def label_task():
    score = lambda case: Ratio(1, 1)  # noqa: E731 - never called
    metrics = [
        Metric(name, field, score, "higher") for field in ("emotion", "gender") for name in ("accuracy", "macro_f1")
    ]
    return {
        "speaker": Task("speaker", ("emotion",), (Prompt("zh"),), lambda text, sample: Annotation(), tuple(metrics))
    }


def test_measures_keep_fields_apart_and_know_what_ranks_clips():
    told = [("a", "a"), ("b", "b"), ("b", "a")]
    frames = [answers(told, field=field, model=m) for field in ("emotion", "gender") for m in "mn"]
    frames += [frame[frame["part"] == ""].assign(metric="accuracy", reduce="") for frame in frames]
    frames[0] = frames[0].assign(num=1)
    frames[1] = frames[1].assign(num=1)
    scores = pd.concat(frames)
    known = measures(scores, label_task(), ["m", "n"])
    assert [(one.label, one.field, one.ranks) for one in known] == [
        ("accuracy (emotion)", "emotion", True), ("macro_f1 (emotion)", "emotion", False),
        ("accuracy (gender)", "gender", True), ("macro_f1 (gender)", "gender", True),
    ]  # fmt: skip
    assert ranked(scores, known[0], "m", "n")["sample"].tolist() == ["s00", "s01", "s02"]
    assert ranked(scores, known[1], "m", "n")["status"].tolist() == ["unscored"] * 3
    assert ranked(scores, known[3], "m")["status"].tolist() == ["wrong", "right", "right"]


def test_metrics_of_a_field_stand_together_in_the_order_of_the_task():
    """Though some of them have no value of some replies: an error of a time that was not told."""
    frames = []
    for field, clips in (("emotion", 3), ("gender", 2)):
        for metric, valued in (("accuracy", clips), ("error", 1), ("abstention", clips)):
            rows = answers([("a", "a")] * clips, field=field).query("part == ''").assign(metric=metric, reduce="")
            frames.append(rows.assign(den=[1] * valued + [0] * (clips - valued)))
    made = [Metric(name, field, len, "higher") for field in ("gender", "emotion")
            for name in ("accuracy", "error", "abstention")]  # fmt: skip
    task = Task("speaker", ("emotion",), (Prompt("zh"),), lambda text, sample: Annotation(), tuple(made))
    names = [(one.metric, one.field) for one in measures(pd.concat(frames), {"speaker": task}, ["m"])]
    assert names == [(n, field) for field in ("emotion", "gender") for n in ("accuracy", "error", "abstention")]


def test_what_tells_of_the_clips_is_shown_and_never_compared():
    told = [("a", "a")] * 9 + [("b", "b")]
    frames = [answers(told[cut:], model=m, metric="majority_baseline", reduce="majority", better="neither")
              for m, cut in (("m", 0), ("n", 2))]  # fmt: skip
    scores = pd.concat(frames)
    assert summarize(scores)["value"].tolist() == pytest.approx([0.9, 7 / 8])
    written = summary_text(summarize(scores))
    assert "majority_baseline (emotion)" in written
    assert not {"majority_baseline (emotion) ↑", "majority_baseline (emotion) ↓"} & {*written.split("  ")}
    row = compare(scores, "m", "n", "majority_baseline").iloc[0]
    assert (row.value_a, row.value_b, row.verdict) == (1, 7 / 8, "nothing to compare")  # of the eight first clips
    assert np.isnan([row.difference, row.ci_low, row.ci_high, row.p_value]).all()
    with pytest.raises(ScoreError, match="majority_baseline tells of the clips and not of a model"):
        changes(scores, "m", "n", "majority_baseline")
    made = Metric("majority_baseline", "emotion", len, "neither")
    task = Task("speaker", ("emotion",), (Prompt("zh"),), lambda text, sample: Annotation(), (made,))
    assert [one.ranks for one in measures(scores, {"speaker": task}, ["m", "n"])] == [False]
    two = pd.concat([frames[0], frames[0].assign(prompt="en@2")])
    effect = prompt_effect(two, "majority_baseline").iloc[0]
    assert (effect.prompts, effect.n, effect.best, effect.worst) == (2, 10, "", "")
