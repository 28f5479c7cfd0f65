"""Metrics: golden cases (data/metrics), laws, and how little a new one takes."""

import importlib
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
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Case, Metric, Ratio

DATA = Path(__file__).parent / "data" / "metrics"
RATES = ("wer", "cer", "mer")


def golden(name):
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def score(name, reference, hypothesis, language="", profile="qaeval-0"):
    scored = metrics.find(name).score(Case(reference, hypothesis, language, find_profile(profile)))
    return {"": scored} if isinstance(scored, Ratio) else scored


def test_the_folder_is_the_registry():
    assert {*RATES, "hallucination"} <= set(metrics.names())
    for name in metrics.names():
        metric = metrics.find(name)
        assert isinstance(metric, Metric)
        assert metric.name == name
        assert metric.better in ("lower", "higher")
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
