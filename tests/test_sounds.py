"""The task sounds: its vocabulary, what replies name, out of nothing or out of a closed set, and how that is scored."""

import json
from pathlib import Path

import check_sound_vocabulary
import pytest
from effort import within
from hypothesis import given, strategies as st

from qaeval import tasks
from qaeval.datasets import load
from qaeval.errors import UnknownNameError
from qaeval.models import prose
from qaeval.text.labels.label_sets import find_label_set, label_sets
from qaeval.text.labels.sounds import plainest, read_sounds, split_names
from qaeval.text.labels.vocabulary import OTHER, find_vocabulary
from qaeval.text.profiles import find_profile
from qaeval.text.replies.told import key
from qaeval.types import Annotation, Case, Sample

DATA = Path(__file__).parent / "data/sounds"
OPEN, CLOSED = (json.loads((DATA / name).read_text("utf-8")) for name in ("replies.json", "closed.json"))
SOUNDS = find_vocabulary("sound")
TASK = tasks.find("sounds")
OWN = check_sound_vocabulary.own()
ESC50 = find_label_set("esc50")


def sample(choices=(), sounds=()):
    inputs = {"choices": ", ".join(choices)} if choices else {}
    return Sample("a", "a.wav", Annotation(labels={"sound": tuple(sounds)}), inputs=inputs)


def named(reply, choices=()):
    """The label of the task; None where the reply does not tell."""
    return TASK.parse(reply, sample(choices)).labels.get("sound")


def expected(value):
    return None if value is None else tuple(value)


class TestReplies:
    @pytest.mark.parametrize("case", OPEN, ids=lambda case: case["reply"])
    def test_open(self, case):
        assert named(case["reply"]) == expected(case["open"])

    @pytest.mark.parametrize("case", OPEN, ids=lambda case: case["reply"])
    def test_out_of_esc50(self, case):
        assert named(case["reply"], ESC50) == expected(case["esc50"])

    @pytest.mark.parametrize("case", CLOSED, ids=lambda case: f"{case['reply']} of {', '.join(case['choices'])}"[:80])
    def test_out_of_a_set(self, case):
        assert named(case["reply"], case["choices"]) == expected(case["expected"])

    @pytest.mark.parametrize("choices", ["dog, rain", "A. dog\nB. rain", "dog\nrain", '["dog", "rain"]'])
    def test_a_set_is_written_in_several_ways(self, choices):
        clip = Sample("a", "a.wav", inputs={"choices": choices})
        assert [TASK.parse(said, clip).labels["sound"] for said in ("It rains.", "B. rain", "thunder")] == [
            ("Rain",), ("Rain",), (OTHER,)
        ]  # fmt: skip
        assert TASK.parse("B", clip).labels["sound"] == (("Rain",) if choices[0] == "A" else (OTHER,))

    def test_what_the_vendor_lists_is_read(self):
        """The natural sounds of the vendor's page."""
        found = named("汽车喇叭声、钟声、雷声、破碎玻璃声")
        assert found == ("Vehicle horn, car horn, honking", "Bell", "Thunder", "Shatter")

    def test_a_long_answer_that_names_no_sound_tells_nothing(self):
        assert named("A zorb. " * 10) == (OTHER,)
        assert named("A zorb. " * 11) is None
        assert named("A zorb. " * 11, ["dog", "cat"]) == (OTHER,)

    @pytest.mark.parametrize(
        "long",
        [
            "狗" * 100_000,
            "狗叫声、" * 25_000,
            "no sound " * 12_000,
            "没有任何" * 25_000,
            "dog, " * 20_000,
            ", " * 50_000,
            "\n" * 100_000,
            "sorry " * 17_000,
            "(((" * 33_000,
            "1. " * 33_000,
            "male speech, man speaking, " * 4_000,
        ],
        ids=lambda text: text[:12],
    )
    def test_a_hundred_thousand_characters_take_no_time(self, long):
        named("dog", ESC50)  # the vocabularies are read once
        within(2, lambda: (named(long), named(long, ESC50)))


class TestVocabulary:
    def test_names_and_parents_are_audiosets(self):
        """632 classes, as scripts/check_sound_vocabulary.py found them published."""
        tree = check_sound_vocabulary.ours()
        assert len(tree) == 632
        published = "93efa4490c0a5d348ec3fed5a60479d58d94c2b7e816aec6b3186cdafb65a68c"
        assert check_sound_vocabulary.digest(tree) == published

    def test_the_script_tells_what_differs(self, tmp_path, capsys):
        nodes = [
            {"id": "/m/1", "name": "Animal", "child_ids": ["/m/2"]},
            {"id": "/m/2", "name": "Frog", "child_ids": []},
            {"id": "/m/3", "name": "Wild animals", "child_ids": []},
        ]
        (tmp_path / "ontology.json").write_text(json.dumps(nodes))
        assert check_sound_vocabulary.main(str(tmp_path / "ontology.json")) == 1
        told = capsys.readouterr().out
        assert "Frog: published under frozenset({'Animal'}), ours under frozenset({'Wild animals'})" in told
        assert "3 classes" in told

    def test_the_labels_of_ours_are_in_the_hierarchy(self):
        assert {"Mouse click", "Can opening", "Washing machine", "Drinking, sipping"} <= OWN  # of ESC-50
        for name in OWN:
            assert SOUNDS.ancestors(name)
        assert SOUNDS.ancestors("Mouse click") >= {"Clicking", "Onomatopoeia"}

    def test_each_label_is_read_back_from_its_names(self):
        """The first Chinese name is what an engine tells; a display name is what a list of tags has."""
        for name, label in SOUNDS.labels.items():
            alone = () if name == "Silence" else (name,)
            assert not label.aliases[0].isascii()
            assert named(prose.heard([label.aliases[0]])) == alone
            assert named(name) == alone

    def test_each_label_is_read_as_a_member_of_a_set(self):
        names = list(SOUNDS.labels)
        for members in (names[start : start + 70] for start in range(0, len(names), 70)):
            for name in members:
                assert named(name, members) == (name,)
                assert named(f"I think that it is {name}!", members) == (name,)

    def test_what_is_implied_is_known_and_goes_round_in_no_circle(self):
        from qaeval.text.labels.sounds import _implied

        table = {name: set(others) for name, others in _implied().items()}
        assert table.keys() <= SOUNDS.labels.keys()
        assert set().union(*table.values()) <= SOUNDS.labels.keys()
        while ends := [name for name, others in table.items() if not others & table.keys()]:
            for name in ends:
                del table[name]
        assert table == {}

    def test_an_ignored_word_is_no_label(self):
        assert not {key(word) for word in SOUNDS.ignored} & {key(name) for name in SOUNDS.labels}

    def test_names_of_everyday_words_are_not_read_in_prose(self):
        for word in ("Run", "Hands", "Roll", "Tap", "Recording", "Loop", "Country", "Crack", "Microphone", "Beat"):
            assert named(word) == (word,)
            assert named(f"It was a {word.lower()} for the ages") == (OTHER,)


class TestSets:
    @pytest.mark.parametrize("name", label_sets())
    def test_every_member_is_a_label_of_its_own(self, name):
        members = find_label_set(name)
        assert len({SOUNDS.canonical(member) for member in members} - {None}) == len(members)

    @pytest.mark.parametrize(("name", "size"), [("esc50", 50), ("esc10", 10), ("vocalsound", 6), ("urbansound8k", 10)])
    def test_sizes(self, name, size):
        assert len(find_label_set(name)) == size

    def test_esc10_is_part_of_esc50(self):
        assert set(find_label_set("esc10")) < set(ESC50)

    @pytest.mark.parametrize("name", label_sets())
    def test_each_member_is_read_from_its_own_words_and_from_chinese_ones(self, name):
        members = find_label_set(name)
        for member in members:
            label = SOUNDS.canonical(member)
            chinese = SOUNDS.labels[label].aliases[0]
            spoken = member.replace("_", " ")
            for reply in (
                member,
                spoken,
                f"The sound is {spoken}.",
                f'"{spoken}"',
                f"这是{chinese}。",
                f"**{spoken}**",
            ):
                assert named(reply, members) == (label,), reply

    def test_an_unknown_set_names_the_nearest(self):
        with pytest.raises(UnknownNameError, match="unknown label set 'esc5O'; did you mean 'esc50'"):
            find_label_set("esc5O")

    def test_names_with_commas_of_their_own(self):
        names = ["Rodents, rats, mice", "Dog", "Hubbub, speech noise, speech babble", "no such, sound"]
        assert split_names(", ".join(names)) == (*names[:3], "no such", "sound")
        assert split_names("") == split_names(" , ,") == ()
        assert split_names("White noise, Pink noise, Bee, wasp, etc.") == (
            "White noise",
            "Pink noise",
            "Bee, wasp, etc.",
        )
        assert split_names("chicken, rooster") == ("chicken, rooster",)  # AudioSet's name; a set has both rarely
        assert split_names("狗、猫，雨\n风") == ("狗", "猫", "雨", "风")

    def test_two_names_of_one_label_are_one_class(self):
        clip = sample(["car horn", "honking", "dog"], ["honking"])
        assert TASK.parse("A car horn.", clip).labels["sound"] == ("Vehicle horn, car horn, honking",)
        assert score("accuracy", clip, "A car horn.") == (1, 1)

    def test_members_that_no_vocabulary_has(self):
        choices = ["Rotor-Whine", "rotor whine", "tonal_hum_7"]
        assert named("I hear a rotor whine.", choices) == ("Rotor-Whine",)
        assert named("tonal hum 7", choices) == ("tonal_hum_7",)
        assert score("accuracy", sample(choices, ["tonal_hum_7"]), "tonal_hum_7") == (1, 1)

    @given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5), st.text(max_size=60))
    def test_any_set_can_be_read(self, choices, reply):
        found = named(reply, choices)
        members = split_names(", ".join(choices))
        assert found is None or set(found) <= {OTHER, *members, *map(SOUNDS.canonical, members)} or not members


LABELS = st.lists(st.sampled_from(sorted(set(SOUNDS.labels) - {"Silence"})), min_size=1, max_size=4, unique=True)


class TestLaws:
    @given(LABELS)
    def test_what_is_told_is_what_is_read(self, names):
        reply = prose.heard([SOUNDS.labels[name].aliases[0] for name in names])
        assert named(reply) == plainest(names)
        assert named(", ".join(names)) == plainest(names)

    @given(LABELS, st.randoms())
    def test_order_does_not_matter(self, names, random):
        turned = random.sample(names, len(names))
        assert set(plainest(turned)) == set(plainest(names))

    @given(LABELS)
    def test_what_is_left_is_plain_and_never_nothing(self, names):
        left = plainest(names)
        assert left
        assert plainest(left) == left
        assert set(left) <= set(names)

    @given(LABELS)
    def test_the_score_of_the_truth_is_perfect(self, names):
        clip = sample(sounds=plainest(names))
        reply = prose.heard([SOUNDS.labels[name].aliases[0] for name in plainest(names)])
        for metric in ("accuracy", "lenient_accuracy", "jaccard"):
            assert score(metric, clip, reply) == (1, 1)
        num, den = score("label_f1", clip, reply)
        assert num == den > 0


def score(metric, clip, reply):
    """Numerator and denominator of one metric of the task for one reply."""
    (found,) = [each for each in TASK.metrics if each.name == metric]
    ratio = found.score(Case(clip.reference, TASK.parse(reply, clip), "zh", find_profile(), reply))
    ratio = ratio[""] if isinstance(ratio, dict) else ratio
    return ratio.num, ratio.den


class TestScores:
    @pytest.mark.parametrize(
        ("truth", "reply", "strict", "lenient"),
        [
            (["dog"], "狗叫声", 1, 1),
            (["dog"], "a dog barking", 1, 1),
            (["dog"], "barking", 0, 1),
            (["dog"], "an animal", 0, 1),
            (["dog"], "猫叫声", 0, 0),
            (["dog"], "a dog and a cat", 0, 0),
            (["dog", "rain"], "雨声和狗叫声", 1, 1),
            (["dog", "rain"], "狗叫声", 0, 0),
            (["thunderstorm"], "雷声", 0, 1),
            (["clock_tick"], "ticking", 0, 1),
            (["dog"], "没有声音", 0, 0),
            ([], "没有声音", 1, 1),
            ([], "狗叫声", 0, 0),
            (["dog"], "", 0, 0),
            (["dog"], "I don't know.", 0, 0),
            (["dog"], "A zorbing contraption", 0, 0),
        ],
    )
    def test_strict_and_lenient(self, truth, reply, strict, lenient):
        clip = sample(sounds=truth)
        assert score("accuracy", clip, reply) == (strict, 1)
        assert score("lenient_accuracy", clip, reply) == (lenient, 1)

    @pytest.mark.parametrize(("reply", "abstains"), [("狗", 0), ("没有声音", 0), ("a zorb", 0), ("不知道", 1), ("", 1)])
    def test_abstention(self, reply, abstains):
        assert score("abstention", sample(sounds=["dog"]), reply) == (abstains, 1)

    def test_what_no_vocabulary_has_is_a_false_positive(self):
        (found,) = [each for each in TASK.metrics if each.name == "label_f1"]
        clip = sample(sounds=["dog"])
        parts = found.score(Case(clip.reference, TASK.parse("A zorb.", clip), "en", find_profile()))
        assert (parts["tp"].num, parts["fp"].num, parts["fn"].num) == (0, 1, 1)


class TestTask:
    def test_prompts(self):
        names = [prompt.name for prompt in TASK.prompts]
        assert names[:4] == ["zh", "en", "zh-strict", "en-strict"]
        assert len(set(names)) == len(names)
        for prompt in TASK.prompts:
            assert ("{choices}" in prompt.text) == ("closed" in prompt.name)

    def test_the_sounds_of_the_demo_are_known(self):
        truth = {clip.id: clip.reference.labels["sound"] for clip in load("demo") if clip.reference.has("sound")}
        assert len(truth) == 10
        labels = [SOUNDS.canonical(value) for values in truth.values() for value in values]
        assert len(set(labels) - {None}) == 10

    def test_a_reply_in_traditional_characters(self):
        assert named("這段音頻裡有貓叫聲和雷聲。") == ("Cat", "Thunder")

    def test_read_sounds_takes_any_sequence(self):
        assert read_sounds("dog", ("dog",)) == read_sounds("dog", ["dog"]) == ("Dog",)
