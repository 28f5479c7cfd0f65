"""Labels and ages in prose: what is told, and what is quoted, denied, asked or only looks like it."""

import json
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from effort import within
from hypothesis import given, strategies as st

from qaeval.errors import QaevalError, UnknownNameError
from qaeval.languages import language_code
from qaeval.text.labels.ages import age_label, read_ages
from qaeval.text.labels.vocabulary import Label, Vocabulary, find_vocabulary
from qaeval.text.replies.told import key

DATA = Path(__file__).parent / "data" / "labels"
NAMES = ("accent", "dialect", "emotion", "gender", "language")


def golden(name):
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def cases(name):
    return [(attribute, *case) for attribute, listed in golden(name).items() for case in listed]


@pytest.mark.parametrize(("attribute", "text", "labels"), cases("reads"))
def test_what_a_text_tells(attribute, text, labels):
    assert list(find_vocabulary(attribute).read(text)) == labels


@pytest.mark.parametrize(
    ("attribute", "label", "value"),
    [(a, label, value) for a, known in golden("values").items() for label, values in known.items() for value in values],
)
def test_what_a_value_is(attribute, label, value):
    assert (find_vocabulary(attribute).canonical(value) or "") == label


@pytest.mark.parametrize(("text", "ages"), golden("ages"))
def test_which_age_a_text_tells(text, ages):
    assert [list(age) for age in read_ages(text)] == ages


@pytest.mark.parametrize("name", NAMES)
def test_a_vocabulary_is_sound(name):
    data = tomllib.loads((resources.files("qaeval.text.labels") / "vocabularies" / f"{name}.toml").read_text("utf-8"))
    assert data["version"]
    assert data["source"].strip()
    vocabulary = find_vocabulary(name)
    for label, entry in data["labels"].items():
        assert set(entry) <= {"zh", "en", "stems", "codes", "parents", "yields"}
        assert vocabulary.canonical(label) == label
        beginnings = [label.rsplit("/", cut)[0] for cut in range(1, label.count("/") + 1)]
        assert {*entry.get("parents", ()), *beginnings} <= data["labels"].keys()
        assert vocabulary.ancestors(label) >= set(beginnings)
        assert label not in vocabulary.ancestors(label)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_found(name):
    """In prose, in quotation marks and as a value; but for codes, which are values alone."""
    vocabulary = find_vocabulary(name)
    for label in vocabulary.labels.values():
        for alias in label.aliases:
            assert vocabulary.read(f"Well, {alias}, I think") == (label.name,), alias
            assert vocabulary.read(f"it is “{alias}”") == (label.name,), alias
        for value in (label.name, *label.aliases, *label.codes):
            assert vocabulary.canonical(value) == vocabulary.canonical(f" {value.upper()} ") == label.name


def test_the_languages_are_those_of_the_toolkit():
    for code, label in find_vocabulary("language").labels.items():
        assert language_code(code) == code
        for alias in label.codes:
            assert len(alias) > 3 or language_code(alias) in (code, alias)


@given(
    st.sampled_from(sorted(find_vocabulary("emotion").labels)),
    st.sampled_from(sorted(find_vocabulary("emotion").labels)),
)
def test_what_is_denied_is_not_told(denied, told):
    emotion = find_vocabulary("emotion")
    for text in (
        f"不是{denied},而是{told}",
        f"not {denied} but {told}",
        f"{told} rather than {denied}",
        f"{told}而不是{denied}",
        f"It isn't {denied}. It is {told}.",
        f"{told}, not {denied}",
        f"no {denied}, {denied} or {denied}; {told}",
    ):
        assert emotion.read(text) == (told,), text
    assert emotion.read(f"没有{denied}") == emotion.read(f"neither {denied} nor {told}") == ()


@given(
    st.lists(st.sampled_from(sorted(find_vocabulary("dialect").labels)), unique=True, max_size=4),
    st.sampled_from(["说的是“{}”", "says '{}'", 'the content is: "{}"', "原话是「{}」。"]),
)
def test_what_is_quoted_as_speech_is_not_told(labels, form):
    assert find_vocabulary("dialect").read(form.format("、".join(labels))) == ()


def test_an_unknown_vocabulary():
    with pytest.raises(UnknownNameError, match=r"did you mean .*'gender'"):
        find_vocabulary("gendre")


def test_a_name_of_two_labels_is_an_error():
    labels = {"a": Label("a", ("x",)), "b": Label("b", ("X",))}
    with pytest.raises(QaevalError, match="'x' is a name of both 'a' and 'b'"):
        Vocabulary("mine", "1", labels).canonical("x")


ZOO = Vocabulary(
    "zoo",
    "1",
    {
        "Animal": Label("Animal", ("动物",)),
        "Dog": Label("Dog", ("狗", "犬"), ("Animal",)),
        "Bark": Label("Bark", ("barking", "狗叫"), ("Dog",)),
        "Cat": Label("Cat", ("kitty", "猫"), ("Animal",)),
        "Hot dog": Label("Hot dog", ()),
        "Box": Label("Box", ("纸箱",)),
    },
    lenient="lineage",
)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("dogs and kitties in boxes", ["Dog", "Cat", "Box"]),
        ("a hot dog", ["Hot dog"]),
        ("catalogue, doghouse", []),
        ("There is no dog, cat, or box here, only an animal.", ["Animal"]),
        ("The dog cannot be heard; a cat is.", ["Cat"]),
        ("Dog: no\nCat: yes", ["Cat"]),
        ("没有猫、狗的声音,只有动物", ["Animal"]),
        ("没有明显的狗叫声,但是有猫", ["Cat"]),
        ("没听到狗叫。听到了猫。", ["Cat"]),
        ("狗叫声没有出现", []),
        ('["dog", "cat"]', ["Dog", "Cat"]),
        ('{"sounds": [{"label": "Dog", "onset": 1.5}, {"label": "cat"}]}', ["Dog", "Cat"]),
        ('{"dog": true, "cat": false}', ["Dog"]),
        ("1. Dog\n2. Cat", ["Dog", "Cat"]),
        ("| dog | cat |", ["Dog", "Cat"]),
        ("not only a dog but a cat", ["Dog", "Cat"]),
        ("Is there a dog? There is a cat.", ["Cat"]),
        ("besides a dog, a cat", ["Dog", "Cat"]),
    ],
)
def test_a_vocabulary_of_several_values(text, labels):
    assert list(ZOO.read(text)) == labels


def test_a_closed_set_takes_what_is_under_its_members():
    assert ZOO.read("a dog barking, a kitty", {"Animal", "Dog"}) == ("Dog", "Animal")
    assert ZOO.read("狗叫", {"Cat"}) == ()


def test_relatives():
    assert ZOO.related("Animal", "Bark")
    assert ZOO.related("Bark", "Animal")
    assert not ZOO.related("Cat", "Dog")
    dialect = find_vocabulary("dialect")
    assert dialect.related("西南官话/重庆话", "西南官话/四川话/成都话")
    assert not dialect.related("西南官话/重庆话", "粤语")
    assert dialect.ancestors("西南官话/四川话/成都话") == {"西南官话", "西南官话/四川话"}


HARD = {
    "prose": "说话者为男性,不是女性。年龄大约30岁,使用西南官话-重庆话。",
    "denials": "没有",
    "nots": "not a dog, cat, ",
    "apostrophes": " 'a",
    "quotations": "“男",
    "brackets": "「",
    "braces": '{"a":',
    "tags": "<b",
    "thoughts": "<think>",
    "numerals": "三十到",
    "ages": "年龄大约",
    "decades": "early to mid twenties to ",
    "numbers": "1",
    "spaces": " ",
    "keys": "gender: ",
}


@pytest.mark.parametrize("unit", HARD.values(), ids=HARD)
def test_long_replies_are_read_fast(unit):
    text = unit * (100_000 // len(unit))
    for vocabulary in map(find_vocabulary, NAMES):
        vocabulary.read("")
    reads = [read_ages, *(find_vocabulary(name).read for name in NAMES)]
    within(3, lambda: [read(text) for read in reads])  # six attributes: about a tenth of that


@given(st.text(st.sampled_from("男女不是没有,。'\"“”{}[]:30岁 notaemlf\n"), max_size=60))
def test_any_text_can_be_read(text):
    for vocabulary in map(find_vocabulary, NAMES):
        labels = vocabulary.read(text)
        assert set(labels) <= vocabulary.labels.keys()
        assert len(set(labels)) == len(labels)
    assert all(0 <= low <= high <= 120 for low, high in read_ages(text))


@given(st.integers(0, 120), st.integers(0, 120))
def test_an_age_is_read_back(one, other):
    age = (min(one, other), max(one, other))
    assert read_ages(age_label(age)) == (age,)
    assert read_ages(f"年龄在{age[0]}到{age[1]}岁之间") == (age,)
    assert read_ages(f"The speaker is {one} years old.") == ((one, one),)


def test_keys_are_one_form():
    assert key("  Middle–Aged ") == key("middle_aged") == "middle aged"
    assert key("20-30") == "20-30"
