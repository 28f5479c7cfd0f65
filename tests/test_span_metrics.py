"""Metrics of spans without labels, and the tasks that locate: golden timelines (data/times), laws, oracles."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from qaeval import metrics, tables, tasks
from qaeval.metrics._spans import intersection_over_union, match
from qaeval.models import prose
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Case, Event, Ratio, Reply, Sample

GOLDEN = json.loads((Path(__file__).parent / "data" / "times" / "span_metrics.json").read_text("utf-8"))
PLAIN = ("onset_error", "offset_error", "span_iou", "presence", "aas")
QUANTILES = tuple(f"{end}_error_{name}" for end in ("onset", "offset") for name in ("median", "p90"))
ALL = (*PLAIN, *QUANTILES, "span_recall", "onset_hit")


def spans(pairs):
    return Annotation(events=None if pairs is None else tuple(Event("a", *pair) for pair in pairs))


def score(name, reference, hypothesis, seconds=None):
    case = Case(reference, hypothesis, "", find_profile(), seconds=seconds)
    scored = metrics.find(name).score(case)
    return {"": scored} if isinstance(scored, Ratio) else scored


@pytest.mark.parametrize("name", ALL)
def test_what_they_are(name):
    metric = metrics.find(name)
    assert metric.field == "events"
    assert metric.unit == ("s" if "error" in name or name == "aas" else "")
    assert metric.better == ("lower" if metric.unit else "higher")
    assert (metric.reduce.name if metric.reduce else "") == (name.split("_")[-1] if name in QUANTILES else "")


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["timeline"])
def test_golden_timelines(case):
    reference, hypothesis = spans(case["reference"]), spans(case["hypothesis"])
    scored = {name: score(name, reference, hypothesis) for name in ALL}
    if not case["reference"]:
        assert [name for name in ALL if scored[name] is not None] == ["presence"]
    for name in PLAIN:
        got = scored[name] and (scored[name][""].num, scored[name][""].den)
        assert got == (case[name] and (pytest.approx(case[name][0]), case[name][1])), name
    if case["reference"]:
        true = len(case["reference"])
        for part in ("missed", "spurious"):
            assert [scored["span_iou"][part].num, scored["span_iou"][part].den] == case[part]
        recall, hit = scored["span_recall"], scored["onset_hit"]
        assert [recall[part] for part in ("0.3", "0.5", "0.7")] == [Ratio(n, true) for n in case["recall"]]
        assert [hit[part] for part in ("0.05", "0.1", "0.2", "0.5")] == [Ratio(n, true) for n in case["hit"]]
        assert (recall[""], hit[""]) == (recall["0.5"], hit["0.2"])
        for place, end in enumerate(("onset_error", "offset_error")):
            assert scored[end]["bias"].num == pytest.approx(case["bias"][place])
            assert scored[end]["late"].num == case["late"][place]
            assert scored[end]["bias"].den == scored[end]["late"].den == scored[end][""].den


def test_presence_tells_the_two_ways_to_be_wrong_apart():
    there, absent = spans([[1, 2]]), spans([])
    assert score("presence", there, absent)["false_absence"] == Ratio(1, 1)
    assert score("presence", absent, there)["false_presence"] == Ratio(1, 1)
    for unread in (score("presence", there, spans(None)), score("presence", absent, spans(None))):
        assert unread["false_absence"].num == unread["false_presence"].num == 0
        assert unread[""] == Ratio(0, 1)


def test_unknown_events_have_no_score():
    for name in ALL:
        assert score(name, Annotation(), spans([[1, 2]])) is None


def test_times_beyond_the_end_of_the_clip_are_kept_and_counted():
    told = spans([[1, 2], [3, 9.7], [4, 10]])
    scored = score("span_iou", spans([[1, 2]]), told, seconds=9.2)
    assert scored["beyond"] == Ratio(0, 3)
    assert score("span_iou", spans([[1, 2]]), told, seconds=8.5)["beyond"] == Ratio(2, 3)
    assert "beyond" not in score("span_iou", spans([[1, 2]]), told)


# Laws ----------------------------------------------------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: Event("a", pair[0], sum(pair))), max_size=4
).map(tuple)


@given(EVENTS)
def test_true_spans_are_perfect_in_any_order(events):
    truth, told = Annotation(events=events), Annotation(events=events[::-1])
    assert score("presence", truth, told)[""] == Ratio(1, 1)
    count = len(events)
    perfect = dict.fromkeys(ALL, 0) | dict.fromkeys(("span_iou", "span_recall", "onset_hit"), count)
    for name in ALL:
        scored = score(name, truth, told)
        if name != "presence":
            den = 2 * count if name == "aas" else count
            assert (scored and scored[""]) == (Ratio(perfect[name], den) if events else None), name


@given(EVENTS, EVENTS)
def test_matching_is_the_best_there_is_and_symmetric(reference, hypothesis):
    found = match(reference, hypothesis)
    assert len(found) == min(len(reference), len(hypothesis))
    short, long = sorted((reference, hypothesis), key=len)
    best = max(sum(map(intersection_over_union, short, chosen)) for chosen in itertools.permutations(long, len(short)))
    total = sum(pair.iou for pair in found)
    assert total == pytest.approx(best, abs=1e-4)
    assert total == pytest.approx(sum(pair.iou for pair in match(hypothesis, reference)), abs=1e-4)


@given(EVENTS.filter(bool), EVENTS)
def test_what_the_metrics_have_to_do_with_each_other(reference, hypothesis):
    sides = Annotation(events=reference), Annotation(events=hypothesis)
    scored = {name: score(name, *sides) for name in ALL}
    both = scored["onset_error"][""] + scored["offset_error"][""]
    assert (scored["aas"][""].num, scored["aas"][""].den) == (pytest.approx(both.num), both.den)
    for end in ("onset_error", "offset_error"):
        assert abs(scored[end]["bias"].num) <= scored[end][""].num + 1e-9
        for quantile in (f"{end}_median", f"{end}_p90"):
            each = [ratio for part, ratio in scored[quantile].items() if part]
            assert sum(each, Ratio(0, 0)) == scored[quantile][""] == scored[end][""]
    for name in ("span_recall", "onset_hit"):
        numbers = [ratio.num for part, ratio in sorted(scored[name].items()) if part]
        assert numbers == sorted(numbers, reverse=name == "span_recall")


# The whole way --------------------------------------------------------------------------------------------------------


def placed(*events, query="阿里", name="clip"):
    known = Annotation(events=tuple(Event(query, *event) for event in events))
    return Sample(name, "clip.wav", known, {"language": "zh"}, {"query": query})


def scores(task, reply, sample):
    """The main part of each metric of a task for a reply about a sample; None where it does not apply."""
    case = Case(sample.reference, tasks.find(task).parse(reply, sample), sample.language, find_profile())
    scored = {metric.name: metric.score(case) for metric in tasks.find(task).metrics}
    return {name: got if got is None or isinstance(got, Ratio) else got[""] for name, got in scored.items()}


def test_the_vendors_reply():
    got = scores("locate", '"阿里" 从第1.53秒开始出现,至第1.87秒结束。', placed((1.53, 1.87)))
    assert got["span_iou"] == got["span_recall"] == got["onset_hit"] == got["presence"] == Ratio(1, 1)
    assert got["onset_error"] == got["offset_error"] == Ratio(0, 1)


def test_a_located_word():
    got = scores("locate", '"阿里" 从第1.50秒开始出现,至第2.00秒结束。', placed((1.0, 2.0)))
    assert got == {
        **dict.fromkeys(("onset_error", "onset_error_median", "onset_error_p90"), Ratio(0.5, 1)),
        **dict.fromkeys(("offset_error", "offset_error_median", "offset_error_p90"), Ratio(0.0, 1)),
        "aas": Ratio(0.5, 2), "span_iou": Ratio(0.5, 1), "span_recall": Ratio(1, 1), "onset_hit": Ratio(0, 1),
        "presence": Ratio(1, 1),
    }  # fmt: skip


def test_a_reply_without_times_is_a_miss_and_not_dropped():
    got = scores("locate", "我不知道。", placed((1.0, 2.0)))
    for name in ALL:
        misses = name in ("span_iou", "span_recall", "onset_hit", "presence")
        assert got[name] == (Ratio(0, 1) if misses else Ratio(0, 0))


def test_an_absent_word():
    for task in ("locate", "locate_first"):
        assert scores(task, prose.absent("阿里"), placed())["presence"] == Ratio(1, 1)
        assert scores(task, prose.found("阿里", [(1, 2)]), placed())["presence"] == Ratio(0, 1)
        assert scores(task, prose.absent("阿里"), placed((1, 2)))["presence"] == Ratio(0, 1)


def test_the_first_occurrence_is_enough_where_it_is_asked_for():
    sample = placed((5.0, 6.0), (1.0, 2.0))
    first = prose.found("阿里", [(1.0, 2.0)])
    assert scores("locate", first, sample)["span_iou"] == Ratio(1, 2)
    assert scores("locate_first", first, sample)["span_iou"] == Ratio(1, 1)
    assert scores("locate_first", prose.found("阿里", [(5.0, 6.0)]), sample)["onset_error"] == Ratio(4.0, 1)
    assert scores("locate_first", prose.found("阿里", [(5.0, 6.0), (1.5, 2.0)]), sample)["onset_error"] == Ratio(0.5, 1)
    assert scores("locate_first", "我不知道。", sample)["span_recall"] == Ratio(0, 1)


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 100)), min_size=1, max_size=4, unique=True))
def test_the_truth_told_by_an_engine_is_perfect(ends):
    spans = [(onset / 100, (onset + length) / 100) for onset, length in ends]
    got = scores("locate", prose.found("阿里", spans), placed(*spans))
    assert got["span_iou"] == Ratio(len(spans), len(spans))
    assert got["onset_error"] == got["offset_error"] == Ratio(0, len(spans))


def test_medians_and_percentiles_over_many_replies_are_numpys():
    rng = np.random.default_rng(7)
    shifts = rng.exponential(0.4, (41, 2)).round(2)
    samples = [placed((10.0, 12.0), name=f"clip{n}") for n in range(42)]
    told = [f"从{10 + late:.2f}秒到{12 + longer:.2f}秒" for late, longer in shifts] + ["我不知道。"]
    asks = [
        {"sample": sample.id, "task": "locate", "prompt": "zh", "model": "m", "repeat": 0, "key": sample.id}
        for sample in samples
    ]
    replies = {sample.id: Reply(text) for sample, text in zip(samples, told, strict=True)}
    frame = tables.score(samples, asks, replies, {"locate": tasks.find("locate")}, find_profile(), "mine")
    summary = tables.summarize(frame).set_index("metric")
    for column, end in enumerate(("onset", "offset")):
        for name, share in (("median", 0.5), ("p90", 0.9)):
            expected = np.quantile(shifts[:, column], share, method="averaged_inverted_cdf")
            assert summary.loc[f"{end}_error_{name}", "value"] == pytest.approx(expected)
        assert summary.loc[f"{end}_error", "value"] == pytest.approx(shifts[:, column].mean())
    assert summary.loc["onset_error_median", ["n", "n_zero_den"]].tolist() == [41, 1]
    assert summary.loc["onset_hit", "value"] == pytest.approx((shifts[:, 0] <= 0.2 + 1e-9).sum() / 42)
    assert summary.loc["aas", "value"] == pytest.approx(shifts.mean())
