"""Corpora of sounds in the layouts they are distributed in, as folders and archives, and from one to a table."""

import json
from pathlib import Path

import pytest
from corpora import DEMO, FORMS, canonical, checked, clip, folder, heard_as, release, table

import qaeval as qa
from qaeval import datasets
from qaeval.datasets._json import members
from qaeval.errors import DatasetError, DatasetWarning, UnknownNameError
from qaeval.text.labels.label_sets import find_label_set
from qaeval.text.labels.vocabulary import find_vocabulary

SOUNDS = find_vocabulary("sound")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))


def labels(samples, name):
    return [sample.reference.labels.get(name) for sample in samples]


# ESC-50

COLUMNS = ["filename", "fold", "target", "category", "esc10", "src_file", "take"]


def esc50(categories=None, names=None):
    """A clip of each category; those of ESC-10 are marked."""
    categories = categories or find_label_set("esc50")
    names = names or [f"{n % 5 + 1}-{100 + n}-A-{n}.wav" for n in range(len(categories))]
    rows = [
        {
            "filename": name, "fold": name[0], "target": str(n), "category": category, "src_file": str(100 + n),
            "esc10": str(category in find_label_set("esc10")), "take": "A",
        }
        for n, (name, category) in enumerate(zip(names, categories, strict=True))
    ]  # fmt: skip
    return {"ESC-50-master/meta/esc50.csv": table(COLUMNS, rows, ","), "ESC-50-master/LICENSE": "CC BY-NC"} | {
        f"ESC-50-master/audio/{name}": clip(n) for n, name in enumerate(names)
    }


class TestEsc50:
    @pytest.mark.parametrize("form", FORMS)
    def test_all_columns(self, tmp_path, form):
        samples = checked(datasets.load("esc50", release(tmp_path / "esc", esc50(), form)))
        assert [sample.meta["category"] for sample in samples] == list(find_label_set("esc50"))
        first = samples[0]
        assert first.id == "1-100-A-0.wav"
        assert first.reference.labels == {"sound": ("dog",)}
        assert first.meta == {"fold": 1, "category": "dog", "target": "0", "src_file": "100", "take": "A"}
        assert first.inputs == {"choices": ", ".join(find_label_set("esc50"))}
        assert len({SOUNDS.canonical(name) for name in find_label_set("esc50")}) == 50

    def test_esc10_has_choices_of_its_own(self, tmp_path):
        samples = checked(datasets.load("esc50", folder(tmp_path / "esc", esc50()), subset="esc10"))
        assert [sample.meta["category"] for sample in samples] == list(find_label_set("esc10"))
        assert {sample.inputs["choices"] for sample in samples} == {", ".join(find_label_set("esc10"))}

    def test_folds_are_chosen_by_where(self, tmp_path):
        path = folder(tmp_path / "esc", esc50())
        folds = [list(datasets.load("esc50", path, where={"fold": fold})) for fold in range(1, 6)]
        assert [len(fold) for fold in folds] == [10] * 5
        assert len({sample.id for fold in folds for sample in fold}) == 50
        assert {sample.inputs["choices"] for sample in folds[0]} == {", ".join(find_label_set("esc50"))}

    def test_bom_and_crlf_are_no_part_of_it(self, tmp_path):
        files = esc50()
        name = "ESC-50-master/meta/esc50.csv"
        plain = list(datasets.load("esc50", folder(tmp_path / "a", files)))
        files[name] = b"\xef\xbb\xbf" + files[name].replace("\n", "\r\n").encode()
        windows = list(datasets.load("esc50", folder(tmp_path / "b", files)))
        assert [(s.id, s.meta, s.inputs) for s in windows] == [(s.id, s.meta, s.inputs) for s in plain]

    def test_torn_lines_and_what_is_no_fold(self, tmp_path):
        files = esc50(["dog", "cat", "hen"])
        name = "ESC-50-master/meta/esc50.csv"
        files[name] = files[name].replace("2-101-A-1.wav,2,", "2-101-A-1.wav,two,") + "4-1-A-0.wav,4,0\n"
        dataset = datasets.load("esc50", folder(tmp_path / "esc", files))
        with pytest.raises(DatasetError, match=r"meta/esc50\.csv, line 3: .*number of a fold"):
            list(dataset)
        with pytest.warns(DatasetWarning, match="2 rows were passed over"):
            assert len(list(datasets.load("esc50", tmp_path / "esc", bad_rows="skip"))) == 2

    def test_what_a_wrong_folder_lacks(self, tmp_path):
        path = folder(tmp_path / "esc", {"audio/1-100032-A-0.wav": clip()})
        with pytest.raises(DatasetError, match=r"meta/esc50\.csv, seen only audio/1-100032-A-0\.wav.*ESC-50-master"):
            datasets.load("esc50", path)
        with pytest.raises(UnknownNameError, match="esc10"):
            datasets.load("esc50", path, subset="esc11")
        files = {"meta/esc50.csv": "filename,fold\na.wav,1\n"}
        with pytest.raises(DatasetError, match="no column target, category, esc10, only filename, fold"):
            list(datasets.load("esc50", folder(tmp_path / "old", files)))


# VocalSound

CSV = "f0003,female,33,USA,English,no\nm0007,male,51,India,Hindi,asthma\n"
PEOPLE = [["f0003", "female", 33, "USA", "English", "no"], ["m0007", "male", 51, "India", "Hindi", "asthma"]]
WAVS = [
    *(f"f0003_0_{sound}.wav" for sound in ("cough", "laughter", "sigh", "sneeze", "sniff", "throatclearing")),
    "m0007_1_cough.wav",
]


def of_speakers(people):
    """The speakers' file: as CSV without a line that names its columns, as published code reads it, or as JSON."""
    if isinstance(people, str):
        return {"meta/all_meta.csv": people, "__MACOSX/meta/._all_meta.csv": b"\0"}
    return {"meta/all_meta.json": json.dumps(people)}


def vocalsound(people=PEOPLE, wavs=WAVS, audio="audio_16k"):
    data = {"data": [{"wav": f"/data/sls/audio/vs/audio_16k/{wav}", "labels": "/m/01b_21"} for wav in wavs]}
    return {
        "readme.txt": "VocalSound", "datafiles/te.json": json.dumps(data, indent=1),
        "datafiles/tr.json": json.dumps({"data": data["data"][:1]}), **of_speakers(people),
        **{f"{audio}/{wav}": clip(n) for n, wav in enumerate(WAVS)},
    }  # fmt: skip


class TestVocalSound:
    @pytest.mark.parametrize("form", ["folder", ".zip"])
    @pytest.mark.parametrize(
        "people",
        [CSV, PEOPLE, {person[0]: person[1:] for person in PEOPLE}, {"data": PEOPLE}],
        ids=["csv", "list", "keyed", "data"],
    )
    def test_six_sounds_and_who_made_them(self, tmp_path, form, people):
        samples = checked(datasets.load("vocalsound", release(tmp_path / "vs", vocalsound(people), form)))
        assert [sample.id for sample in samples] == WAVS
        assert [value for (value,) in labels(samples, "sound")] == [
            *("cough", "laughter", "sigh", "sneeze", "sniff", "throat clearing", "cough")
        ]
        assert samples[-1].reference.labels == {"sound": ("cough",), "gender": ("male",), "age": ("51",)}
        assert samples[-1].meta == {
            "speaker": "m0007", "gender": "male", "age": "51", "country": "India", "native_language": "Hindi",
            "health": "asthma", "collection": "1", "split": "test",
        }  # fmt: skip
        assert samples[0].inputs["choices"] == "laughter, sigh, cough, throat clearing, sneeze, sniff"

    def test_splits_rates_and_no_speakers(self, tmp_path):
        files = vocalsound(audio="audio_44k")
        del files["meta/all_meta.json"]
        (sample,) = datasets.load("vocalsound", folder(tmp_path / "vs", files), split="train")
        assert (sample.audio.name, sample.meta["split"]) == ("audio_44k/f0003_0_cough.wav", "train")
        assert "age" not in sample.reference.labels
        (sample,) = datasets.load("vocalsound", folder(tmp_path / "d", vocalsound(audio="data_44k")), split="train")
        assert sample.audio.name == "data_44k/f0003_0_cough.wav"
        with pytest.raises(DatasetError, match=r"audio_16k/\*\.wav"):
            datasets.load("vocalsound", tmp_path / "d", rate="16k")
        with pytest.raises(UnknownNameError, match="unknown rate of VocalSound '48k'"):
            datasets.load("vocalsound", tmp_path / "d", rate="48k")
        with pytest.raises(DatasetError, match=r"no datafiles/val\.json|datafiles/val\.json, seen"):
            datasets.load("vocalsound", tmp_path / "vs", split="val")

    def test_what_is_not_as_it_should_be(self, tmp_path):
        path = folder(tmp_path / "vs", vocalsound(wavs=[*WAVS, "x0003_0_cough.wav", "f0003_0_burp.wav"]))
        with pytest.raises(DatasetError, match=r"te\.json, entry 8: expected a name like f0003_0_cough\.wav"):
            list(datasets.load("vocalsound", path))
        with pytest.warns(DatasetWarning, match="2 rows"):
            assert len(list(datasets.load("vocalsound", path, bad_rows="skip"))) == 7
        path = folder(tmp_path / "torn", vocalsound(CSV + "f0004,female\n"))
        with pytest.raises(DatasetError, match=r"all_meta\.csv, line 3: expected 6 cells"):
            list(datasets.load("vocalsound", path))
        with pytest.warns(DatasetWarning, match="1 rows"):
            assert len(list(datasets.load("vocalsound", path, bad_rows="skip"))) == 7
        path = folder(tmp_path / "people", vocalsound(people=[["f0003", "female"]]))
        with pytest.raises(DatasetError, match=r"all_meta\.json: expected of each speaker id, gender, age"):
            list(datasets.load("vocalsound", path))


@pytest.mark.parametrize("name", ["esc50", "esc10", "vocalsound"])
def test_each_member_is_told_by_its_name(name):
    for choice in find_label_set(name):
        assert heard_as("sounds", "sound", choice, find_label_set(name)) == {(canonical("sound", choice),)}


# Members of JSON files


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_members_are_read_across_blocks(tmp_path, monkeypatch, size):
    monkeypatch.setattr("qaeval.datasets._json._BLOCK", size)
    content = {f"k{n}é": {"a": [n, 1.5, 'x\\"}', None], "b": "中" * n} for n in range(40)}
    path = tmp_path / "a.json"
    path.write_text(" \n" + json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8-sig")
    assert {key: value for _, key, value in members(path)} == content
    path.write_text(json.dumps([1, 23, {"a": 4}, "five"]))
    assert [(key, value) for _, key, value in members(path)] == [("", 1), ("", 23), ("", {"a": 4}), ("", "five")]
    path.write_text("{}")
    assert list(members(path)) == []


@pytest.mark.parametrize(
    "text",
    ["", "3", '{"a": 1', '{"a" 1}', '{"a": 1 "b": 2}', "{1: 2}", "[1, 2", "[1] 2", '["a]', "[" * 100_000, b"[\xff]"],
    ids=repr,
)
def test_what_is_no_json(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DatasetError, match=r"a\.json: "):
        list(members(path))


# From a release to a table


@pytest.mark.engine
def test_yamnet_on_real_sounds_in_the_layout_of_esc50(tmp_path):
    """Ten sounds, one of each: the commonest answer is right once, YAMNet eight times (see tests/test_yamnet.py)."""
    clips = [sample for sample in datasets.load("demo") if sample.reference.has("sound")]
    categories = [sample.reference.labels["sound"][0] for sample in clips]
    names = [f"{n % 5 + 1}-{n}-A-{n}{Path(sample.audio.name).suffix}" for n, sample in enumerate(clips)]
    files = esc50(categories, names)
    files |= {
        f"ESC-50-master/audio/{name}": (DEMO / clip.audio.name).read_bytes()
        for name, clip in zip(names, clips, strict=True)
    }
    dataset = datasets.load("esc50", release(tmp_path / "ESC-50", files, ".zip"))
    assert {sample.inputs["choices"] for sample in dataset} == {", ".join(categories)}
    run = qa.run(
        dataset, "sounds", ["yamnet", "control/majority"], tmp_path / "run", prompts="en-closed", progress=False
    )
    told = qa.summarize(run.scores(), by=["model"])
    right = told[told["metric"] == "accuracy"].set_index("model")["value"]
    assert right["yamnet"] == pytest.approx(0.8)
    assert right["control/majority"] == pytest.approx(0.1)
