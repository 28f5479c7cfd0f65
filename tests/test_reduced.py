"""Summaries, comparisons and changes of metrics that are not sum over sum, and of single parts of metrics."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import logit
from scipy.stats import t as student
from sklearn.metrics import balanced_accuracy_score, f1_score

from qaeval import tables
from qaeval.errors import ScoreError, UnknownNameError
from qaeval.reducers import MEDIAN, confusion
from qaeval.scores import COLUMNS
from qaeval.stats import RESULTS, compare
from qaeval.stats.resampling import RESAMPLES
from qaeval.types import Annotation, Event, Failure, Metric, Profile, Prompt, Ratio, Reducer, Reply, Sample, Task

FIXED = dict.fromkeys(COLUMNS, "") | {
    "dataset": "d", "task": "speaker", "field": "emotion", "prompt": "zh@1", "outcome": "answered", "repeat": 0,
    "profile": "raw-1", "better": "higher", "model": "a", "num": 1, "den": 1,
}  # fmt: skip
TEXT = [name for name in COLUMNS if name not in ("repeat", "num", "den")]


def answers(told, **columns):
    """A frame of macro_f1: one reply a sample, (reference, hypothesis), or the outcome of a service's failure."""
    rows = []
    for i, pair in enumerate(told):
        fixed = FIXED | {"metric": "macro_f1", "reduce": "macro_f1", "sample": f"s{i:03}"} | columns
        fixed |= {name: value[i] for name, value in columns.items() if isinstance(value, (list, np.ndarray))}
        if isinstance(pair, str):
            rows.append(fixed | {"outcome": pair, "num": 0, "den": 0})
        else:
            rows.append(fixed | {"num": int(pair[0] == pair[1])})
            rows.append(fixed | {"part": confusion(*pair)})
    return pd.DataFrame(rows)


def amounts(told, **columns):
    """A frame of median_error: a sample's amounts in seconds, none where no time was told."""
    fixed = FIXED | {"metric": "median_error", "reduce": "median", "unit": "s", "better": "lower", "field": "events"}
    rows = []
    for i, sample in enumerate(told):
        here = fixed | {"sample": f"s{i:03}"} | columns
        rows.append(here | {"num": sum(sample), "den": len(sample)})
        rows += [here | {"part": str(n), "num": amount} for n, amount in enumerate(sample, 1)]
    return pd.DataFrame(rows)


def drawn(seed, size=60, right=0.6):
    rng = np.random.default_rng(seed)
    truths = rng.choice(["happy", "sad", "angry"], size, p=[0.5, 0.3, 0.2])
    told = np.where(rng.random(size) < right, truths, rng.choice(["happy", "sad", "(none)"], size))
    return list(zip(truths.tolist(), told.tolist(), strict=True))


def f1(told):
    truths, said = zip(*told, strict=True)
    return f1_score(truths, said, labels=sorted(set(truths)), average="macro", zero_division=0)


def only(table):
    assert len(table) == 1
    return table.iloc[0]


def test_a_summary_reduces_all_parts_and_counts_as_ever():
    told = drawn(1)
    scores = answers([*told, "failed", "pending"], speaker=[f"p{i % 12}" for i in range(62)])
    row = only(tables.summarize(scores))
    assert row.value == pytest.approx(f1(told))
    assert (row.num, row.den) == (sum(a == b for a, b in told), 60)
    assert (row.n, row.asked, row.failed, row.pending, row.n_zero_den) == (60, 62, 1, 1, 0)
    assert (row.clusters, row.cluster, row.metric) == (12, "speaker", "macro_f1")
    value, low, high = logit([row.value, row.ci_low, row.ci_high])
    assert high - value == pytest.approx(value - low)
    wide = only(tables.summarize(scores, level=0.99))
    ratio = student.ppf(0.995, 11) / student.ppf(0.975, 11)
    assert logit(wide.ci_high) - value == pytest.approx(ratio * (high - value))


def test_slices_have_their_own_values_and_intervals():
    told, half = drawn(2), ["x"] * 20 + ["y"] * 40
    table = tables.summarize(answers(told, half=half), by="half").set_index("half")
    assert table["value"].to_dict() == pytest.approx({"x": f1(told[:20]), "y": f1(told[20:])})
    alone = only(tables.summarize(answers(told, half=half).query("half == 'x'")))
    assert table.loc["x", ["value", "ci_low", "ci_high"]].tolist() == alone[["value", "ci_low", "ci_high"]].tolist()
    one_speaker = only(tables.summarize(answers(told, speaker="p")))
    assert one_speaker.value == pytest.approx(f1(told))
    assert np.isnan([one_speaker.ci_low, one_speaker.ci_high]).all()


def test_other_metrics_beside_stay_what_they_are():
    wer = answers(drawn(3)).query("part == ''").assign(metric="wer", reduce="", field="text", better="lower")
    both = pd.concat([answers(drawn(3)), wer, amounts([[1.0], [2.0, 4.0]])])
    table = tables.summarize(both, parts=True)
    alone = tables.summarize(wer, parts=True)
    pd.testing.assert_frame_equal(table[table["metric"] == "wer"].reset_index(drop=True), alone)
    values = tables.summarize(both).set_index("metric")["value"]
    assert values["median_error"] == 2.0
    assert values["wer"] == alone["value"][0]


def test_parts_of_a_quantile_are_no_rows_and_those_of_classes_are():
    scores = pd.concat([answers([("a", "a"), ("a", "b"), ("a", "b")]), amounts([[1.0], [2.0, 4.0]])])
    table = tables.summarize(scores, parts=True)
    assert table[["metric", "part", "num", "n"]].values.tolist() == [
        ["macro_f1", "", 1, 3],
        ["macro_f1", "a → a", 1, 1],
        ["macro_f1", "a → b", 2, 2],
        ["median_error", "", 7.0, 2],
    ]
    assert table["value"].tolist() == pytest.approx([1 / 2, 1, 1, 2])


@given(st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_the_order_of_rows_and_the_kind_of_columns_do_not_matter(random):
    both = [
        answers(drawn(seed, 30), model=name, speaker=[f"p{i % 9}" for i in range(30)])
        for seed, name in ((4, "a"), (5, "b"))
    ]
    scores = pd.concat(both, ignore_index=True)
    places = list(range(len(scores)))
    random.shuffle(places)
    shuffled = scores.iloc[places].astype(dict.fromkeys([*TEXT, "speaker"], "category"))
    there, back = (tables.summarize(each).sort_values("model", ignore_index=True) for each in (scores, shuffled))
    pd.testing.assert_frame_equal(there, back, rtol=1e-9)
    pd.testing.assert_frame_equal(*(compare(each, "a", "b", "macro_f1") for each in (scores, shuffled)), rtol=1e-9)


def test_saying_everything_twice_leaves_the_value():
    for scores in (answers(drawn(6)), amounts([[0.5], [1.5, 2.0], [4.0], [8.0]])):
        twice = pd.concat([scores, scores.assign(dataset="again")])
        assert only(tables.summarize(twice)).value == only(tables.summarize(scores)).value


def onset_errors(case):
    """Every reply's errors, one part each; without a time there is none."""
    if not case.hypothesis.events:
        return {"": Ratio(0, 0)}
    errors = [abs(event.onset - case.reference.events[0].onset) for event in case.hypothesis.events]
    return {"": Ratio(sum(errors), len(errors)), **{str(i): Ratio(e, 1) for i, e in enumerate(errors, 1)}}


def read_times(text, sample):
    times = [float(word) for word in text.split() if word[0].isdigit()]
    return Annotation(events=tuple(Event("x", at, at + 1) for at in times)) if times else Annotation()


MEDIAN_ERROR = Metric("median_error", "events", onset_errors, unit="s", reduce=MEDIAN)
LOCATE = Task("locate", ("events",), (Prompt("en"),), read_times, (MEDIAN_ERROR,))


def scored(said, metric=MEDIAN_ERROR):
    clips = [Sample(name, b"", Annotation(events=(Event("x", 2.0, 3.0),))) for name in said]
    asks = [{"sample": n, "task": "locate", "prompt": "en@1", "model": "m", "repeat": 0, "key": n} for n in said]
    replies = {n: Reply(text=it) if isinstance(it, str) else Reply(error=it) for n, it in said.items()}
    task = dataclasses.replace(LOCATE, metrics=(metric,))
    return tables.score(clips, asks, replies, {"locate": task}, Profile("raw-1", lambda text, _: text), "mine")


def test_from_replies_to_a_median():
    scores = scored({"a": "2.5 and 6", "b": "I do not know", "c": "1", "d": Failure("failed", ""), "e": "2"})
    assert scores["reduce"].unique().tolist() == ["median"]
    row = only(tables.summarize(scores))
    assert (row.value, row.n, row.n_zero_den, row.asked, row.coverage) == (0.75, 3, 1, 5, 0.8)  # of 0, 0.5, 1, 4
    assert (row.clusters, row.unit) == (3, "s")
    assert row.ci_low < 0.75 < row.ci_high


def test_reducers_of_ones_own_work_and_must_be_known():
    worst = Reducer("worst-of-a-test", lambda parts, num, den: np.where(den > 0, num, -np.inf).max(axis=-1))
    scores = scored({"a": "2.5 6", "b": "3"}, dataclasses.replace(MEDIAN_ERROR, reduce=worst))
    assert only(tables.summarize(scores)).value == 4
    strange = scores.astype({"reduce": str}).assign(reduce="medain")
    with pytest.raises(UnknownNameError, match=r"unknown reducer .*'medain'; did you mean 'median'"):
        tables.summarize(strange)
    with pytest.raises(
        ScoreError, match="median_error of task 'locate' has more than one reducer in the scores, '' and 'median'"
    ):
        tables.summarize(
            pd.concat([amounts([[1.0]], task="locate"), amounts([[1.0]], task="locate", sample="z", reduce="")])
        )


def test_a_comparison_takes_the_samples_of_both():
    told_a, told_b = drawn(7), drawn(8, right=0.9)
    told_b = [
        (truth, said if said != "(none)" else truth) for (truth, _), (_, said) in zip(told_a, told_b, strict=True)
    ]
    scores = pd.concat([answers(["failed", *told_a[1:]]), answers([told_b[0], "quota", *told_b[2:]], model="b")])
    row = only(compare(scores, "a", "b", "macro_f1"))
    assert (row.n, row.only_a, row.only_b, row.clusters) == (58, 1, 1, 58)
    assert (row.value_a, row.value_b) == (pytest.approx(f1(told_a[2:])), pytest.approx(f1(told_b[2:])))
    assert row.difference == row.value_b - row.value_a
    assert row.ci_high - row.difference == pytest.approx(row.difference - row.ci_low)
    error = (row.ci_high - row.difference) / student.ppf(0.975, 57)
    assert row.p_value == pytest.approx(2 * student.sf(abs(row.difference) / error, 57))
    back = only(compare(scores, "b", "a", "macro_f1"))
    assert (back.difference, back.ci_low) == (-row.difference, pytest.approx(-row.ci_high))
    assert list(compare(scores, "a", "b", "macro_f1").columns) == list(RESULTS)


def test_better_is_told_and_pairing_helps():
    told = drawn(9, 200, right=0.5)
    mended = [(truth, truth if i % 4 == 0 else said) for i, (truth, said) in enumerate(told)]
    scores = pd.concat([answers(told), answers(mended, model="b")])
    row = only(compare(scores, "a", "b", "macro_f1"))
    assert row.verdict == "b is better"
    widths = tables.summarize(scores).eval("ci_high - ci_low")
    assert row.ci_high - row.ci_low < 0.8 * np.hypot(*widths)
    same = only(compare(pd.concat([answers(told), answers(told, model="b")]), "a", "b", "macro_f1"))
    assert (same.difference, same.p_value, same.verdict) == (0, 1, "no difference shown")
    few = pd.concat([answers(told[:7]), answers(mended[:7], model="b")])
    assert only(compare(few, "a", "b", "macro_f1")).verdict == "too few clusters to tell"


def test_repeats_share_the_weight_of_their_sample():
    """Three repeats that say the same count as one; a median takes each with a third of the weight."""
    told, other = drawn(10, 20), drawn(11, 20)
    other = [(truth, said) for (truth, _), (_, said) in zip(told, other, strict=True)]
    one = pd.concat([answers(told), answers(other, model="b")])
    more = pd.concat([one, *(answers(told[:5], repeat=i) for i in (1, 2))])
    columns = ["value_a", "value_b", "ci_low", "ci_high", "n"]
    there, back = (only(compare(each, "a", "b", "macro_f1"))[columns] for each in (one, more))
    assert there.tolist() == pytest.approx(back.tolist())
    times = pd.concat([amounts([[1.0], [3.0], [5.0]], model=m) for m in "ab"])
    times = pd.concat([times, *(amounts([[9.0]], repeat=i) for i in (1, 2))])
    assert only(compare(times, "a", "b", "median_error")).value_a == 5.0  # 1/3 of 1.0, 2/3 of 9.0, 3.0 and 5.0
    assert only(tables.summarize(times.query("model == 'a'"))).value == 5.0


def test_amounts_are_compared_where_both_gave_one():
    scores = pd.concat([amounts([[1.0], [2.0], [9.0]]), amounts([[1.5], [2.5], []], model="b")])
    row = only(compare(scores, "a", "b", "median_error"))
    assert (row.n, row.unscored_b, row.value_a, row.value_b) == (2, 1, 1.5, 2.0)


def test_without_variation_no_more_is_claimed_than_the_resamples_tell():
    scores = pd.concat([amounts([[2.0]] * 40), amounts([[1.0]] * 40, model="b")])
    row = only(compare(scores, "a", "b", "median_error"))
    assert (row.difference, row.p_value, row.verdict) == (-1, 2 / (RESAMPLES + 1), "b is better")
    assert np.isnan([row.ci_low, row.ci_high]).all()
    single = only(tables.summarize(amounts([[2.0]] * 40)))
    assert np.isnan([single.ci_low, single.ci_high]).all()


def recall(parts_a, parts_b, **columns):
    """A frame of span_recall with the parts "0.5" and "0.7": (hit at 0.5, hit at 0.7) a sample, None: failed."""
    rows = []
    for model, told in (("a", parts_a), ("b", parts_b)):
        for i, hits in enumerate(told):
            here = FIXED | {"metric": "span_recall", "field": "events", "sample": f"s{i}", "model": model} | columns
            if hits is None:
                rows.append(here | {"outcome": "failed", "num": 0, "den": 0})
            else:
                rows += [
                    here | {"part": part, "num": hit}
                    for part, hit in zip(("", "0.5", "0.7"), (hits[0], *hits), strict=True)
                ]
    return pd.DataFrame(rows)


def test_parts_can_be_compared():
    """The part is compared as if it were the metric; failures of the service are counted just the same."""
    rng = np.random.default_rng(12)
    hits = [[(int(x > 0.3), int(x > 0.6)) for x in rng.random(12)] for _ in "ab"]
    scores = recall([*hits[0], None, (1, 1)], [*hits[1], (1, 1), None])
    whole, part = (only(compare(scores, "a", "b", "span_recall", part=name)) for name in ("", "0.7"))
    alone = scores[(scores["part"] == "0.7") | (scores["outcome"] == "failed")].assign(part="")
    pd.testing.assert_series_equal(part.drop("part"), only(compare(alone, "a", "b", "span_recall")).drop("part"))
    assert (part["part"], whole["part"]) == ("0.7", "")
    assert (part.n, part.only_a, part.only_b) == (12, 1, 1)
    assert part.value_a == np.mean([hit for _, hit in hits[0]])
    assert whole.value_a == np.mean([hit for hit, _ in hits[0]])
    with pytest.raises(
        UnknownNameError,
        match=r"unknown part of span_recall '0\.77'; did you mean '0\.7' or '0\.5'\? There are: 0\.5, 0\.7",
    ):
        compare(scores, "a", "b", "span_recall", part="0.77")
    with pytest.raises(ScoreError, match="the parts of median_error are single amounts"):
        compare(pd.concat([amounts([[1.0]]), amounts([[1.0]], model="b")]), "a", "b", "median_error", part="1")


def test_changes_of_parts():
    scores = recall([(1, 1), (1, 0), (0, 0)], [(1, 0), (1, 1), (0, 0)])
    table = tables.changes(scores, "a", "b", "span_recall", part="0.7")
    assert table[["sample", "status", "part"]].values.tolist() == [
        ["s0", "regressed", "0.7"], ["s2", "both_wrong", "0.7"], ["s1", "improved", "0.7"]
    ]  # fmt: skip
    assert set(tables.changes(scores, "a", "b", "span_recall")["difference"]) == {0}


def test_changes_of_a_reduced_metric_are_those_of_single_replies():
    scores = pd.concat(
        [answers([("x", "x"), ("x", "y"), ("y", "y")]), answers([("x", "y"), ("x", "x"), ("y", "y")], model="b")]
    )
    table = tables.changes(scores, "a", "b", "macro_f1")
    assert table[["sample", "status", "value_a", "value_b"]].values.tolist() == [
        ["s000", "regressed", 1, 0], ["s002", "unchanged", 1, 1], ["s001", "improved", 0, 1]
    ]  # fmt: skip
    right = pd.concat([answers([("x", "x"), ("y", "y")], model=m) for m in "ab"])
    assert set(tables.changes(right, "a", "b", "macro_f1")["status"]) == {"unchanged"}
    wrong = pd.concat([answers([("x", "y"), ("y", "x")], model=m) for m in "ab"])
    assert set(tables.changes(wrong, "a", "b", "macro_f1")["status"]) == {"both_wrong"}


def test_the_best_of_points_is_a_hundred():
    frames = [
        answers([("a", "a"), ("b", "b"), ("c", "c")], model=m).query("part == ''").assign(unit="points") for m in "ab"
    ]
    scores = pd.concat(
        [
            frame.assign(reduce="", metric="chrf", num=[100, 40, num])
            for frame, num in zip(frames, (80, 100), strict=True)
        ]
    )
    table = tables.changes(scores, "a", "b", "chrf")
    assert table[["sample", "status"]].values.tolist() == [
        ["s000", "unchanged"], ["s001", "both_wrong"], ["s002", "improved"]
    ]  # fmt: skip


@pytest.mark.parametrize("counted", [0, 1])
def test_a_metric_whose_replies_have_no_number_says_where_to_look(counted):
    scores = pd.concat([answers(drawn(13)), answers(drawn(14), model="b")])
    scores.loc[scores["part"] == "", "num"] = counted
    other = scores[scores["part"] == ""].assign(metric="accuracy", reduce="")
    message = "macro_f1 is a number of many replies, .*; see the changes of a metric that has: "
    with pytest.raises(ScoreError, match=message + "accuracy"):
        tables.changes(pd.concat([scores, other]), "a", "b", "macro_f1")
    with pytest.raises(ScoreError, match=message + "none of this field"):
        tables.changes(scores, "a", "b", "macro_f1")


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_many_metrics_of_many_models_at_once():
    """Two metrics with the same parts, by model and slice: each group has the value that it has alone."""
    frames = []
    for metric in ("macro_f1", "balanced_accuracy"):
        for seed, model in enumerate("abc"):
            frame = answers(drawn(seed), model=model, half=["x", "y"] * 30)
            frames.append(frame.assign(metric=metric, reduce=metric))
    table = tables.summarize(pd.concat(frames), by=["model", "half"])
    assert len(table) == 12
    for row in table.itertuples():
        told = drawn("abc".index(row.model))["xy".index(row.half) :: 2]
        expected = f1(told) if row.metric == "macro_f1" else balanced_accuracy_score(*zip(*told, strict=True))
        assert row.value == pytest.approx(expected)


def test_all_right_or_all_wrong_is_no_certainty_for_classes_either():
    """Macro-F1 and balanced accuracy of 1 and of 0: limits as of so many clusters as the classes stand in."""
    for told, value, effective in (
        ([("a", "a"), ("b", "b")] * 6, 1, 6),
        ([("a", "(none)"), ("b", "(none)")] * 6, 0, 3),
    ):
        row = only(tables.summarize(answers(told)))
        like = 0.025 ** (1 / effective)
        limits = (like, 1) if value else (0, 1 - like)
        assert (row.value, row.ci_low, row.ci_high) == (value, *map(pytest.approx, limits))
        alone = only(tables.summarize(answers(told, speaker="p")))
        assert np.isnan([alone.ci_low, alone.ci_high]).all()
    kappa = answers([("a", "a"), ("b", "b")] * 6).assign(metric="kappa", reduce="kappa", unit="κ")
    assert np.isnan(only(tables.summarize(kappa)).ci_low)
