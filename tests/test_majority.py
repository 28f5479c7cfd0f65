"""`control/majority` answers every task with the commonest reference, in words that the task reads back."""

import tracemalloc

import pytest
from hypothesis import given, strategies as st

from qaeval import models, tasks
from qaeval.text.labels.vocabulary import find_vocabulary
from qaeval.types import Annotation, Audio, Event, Request, Sample

MAJORITY = "control/majority"
LABELS = [
    *(("speaker", name) for name in ("gender", "language", "dialect", "accent", "emotion")),
    *(("music", name) for name in ("instrument", "genre", "mood")),
    ("sounds", "sound"),
]


def sample(number, code="", inputs=None, **labels):
    known = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in labels.items()}
    meta = {"language": code} if code else {}
    return Sample(f"s{number}", f"{number}.wav", Annotation(labels=known), meta, inputs or {})


def ask(samples, task, language="", **inputs):
    majority = models.find(MAJORITY).prepare(lambda: iter(samples))
    return majority(Request(MAJORITY, Audio("x.wav"), task=task, language=language, inputs=inputs))


def labels(samples, task, language="", **inputs):
    """What the task reads in the majority's reply about a clip."""
    reply = ask(samples, task, language, **inputs)
    return dict(tasks.find(task).parse(reply.text, Sample("x", "x.wav", inputs=inputs)).labels)


@pytest.mark.parametrize(("task", "name"), LABELS)
def test_each_label_is_read_back(task, name):
    for label in find_vocabulary(name).labels:
        read = labels([sample(1, **{name: label})], task)[name]
        assert read == (() if label == "Silence" else (label,))  # silence is no sound


@given(st.integers(1, 100))
def test_an_age_is_read_back(age):
    assert labels([sample(1, age=str(age))], "age")["age"] == (str(age),)


@given(st.integers(20, 400))
def test_a_tempo_is_read_back(tempo):
    assert labels([sample(1, tempo=str(tempo))], "music")["tempo"] == (str(tempo),)


@pytest.mark.parametrize("key", ["C major", "F# minor", "Db major", "降B大调"])
def test_a_key_is_read_back(key):
    assert labels([sample(1, key=key)], "music")["key"] == ("Bb major" if key == "降B大调" else key,)


WORDS = st.text("ab' 欢迎,.", min_size=1, max_size=20).map(str.strip).filter(lambda text: text.strip(" ,.'"))


@given(WORDS)
def test_texts_are_read_back(text):
    assert labels([sample(1, summary=text)], "summarize")["summary"] == (text,)
    assert labels([sample(1, translation=text)], "translate", target_language="")["translation"] == (text,)


def test_an_intent_is_read_back():
    assert labels([sample(1, intent="book a flight")], "intent")["intent"] == ("book a flight",)
    samples = [sample(i, intent=value) for i, value in enumerate(["音乐播放", "查天气", "查天气"])]
    assert labels(samples, "speaker", choices="音乐播放, 查天气")["intent"] == ("查天气",)


def test_a_speaker_is_told_attribute_by_attribute():
    known = [("male", "20", "happy"), ("male", "30", "neutral"), ("F", "thirties", "平静")]
    samples = [sample(i, "zh", gender=g, age=a, emotion=e) for i, (g, a, e) in enumerate(known)]
    assert labels(samples, "speaker", "zh") == {"gender": ("male",), "age": ("30",), "emotion": ("neutral",)}
    assert labels(samples, "gender", "zh") == {"gender": ("male",)}
    assert ask(samples, "dialect", "zh").outcome == ask(samples, "gender", "en").outcome == "skipped"


def test_equally_common_values_are_told_in_order():
    samples = [sample(i, emotion=value) for i, value in enumerate(["sad", "happy"])]
    assert labels(samples, "emotion") == labels(samples[::-1], "emotion") == {"emotion": ("happy",)}


def test_each_language_has_its_own():
    samples = [sample(1, "en", gender="male"), sample(2, "zh", gender="female")]
    assert [labels(samples, "gender", code)["gender"] for code in ("en", "zh")] == [("male",), ("female",)]


def test_music():
    known = [(["piano", "violin"], "100", "Am"), (["小提琴", "钢琴"], "120", "A minor"), (["drums"], "140", "C major")]
    samples = [sample(i, instrument=names, tempo=tempo, key=key) for i, (names, tempo, key) in enumerate(known)]
    told = labels(samples, "music")
    assert told == {"instrument": ("piano", "violin"), "tempo": ("120",), "key": ("A minor",)}
    assert labels([sample(1, tempo="fast")], "music") == {"tempo": ("fast",)}
    assert labels([sample(1, instrument=())], "music") == {"instrument": ()}


def test_letters_and_words_of_answers():
    two, four = "A. yes\nB. no", "A. w\nB. x\nC. y\nD. z"
    letters = ["D", "D", "D", "B", "B", "A"]
    samples = [sample(i, inputs={"query": "?", "choices": four}, answer=letter) for i, letter in enumerate(letters)]
    samples += [
        sample(10 + i, inputs={"query": "?"}, answer=answers)
        for i, answers in enumerate([["dog", "a dog"], ["dog"], "cat"])
    ]
    assert labels(samples, "answer", query="?", choices=four)["answer"] == ("D",)
    assert labels(samples, "answer", query="?", choices=two)["answer"] == ("B",)
    assert labels(samples, "answer", query="?")["answer"] == ("dog",)


def test_sounds():
    samples = [sample(i, sound=names) for i, names in enumerate([["Siren", "狗叫声"], ["Dog", "siren"], ["Rain"], ()])]
    assert labels(samples, "sounds") == {"sound": ("Dog", "Siren")}
    assert labels(samples[3:], "sounds") == {"sound": ()}


def test_events():
    known = [(Event("Dog", 1, 2), Event("Dog", 8, 9), Event("Cat", 0, 9)), (Event("Dog", 3, 5),), (Event("Cat", 1, 2),)]
    clips = [Sample(str(i), f"{i}.wav", Annotation(events=events)) for i, events in enumerate([*known, known[1]])]
    silent = [Sample(f"silent{i}", "x.wav", Annotation(events=())) for i in range(4)]
    parse = tasks.find("detect").parse
    assert parse(ask(clips, "detect").text, clips[0]).events == (Event("Dog", 3, 5),)
    assert parse(ask([*clips, *silent], "detect").text, clips[0]).events == ()
    asked = [Sample(clip.id, clip.audio, clip.reference, inputs={"query": "dog"}) for clip in clips]
    assert ask(asked, "detect").outcome == ask(clips, "locate", query="dog").outcome == "skipped"
    for task in ("locate", "locate_first"):
        told = tasks.find(task).parse(ask(asked, task, query="dog").text, asked[0]).events
        assert told == (Event("dog", 2, 5),)


def test_each_language_that_is_translated_into_has_its_own():
    samples = [
        sample(1, "zh", {"target_language": "en"}, translation="Hello"),
        sample(2, "zh", {"target_language": "fr"}, translation=["Bonjour", "Salut"]),
        sample(3, "zh", {"target_language": "fr"}, translation="Salut"),
    ]
    assert labels(samples, "translate", "zh", target_language="en")["translation"] == ("Hello",)
    assert labels(samples, "translate", "zh", target_language="fr")["translation"] == ("Salut",)
    assert ask(samples, "translate", "zh", target_language="de").outcome == "skipped"


def test_a_task_of_ones_own_has_the_label_of_its_name():
    samples = [sample(i, note=note) for i, note in enumerate(["a4", "c4", "a4"])]
    assert ask(samples, "note").text == "a4"


@pytest.mark.parametrize("task", tasks.names())
def test_only_what_has_no_references_is_refused(task):
    refused = models.find(MAJORITY).refuses(Request(MAJORITY, Audio("x.wav"), task=task))
    assert bool(refused) is (task in ("rating", "preference"))
    assert not refused or repr(task) in refused


def test_it_stays_small():
    def samples():
        for number in range(50_000):
            yield sample(
                number, gender="male", age=str(number % 90), instrument=["piano", "drums"], tempo=str(60 + number % 99)
            )

    tracemalloc.start()
    try:
        majority = models.find(MAJORITY).prepare(samples)
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert majority(Request(MAJORITY, Audio("x"), task="gender")).text == "性别:male"
    assert used < 3e6
