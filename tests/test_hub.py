"""Datasets in the Hub's layout, read by the library itself from folders: there is no Hub here."""

import gc
import io
import json
import warnings
import zipfile
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from clips import wav
from corpora import folder

import qaeval as qa
from qaeval import audio
from qaeval.datasets import _hub_audio, hub
from qaeval.datasets._hub_errors import explained
from qaeval.errors import AudioError, DatasetError, UnknownNameError

datasets = pytest.importorskip("datasets")

AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
FEATURES = {
    "audio": {"sampling_rate": 8000, "_type": "Audio"},
    "sentence": {"dtype": "string", "_type": "Value"},
    "gender": {"names": ["male", "female"], "_type": "ClassLabel"},
    "sounds": {"feature": {"names": ["dog", "cat"], "_type": "ClassLabel"}, "_type": "List"},
    "votes": {"dtype": "int64", "_type": "Value"},
}


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    """The library's cache of this test alone; nothing of the network."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hf-cache")


def rows(start=0, count=4):
    numbers = range(start, start + count)
    return pa.table(
        {
            "audio": pa.array([{"bytes": wav(tone=300 + n), "path": f"{n}.wav"} for n in numbers], AUDIO),
            "sentence": [f"text {n}" for n in numbers],
            "gender": pa.array([(n % 3) - 1 for n in numbers], pa.int64()),
            "sounds": pa.array([[n % 2] for n in numbers], pa.list_(pa.int64())),
            "votes": pa.array(list(numbers), pa.int64()),
        }
    ).replace_schema_metadata({"huggingface": json.dumps({"info": {"features": FEATURES}})})


def parquet(table):
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


@pytest.fixture
def mirror(tmp_path):
    """A dataset repository as the Hub has them: shards in data/, a configuration a folder, told by the card."""
    card = (
        "---\nconfigs:\n- config_name: en\n  data_files:\n  - {split: test, path: en/test-*.parquet}\n"
        "  - {split: train, path: en/train-*.parquet}\n"
        "- config_name: zh-CN\n  data_files:\n  - {split: test, path: zh-CN/test-*.parquet}\n---\n"
    )
    return folder(
        tmp_path / "mirror",
        {
            "README.md": card,
            "en/test-00000-of-00002.parquet": parquet(rows()),
            "en/test-00001-of-00002.parquet": parquet(rows(4)),
            "en/train-00000-of-00001.parquet": parquet(rows(100, 1)),
            "zh-CN/test-00000-of-00001.parquet": parquet(rows(200, 2)),
        },
    )


@pytest.mark.parametrize("streaming", [True, False])
def test_a_repository_streamed_and_cached_gives_the_same_samples(mirror, streaming):
    columns = {"labels.gender": "gender", "labels.sound": "sounds"}
    clips = qa.load("hub", str(mirror), config="en", columns=columns, language="en", streaming=streaming)
    samples = list(clips)
    assert clips.name == "mirror"
    assert [sample.id for sample in samples] == [f"{n}.wav" for n in range(8)] == [sample.id for sample in clips]
    assert [sample.reference.text for sample in samples] == [f"text {n}" for n in range(8)]
    assert [sample.reference.labels.get("gender") for sample in samples[:4]] == [None, ("male",), ("female",), None]
    assert samples[1].reference.labels["sound"] == ("cat",)
    assert samples[3].meta == {"votes": 3, "language": "en"}
    assert samples[2].audio.source == wav(tone=302)  # as it was encoded, never decoded


def test_the_other_configuration_and_split(mirror):
    assert [clip.id for clip in qa.load("hub", mirror, config="zh-CN", split=None)] == ["200.wav", "201.wav"]
    assert [clip.id for clip in qa.load("hub", mirror, config="en", split="train")] == ["100.wav"]
    with pytest.raises(DatasetError, match=r"tset.*\['test', 'train'\]"):
        qa.load("hub", mirror, config="en", split="tset")
    with pytest.raises(DatasetError, match=r"BuilderConfig 'yue' not found.*zh-CN"):
        qa.load("hub", mirror, config="yue")
    with pytest.raises(DatasetError, match="several splits; say which: split='test' or 'train'"):
        qa.load("hub", mirror, config="en", split=None)


def test_first_reads_no_more_than_that_many_rows(mirror):
    clips = qa.load("hub", mirror, config="en", first=3)
    assert [clip.id for clip in clips] == ["0.wav", "1.wav", "2.wav"]
    assert clips.fingerprint != qa.load("hub", mirror, config="en").fingerprint
    with pytest.raises(DatasetError, match="first: expected a number of rows, seen 0"):
        qa.load("hub", mirror, config="en", first=0)


def test_the_options_of_every_dataset_hold_here_too(mirror):
    clips = qa.load("hub", mirror, config="en", where={"gender": "female"}, limit=2)
    assert {clip.meta["gender"] for clip in clips} == {"female"}
    assert len(list(clips)) == 2


def test_the_fingerprint_is_that_of_the_content_not_of_its_place(mirror, tmp_path):
    first = qa.load("hub", mirror, config="en").fingerprint
    mirror.rename(tmp_path / "elsewhere")
    assert qa.load("hub", tmp_path / "elsewhere", config="en").fingerprint == first
    (tmp_path / "elsewhere/en/test-00001-of-00002.parquet").write_bytes(parquet(rows(5)))
    assert qa.load("hub", tmp_path / "elsewhere", config="en").fingerprint != first
    streamed, cached = (
        qa.load("hub", tmp_path / "elsewhere", config="en", streaming=each).fingerprint for each in (True, False)
    )
    assert streamed == cached


def test_code_that_a_dataset_brings_is_never_run(tmp_path):
    ran = tmp_path / "ran"
    script = folder(tmp_path / "own", {"own.py": f"open({str(ran)!r}, 'w').close()"})
    with pytest.raises(DatasetError, match=r"running code that it brings along, which is never done.*Parquet"):
        qa.load("hub", script)
    with pytest.raises(DatasetError, match=r"'hub' cannot be called so.*trust_remote_code"):
        qa.load("hub", script, trust_remote_code=True)
    assert not ran.exists()


def test_what_is_not_there_and_what_was_saved_otherwise(tmp_path):
    with pytest.raises(DatasetError, match=r"hub dataset .*nowhere: "):
        qa.load("hub", tmp_path / "nowhere")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved/state.json").write_text("{}")
    with pytest.raises(DatasetError, match=r'written by save_to_disk; read its arrow files: load."shards"'):
        qa.load("hub", tmp_path / "saved")


def test_columns_that_cannot_be_understood_are_said_at_once(mirror):
    with pytest.raises(DatasetError, match="no such column; seen: 'audio', 'sentence'"):
        qa.load("hub", mirror, config="en", columns={"text": "words"})
    clips = qa.load("hub", mirror, config="en", columns={"text": "votes"})
    with pytest.raises(DatasetError, match=r"hub dataset .*, row 0: text: expected a string, seen 0"):
        list(clips)


def test_a_damaged_shard_is_an_error_that_names_it(mirror):
    (mirror / "en/test-00001-of-00002.parquet").write_bytes(b"PAR1 nothing PAR1")
    clips = qa.load("hub", mirror, config="en")
    with pytest.raises(DatasetError, match="hub dataset"):
        list(clips)


def audio_folder(path, form):
    files = {f"{n}.wav": wav(tone=400 + n) for n in range(3)}
    files["metadata.csv"] = "file_name,sentence\n" + "".join(f"{n}.wav,text {n}\n" for n in range(3))
    if form == "folder":
        return folder(path, {f"test/{name}": content for name, content in files.items()})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return folder(path, {"test.zip": out.getvalue()})


@contextmanager
def unclosed_files():
    """The library's own reader of metadata.csv leaves it open until it is collected."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_clips_that_lie_beside_their_table(tmp_path, form):
    source = audio_folder(tmp_path / "clips", form)
    with unclosed_files():
        samples = list(qa.load("hub", source))
    assert sorted(sample.reference.text for sample in samples) == ["text 0", "text 1", "text 2"]
    assert {sample.audio.name.rpartition("/")[2] for sample in samples} == {"0.wav", "1.wav", "2.wav"}
    assert all(audio.probe(sample.audio).duration == pytest.approx(0.2) for sample in samples)


def test_clips_beside_their_table_need_no_decoder_when_they_are_streamed(tmp_path):
    source = audio_folder(tmp_path / "clips", "folder")
    try:
        import torchcodec  # noqa: F401
    except ImportError:
        with unclosed_files(), pytest.raises(DatasetError, match="streaming=True reads these clips as they are"):
            qa.load("hub", source, streaming=False, cache_dir=tmp_path / "cache")


@pytest.mark.parametrize("path", ["/etc/hostname", "../../secret.wav", "hf://datasets/other/private@main/a.wav"])
def test_a_row_cannot_name_what_is_not_of_the_dataset(tmp_path, path):
    table = pa.table({"audio": pa.array([{"bytes": None, "path": path}], AUDIO), "sentence": ["a"]})
    source = folder(tmp_path / "hostile", {"test-00000-of-00001.parquet": parquet(table)})
    with pytest.raises(DatasetError, match=r"row 0: audio .*(not to be trusted|leaves)"):
        list(qa.load("hub", source))


def test_files_of_a_dataset_on_the_hub_are_known_by_their_addresses(tmp_path):
    cells = _hub_audio.HubAudio(str(tmp_path), addresses=("hf://datasets/me/mine@", "hf://datasets/me/mine/"))
    plain = cells.find({"bytes": None, "path": "hf://datasets/me/mine@abc/data/a.wav"}, 0)
    inner = cells.find({"bytes": None, "path": "zip://clips/b.wav::hf://datasets/me/mine@abc/x.zip"}, 0)
    assert inner.name == "clips/b.wav"
    assert plain.name == "abc/data/a.wav"
    for other in ("hf://datasets/me/mine2@abc/a.wav", "file:///etc/passwd", "zip://a::file:///etc/passwd"):
        with pytest.raises(DatasetError, match="not to be trusted"):
            cells.find({"bytes": None, "path": other}, 0)


def test_a_file_that_cannot_be_fetched_is_an_audio_error(tmp_path):
    with pytest.raises(AudioError, match=r"nothing\.wav"):
        _hub_audio.Remote(str(tmp_path / "nothing.wav")).read()


def test_a_token_is_never_told(mirror, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_0123456789secret")
    with pytest.raises(DatasetError) as caught, explained("hub dataset x"):
        raise OSError("401 for Bearer: hf_0123456789secret and hf_anotherTOKEN987")
    assert "hf_0123456789secret" not in str(caught.value)
    clips = qa.load("hub", mirror, config="en", token="hf_mine_abcdefgh12345")
    assert "hf_mine" not in repr(clips)
    assert clips.fingerprint == qa.load("hub", mirror, config="en").fingerprint


def test_the_presets_are_whole_and_their_columns_are_names_of_ours():
    assert {"google/fleurs", "openslr/librispeech_asr", "ashraq/esc50"} <= hub.presets().keys()
    for name, preset in hub.presets().items():
        assert "/" in name
        assert preset.keys() <= {"columns", "language", "untold", "licence", "instead", "source"}
        assert preset["source"]
        assert preset.get("instead", "hub") in qa.datasets.names()


def test_a_preset_knows_columns_language_and_what_tells_nothing(monkeypatch, mirror):
    preset = hub.presets()["fixie-ai/common_voice_17_0"]
    table = pa.table(
        {
            "client_id": ["c1", "c2"], "path": ["a.mp3", "b.mp3"],
            "audio": pa.array([{"bytes": wav(tone=n), "path": f"{n}.wav"} for n in (300, 400)], AUDIO),
            "sentence": ["你好", "再见"], "up_votes": [2, 3], "down_votes": [0, 0], "age": ["twenties", ""],
            "gender": ["female_feminine", "do_not_wish_to_say"], "accent": ["", "四川"], "locale": ["zh-CN", "zh-CN"],
            "segment": ["", ""], "variant": ["", ""],
        }
    )  # fmt: skip
    (mirror / "zh-CN/test-00000-of-00001.parquet").write_bytes(parquet(table))
    monkeypatch.setattr(hub, "presets", lambda: {str(mirror): preset})
    one, two = qa.load("hub", mirror, config="zh-CN")
    assert one.meta["speaker"] == "c1"
    assert one.language == "zh"
    assert one.meta["gender"] == "female_feminine"
    assert one.reference.labels == {"gender": ("female_feminine",), "age": ("twenties",)}
    assert two.reference.labels == {"accent": ("四川",)}
    mine = qa.load("hub", mirror, config="zh-CN", columns={"labels.gender": None, "speaker": "path"})
    assert [sample.meta["speaker"] for sample in mine] == ["a.mp3", "b.mp3"]


def test_a_question_of_the_hub_is_lettered(monkeypatch, tmp_path):
    table = pa.table(
        {
            "context": pa.array([{"bytes": wav(), "path": "a.wav"}], AUDIO),
            "instruction": ["Who speaks?"], "choices": [["(A) Man", "(B) Child"]], "answer": ["(B) Child"],
            "other_attributes": ['{"id": "q1"}'],
        }
    )  # fmt: skip
    source = folder(tmp_path / "mmau", {"test_mini.parquet": parquet(table)})
    monkeypatch.setattr(hub, "presets", lambda: {str(source): hub_presets["gamma-lab-umd/MMAU-test-mini"]})
    (sample,) = qa.load("hub", source, split=None)
    assert sample.inputs == {"query": "Who speaks?", "choices": "A. Man\nB. Child"}
    assert sample.reference.labels == {"answer": ("B",)}


hub_presets = dict(hub.presets())


def test_objects_of_a_notebook_are_datasets_as_they_are():
    made = datasets.Dataset(rows())
    samples = list(qa.load(made, columns={"labels.gender": "gender", "labels.sounds": "sounds"}))
    assert [sample.reference.text for sample in samples] == [f"text {n}" for n in range(4)]
    assert samples[1].reference.labels == {"gender": ("male",), "sounds": ("cat",)}
    turned = made.select([2, 0]).with_format("numpy")
    assert [sample.id for sample in qa.load(turned)] == ["2.wav", "0.wav"]
    assert qa.load(turned).fingerprint not in ("", qa.load(made).fingerprint)
    assert qa.load(made.select([2, 0])).fingerprint == qa.load(turned).fingerprint


def test_streams_of_a_notebook():
    made = datasets.Dataset(rows()).to_iterable_dataset()
    clips = qa.load(made, name="stream")
    assert [sample.id for sample in clips] == [f"{n}.wav" for n in range(4)] == [sample.id for sample in clips]
    assert clips.fingerprint == ""
    undecoded = made.cast_column("audio", datasets.Audio(decode=False))
    assert [sample.id for sample in qa.load(undecoded.filter(lambda row: row["votes"] > 1))] == ["2.wav", "3.wav"]
    written = datasets.IterableDataset.from_generator(lambda: ({"audio": wav(), "id": name} for name in "ab"))
    assert [sample.id for sample in qa.load(written)] == ["a", "b"]


def test_a_step_that_would_decode_says_how_not_to():
    mapped = datasets.Dataset(rows()).to_iterable_dataset().map(lambda row: {"more": 1})
    try:
        import torchcodec  # noqa: F401
    except ImportError:
        with pytest.raises(DatasetError, match=r"Audio.decode=False"):
            list(qa.load(mapped))


def test_splits_of_a_notebook():
    both = datasets.DatasetDict(train=datasets.Dataset(rows(10, 1)), test=datasets.Dataset(rows()))
    assert len(list(qa.load(both, split="test"))) == 4
    with pytest.raises(DatasetError, match="say which: split='test' or 'train'"):
        qa.load(both)
    with pytest.raises(UnknownNameError, match="did you mean 'test'"):
        qa.load(both, split="tset")
    with pytest.raises(DatasetError, match="it has no splits"):
        qa.load(both["test"], split="test")
    with pytest.raises(DatasetError, match=r"expected one of Dataset, .* seen int"):
        qa.load("hf", 3)


def test_a_class_that_there_is_not_is_an_error_that_names_the_column(tmp_path):
    table = rows().set_column(2, "gender", pa.array([0, 7, 1, 0], pa.int64()))
    path = tmp_path / "odd.parquet"
    path.write_bytes(parquet(table))
    with pytest.raises(DatasetError, match="gender: expected the number of one of 2 classes, seen 7"):
        list(qa.load(path))


def test_the_library_warns_of_nothing(mirror):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        list(qa.load("hub", mirror, config="en"))
    assert not [warning for warning in seen if not issubclass(warning.category, ResourceWarning)]
