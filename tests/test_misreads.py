"""Replies that are easily misread: to multiple-choice questions, of speakers and of sounds; and how others fail."""

import json
from pathlib import Path

import pytest
from effort import within
from hypothesis import given, strategies as st

from qaeval import metrics, tasks
from qaeval.text.answers.choices import read_choices
from qaeval.text.answers.choosing import choose
from qaeval.text.labels.attributes import read_attribute
from qaeval.text.labels.label_sets import find_label_set
from qaeval.text.labels.listing import without_options
from qaeval.text.labels.sounds import plainest, read_sounds
from qaeval.text.labels.vocabulary import find_vocabulary
from qaeval.text.profiles import find_profile
from qaeval.text.replies.turns import own_words
from qaeval.types import Annotation, Case, Ratio, Sample

DATA = Path(__file__).parent / "data" / "misreads"
CHOICES, SPEAKER, SOUNDS = (json.loads((DATA / f"{name}.json").read_text("utf-8")) for name in (
    "choices", "speaker", "sounds",
))  # fmt: skip
TASKS = json.loads((DATA / "tasks.json").read_text("utf-8"))
ANIMALS = read_choices("A. a dog\nB. a cat\nC. a bird\nD. rain")


def shown(case):
    return f"{case[0]!r:.40} {case[1]!r:.60}"


@pytest.mark.parametrize("case", CHOICES["cases"], ids=shown)
def test_a_reply_chooses_what_it_says_or_nothing(case):
    options, reply, letter = case
    chosen = choose(reply, read_choices(CHOICES["choices"][options]))
    assert chosen.letter == letter, chosen


@pytest.mark.parametrize("case", SPEAKER, ids=shown)
def test_a_reply_tells_of_the_speaker_what_it_says(case):
    attribute, reply, values = case
    assert read_attribute(reply, attribute).get(attribute) == (None if values is None else tuple(values))


@pytest.mark.parametrize("case", SOUNDS, ids=shown)
def test_a_reply_earns_no_member_of_a_set_by_its_sibling(case):
    choices, reply, names = case
    members = find_label_set(choices) if isinstance(choices, str) else choices
    assert read_sounds(reply, members) == (None if names is None else tuple(names))


def told(task, annotation):
    """What a task reads, as the data has it: events, all labels, or those of the one attribute."""
    if task in ("locate", "detect"):
        events = annotation.events
        return None if events is None else [[*(each if task == "detect" else each[1:])] for each in map(plain, events)]
    labels = {name: list(values) for name, values in annotation.labels.items()}
    return labels if task in ("speaker", "music") else labels.get("sound" if task == "sounds" else task)


def plain(event):
    return event.label, event.onset, event.offset


@pytest.mark.parametrize(
    "case",
    [[task, *case] for task, cases in TASKS.items() for case in cases],
    ids=lambda case: f"{case[0]} {case[2]!r:.60}",
)
def test_a_task_reads_in_a_reply_what_a_careful_reader_does(case):
    task, inputs, reply, expected = case
    inputs = {"query": "?", **inputs} if task == "answer" else inputs
    assert told(task, tasks.find(task).parse(reply, Sample("a", "a.wav", inputs=inputs))) == expected


# Imitated dialogues


@given(st.text("ab:.： \n用助"), st.text("ab:. 用助"))
def test_a_reply_is_what_the_assistant_says(question, answer):
    assert own_words(question) == question  # no turn is told
    assert own_words(f"User: {question}\nAssistant: {answer}") == answer.strip()
    assert own_words(f"用户：{question}\n助手：{answer}") == answer.strip()
    assert own_words(f"{answer}x\nUser: {question}\nAssistant: b") == f"{answer}x".strip()


@given(
    st.lists(st.sampled_from(["dog", "cat", "rain", "wind"]), unique=True, min_size=2, max_size=4),
    st.sampled_from(["dog", "cat", "rain", "wind"]),
)
def test_a_list_of_options_chooses_none_of_them(listed, answer):
    reply = f"Of the options {', '.join(listed)}, this is {answer}."
    assert read_sounds(reply, ["dog", "cat", "rain", "wind"]) == read_sounds(answer, ["dog", "cat", "rain", "wind"])


@given(st.text("ab, .", max_size=40))
def test_no_words_but_options_are_left_out(text):
    assert without_options(text, ["dog", "cat"]) == text


# Sounds of a closed set

ONTOLOGY = find_vocabulary("sound")


@given(
    st.sets(st.sampled_from(sorted(ONTOLOGY.labels)), min_size=1, max_size=6), st.sampled_from(sorted(ONTOLOGY.labels))
)
def test_a_label_earns_itself_or_what_is_above_it(members, name):
    for counted in plainest([name], members):
        assert counted == name or counted in ONTOLOGY.ancestors(name)
        assert not any(counted in ONTOLOGY.ancestors(other) for other in plainest([name], members))


def test_a_sound_is_its_told_sources_and_no_other_ones():
    """AudioSet has howls and growls under Dog and under Canidae, dogs, wolves; growls under Cat, too."""
    wolf = "Canidae, dogs, wolves"
    assert plainest(["Howl"], ["Dog", "Cat"]) == ("Dog",)
    assert plainest([wolf, "Howl"], ["Dog", "Cat"]) == plainest([wolf], ["Dog", "Cat"]) == ()
    assert plainest(["Growling"], ["Dog", "Cat"]) == ("Cat", "Dog")
    assert plainest(["Dog", "Growling"], ["Dog", "Cat"]) == ("Dog",)
    assert plainest(["Animal", "Bark"], ["Dog", "Cat"]) == ("Dog",)
    assert plainest([wolf, "Bark"], ["Bark", "Cat"]) == ("Bark",)


# Faults of other systems


def accuracy(truth, reply, options=ANIMALS):
    letter, rule = choose(reply, options)
    told = Annotation(labels={"answer": (letter,) if letter else (), "answer_rule": (rule,)})
    truth = Annotation(labels={"answer": (truth,)})
    return metrics.find("choice_accuracy").score(Case(truth, told, "en", find_profile("raw-1")))


@pytest.mark.parametrize("reply", ["", "I cannot tell.", "None of these.", "E", "???", "抱歉,我无法处理音频。"])
def test_no_letter_is_drawn_by_chance(reply):
    """VoiceBench (src/evaluator/mcq.py) and lmms-eval (mmau/utils.py) draw one where they find none."""
    assert {choose(reply, ANIMALS) for _ in range(50)} == {("", "unparsed")}


def test_what_cannot_be_read_stays_in_the_denominator():
    """AIR-Bench (score_foundation.py) skips it."""
    scored = accuracy("B", "I cannot tell.")
    assert (scored[""], scored["unparsed"]) == (Ratio(0, 1), Ratio(1, 1))


@pytest.mark.parametrize(
    "reply", ["Dogs bark, and so it is not a cat: rain.", "Based on this clip: rain", "Cannot be a bird. Rain."]
)
def test_no_first_or_last_but_one_letter_is_an_answer(reply):
    """AIR-Bench reads the first character, else the last but one, of what begins with A to D."""
    assert choose(reply, ANIMALS).letter == "D"


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("It is not a dog, and not a cat. The answer is D, since it rains.", "D"),
        ("There is no cat, there is a dog.", "A"),
        ("音频里传来下雨的声音。", "C"),
        ("这段音频里没有狗叫,只有下雨的声音", "C"),
    ],
)
def test_reasoning_may_name_other_options_and_chinese_has_no_spaces(reply, letter):
    r"""The string match of MMAU fails both: its words are ``\w+``, and any word of a wrong option spoils the reply."""
    options = read_choices("A. 狗叫\nB. 猫叫\nC. 下雨\nD. 汽车鸣笛") if not reply.isascii() else ANIMALS
    assert choose(reply, options).letter == letter


# Hostile replies


@pytest.mark.parametrize(
    "piece",
    ["the first or ", "the second option, ", "第二个", "选第一个或", "not A but ", "不是A", "less ", "more a than ",
     "与其说", "the options are ", "among dog ", "(B) ", "a dog is ", "B\n", "?", "a?", "He says 'it is A' ", "but ",
     "A. a dog, ", "a dog or ", "leaves "],
)  # fmt: skip
def test_long_replies_are_read_in_time(piece):
    reply = (piece * 100_000)[:100_000]
    within(1, lambda: choose(reply, ANIMALS))


@pytest.mark.parametrize(
    "piece",
    [
        "translated ",
        "means in ",
        "翻译",
        "这段中文的",
        "less sad ",
        "more sad than ",
        "talking about ",
        "提到男",
        "male or female? ",
        "User: male\n",
        "Assistant: male\n",
        "her brother, a man ",
        "it could be a man but ",
        "male (0.5) ",
        "though a man suggests ",
        "和男的",
        "the options are male, ",
        "5% male female ",
        "虽然男，但女",
        "more specifically male female ",
        "with male influenced by ",
        "女的可能性小男",
    ],
)
def test_long_descriptions_are_read_in_time(piece):
    reply = (piece * 20_000)[:20_000]
    listed = {"gender": "male, female", "language": "", "emotion": ""}
    within(2, lambda: [read_attribute(reply, attribute, options) for attribute, options in listed.items()])
