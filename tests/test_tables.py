"""From stored replies to scores, summaries and changes, with two small tasks made here."""

import dataclasses
import math
import tracemalloc
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from effort import effort
from hypothesis import given, settings, strategies as st

from qaeval import tables
from qaeval.errors import ScoreError, UnknownNameError
from qaeval.metrics import accuracy, label_f1, macro_f1
from qaeval.tasks import find as find_task
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Audio, Event, Failure, Metric, Profile, Prompt, Ratio, Reply, Sample, Task

REFUSAL = "I cannot transcribe this audio."
LOWER = Profile("lower-1", lambda text, language: text.lower())
OTHER = Profile("raw-1", lambda text, language: text)


def word_errors(case):
    """Words of the reference that are missing, over its words; none of it applies to an empty reference."""
    said, heard = (
        case.profile.normalise(it.text or "", case.language).split() for it in (case.reference, case.hypothesis)
    )
    hits = sum((Counter(said) & Counter(heard)).values())
    return {"": Ratio(len(said) - hits, len(said)), "hits": Ratio(hits, len(said))} if said else None


def inserted(case):
    """Words where there should be none; only for an empty reference."""
    return Ratio(len((case.hypothesis.text or "").split()), 1) if case.reference.text == "" else None


def onset_error(case):
    """Seconds that the onset is off; nothing is known of it when no time was read."""
    if not case.reference.events:
        return None
    if not case.hypothesis.events:
        return Ratio(0, 0)
    return Ratio(abs(case.hypothesis.events[0].onset - case.reference.events[0].onset), 1)


def read_time(text, sample):
    """A lone number of seconds, or nothing readable."""
    try:
        return Annotation(events=(Event("x", float(text), float(text) + 1),))
    except ValueError:
        return Annotation()


WER = Metric("miss", "text", word_errors)
HALLUCINATED = Metric("inserted", "text", inserted)
ONSET = Metric("onset_error", "events", onset_error, unit="s")
TRANSCRIBE = Task(
    "transcribe", ("text",), (Prompt("en"),), lambda text, sample: Annotation(text=text), (WER, HALLUCINATED)
)
LOCATE = Task("locate", ("events",), (Prompt("en"),), read_time, (ONSET,))
TASKS = {"transcribe": TRANSCRIBE, "locate": LOCATE}

SAMPLES = [
    Sample(
        "a", Audio(b"", sha256="f" * 64), Annotation("Good morning Ann"), {"speaker": "s1", "language": "en", "age": 30}
    ),
    Sample("b", b"", Annotation(""), {"speaker": "s2", "task": "mine", "snr": 2.5}),
    Sample("c", b"", Annotation("hi", (Event("x", 1.0, 2.0),)), {"speaker": "s1", "age": None, "clean": True}),
]


def ask(sample, task="transcribe", model="m", repeat=0, prompt="en@1"):
    key = f"{sample}-{task}-{model}-{repeat}"
    return {"sample": sample, "task": task, "prompt": prompt, "model": model, "repeat": repeat, "key": key}


def score(said, samples=SAMPLES, tasks=TASKS, profile=LOWER, **asked):
    """Scores ``{ask as tuple: text, Failure or None}``."""
    asks = [ask(*what) for what in said]
    replies = {
        row["key"]: Reply(text=what) if isinstance(what, str) else Reply(error=what)
        for row, what in zip(asks, said.values(), strict=True)
        if what is not None
    }
    return tables.score(samples, asks, replies, tasks, profile, "mine")


def seen(scores, *columns):
    return scores[list(columns)].astype(object).values.tolist()


def test_one_row_a_reply_metric_and_part():
    scores = score({("a",): "good MORNING", ("b",): "you", ("c", "locate"): "1.25"})
    assert list(scores.columns) == [*tables.COLUMNS, "speaker", "age", "meta.task", "snr", "clean"]
    assert seen(scores, "sample", "task", "field", "outcome", "metric", "part", "num", "den", "unit") == [
        ["a", "transcribe", "text", "answered", "miss", "", 1.0, 3.0, ""],
        ["a", "transcribe", "text", "answered", "miss", "hits", 2.0, 3.0, ""],
        ["b", "transcribe", "text", "answered", "inserted", "", 1.0, 1.0, ""],
        ["c", "locate", "events", "answered", "onset_error", "", 0.25, 1.0, "s"],
    ]
    first = scores.iloc[0]
    assert first[["dataset", "prompt", "model", "repeat", "profile", "better", "recording", "language"]].tolist() == [
        "mine", "en@1", "m", 0, "lower-1", "lower", "f" * 16, "en"
    ]  # fmt: skip


def test_meta_keeps_its_kind_and_what_is_missing_is_missing():
    scores = score({("a",): "x", ("b",): "x", ("c",): "x"}).drop_duplicates("sample")
    assert scores.dtypes.astype(str).to_dict() == dict.fromkeys(scores.columns, "category") | {
        "repeat": "int64", "num": "float64", "den": "float64", "age": "Int64", "snr": "float64", "clean": "boolean"
    }  # fmt: skip
    assert scores["age"].tolist() == [30, pd.NA, pd.NA]
    assert scores["clean"].tolist() == [pd.NA, pd.NA, True]
    assert scores["meta.task"].tolist()[1] == "mine"
    assert scores["meta.task"].isna().tolist() == [True, False, True]
    assert list(scores["speaker"].cat.categories) == ["s1", "s2"]


@pytest.mark.parametrize(
    ("values", "kind", "first"),
    [
        ([1, 2], "int64", 1),
        ([np.int64(1), np.float64("nan")], "Int64", 1),
        ([1, 2.5], "float64", 1.0),
        ([True, False], "bool", True),
        ([1, "teens"], "category", "1"),
        ([[1, 2], None], "category", "[1, 2]"),
        ([2**70, 1], "category", str(2**70)),
        ([None, None], "category", None),
    ],
)
def test_meta_of_any_kind(values, kind, first):
    clips = [Sample(name, b"", Annotation("hi"), {"x": value}) for name, value in zip("ab", values, strict=True)]
    column = score({("a",): "hi", ("b",): "hi"}, clips).query("part == ''")["x"]
    assert (str(column.dtype), column.iloc[0]) == (kind, first) or (first is None and column.isna().all())


def test_what_the_service_did_not_answer_keeps_its_row():
    """Only for metrics that apply: an empty reference has no word errors, whoever failed."""
    scores = score({
        ("a",): Failure("quota", "no tokens left"), ("b",): Failure("skipped", "speaks no Cantonese"),
        ("c",): None, ("a", "transcribe", "n"): Failure("failed", "timeout"), ("c", "locate"): Failure("retired", ""),
    })  # fmt: skip
    assert seen(scores, "sample", "model", "outcome", "metric", "part", "num", "den") == [
        ["a", "m", "quota", "miss", "", 0.0, 0.0],
        ["b", "m", "skipped", "inserted", "", 0.0, 0.0],
        ["c", "m", "pending", "miss", "", 0.0, 0.0],
        ["a", "n", "failed", "miss", "", 0.0, 0.0],
        ["c", "m", "retired", "onset_error", "", 0.0, 0.0],
    ]


def test_replies_of_the_model_are_scored_whatever_they_are():
    scores = score({("a",): "", ("a", "transcribe", "m", 1): "   ", ("c", "locate"): "at the start"})
    assert seen(scores[scores["part"] == ""], "repeat", "outcome", "num", "den") == [
        [0, "empty", 3.0, 3.0],
        [1, "empty", 3.0, 3.0],
        [0, "unparsed", 0.0, 0.0],
    ]


def test_a_metric_that_gives_up_on_a_reply_does_not_drop_it():
    shy = dataclasses.replace(WER, score=lambda case: None if case.hypothesis.text == "mumble" else word_errors(case))
    scores = score({("a",): "mumble"}, tasks={"transcribe": dataclasses.replace(TRANSCRIBE, metrics=(shy,))})
    assert seen(scores, "outcome", "part", "num", "den") == [["answered", "", 0.0, 0.0]]
    assert tables.summarize(scores)["n_zero_den"].tolist() == [1]


def test_rows_follow_the_asks_and_not_the_samples():
    said = {("c",): "hi", ("a",): "good", ("c", "transcribe", "n"): "ho", ("b",): ""}
    forth, back = score(said), score(said, SAMPLES[::-1])
    assert forth["sample"].drop_duplicates().tolist() == ["c", "a", "b"]
    pd.testing.assert_frame_equal(forth[back.columns], back)


def test_asks_come_as_a_frame_too_and_none_gives_an_empty_frame():
    asks = pd.DataFrame([ask("a"), ask("c")]).assign(extra=1).astype({"sample": "category"})
    rows = tables.score(iter(SAMPLES), asks, {"c-transcribe-m-0": Reply(text="hi")}, TASKS, LOWER, "mine")
    assert seen(rows, "sample", "outcome") == [["a", "pending"], ["c", "answered"], ["c", "answered"]]
    empty = score({})
    assert list(empty.columns) == list(tables.COLUMNS)
    assert len(empty) == 0
    for parts in (False, True):
        assert len(tables.summarize(empty, parts=parts)) == 0
    assert list(tables.summarize(empty).columns)[:3] == ["model", "task", "metric"]


def test_one_key_may_answer_several_asks():
    asks = [ask("a"), {**ask("a", model="n"), "key": ask("a")["key"]}]
    rows = tables.score(SAMPLES, asks, {asks[0]["key"]: Reply(text="good")}, TASKS, LOWER, "mine")
    assert rows["num"].tolist() == [2.0, 1.0, 2.0, 1.0]


def raises(error):
    def fail(*given):
        raise error

    return fail


def test_what_fails_is_named():
    place = "sample 'a', task 'transcribe'"
    broken = {"transcribe": dataclasses.replace(TRANSCRIBE, parse=raises(KeyError("x")))}
    with pytest.raises(ScoreError, match=rf"{place}: parse failed on 'good': KeyError: 'x'"):
        score({("a",): "good"}, tasks=broken)
    metric = dataclasses.replace(WER, score=raises(ZeroDivisionError("division by zero")))
    with pytest.raises(ScoreError, match=rf"{place}, metric 'miss': ZeroDivisionError: division by zero"):
        score({("a",): "good"}, tasks={"transcribe": dataclasses.replace(TRANSCRIBE, metrics=(metric,))})
    with pytest.raises(ScoreError, match=rf"{place}: parse must give an Annotation, seen 'good'"):
        score({("a",): "good"}, tasks={"transcribe": dataclasses.replace(TRANSCRIBE, parse=lambda text, sample: text)})


@pytest.mark.parametrize(
    "bad", [0.5, {"hits": Ratio(1, 1)}, {"": 1}, Ratio(math.nan, 1), Ratio(1, -1), Ratio(1, math.inf)]
)
def test_a_metric_must_give_finite_ratios(bad):
    metric = dataclasses.replace(WER, score=lambda case: bad)
    with pytest.raises(ScoreError, match="metric 'miss': expected a Ratio of finite numbers"):
        score({("a",): "good"}, tasks={"transcribe": dataclasses.replace(TRANSCRIBE, metrics=(metric,))})


def test_asks_that_do_not_fit_are_refused():
    with pytest.raises(UnknownNameError, match="unknown task 'transcibe'; did you mean 'transcribe'"):
        score({("a", "transcibe"): "x"})
    with pytest.raises(ScoreError, match="1 asked samples are not in the dataset, the first is 'zz'"):
        score({("zz",): "x", ("a",): "x"})
    with pytest.raises(ScoreError, match="two samples have the id 'a'"):
        score({("a",): "x"}, [SAMPLES[0], SAMPLES[0]])
    with pytest.raises(ScoreError, match=r"the asks lack repeat, key; expected the columns sample, task"):
        tables.score(SAMPLES, [{"sample": "a", "task": "t", "prompt": "p", "model": "m"}], {}, TASKS, LOWER, "mine")
    with pytest.raises(ScoreError, match="unknown outcome 'lost'; there are: ok, failed"):
        score({("a",): Failure("lost", "")})
    with pytest.raises(ScoreError, match="the same ask is there twice"):
        tables.score(SAMPLES, [ask("a"), ask("a")], {}, TASKS, LOWER, "mine")


SAID = {
    ("a",): "good morning", ("a", "transcribe", "m", 1): REFUSAL, ("c",): "hi", ("b",): "thank you",
    ("c", "transcribe", "m", 1): Failure("failed", "timeout"), ("c", "locate"): "1.5",
    ("c", "locate", "m", 1): "at the start",
    ("a", "transcribe", "n"): "morning", ("c", "transcribe", "n"): None,
}  # fmt: skip


def test_a_summary_sums_first_and_divides_last():
    table = tables.summarize(score(SAID))
    assert seen(table, "model", "task", "metric", "value", "num", "den", "n", "asked", "coverage", "n_zero_den") == [
        ["m", "transcribe", "miss", 4 / 7, 4.0, 7.0, 3, 4, 0.75, 0],
        ["m", "transcribe", "inserted", 2.0, 2.0, 1.0, 1, 1, 1.0, 0],
        ["m", "locate", "onset_error", 0.5, 0.5, 1.0, 1, 2, 1.0, 1],
        ["n", "transcribe", "miss", 2 / 3, 2.0, 3.0, 1, 2, 0.5, 0],
    ]
    assert seen(table, "answered", "refused", "unparsed", "failed", "pending", "unit", "profile") == [
        [2, 1, 0, 1, 0, "", "lower-1"],
        [1, 0, 0, 0, 0, "", "lower-1"],
        [1, 0, 1, 0, 0, "s", "lower-1"],
        [1, 0, 0, 0, 1, "", "lower-1"],
    ]
    assert not any(isinstance(kind, pd.CategoricalDtype) for kind in table.dtypes)


def test_counts_are_those_made_by_hand():
    """Skipped, pending, failed; an empty reference; metrics that do not apply; replies without a denominator."""
    speech, silence, chinese = (Annotation(text=text) for text in ("a b c d", "。", "你好世界"))
    placed, absent = Annotation(events=(Event("x", 1, 2),)), Annotation(events=())
    truths = {"en": speech, "zh": chinese, "none": silence, "there": placed, "gone": absent}
    clips = [
        Sample(name, name.encode(), truth, {"language": "zh" if name == "zh" else "en"}, {"query": "x"})
        for name, truth in truths.items()
    ]
    said = {
        ("en", "transcribe", "m", 0): "a b x d",
        ("en", "transcribe", "m", 1): "",
        ("en", "transcribe", "m", 2): Failure("failed", "timeout"),
        ("zh", "transcribe", "m", 0): "你好世",
        ("zh", "transcribe", "m", 1): Failure("skipped", "speaks no Chinese"),
        ("none", "transcribe", "m", 0): "hello there",
        ("none", "transcribe", "m", 1): None,
        ("there", "locate", "m", 0): "from 1.5 s to 2 s",
        ("there", "locate", "m", 1): "I do not know.",
        ("gone", "locate", "m", 0): "It does not occur.",
        ("gone", "locate", "m", 1): Failure("quota", ""),
    }
    real = {name: find_task(name) for name in ("transcribe", "locate")}
    plain = Profile("plain-1", lambda text, language: text.replace("。", ""))
    table = tables.summarize(score(said, clips, tasks=real, profile=plain))
    columns = ("metric", "num", "den", "n", "n_zero_den", "asked", "coverage")
    counted = [
        ["wer", 5.0, 8.0, 2, 0, 3, 2 / 3, 1, 1, 0, 1, 0, 0, 0],
        ["cer", 6.0, 12.0, 3, 0, 5, 3 / 5, 2, 1, 0, 1, 0, 1, 0],
        ["mer", 6.0, 12.0, 3, 0, 5, 3 / 5, 2, 1, 0, 1, 0, 1, 0],
        ["sentence_error", 3.0, 3.0, 3, 0, 5, 3 / 5, 2, 1, 0, 1, 0, 1, 0],
        ["wrapped", 0.0, 4.0, 4, 0, 7, 4 / 7, 3, 1, 0, 1, 0, 1, 1],
        ["raw_wer", 5.0, 8.0, 2, 0, 3, 2 / 3, 1, 1, 0, 1, 0, 0, 0],
        ["raw_cer", 6.0, 12.0, 3, 0, 5, 3 / 5, 2, 1, 0, 1, 0, 1, 0],
        ["raw_mer", 6.0, 12.0, 3, 0, 5, 3 / 5, 2, 1, 0, 1, 0, 1, 0],
        ["hallucination", 1.0, 1.0, 1, 0, 2, 1 / 2, 1, 0, 0, 0, 0, 0, 1],
        ["onset_error", 0.5, 1.0, 1, 1, 2, 1.0, 1, 0, 1, 0, 0, 0, 0],
        ["offset_error", 0.0, 1.0, 1, 1, 2, 1.0, 1, 0, 1, 0, 0, 0, 0],
        ["span_iou", 0.5, 2.0, 2, 0, 2, 1.0, 1, 0, 1, 0, 0, 0, 0],
        ["presence", 2.0, 3.0, 3, 0, 4, 3 / 4, 2, 0, 1, 0, 1, 0, 0],
    ]
    table = table[table["metric"].isin([metric for metric, *_ in counted])].sort_values("metric")
    columns += ("answered", "empty", "unparsed", "failed", "quota", "skipped", "pending")
    assert seen(table, *columns) == sorted(counted)


def test_what_was_said_is_no_refusal_and_no_loop():
    truths = {"song": "la la la la " * 5, "sorry": "I'm sorry, I can't play this recording.", "plain": "Good morning."}
    clips = [Sample(name, name.encode(), Annotation(text=text), {"language": "en"}) for name, text in truths.items()]
    replies = {(name,): text for name, text in truths.items()}
    replies |= {("song", "transcribe", "n"): "la " * 200, ("plain", "transcribe", "n"): truths["sorry"]}
    scores = score(replies, clips, tasks={"transcribe": find_task("transcribe")}, profile=find_profile())
    assert seen(scores.drop_duplicates(["sample", "model"]), "sample", "model", "outcome") == [
        ["song", "m", "answered"],
        ["sorry", "m", "answered"],
        ["plain", "m", "answered"],
        ["song", "n", "looped"],
        ["plain", "n", "refused"],
    ]


def test_a_refusal_transcribes_nothing():
    """All of the reference is deleted; the words of the refusal are errors only where the reply is scored as it is."""
    clips = [Sample("a", b"", Annotation(text="Good morning."), {"language": "en"})]
    replies = {("a",): "I'm sorry, but I cannot transcribe this audio."}
    scores = score(replies, clips, tasks={"transcribe": find_task("transcribe")}, profile=find_profile())
    counts = scores[scores["metric"].isin(["wer", "raw_wer"]) & scores["part"].isin(["", "deletions", "insertions"])]
    assert seen(counts.sort_values("metric", kind="stable"), "metric", "part", "outcome", "num", "den") == [
        ["raw_wer", "", "refused", 9.0, 2.0],
        ["wer", "", "refused", 2.0, 2.0],
        ["wer", "deletions", "refused", 2.0, 2.0],
        ["wer", "insertions", "refused", 0.0, 2.0],
    ]
    silent = [Sample("a", b"", Annotation(text=""), {"language": "en"})]
    scores = score(replies, silent, tasks={"transcribe": find_task("transcribe")}, profile=find_profile())
    invented = scores[(scores["metric"] == "hallucination") & (scores["part"] == "")]
    assert seen(invented, "outcome", "num", "den") == [["refused", 0.0, 1.0]]


def test_parts_have_their_own_sums_and_the_counts_of_their_metric():
    table = tables.summarize(score(SAID), parts=True).query(
        "task == 'transcribe' and metric == 'miss' and model == 'm'"
    )
    assert seen(table, "part", "value", "n", "asked", "coverage") == [
        ["", 4 / 7, 3, 4, 0.75],
        ["hits", 3 / 7, 3, 4, 0.75],
    ]


def test_slices_keep_the_missing_and_taken_names_give_way():
    clips = [
        dataclasses.replace(sample, meta={"value": place})
        for sample, place in zip(SAMPLES, ["重庆", "x", None], strict=True)
    ]
    table = tables.summarize(score(SAID, clips), by=["model", "value"]).query("metric == 'miss'")
    assert list(table.columns)[:3] == ["model", "meta.value", "task"]
    assert table["meta.value"].isna().tolist() == [False, True, False, True]
    assert table["asked"].sum() == 6
    with pytest.raises(UnknownNameError, match="unknown column 'speeker'; did you mean 'speaker'"):
        tables.summarize(score(SAID), by=["model", "speeker"])


def test_mixed_profiles_are_refused():
    both = pd.concat([score(SAID), score(SAID, profile=OTHER)])
    with pytest.raises(ScoreError, match="seen lower-1, raw-1: score all replies with one profile"):
        tables.summarize(both)
    assert len(tables.summarize(both[both["profile"] == "raw-1"])) == 4


def told_rightly(right, unit=""):
    """The summary of a metric that is 1 or 0 a sample."""
    metric = Metric("accuracy", "text", lambda case: Ratio(int(case.hypothesis.text == "yes"), 1), "higher", unit)
    tasks = {"transcribe": dataclasses.replace(TRANSCRIBE, metrics=(metric,))}
    clips = [Sample(f"s{i}", b"", Annotation("yes")) for i in range(len(right))]
    said = {(f"s{i}",): "yes" if r else "no" for i, r in enumerate(right)}
    return tables.summarize(score(said, clips, tasks)).iloc[0]


SEVEN_OF_TEN = [1, 1, 0, 1, 1, 0, 1, 1, 1, 0]


def test_the_interval_of_a_mean_is_the_t_interval():
    """Equal denominators and a cluster a sample: the textbook interval of a mean; by hand for ten amounts."""
    row = told_rightly(SEVEN_OF_TEN, "dB")
    half = 2.2621571627409915 * np.std(SEVEN_OF_TEN, ddof=1) / math.sqrt(10)  # t(0.975, 9 degrees of freedom)
    assert (row.value, row.ci_low, row.ci_high) == pytest.approx((0.7, 0.7 - half, 0.7 + half))
    assert (row.clusters, row.cluster, row.better, row.level) == (10, "sample", "higher", 0.95)


def test_the_interval_of_a_share_is_that_of_its_logit():
    row = told_rightly(SEVEN_OF_TEN)
    half = 2.2621571627409915 * np.std(SEVEN_OF_TEN, ddof=1) / math.sqrt(10) / (0.7 * 0.3)
    odds = [limit / (1 - limit) for limit in (row.value, row.ci_low, row.ci_high)]
    assert np.log(odds) == pytest.approx(np.log(7 / 3) + np.array([0, -half, half]))


def test_ten_of_ten_are_no_certainty():
    for right, low, high in ((1, 0.025**0.1, 1), (0, 0, 1 - 0.025**0.1)):  # Clopper and Pearson
        row = told_rightly([right] * 10)
        assert (row.value, row.ci_low, row.ci_high) == pytest.approx((right, low, high))


def test_an_error_rate_may_be_above_1_and_not_below_0():
    """One word, none and eight where there should be none: a t interval is from -8 to 14."""
    clips = [Sample(f"s{i}", b"", Annotation("")) for i in range(3)]
    said = {("s0",): "x", ("s1",): "", ("s2",): "a b c d e f g h"}
    row = tables.summarize(score(said, clips)).query("metric == 'inserted'").iloc[0]
    assert row.value == 3
    assert 0 < row.ci_low < 3 < 14 < row.ci_high < 30


def test_clusters_are_speakers_where_known():
    row = tables.summarize(score(SAID)).iloc[0]
    assert (row.clusters, row.cluster) == (1, "speaker")
    assert np.isnan([row.ci_low, row.ci_high]).all()
    assert tables.summarize(score(SAID), cluster="sample").iloc[0]["clusters"] == 2


words = st.lists(st.sampled_from(["good", "morning", "Ann", "and", "evening"]), max_size=4).map(" ".join)


@given(st.lists(words, min_size=1, max_size=12), st.integers(1, 11))
@settings(max_examples=30)
def test_sums_do_not_depend_on_how_the_clips_are_split(texts, cut):
    clips = [Sample(f"s{i}", b"", Annotation("good morning Ann"), {"half": i < cut}) for i in range(len(texts))]
    scores = score({(f"s{i}",): text for i, text in enumerate(texts)}, clips)
    whole, halves = tables.summarize(scores, parts=True), tables.summarize(scores, by=["model", "half"], parts=True)
    sums = halves.groupby("part", sort=False)[["num", "den", "n", "asked"]].sum()
    assert whole.set_index("part")[["num", "den", "n", "asked"]].equals(sums)
    assert whole["value"].tolist() == (whole["num"] / whole["den"]).tolist()


def test_changes_come_worst_first():
    clips = [
        Sample(name, b"", Annotation("one two three four"), {"dialect": name.upper(), "a": 1}) for name in "pqrstu"
    ]
    said = {
        "p": ("one two three four", "one two three four"), "q": ("one two", "one two three"),
        "r": ("one two", "three four"), "s": ("one two three", REFUSAL), "t": ("one two three four", "one two"),
        "u": ("one", Failure("failed", "")),
    }  # fmt: skip
    scores = score(
        {(name, "transcribe", model): text for name in said for model, text in zip("ab", said[name], strict=True)},
        clips,
    )
    table = tables.changes(scores, "a", "b", "miss")
    assert seen(table, "sample", "status", "value_a", "value_b", "difference", "outcome_b") == [
        ["s", "regressed", 0.25, 1.0, 0.75, "refused"],
        ["t", "regressed", 0.0, 0.5, 0.5, "answered"],
        ["p", "unchanged", 0.0, 0.0, 0.0, "answered"],
        ["r", "both_wrong", 0.5, 0.5, 0.0, "answered"],
        ["q", "improved", 0.5, 0.25, -0.25, "answered"],
    ]
    assert list(table.columns) == [*tables.CHANGES, "dataset", "recording", "language", "dialect", "meta.a"]
    assert table["dialect"].tolist() == list("STPRQ")
    assert table["meta.a"].tolist() == [1] * 5
    assert tables.changes(scores, "b", "a", "miss")["sample"].tolist() == ["q", "p", "r", "t", "s"]


def test_changes_know_which_way_is_better_and_what_has_no_value():
    metric = Metric(
        "read", "text", lambda case: Ratio(case.hypothesis.text == "yes", case.hypothesis.text != "?"), "higher"
    )
    tasks = {"transcribe": dataclasses.replace(TRANSCRIBE, metrics=(metric,))}
    said = {"a": ("yes", "no"), "b": ("no", "yes"), "c": ("no", "?")}
    scores = score(
        {(name, "transcribe", m): t for name in said for m, t in zip("xy", said[name], strict=True)}, tasks=tasks
    )
    table = tables.changes(scores, "x", "y", "read")
    assert seen(table, "sample", "status") == [["a", "regressed"], ["b", "improved"], ["c", "unscored"]]
    assert tables.changes(scores, "x", "y", "read").equals(table)
    same = score({(name, "transcribe", m): "no" for name in "ab" for m in "xy"}, tasks=tasks)
    assert set(tables.changes(same, "x", "y", "read")["status"]) == {"both_wrong"}


def test_changes_pool_repeats_and_tell_their_outcomes():
    scores = score({
        ("a", "transcribe", "x"): "good morning ann", ("a", "transcribe", "x", 1): REFUSAL,
        ("a", "transcribe", "y"): "good morning ann", ("a", "transcribe", "y", 1): "good morning ann",
    })  # fmt: skip
    row = tables.changes(scores, "x", "y", "miss").iloc[0]
    assert (row.num_a, row.den_a, row.value_b, row.outcome_a, row.outcome_b) == (
        3,
        6,
        0,
        "answered, refused",
        "answered",
    )


def test_changes_of_several_questions_ask_which():
    said = {(name, task, m): "1" for name, task in (("a", "transcribe"), ("c", "dictate")) for m in "xy"}
    scores = score(said, tasks=TASKS | {"dictate": dataclasses.replace(TRANSCRIBE, name="dictate")})
    with pytest.raises(ScoreError, match="scored for several tasks; choose one with task=: dictate, transcribe"):
        tables.changes(scores, "x", "y", "miss")
    assert tables.changes(scores, "x", "y", "miss", task="dictate")["sample"].tolist() == ["c"]


def test_scoring_grows_with_the_asks_and_stays_small():
    """Twice the asks take about twice the time, and a row of scores takes few bytes."""

    def cost(size):
        clips = [Sample(f"s{i}", b"", Annotation("good morning ann"), {"speaker": f"p{i % 50}"}) for i in range(size)]
        asks = [ask(clip.id, model=model) for clip in clips for model in "ab"]
        replies = {row["key"]: Reply(text="good morning") for row in asks}
        return effort(lambda: tables.score(clips, asks, replies, TASKS, LOWER, "mine"))

    small = min(cost(3_000)[0] for _ in range(2))
    tracemalloc.start()
    _, scores = cost(3_000)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    large, _ = cost(12_000)
    assert large < 8 * small
    assert scores.memory_usage(deep=True).sum() < 90 * len(scores)
    assert held < 30_000_000


def test_metrics_of_one_field_count_the_samples_that_they_apply_to():
    """A clip with two true moods has no class, and one without any has nothing that a label F1 could divide by."""
    several = [("happy",), ("happy", "sad"), ()]
    clips = [Sample(f"s{i}", b"", Annotation(labels={"mood": values})) for i, values in enumerate(several)]
    made = tuple(metric.on("mood") for metric in (accuracy, label_f1, macro_f1))
    task = Task("mood", ("mood",), (Prompt("en"),), lambda text, sample: Annotation(labels={"mood": ()}), made)
    said = {(clip.id, "mood"): "none" for clip in clips}
    table = tables.summarize(score(said, clips, {"mood": task})).set_index("metric")
    assert table[["n", "asked", "n_zero_den", "den"]].to_dict("index") == {
        "accuracy": {"n": 3, "asked": 3, "n_zero_den": 0, "den": 3},
        "label_f1": {"n": 2, "asked": 3, "n_zero_den": 1, "den": 3},
        "macro_f1": {"n": 1, "asked": 1, "n_zero_den": 0, "den": 1},
    }


def test_parts_stand_behind_their_metric_each_with_its_unit():
    """Also those that only a later reply has: the first one names no time."""
    truth = Annotation(events=(Event("x", 1.0, 2.0),))
    clips = [Sample(name, b"", truth, {"speaker": name}) for name in ("a", "b")]
    asks = [
        {"sample": name, "task": "locate", "prompt": "en", "model": "m", "repeat": 0, "key": name}
        for name in ("a", "b")
    ]
    replies = {"a": Reply(text="Hm."), "b": Reply(text="from 1.25 s to 2 s")}
    scores = tables.score(clips, asks, replies, {"locate": find_task("locate")}, find_profile(), "mine")
    table = tables.summarize(scores, parts=True)
    rows = table[["metric", "part", "value", "unit"]].values.tolist()
    first = [metric for metric, *_ in rows].index("onset_error")
    assert rows[first : first + 3] == [
        ["onset_error", "", 0.25, "s"], ["onset_error", "bias", 0.25, "s"], ["onset_error", "late", 1.0, ""]
    ]  # fmt: skip
    assert table.index.tolist() == list(range(len(table)))
