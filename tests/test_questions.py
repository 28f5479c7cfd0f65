"""Questions for locate from word times: the truth about a word is known, or it is not asked for."""

import json
import random
import warnings

import pytest
from hypothesis import given, strategies as st

import qaeval as qa
from qaeval import tasks
from qaeval.datasets.questions import KINDS, questions
from qaeval.errors import DatasetError, DatasetWarning, UnknownNameError
from qaeval.models import prose
from qaeval.text.profiles import find_profile


def clip(id, *words, text=None, language="en", step=0.5, **meta):
    """A sample whose words follow each other, each ``step`` seconds long."""
    times = [[word, n * step, (n + 1) * step] for n, word in enumerate(words)]
    said = " ".join(words) if text is None else text
    return qa.Sample(
        id, f"{id}.wav", qa.Annotation(said), {"language": language, "alignment": json.dumps(times)} | meta
    )


def asked(clips, kind="unique", **options):
    """Query -> spans in seconds, of all questions about clips."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DatasetWarning)
        got = list(questions(clips, kind, **{"per_clip": 99, "min_length": 1} | options))
    assert all(event.label == q.inputs["query"] for q in got for event in q.reference.events)
    return {q.inputs["query"]: [(event.onset, event.offset) for event in q.reference.events] for q in got}


FOX = clip("fox", "The", "quick", "fox", "the", "lazy", "dog.", text="The quick fox, the lazy dog.")


def test_unique_repeated_and_all():
    unique = {"quick": [(0.5, 1)], "fox": [(1, 1.5)], "lazy": [(2, 2.5)], "dog": [(2.5, 3)]}
    repeated = {"The": [(0, 0.5), (1.5, 2)]}
    assert asked([FOX]) == unique
    assert asked([FOX], "repeated") == repeated
    assert asked([FOX], "all") == unique | repeated
    assert set(asked([FOX], min_length=None)) == {"quick", "lazy"}


def test_a_question_is_a_sample_of_its_own():
    (question,) = questions([FOX], min_length=5)
    assert question.id == "fox?quick"
    assert question.audio == FOX.audio
    assert question.inputs == {"query": "quick"}
    assert question.reference == qa.Annotation(FOX.reference.text, (qa.Event("quick", 0.5, 1.0),))
    assert question.meta == {**FOX.meta, "clip": "fox", "question": "unique"}


def test_times_may_also_be_the_events_of_the_reference():
    events = (qa.Event("Dog", 1, 2), qa.Event("Cat", 3, 4), qa.Event("Dog", 5, 6))
    sounds = qa.Sample("s", "s.wav", qa.Annotation(events=events))
    assert asked([sounds], "all") == {"Dog": [(1, 2), (5, 6)], "Cat": [(3, 4)]}


@pytest.mark.parametrize(
    ("case", "words", "text", "wanted"),
    [
        ("part of another word", ("art", "start", "now"), None, {"start", "now"}),
        ("timed with another one", ("the", "cat", "from the"), None, {"cat", "from the"}),
        ("the transcript says it once more", ("cat", "and", "dog"), "cat and dog and", {"cat", "dog"}),
        ("the transcript does not say it", ("cat", "dog"), "cat", {"cat"}),
        ("one word in two spellings", ("colour", "of", "color"), None, {"of"}),
        ("one word in two cases, with marks", ("Well,", "well", "no!"), None, {"no"}),
        ("marks alone", ("--", "yes", "..."), "yes", {"yes"}),
        ("no transcript", ("cat", "dog"), "", {"cat", "dog"}),
    ],
)
def test_only_words_are_asked_for_whose_times_are_all_known(case, words, text, wanted):
    assert set(asked([clip("a", *words, text=text)])) == wanted


def test_the_shown_query_has_no_marks_and_keeps_its_spelling():
    assert set(asked([clip("a", "“Äpfel”,", "it's", "3.5%", language="de")], min_length=1)) >= {"Äpfel"}


# Languages without spaces ---------------------------------------------------------------------------------------------


def test_chinese_words_are_asked_for_where_they_are_timed():
    words = ("欢迎", "使", "用", "阿里", "云")
    assert asked([clip("a", *words, text="欢迎使用阿里云。", language="zh")], min_length=None) == {
        "欢迎": [(0, 0.5)],
        "阿里": [(1.5, 2)],
    }


def test_runs_of_chinese_characters_are_asked_for_where_only_those_are_timed():
    text = "我们,阿里在阿里"
    got = asked([clip("a", *"我们阿里在阿里", text=text, language="zh")], "all", min_length=None)
    assert got["阿里"] == [(1, 2), (2.5, 3.5)]
    assert set(got) == {"我们", "阿里", "里在", "在阿"}  # no run over a comma
    assert set(asked([clip("a", *"我们阿里在阿里", text=text, language="zh")], "all", min_length=3)) == {
        "阿里在", "里在阿", "在阿里",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("阿里", "在", "阿里云"), {"阿里云"}),  # the second 阿里 is timed with 云
        (("大家", "人", "家人"), {"大家"}),  # 家人 also lies across two words
        (("哈哈", "哈"), set()),  # 哈哈 twice, one over the other
        (("歡迎", "欢迎", "谢谢"), {"谢谢"}),
        (("欢迎", "hello", "的"), {"欢迎", "hello"}),
    ],
)
def test_chinese_words_within_and_across_others(words, wanted):
    sample = clip("a", *words, text="".join(words), language="zh")
    if wanted:
        assert set(asked([sample], min_length=2)) == wanted
    else:
        with pytest.raises(DatasetError, match="no question of the kind 'unique'"):
            asked([sample], min_length=2)


def test_a_language_without_rules_goes_by_its_script():
    assert set(asked([clip("a", "Привет", "мир", language="ru")])) == {"Привет", "мир"}


# Absent words ---------------------------------------------------------------------------------------------------------

CLIPS = [
    FOX,
    clip("cat", "A", "black", "cat", "started."),
    clip("art", "modern", "art", "in", "colour", text="modern art in colour foxes"),
    clip("zh", "欢迎", "使用", language="zh"),
    clip("zh2", "谢谢", "歡迎", language="zh"),
    clip("fr", "bonjour", language="fr"),
]


def said(sample):
    return find_profile().normalise(sample.reference.text, sample.language).replace(" ", "")


def test_absent_words_come_from_other_clips_of_the_same_language_and_are_nowhere_in_this_one():
    with pytest.warns(DatasetWarning, match="samples: 1 of 6 clips give no question of the kind 'absent'"):
        got = list(questions(CLIPS, "absent", per_clip=99, min_length=2))
    words = {(q.meta["clip"], q.inputs["query"]) for q in got}
    assert all(q.reference.events == () for q in got)
    assert ("zh", "谢谢") in words  # and not 歡迎, which is 欢迎
    assert {clip for clip, _ in words} == {"fox", "cat", "art", "zh", "zh2"}
    assert ("art", "fox") not in words  # foxes
    assert ("cat", "art") not in words  # started
    assert ("cat", "fox") in words
    by_id = {sample.id: sample for sample in CLIPS}
    for clip_id, query in words:
        sample = by_id[clip_id]
        key = find_profile().normalise(query, sample.language).replace(" ", "")
        assert key not in said(sample)
        assert any(key in said(other) for other in CLIPS if other.language == sample.language)


# Drawing --------------------------------------------------------------------------------------------------------------

WORDS = [
    "apple",
    "bread",
    "candle",
    "dragon",
    "engine",
    "flower",
    "garden",
    "hammer",
    "island",
    "jacket",
    "kitten",
    "ladder",
]
MANY = [clip(f"c{n}", *random.Random(n).sample(WORDS, 5)) for n in range(12)]


def ids(clips=MANY, **options):
    return [question.id for question in questions(clips, **options)]


@pytest.mark.parametrize("kind", ["unique", "all", "absent"])
def test_draws_do_not_depend_on_order_and_fewer_are_contained_in_more(kind):
    one, three = ids(kind=kind), ids(kind=kind, per_clip=3)
    assert len(one) == 12
    assert len(three) == 36
    assert sorted(ids(list(reversed(MANY)), kind=kind)) == sorted(one)
    assert one == three[::3]
    assert ids(kind=kind) == one != ids(kind=kind, seed=1)
    assert len({id.partition("?")[2] for id in one}) > 3


def test_what_is_said_is_drawn_whatever_other_clips_there_are():
    assert ids(MANY[3:5]) == ids()[3:5]


@given(st.lists(st.sampled_from(["cat", "dog", "the", "cat dog", "catalogue"]), min_size=1, max_size=9))
def test_found_spans_are_exactly_the_words(words):
    times = [(unit, n, len(word.split())) for n, word in enumerate(words) for unit in word.split()]
    for query, spans in asked([clip("a", *words), clip("b", "else")], "all").items():
        alone = [(n * 0.5, (n + 1) * 0.5) for unit, n, size in times if unit == query and size == 1]
        if " " in query:
            assert set(spans) >= {(n * 0.5, (n + 1) * 0.5) for n, word in enumerate(words) if word == query}
        elif query != "else":
            assert spans == alone
            assert len(alone) == [unit for unit, *_ in times].count(query)  # else it is not asked for


def test_the_fingerprint_tells_the_options_and_the_dataset():
    given = [
        questions(MANY, **options).fingerprint for options in ({}, {"seed": 1}, {"kind": "all"}, {"per_clip": 2}, {})
    ]
    assert given[0] == given[-1]
    assert len({*given, questions(MANY[1:]).fingerprint}) == 5


# What cannot be -------------------------------------------------------------------------------------------------------


def test_what_cannot_be():
    with pytest.raises(UnknownNameError, match="kind of question 'uniqe'; did you mean 'unique'"):
        questions(MANY, "uniqe")
    with pytest.raises(DatasetError, match="per_clip: expected 1 or more, seen 0"):
        questions(MANY, per_clip=0)
    with pytest.raises(DatasetError, match=r"of its 1 clips; it takes word times \(meta alignment"):
        list(questions([qa.Sample("a", "a.wav", qa.Annotation("hello"))]))
    with pytest.raises(DatasetError, match="sample 'a', alignment: not JSON"):
        list(questions([qa.Sample("a", "a.wav", meta={"alignment": "["})]))
    with pytest.warns(DatasetWarning, match="samples: 1 of 2 clips give no question of the kind 'unique'"):
        assert len(list(questions([FOX, qa.Sample("a", "a.wav")]))) == 1


# End to end -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_truth_about_the_demo_is_read_back_by_locate(kind):
    extra = [clip("twice", "hello", "world", "hello"), clip("zh", "谢谢", "你", "谢谢", language="zh")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DatasetWarning)
        got = list(questions([*qa.load("demo"), *extra], kind, per_clip=2))
    assert len(got) > (1 if kind == "repeated" else 70)
    for question in got:
        query, events = question.inputs["query"], question.reference.events
        reply = prose.found(query, [(e.onset, e.offset) for e in events]) if events else prose.absent(query)
        told = tasks.find("locate").parse(reply, question).events
        assert [(e.onset, e.offset) for e in told] == [
            (pytest.approx(e.onset, abs=0.006), pytest.approx(e.offset, abs=0.006)) for e in events
        ]
