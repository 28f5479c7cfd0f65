"""Corpora of sound events in the layouts they are distributed in: times, classes, and rows that are gathered."""

import json
from pathlib import Path

import pytest
from corpora import checked, clip, folder, release

from qaeval import datasets, tasks
from qaeval.datasets import desed, tut_sound_events
from qaeval.datasets.audioset_strong import LONG
from qaeval.errors import DatasetError, DatasetWarning, UnknownNameError
from qaeval.metrics import event_f1
from qaeval.text.labels.vocabulary import find_vocabulary
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Case, Event, Sample

SOUNDS = find_vocabulary("sound")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))


def labels(samples, name):
    return [sample.reference.labels.get(name) for sample in samples]


class TestAudioSetStrong:
    HEAD = "segment_id\tstart_time_seconds\tend_time_seconds\tlabel\n"
    NAMES = (
        "/m/053hz1\tCheering\n/m/0912c9\tVehicle horn, car horn, honking, toot\n/m/05zppz\tMale speech, man speaking\n"
    )
    EVENTS = (
        "s9d-2nhuJCQ_30000\t2.627\t7.237\t/m/053hz1\n--_a_b_0\t0.000\t10.000\t/m/05zppz\n"
        "s9d-2nhuJCQ_30000\t0.500\t1.000\t/m/0912c9\ns9d-2nhuJCQ_30000\t8.000\t9.000\t/m/053hz1\n"
    )

    def files(self, first="audio/s9d-2nhuJCQ_30000.wav"):
        return {
            "audioset_eval_strong.tsv": self.HEAD + self.EVENTS, "mid_to_display_name.tsv": self.NAMES,
            first: clip(1), "audio/--_a_b_0.flac": clip(2, ".flac"),
        }  # fmt: skip

    def test_events_of_a_clip_are_gathered(self, tmp_path):
        first, second = checked(datasets.load("audioset_strong", folder(tmp_path / "as", self.files())))
        assert first.id == "s9d-2nhuJCQ_30000"
        horn = "Vehicle horn, car horn, honking"
        assert first.reference.events == (
            Event(horn, 0.5, 1.0), Event("Cheering", 2.627, 7.237), Event("Cheering", 8.0, 9.0)
        )  # fmt: skip
        assert first.reference.labels == {"sound": (horn, "Cheering")}
        assert first.meta == {"video": "s9d-2nhuJCQ", "start": 30.0, "split": "eval"}
        assert (second.id, second.meta["video"]) == ("--_a_b_0", "--_a_b")

    @pytest.mark.parametrize(
        "stem", ["s9d-2nhuJCQ", "Ys9d-2nhuJCQ", "Ys9d-2nhuJCQ_30.000_40.000", "Ys9d-2nhuJCQ_30000"]
    )
    def test_clips_as_tools_name_them(self, tmp_path, stem):
        path = folder(tmp_path / "as", self.files(f"wavs/eval/{stem}.wav"))
        assert next(iter(datasets.load("audioset_strong", path))).audio.name == f"wavs/eval/{stem}.wav"

    def test_the_other_table_of_names(self, tmp_path):
        files = self.files()
        del files["mid_to_display_name.tsv"]
        files["class_labels_indices.csv"] = (
            'index,mid,display_name\n0,/m/05zppz,"Male speech, man speaking"\n1,/m/053hz1,Cheering\n'
            '2,/m/0912c9,"Vehicle horn, car horn, honking"\n'
        )
        samples = checked(datasets.load("audioset_strong", folder(tmp_path / "as", files)))
        assert labels(samples, "sound")[1] == ("Male speech, man speaking",)

    def test_clips_that_cannot_be_had(self, tmp_path):
        files = self.files()
        del files["audio/--_a_b_0.flac"]
        path = folder(tmp_path / "as", files)
        with pytest.raises(
            DatasetError, match=r"audioset_eval_strong\.tsv, line 3: no clip of --_a_b_0: .*0\.000_10\.000"
        ):
            list(datasets.load("audioset_strong", path))
        with pytest.warns(DatasetWarning, match="1 rows"):
            assert len(list(datasets.load("audioset_strong", path, bad_rows="skip"))) == 1

    def test_a_clip_with_a_bad_event_has_no_reference(self, tmp_path):
        files = self.files()
        files["audioset_eval_strong.tsv"] += "s9d-2nhuJCQ_30000\t9.000\t1.000\t/m/053hz1\n"
        path = folder(tmp_path / "as", files)
        with pytest.raises(DatasetError, match=r"expected 0 <= onset <= offset.*line 6"):
            list(datasets.load("audioset_strong", path))
        with pytest.warns(DatasetWarning, match="1 rows"):
            (left,) = datasets.load("audioset_strong", path, bad_rows="skip")
        assert left.id == "--_a_b_0"

    def test_its_456_classes_are_known(self):
        names = json.loads((Path(__file__).parent / "data/sounds/audioset_strong.json").read_text("utf-8"))["names"]
        assert len(names) == len(set(names)) == 456
        assert [name for name in names if SOUNDS.canonical(LONG.get(name, name)) is None] == []
        assert set(LONG) <= set(names)

    def test_what_it_lacks(self, tmp_path):
        files = self.files()
        del files["mid_to_display_name.tsv"]
        with pytest.raises(DatasetError, match=r"no mid_to_display_name\.tsv in it"):
            datasets.load("audioset_strong", folder(tmp_path / "as", files))
        with pytest.raises(DatasetError, match=r"audioset_train_strong\.tsv, seen only"):
            datasets.load("audioset_strong", tmp_path / "as", split="train")


class TestDesed:
    HEAD = "filename\tonset\toffset\tevent_label\n"
    ROWS = (
        "Ya_30.000_40.000.wav\t0.000\t1.500\tSpeech\nYa_30.000_40.000.wav\t1.0\t10.0\tRunning_water\n"
        "Yb_0.000_10.000.wav\t\t\t\n"
    )

    def files(self, rows=ROWS):
        return {
            "dataset/metadata/validation/validation.tsv": self.HEAD + rows,
            "dataset/audio/validation/Ya_30.000_40.000.wav": clip(1),
            "dataset/audio/validation/Yb_0.000_10.000.wav": clip(2),
            "dataset/metadata/eval/public.tsv": self.HEAD + "Yc_1.000_11.000.wav\t2.0\t3.0\tCat\n",
            "dataset/audio/eval/public/Yc_1.000_11.000.wav": clip(3),
            "dataset/metadata/train/weak.tsv": "filename\tevent_labels\nYd_1_2.wav\tCat,Dog\n",
            "dataset/audio/train/weak/Yd_1_2.wav": clip(4),
        }

    @pytest.mark.parametrize("form", ["folder", ".tar.gz"])
    def test_validation_and_public(self, tmp_path, form):
        path = release(tmp_path / "desed", self.files(), form)
        first, second = checked(datasets.load("desed", path))
        assert first.reference.events == (Event("Speech", 0.0, 1.5), Event("Running_water", 1.0, 10.0))
        assert first.reference.labels == {"sound": ("Speech", "Running_water")}
        assert (first.id, first.meta) == ("Ya_30.000_40.000.wav", {"split": "validation"})
        assert first.inputs == {"choices": ", ".join(desed.CLASSES)}
        assert second.reference.events == ()
        assert second.reference.labels == {"sound": ()}
        (public,) = checked(datasets.load("desed", path, split="public"))
        assert public.audio.name == "dataset/audio/eval/public/Yc_1.000_11.000.wav"

    def test_its_classes_are_ten_labels(self):
        assert len({SOUNDS.canonical(name) for name in desed.CLASSES} - {None}) == 10

    def test_what_is_not_as_it_should_be(self, tmp_path):
        path = folder(tmp_path / "desed", self.files())
        with pytest.raises(
            DatasetError, match="expected the columns filename, onset, offset, event_label, seen filename"
        ):
            list(datasets.load("desed", path, split="weak"))
        with pytest.raises(UnknownNameError, match="validation"):
            datasets.load("desed", path, split="valid")
        rows = self.ROWS + "Ya_30.000_40.000.wav\t1.0\tx\tDog\nYb_0.000_10.000.wav\t1\n"
        path = folder(tmp_path / "bad", self.files(rows))
        with pytest.raises(DatasetError, match=r"validation\.tsv, line 6: expected 4 cells"):
            list(datasets.load("desed", path))
        path = folder(tmp_path / "other", self.files("Ya_30.000_40.000.wav\t0\t1\tBark\n"))
        with pytest.raises(DatasetError, match="event 'Bark': expected one of Alarm_bell_ringing"):
            list(datasets.load("desed", path))
        with pytest.raises(DatasetError, match=r"no metadata/validation/validation\.tsv in it"):
            datasets.load("desed", folder(tmp_path / "no", {"a.wav": clip()}))


class TestTutSoundEvents:
    def files(self, lines="1.5\t2.25\tcar\n0.5\t30.0\tpeople walking\n"):
        top = "TUT-sound-events-2017-development/"
        long = "audio/street/a002.wav\tstreet\t3.0\t4.0\tbrakes squeaking\n"
        return {
            f"{top}meta/street/a001.ann": lines, f"{top}meta/street/a002.ann": long.replace("\n", "\r\n"),
            f"{top}non_verified/meta/street/a001.ann": "0\t1\tbirds\n",
            f"{top}evaluation_setup/street_fold1_test.txt": "audio/street/a002.wav\tstreet\n",
            f"{top}evaluation_setup/street_fold1_train.txt": "audio/street/a001.wav\tstreet\t1.5\t2.25\tcar\n",
            f"{top}evaluation_setup/street_fold2_test.txt": "audio/street/a001.wav\n",
            f"{top}audio/street/a001.wav": clip(1), f"{top}audio/street/a002.wav": clip(2),
        }  # fmt: skip

    @pytest.mark.parametrize("form", ["folder", ".zip"])
    def test_both_forms_of_annotation(self, tmp_path, form):
        first, second = checked(datasets.load("tut_sound_events", release(tmp_path / "tut", self.files(), form)))
        assert first.id == "street/a001"
        assert first.reference.events == (Event("people walking", 0.5, 30.0), Event("car", 1.5, 2.25))
        assert first.reference.labels == {"sound": ("people walking", "car")}
        assert first.meta == {"scene": "street", "fold": 2}
        assert second.reference.events == (Event("brakes squeaking", 3.0, 4.0),)
        assert second.meta["fold"] == 1
        assert first.inputs["choices"].startswith("brakes squeaking, car, children")

    @pytest.mark.parametrize("scene", tut_sound_events.CLASSES)
    def test_the_classes_of_a_scene_are_known(self, scene):
        names = tut_sound_events.CLASSES[scene]
        assert [name for name in names if SOUNDS.canonical(name) is None] == []

    def test_the_classes_of_a_scene_are_different_labels(self):
        """AudioSet describes its sink as used "for washing hands, dishwashing": so dishes are not washing dishes."""
        for names in tut_sound_events.CLASSES.values():
            assert len({SOUNDS.canonical(name) for name in names}) == len(names)
        assert SOUNDS.canonical("washing dishes") == SOUNDS.canonical("洗碗") == "Sink (filling or washing)"

    def test_what_is_not_as_it_should_be(self, tmp_path):
        path = folder(tmp_path / "a", self.files("1.5\t2.25\tcar\n\n3.0\tcar\n"))
        with pytest.raises(DatasetError, match=r"a001\.ann, line 3: expected onset, offset and label"):
            list(datasets.load("tut_sound_events", path))
        with pytest.warns(DatasetWarning, match="1 rows"):
            assert [sample.id for sample in datasets.load("tut_sound_events", path, bad_rows="skip")] == ["street/a002"]
        path = folder(tmp_path / "b", self.files("1.5\t2.25\tbus\n"))
        with pytest.raises(DatasetError, match="event 'bus': expected one of brakes squeaking"):
            list(datasets.load("tut_sound_events", path))
        both = self.files() | {"TUT-sound-events-2017-evaluation/meta/street/b003.ann": "1\t2\tcar\n"}
        with pytest.raises(DatasetError, match="several subsets, TUT-sound-events-2017-development/, TUT"):
            datasets.load("tut_sound_events", folder(tmp_path / "c", both))
        with pytest.raises(DatasetError, match=r"no meta/street/\*\.ann in it"):
            datasets.load("tut_sound_events", folder(tmp_path / "d", {"README.md": "x"}))


# What is told of a closed set


def events_f1(truth, reply, choices):
    """The F1 of a reply about one event from 1 to 2 s, out of a closed set."""
    sample = Sample("a", "a.wav", Annotation(events=(Event(truth, 1.0, 2.0),)), inputs={"choices": ", ".join(choices)})
    case = Case(sample.reference, tasks.find("detect").parse(reply, sample), "en", find_profile(), reply)
    return event_f1.score(case)[""].value


STREET = tut_sound_events.CLASSES["street"]


@pytest.mark.parametrize("choices", [desed.CLASSES, STREET], ids=["desed", "street"])
def test_each_event_is_told_by_its_name(choices):
    for truth in choices:
        for told in choices:
            reply = json.dumps([{"label": told, "onset": 1.0, "offset": 2.0}])
            assert events_f1(truth, reply, choices) == (told == truth)


@pytest.mark.parametrize(
    ("truth", "reply", "choices"),
    [
        ("Electric_shaver_toothbrush", "An electric toothbrush is heard from 1.0 to 2.0 seconds.", desed.CLASSES),
        ("Electric_shaver_toothbrush", "第1秒到第2秒有电动剃须刀的声音。", desed.CLASSES),
        ("Alarm_bell_ringing", "1.0-2.0 s: an alarm bell ringing", desed.CLASSES),
        ("large vehicle", "A truck passes from 1.0 to 2.0 seconds.", STREET),
        ("large vehicle", "1.0-2.0 s: a bus", STREET),
        ("children", "1.0-2.0 s: children shouting", STREET),
        ("people walking", "1.0-2.0 s: footsteps", STREET),
    ],
)
def test_what_is_of_a_class_counts_as_it(truth, reply, choices):
    assert events_f1(truth, reply, choices) == 1
