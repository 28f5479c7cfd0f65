"""From replies to rows: what metrics find together or one by one, whatever is asked, gives the same frame."""

import dataclasses

import pytest
from hypothesis import given, settings, strategies as st

from qaeval import metrics, scoring, tables
from qaeval.errors import ScoreError, UnscoredLanguageWarning
from qaeval.metrics._together import OneOf
from qaeval.tasks import find as find_task
from qaeval.text.profiles import find_profile
from qaeval.text.replies.outcomes import outcome
from qaeval.types import Annotation, Case, Failure, Metric, Profile, Prompt, Ratio, Reply, Sample, Task

TRANSCRIBE = find_task("transcribe")
LOWER = Profile("lower-1", lambda text, language: " ".join(text.lower().split()))
LENGTH = Metric(
    "length", "text", lambda case: Ratio(len(case.hypothesis.text or ""), 1) if case.reference.text else None
)
WORD = Metric("word", "word", lambda case: {"": Ratio("no" in case.reply, 1), "all": Ratio(1, 1)})
MIXED = Task("mixed", ("text",), (Prompt("en"),), TRANSCRIBE.parse, (LENGTH, *TRANSCRIBE.metrics[:4], WORD))
SOME = dataclasses.replace(TRANSCRIBE, name="some", metrics=(metrics.find("raw_cer"), metrics.find("hallucination")))
TASKS = {task.name: task for task in (TRANSCRIBE, MIXED, SOME)}

TEXTS = st.sampled_from(
    ["", "。", "go home", "打开 wifi 3", "打开", "The audio says: 'Go home'", "no no", "<|zh|>打开", "call 911"]
)
REPLIES = st.one_of(TEXTS.map(Reply), st.just(Reply(error=Failure("failed", "timeout"))), st.none())
LANGUAGES = st.sampled_from(["zh", "en", ""])


def score(samples, said, profile=LOWER, seconds=None):
    """Scores ``{(sample, task, model): reply or None}``."""
    names = ("sample", "task", "model")
    asks = [dict(zip(names, at, strict=True)) | {"prompt": "p", "repeat": 0, "key": "/".join(at)} for at in said]
    replies = {"/".join(at): reply for at, reply in said.items() if reply is not None}
    return tables.score(samples, asks, replies, TASKS, profile, "mine", None, seconds)


def one_by_one(samples, said, profile, seconds):
    """The rows by asking each metric about each reply, as the contract of a metric says."""
    of = {sample.id: sample for sample in samples}
    for (name, task_name, model), reply in said.items():
        sample, task = of[name], TASKS[task_name]
        truth = sample.reference
        for metric in task.metrics:
            known = (sample.language, profile, truth.text or "", seconds.get(name))
            if metric.score(Case(truth, truth, *known)) is None:
                continue
            what, scored = ("pending" if reply is None else reply.outcome), Ratio(0, 0)
            if reply is not None and reply.text is not None:
                hypothesis = task.parse(reply.text, sample)
                what = outcome(reply.text, hypothesis, metric.field, sample.language, truth)
                scored = metric.score(Case(truth, hypothesis, sample.language, profile, reply.text, seconds.get(name)))
            for part, ratio in ({"": scored} if isinstance(scored, Ratio) else scored).items():
                yield [name, task_name, model, what, metric.name, part, float(ratio.num), float(ratio.den)]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.one_of(st.none(), TEXTS), LANGUAGES, st.sampled_from([None, 30.0])), min_size=1, max_size=4),
    st.data(),
    st.sampled_from([1, 2, 128]),
)
def test_the_frame_has_what_each_metric_gives(truths, data, at_once):
    samples = [Sample(f"s{i}", b"", Annotation(text), {"language": known}) for i, (text, known, _) in enumerate(truths)]
    seconds = {f"s{i}": length for i, (_, _, length) in enumerate(truths) if length}
    places = [(sample.id, task, model) for task in TASKS for sample in samples for model in "ab"]
    asked = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=12, unique=True))
    said = {at: data.draw(REPLIES) for at in asked}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_AT_ONCE", at_once)
        scores = score(samples, said, seconds=seconds)
    columns = ["sample", "task", "model", "outcome", "metric", "part", "num", "den"]
    assert scores[columns].astype(object).values.tolist() == list(one_by_one(samples, said, LOWER, seconds))


def test_a_reference_is_normalised_once_for_all_models():
    seen = []

    def normalise(text, language):
        seen.append(text)
        return text.lower()

    samples = [Sample(f"s{i}", b"", Annotation(f"Truth {i}"), {"language": "en"}) for i in range(20)]
    said = {
        (s.id, task, m): Reply(f"said {s.id} {m}") for s in samples for task in ("transcribe", "some") for m in "abc"
    }
    score(samples, said, Profile("counting", normalise))
    assert sorted(text for text in seen if text.startswith("Truth")) == sorted(f"Truth {i}" for i in range(20))
    assert max(map(seen.count, seen)) <= 2, "each reply at most once for each task"


def test_a_metric_that_fails_is_named_among_those_that_are_found_together():
    def together(case):
        raise ZeroDivisionError("oh")

    broken = tuple(Metric(name, "text", OneOf(name, together)) for name in ("first", "second"))
    tasks = {"transcribe": dataclasses.replace(TRANSCRIBE, metrics=broken)}
    asks = [{"sample": "a", "task": "transcribe", "prompt": "p", "model": "m", "repeat": 0, "key": "k"}]
    with pytest.raises(ScoreError, match=r"sample 'a', task 'transcribe', metric 'first': ZeroDivisionError: oh"):
        tables.score([Sample("a", b"", Annotation("x"))], asks, {"k": Reply("x")}, tasks, LOWER, "mine")


def test_other_languages_have_rows_without_a_denominator():
    with pytest.warns(UnscoredLanguageWarning, match="2 in 'ko'"):
        scores = score(
            [Sample(name, b"", Annotation("안녕"), {"language": "ko"}) for name in "ab"],
            {(name, "transcribe", "m"): Reply("안녕") for name in "ab"},
            find_profile(),
        )
    assert len(scores) == 2 * len(TRANSCRIBE.metrics)
    assert scores[["num", "den"]].to_numpy().sum() == 0


def test_a_rate_without_looped_replies_is_that_of_the_other_outcomes():
    truth = Annotation("the same old song")
    samples = [Sample(name, b"", truth, {"language": "en"}) for name in "ab"]
    scores = score(
        samples, {("a", "transcribe", "m"): Reply("the same old"), ("b", "transcribe", "m"): Reply("la " * 40)}
    )
    with_loops = tables.summarize(scores).set_index("metric")["value"]["wer"]
    without = tables.summarize(scores[scores["outcome"] != "looped"]).set_index("metric")["value"]["wer"]
    assert (with_loops, without) == (41 / 8, 1 / 4)
