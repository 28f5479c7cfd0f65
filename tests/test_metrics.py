"""Metrics: golden cases (data/metrics), laws, and how little a new one takes."""

import importlib
import itertools
import json
import math
import sys
from pathlib import Path

import jiwer
import pytest
from hypothesis import given, strategies as st

import qaeval.metrics
from qaeval import metrics
from qaeval.errors import UnknownNameError
from qaeval.metrics._spans import intersection_over_union, match
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Case, Event, Metric, Ratio

DATA = Path(__file__).parent / "data" / "metrics"
RATES = ("wer", "cer", "mer")
TIMES = ("onset_error", "offset_error", "span_iou", "presence")


def golden(name):
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def score(name, reference, hypothesis, language="", profile="qaeval-0"):
    scored = metrics.find(name).score(Case(reference, hypothesis, language, find_profile(profile)))
    return {"": scored} if isinstance(scored, Ratio) else scored


def spans(pairs):
    return Annotation(events=None if pairs is None else tuple(Event("a", *pair) for pair in pairs))


def test_the_folder_is_the_registry():
    assert metrics.names() == sorted([*RATES, *TIMES, "hallucination"])
    for name in metrics.names():
        metric = metrics.find(name)
        assert isinstance(metric, Metric)
        assert metric.name == name
        assert metric.field in ("text", "events")
        assert metric.better in ("lower", "higher")
        assert metric.unit == ("s" if name in ("onset_error", "offset_error") else "")
        assert metric.summary
    with pytest.raises(UnknownNameError, match="did you mean 'wer'"):
        metrics.find("werr")
    with pytest.raises(UnknownNameError, match="unknown metric"):
        metrics.find("_spans")


# Texts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", golden("texts"), ids=lambda case: f"{case['reference']} {case['hypothesis']}")
def test_error_rates(case):
    sides = Annotation(text=case["reference"]), Annotation(text=case["hypothesis"])
    for name in (*RATES, "hallucination"):
        scored, expected = score(name, *sides, case["language"]), case.get(name)
        assert (scored and [scored[""].num, scored[""].den]) == expected, name


TEXTS = st.text("ab cd欢迎使用 .'", max_size=20)


@given(TEXTS, TEXTS, st.sampled_from(["zh", "en", "ja", ""]))
def test_counts_add_up(reference, hypothesis, language):
    for name in RATES:
        scored = score(name, Annotation(text=reference), Annotation(text=hypothesis), language)
        if scored is None:
            assert name == "wer" or not find_profile().normalise(reference, language)
            continue
        rate, hits, substitutions, deletions, insertions = (
            scored[part] for part in ("", "hits", "substitutions", "deletions", "insertions")
        )
        assert {ratio.den for ratio in scored.values()} == {rate.den}
        assert hits.num + substitutions.num + deletions.num == rate.den
        assert substitutions.num + deletions.num + insertions.num == rate.num


@given(TEXTS, st.sampled_from(["zh", "en", "fr", ""]), st.sampled_from(["raw-1", "whisper-1", "qaeval-0"]))
def test_the_truth_is_perfect(text, language, profile):
    truth = Annotation(text=text)
    for name in (*RATES, "hallucination"):
        scored = score(name, truth, truth, language, profile)
        if scored:
            assert scored[""].num == 0


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_sums_over_samples_are_those_of_jiwer_and_need_no_order(pairs):
    def total(pairs):
        rows = [score("wer", Annotation(text=r), Annotation(text=h), "en") for r, h in pairs]
        return sum((row[""] for row in rows if row), Ratio(0, 0))

    assert total(pairs) == total(pairs[::-1])
    normalise = find_profile().normalise
    spoken = [(normalise(r, "en"), normalise(h, "en")) for r, h in pairs if normalise(r, "en")]
    if spoken:
        assert math.isclose(total(pairs).value, jiwer.process_words(*map(list, zip(*spoken, strict=True))).wer)


def test_an_empty_reference_has_its_own_stratum():
    silence, claim = Annotation(text="。"), Annotation(text="谢谢观看 bye")
    for name in RATES:
        assert score(name, silence, claim, "zh") is None
    assert score("hallucination", silence, claim, "zh") == {"": Ratio(1, 1), "insertions": Ratio(5, 1)}
    assert score("hallucination", Annotation(text="um um"), claim, "en", "whisper-1")[""] == Ratio(1, 1)


def test_unknown_texts():
    assert score("cer", Annotation(), Annotation(text="a"), "en") is None
    assert score("hallucination", Annotation(), Annotation(text="a"), "en") is None
    assert score("cer", Annotation(text="ab"), Annotation(), "en")["deletions"] == Ratio(2, 2)


# Spans ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", golden("spans"), ids=lambda case: case["timeline"])
def test_spans(case):
    reference, hypothesis = spans(case["reference"]), spans(case["hypothesis"])
    scored = {name: score(name, reference, hypothesis) for name in TIMES}
    for name in TIMES:
        got = scored[name] and (scored[name][""].num, scored[name][""].den)
        assert got == (case[name] and (pytest.approx(case[name][0]), case[name][1])), name
    for part in ("missed", "spurious"):
        ratio = scored["span_iou"] and scored["span_iou"][part]
        assert (ratio and [ratio.num, ratio.den]) == case[part]


def test_presence_tells_the_two_ways_to_be_wrong_apart():
    there, absent = spans([[1, 2]]), spans([])
    assert score("presence", there, absent)["false_absence"] == Ratio(1, 1)
    assert score("presence", absent, there)["false_presence"] == Ratio(1, 1)
    for unread in (score("presence", there, spans(None)), score("presence", absent, spans(None))):
        assert unread["false_absence"].num == unread["false_presence"].num == 0
        assert unread[""] == Ratio(0, 1)


def test_unknown_events():
    for name in TIMES:
        assert score(name, Annotation(), spans([[1, 2]])) is None


EVENTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: Event("a", pair[0], sum(pair))), max_size=4
).map(tuple)


@given(EVENTS)
def test_true_spans_are_perfect_in_any_order(events):
    truth, told = Annotation(events=events), Annotation(events=events[::-1])
    assert score("presence", truth, told)[""] == Ratio(1, 1)
    for name, right in (("onset_error", 0), ("offset_error", 0), ("span_iou", len(events))):
        scored = score(name, truth, told)
        assert (scored and scored[""]) == (Ratio(right, len(events)) if events else None)


@given(EVENTS, EVENTS)
def test_matching_is_the_best_there_is_and_symmetric(reference, hypothesis):
    found = match(reference, hypothesis)
    assert len(found) == min(len(reference), len(hypothesis))
    short, long = sorted((reference, hypothesis), key=len)
    best = max(sum(map(intersection_over_union, short, chosen)) for chosen in itertools.permutations(long, len(short)))
    total = sum(pair.iou for pair in found)
    assert total == pytest.approx(best, abs=1e-4)
    assert total == pytest.approx(sum(pair.iou for pair in match(hypothesis, reference)), abs=1e-4)


# A metric of one's own -----------------------------------------------------------------------------------------------

SCRATCH = '''
"""Digit accuracy: the share of the reference's digits that are heard, in order."""

from qaeval.text.alignment import count
from qaeval.types import Case, Metric, Ratio


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def score(case: Case) -> Ratio | None:
    reference = digits(case.profile.normalise(case.reference.text or "", case.language))
    hypothesis = digits(case.profile.normalise(case.hypothesis.text or "", case.language))
    return Ratio(count(reference, hypothesis).hits, len(reference)) if reference else None


METRIC = Metric("digit_accuracy", "text", score, "higher", summary="share of digits that are heard")
'''


@pytest.fixture
def digit_accuracy(tmp_path, monkeypatch):
    (tmp_path / "digit_accuracy.py").write_text(SCRATCH, "utf-8")
    monkeypatch.setattr(qaeval.metrics, "__path__", [*qaeval.metrics.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield "digit_accuracy"
    sys.modules.pop("qaeval.metrics.digit_accuracy", None)
    qaeval.metrics.__dict__.pop("digit_accuracy", None)


def test_a_new_metric_is_one_small_file(digit_accuracy):
    assert len(SCRATCH.splitlines()) <= 30
    assert digit_accuracy in metrics.names()
    truth = Annotation(text="Call twenty one, 5")
    assert score(digit_accuracy, truth, Annotation(text="call 21"), "en")[""] == Ratio(2, 3)
    assert score(digit_accuracy, Annotation(text="call"), Annotation(text=""), "en") is None
