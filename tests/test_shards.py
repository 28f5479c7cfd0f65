"""Parquet, Arrow and tar shards, written by the libraries that people write them with."""

import io
import json
import tarfile
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from clips import wav
from corpora import archive, clip, folder

import qaeval as qa
from qaeval import audio
from qaeval.datasets import _arrow, shards
from qaeval.errors import AudioError, DatasetError

AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def table(start=0, count=3, pad=0):
    numbers = range(start, start + count)
    clips = [{"bytes": wav(tone=300 + n) + bytes(pad), "path": f"{n}.wav"} for n in numbers]
    return pa.table({"audio": pa.array(clips, AUDIO), "text": [f"text {n}" for n in numbers]})


def parquet(data):
    file = io.BytesIO()
    pq.write_table(data, file, row_group_size=64)
    return file.getvalue()


def arrow(data, kind=pa.ipc.new_stream):
    file = io.BytesIO()
    with kind(file, data.schema) as writer:
        writer.write_table(data)
    return file.getvalue()


FORMS = {
    "parquet": parquet,
    "arrow": arrow,
    "file.arrow": lambda data: arrow(data, pa.ipc.new_file),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("by", ["folder", "pattern", "name"])
def test_shards_are_read_as_one_in_the_order_of_their_names(tmp_path, form, by):
    write = FORMS[form]
    folder(tmp_path / "data", {f"b.{form}": write(table(3)), f"a.{form}": write(table()), "README.md": "two shards"})
    source = {"folder": ("shards", tmp_path / "data"), "pattern": (f"{tmp_path}/data/*.{form}",)}.get(
        by, ("shards", tmp_path / "data" / f"a.{form}")
    )
    samples = list(qa.load(*source, language="en"))
    assert [sample.id for sample in samples] == [f"{n}.wav" for n in range(3 if by == "name" else 6)]
    assert samples[1].reference.text == "text 1"
    assert audio.probe(samples[2].audio).duration == pytest.approx(0.2)


def test_an_error_names_the_shard_and_the_row_in_it(tmp_path):
    two = pa.table({"audio": pa.array([{"bytes": b"x", "path": "9.wav"}], AUDIO), "text": [""]})
    folder(tmp_path, {"a.parquet": parquet(table()), "b.parquet": parquet(two)})
    with pytest.raises(DatasetError, match=r"row 1 of b\.parquet: the reference text is empty"):
        list(qa.load("shards", tmp_path))
    (tmp_path / "b.parquet").write_bytes(parquet(table(2)))
    with pytest.raises(DatasetError, match=r"row 1 of b\.parquet: audio '2\.wav'.* already in row 3 of a\.parquet"):
        list(qa.load("shards", tmp_path))


def test_clips_without_a_name_are_named_after_their_place(tmp_path):
    data = pa.table({"audio": [wav(), wav(tone=500)]})
    folder(tmp_path, {"a.parquet": parquet(data), "b.parquet": parquet(data)})
    assert [sample.id for sample in qa.load("shards", tmp_path)][1:3] == ["row 2 of a.parquet", "row 1 of b.parquet"]


def test_what_is_no_shard(tmp_path):
    with pytest.raises(DatasetError, match=r"no shards there; expected files that end in \.parquet"):
        qa.load("shards", tmp_path)
    with pytest.raises(DatasetError, match="no shards there"):
        qa.load(f"{tmp_path}/*.parquet")
    folder(tmp_path, {"a.parquet": parquet(table()), "a.arrow": arrow(table())})
    with pytest.raises(DatasetError, match=r"shards of one kind, seen \.arrow, \.parquet"):
        qa.load("shards", tmp_path)
    (tmp_path / "a.arrow").write_bytes(b"not arrow at all")
    with pytest.raises(DatasetError, match=r"a\.arrow: not a readable Arrow file"):
        qa.load(tmp_path / "a.arrow")


def test_the_fingerprint_follows_content_names_and_options(tmp_path):
    folder(tmp_path, {"a.parquet": parquet(table())})
    first = qa.load("shards", tmp_path).fingerprint
    assert qa.load("shards", tmp_path).fingerprint == first != qa.load("shards", tmp_path, language="en").fingerprint
    folder(tmp_path, {"b.parquet": parquet(table(3))})
    assert qa.load("shards", tmp_path).fingerprint != first


def test_what_the_library_saved(tmp_path):
    datasets = pytest.importorskip("datasets")
    features = {"audio": {"_type": "Audio"}, "text": {"dtype": "string", "_type": "Value"}}
    features["gender"] = {"names": ["male", "female"], "_type": "ClassLabel"}
    data = table().append_column("gender", pa.array([0, 1, -1], pa.int64()))
    told = {"huggingface": json.dumps({"info": {"features": features}})}
    datasets.Dataset(data.replace_schema_metadata(told)).save_to_disk(tmp_path / "saved")
    samples = list(qa.load("shards", tmp_path / "saved"))
    assert [sample.meta["gender"] for sample in samples] == ["male", "female", None]
    assert qa.load("shards", tmp_path / "saved").name == "saved"


@pytest.mark.parametrize("write", [parquet, arrow])
def test_a_few_rows_with_audio_are_held_at_a_time(tmp_path, write):
    count, size = 400, 50_000
    folder(tmp_path, {f"data.{write.__name__}": write(table(0, count, size))})
    clips = qa.load("shards", tmp_path)
    next(iter(clips))  # what is imported is not counted
    tracemalloc.start()
    seen = sum(1 for _ in clips)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen == count
    assert most < count * size / 4


def web(start=0, count=3, more=""):
    files = {}
    for n in range(start, start + count):
        files[f"train/{n:04}.flac"] = clip(n, ".flac")
        files[f"train/{n:04}.json"] = json.dumps({"speaker": f"s{n % 2}", "labels.gender": "female"})
        files[f"train/{n:04}.txt"] = f"text {n}\n"
        if more:
            files[f"train/{n:04}.{more}"] = "7"
    return files


@pytest.mark.parametrize("end", [".tar", ".tar.gz"])
def test_tars_with_samples_by_key(tmp_path, end, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))
    folder(tmp_path / "web", {f"000000{end}": archive(web(), end), f"000001{end}": archive(web(3), end)})
    clips = qa.load(f"{tmp_path}/web/*{end}")
    samples = list(clips)
    assert [sample.id for sample in samples] == [f"train/{n:04}" for n in range(6)] == [sample.id for sample in clips]
    assert [sample.reference.text for sample in samples] == [f"text {n}" for n in range(6)]
    assert samples[1].meta == {"speaker": "s1"}
    assert samples[1].reference.labels == {"gender": ("female",)}
    assert samples[4].audio.name == "train/0004.flac"
    assert all(audio.probe(sample.audio).duration > 0.1 for sample in samples)
    before = clips.fingerprint
    (tmp_path / "web" / f"000001{end}").write_bytes(archive(web(4), end))
    assert qa.load(f"{tmp_path}/web/*{end}").fingerprint != before


def test_one_tar_by_its_name_with_classes_and_files_of_no_use(tmp_path):
    (tmp_path / "one.tar").write_bytes(archive(web(more="cls"), ".tar"))
    assert [sample.meta["label"] for sample in qa.load(tmp_path / "one.tar")] == ["7"] * 3
    (tmp_path / "two.tar").write_bytes(archive(web(more="spectrum.npy"), ".tar"))
    assert len(list(qa.load(tmp_path / "two.tar"))) == 3


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.txt": "text"}, r"sample 1 .'a'.*expected one audio file, seen 0 among a\.txt"),
        ({"a.wav": "x", "a.flac": "y"}, "seen 2 among a.wav, a.flac"),
        ({"a.wav": "x", "a.json": "{"}, r"a\.json cannot be read"),
        ({"a.wav": "x", "a.json": "[1]"}, "expected a JSON object, seen list"),
        ({"a.wav": "x", "a.json": '{"audio": "/etc/passwd"}'}, "names an audio of its own"),
        ({"a.wav": "x", "a.txt": b"\xff\xfe"}, r"a\.txt cannot be read"),
        ({"a.wav": "x", "b.wav": "y", "a.json": "{}"}, r"sample 3 .'a'"),
        ({}, "no samples in it"),
    ],
)
def test_tars_that_are_not_as_they_should_be(tmp_path, files, told):
    (tmp_path / "odd.tar").write_bytes(archive(files, ".tar"))
    with pytest.raises(DatasetError, match=told):
        list(qa.load(tmp_path / "odd.tar"))


def test_hostile_members_read_nothing_and_write_nothing(tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as opened:
        link = tarfile.TarInfo("a.wav")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        opened.addfile(link)
        for name in ("../../out.wav", "/abs.wav"):
            info = tarfile.TarInfo(name)
            info.size = 4
            opened.addfile(info, io.BytesIO(b"RIFF"))
    (tmp_path / "in").mkdir()
    (tmp_path / "in/odd.tar").write_bytes(out.getvalue())
    assert [sample.audio.source.read() for sample in qa.load(tmp_path / "in/odd.tar")] == [b"RIFF"] * 2
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in", "odd.tar"]


def test_a_tar_that_ends_too_soon_is_found_when_the_clip_is_read(tmp_path):
    path = tmp_path / "cut.tar"
    path.write_bytes(archive({"a.wav": wav(seconds=1)}, ".tar"))
    (sample,) = qa.load(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(AudioError, match="ends within the clip"):
        sample.audio.source.read()


def test_columns_of_tars_can_be_renamed_and_filtered(tmp_path):
    (tmp_path / "one.tar").write_bytes(archive(web(), ".tar"))
    clips = qa.load(tmp_path / "one.tar", columns={"voice": "speaker"}, where={"voice": "s0"})
    assert [sample.id for sample in clips] == ["train/0000", "train/0002"]


def test_fits_leaves_folders_and_manifests_alone(tmp_path):
    (tmp_path / "a*.csv").write_text("audio\n")
    assert not shards.fits(tmp_path / "a*.csv")
    assert not shards.fits(tmp_path)
    assert not shards.fits(tmp_path / "a.parquet")
    assert shards.fits(tmp_path / "b*.parquet")


def test_classes_are_told_by_what_the_library_writes_alone():
    schema = pa.schema([("a", pa.int64())])
    assert _arrow.classes_in(schema) == {}
    for told in (b"no json", b"[]", b'{"info": {"features": {"a": {"_type": "ClassLabel", "names": "ab"}}}}'):
        assert _arrow.classes_in(schema.with_metadata({b"huggingface": told})) == {}
