"""References that a metric cannot read: they have no rows, and it is told once which, and what was expected."""

import warnings

import pytest

from qaeval import metrics, tables, tasks
from qaeval.errors import UnreadReferenceWarning
from qaeval.metrics._unread import Unread
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Failure, Reply, Sample


def clip(name, **labels):
    values = {attribute: value if isinstance(value, tuple) else (value,) for attribute, value in labels.items()}
    return Sample(name, b"", Annotation(labels=values))


EXPECTING = {
    "age": ("age_error", "age_within", "age_band", "age_kappa"),
    "key": ("key_accuracy", "key_score"),
    "tempo": ("tempo_acc1", "tempo_acc2", "tempo_error", "tempo_class"),
}


@pytest.mark.parametrize("field", EXPECTING)
def test_metrics_that_cannot_read_every_reference_say_what_they_expect(field):
    said = {"age": "old", "key": "C", "tempo": "as you like"}[field]
    for name in EXPECTING[field]:
        metric, unread = metrics.find(name), Unread()
        unread.note("mine", metric, clip("a", **{field: said}))
        (sentence,) = unread.sentences()
        assert sentence.startswith(f"task 'mine': 1 sample has no {name}, since the reference's {field} cannot be read")
        assert f"of 'a' seen {said!r}, expected {metric.expects}" in sentence


def test_what_expects_nothing_or_is_known_to_be_absent_is_not_told():
    unread = Unread()
    unread.note("age", metrics.find("abstention"), clip("a", emotion="odd"))
    unread.note("age", metrics.find("age_error"), clip("a", age=()))
    unread.note("age", metrics.find("age_error"), clip("a"))
    assert unread.sentences() == []


def scored(clips, task, replies):
    asks = [{"sample": c.id, "task": task, "prompt": "en@1", "model": "m", "repeat": 0, "key": c.id} for c in clips]
    return tables.score(clips, asks, replies, {task: tasks.find(task)}, find_profile(), "mine")


def test_it_is_told_once_a_task_and_field_when_scores_are_made():
    clips = [
        clip("a", age="30"),
        clip("b", age="ageless"),
        clip("c", age="ancient", gender="male"),
        clip("d", age=("20", "40")),
    ]
    replies = {name: Reply("A man of about 30 years.") for name in "abd"} | {"c": Reply(error=Failure("failed", ""))}
    with pytest.warns(UnreadReferenceWarning) as told:
        scores = scored(clips, "speaker", replies)
    assert [str(one.message) for one in told] == [
        "task 'speaker': 3 samples have no age_within, age_error, age_band, age_kappa, since the reference's age "
        "cannot be read: of 'c' seen 'ancient', expected one age in years, such as 30, 30-39 or thirties"
    ]
    assert told[0].filename == __file__
    assert scores[scores["metric"] == "age_within"]["sample"].unique().tolist() == ["a"]


def test_a_tempo_in_words_has_a_class_and_no_number():
    clips = [clip("a", tempo="fast", key="A minor"), clip("b", tempo="120", key="C")]
    with pytest.warns(UnreadReferenceWarning) as told:
        scored(clips, "music", {name: Reply("Its tempo is 120 BPM, in A minor.") for name in "ab"})
    assert [str(one.message).split(": of")[0] for one in told] == [
        "task 'music': 1 sample has no tempo_acc1, tempo_acc2, tempo_error, since the reference's tempo cannot be read",
        "task 'music': 1 sample has no key_accuracy, key_score, since the reference's key cannot be read",
    ]


def test_nothing_is_told_of_what_can_be_read():
    clips = [clip("a", age="thirties"), clip("b", age="30-39", gender="male")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scored(clips, "speaker", {name: Reply("A man of about 30 years.") for name in "ab"})
