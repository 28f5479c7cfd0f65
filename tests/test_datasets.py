"""Manifests, frames, folders and names: what is read, and what each bad input says."""

import copy
import csv
import io
import json
import os
import pickle
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from qaeval import datasets
from qaeval.datasets import manifest
from qaeval.datasets._audio import AudioFolder
from qaeval.datasets._ids import Identities
from qaeval.errors import DatasetError, DatasetWarning, UnknownNameError
from qaeval.languages import language_code
from qaeval.types import Annotation, Dataset, Event, Sample


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with three clips, which is the current one."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "b.wav", "deep/c.wav"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(b"RIFF" + name.encode())
    return tmp_path


def write(name, content):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def read(content, name="m.csv", **options):
    return list(datasets.load(write(name, content), **options))


def failure(content, name="m.csv", **options):
    with pytest.raises(DatasetError) as caught:
        read(content, name, **options)
    return str(caught.value)


# What is read ---------------------------------------------------------------------------------------------------------


def test_every_column_finds_its_place(here):
    (clip,) = read(
        "id,audio,text,language,events,labels.sound,labels.mood,labels.age,inputs.query,speaker,age\n"
        'x,deep/c.wav,"你好, ""world""",zh_hans,"[[""好"", 0.5, 1]]","[""dog"",""cat""]",[],,好,s1,034\n'
    )
    assert clip.id == "x"
    assert clip.audio.name == "deep/c.wav"
    assert Path(clip.audio.source) == here / "deep/c.wav"
    labels = {"sound": ("dog", "cat"), "mood": ()}
    assert clip.reference == Annotation('你好, "world"', (Event("好", 0.5, 1.0),), labels)
    assert clip.meta == {"speaker": "s1", "age": "034", "language": "zh"}
    assert clip.inputs == {"query": "好"}


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet", "frame"])
def test_all_forms_of_a_table_give_the_same_samples(here, suffix):
    frame = pd.DataFrame({"audio": ["a.wav", "deep/c.wav"], "text": ["one", "二"], "speaker": ["s1", None]})
    source = f"m{suffix}"
    if suffix == "frame":
        source = frame
    elif suffix == ".jsonl":
        frame.to_json(source, orient="records", lines=True, force_ascii=False)
    elif suffix == ".parquet":
        frame.to_parquet(source)
    else:
        frame.to_csv(source, index=False, sep="\t" if suffix == ".tsv" else ",")
    one, two = datasets.load(source, language="zh-CN")
    assert one == Sample("a.wav", one.audio, Annotation(text="one"), {"speaker": "s1", "language": "zh"})
    assert (two.id, two.reference.text) == ("deep/c.wav", "二")
    assert two.meta["speaker"] == ("" if suffix in (".csv", ".tsv") else None)
    assert Path(two.audio.source).read_bytes() == b"RIFFdeep/c.wav"


def test_types_of_meta_survive_where_the_format_has_types(here):
    Path("m.jsonl").write_text('{"audio": "a.wav", "age": 34, "snr": 1.5, "ok": true, "tags": ["x"]}\n')
    (clip,) = datasets.load("m.jsonl")
    assert clip.meta == {"age": 34, "snr": 1.5, "ok": True, "tags": ["x"]}
    pq.write_table(pa.table({"audio": ["a.wav"], "age": [34], "kind": pa.array(["x"]).dictionary_encode()}), "m.pq")
    assert next(iter(datasets.load("m.pq"))).meta == {"age": 34, "kind": "x"}
    assert next(iter(datasets.load(pd.DataFrame({"audio": ["a.wav"], "age": [34]})))).meta == {"age": 34}


def test_nested_labels_inputs_and_events(here):
    events = [{"label": "x", "onset": 0.0, "offset": 1.0}]
    row = {"audio": "a.wav", "labels": {"sound": ["dog"], "age": 34}, "inputs": {"query": "x"}, "events": events}
    Path("m.jsonl").write_text(json.dumps(row))
    pq.write_table(pa.Table.from_pylist([row]), "m.parquet")
    expected = Annotation(None, (Event("x", 0.0, 1.0),), {"sound": ("dog",), "age": ("34",)})
    for source in ("m.jsonl", "m.parquet", pd.read_parquet("m.parquet")):
        (clip,) = datasets.load(source)
        assert (clip.reference, clip.inputs, clip.meta) == (expected, {"query": "x"}, {})


def test_numbers_with_gaps_in_a_frame_are_labels_without_a_point(here):
    frame = pd.DataFrame({"audio": ["a.wav", "b.wav"], "labels.age": [34, None], "labels.ok": [True, False]})
    one, two = datasets.load(frame)
    assert one.reference.labels == {"age": ("34",), "ok": ("true",)}
    assert two.reference.labels == {"ok": ("false",)}


def test_bytes_and_the_struct_of_hugging_face(here):
    cells = [{"bytes": b"RIFF1", "path": "/home/someone/x.wav"}, {"bytes": None, "path": "a.wav"}]
    pq.write_table(pa.table({"audio": cells, "sentence": ["p", "q"]}), "m.parquet")
    for source in ("m.parquet", pd.DataFrame({"audio": cells, "sentence": ["p", "q"]})):
        one, two = datasets.load(source)
        assert (one.id, one.audio.source, one.audio.name) == ("x.wav", b"RIFF1", "x.wav")
        assert two.audio.source == str(here / "a.wav")
    (clip,) = datasets.load(pd.DataFrame({"audio": [b"RIFF"]}))
    assert (clip.id, clip.audio.source) == ("row 0", b"RIFF")


def test_aliases_renames_and_what_is_left_out(here):
    (clip,) = read("Path,sentence,locale,client_id\na.wav,hello,en-IN,s1\n", columns={"speaker": "client_id"})
    assert clip.reference.text == "hello"
    assert clip.meta == {"speaker": "s1", "locale": "en-IN", "language": "en"}
    (clip,) = read("path,audio,text,raw\nx,a.wav,hello,HELLO\n", columns={"text": "raw", "path": None})
    assert (clip.audio.name, clip.reference.text, clip.meta) == ("a.wav", "HELLO", {"text": "hello"})
    (clip,) = read("audio,text,language\na.wav,hello,Klingon (tlh)\n", columns={"language": None, "text": None})
    assert (clip.reference.text, clip.meta) == (None, {})


def test_urls_are_audio(here):
    (clip,) = read("audio,text\nhttps://example.org/a.wav?x=1,hello\n")
    assert clip.audio.is_url
    assert clip.id == clip.audio.name == "https://example.org/a.wav?x=1"


def test_the_same_audio_with_another_question_gets_a_number(here):
    clips = read("audio,inputs.query\na.wav,cat\nb.wav,cat\na.wav,dog\na.wav,cow\n")
    assert [clip.id for clip in clips] == ["a.wav", "b.wav", "a.wav#2", "a.wav#3"]
    Path("a.wav#2").write_bytes(b"RIFF")
    clips = read("audio,inputs.query\na.wav#2,cat\na.wav,cat\na.wav,dog\na.wav#2,dog\n")
    assert len({clip.id for clip in clips}) == 4


def test_bom_crlf_blank_lines_and_line_breaks_inside_cells(here):
    clips = read(b'\xef\xbb\xbfaudio,text\r\na.wav,"one\r\ntwo"\r\n\r\nb.wav,three\r\n')
    assert [clip.reference.text for clip in clips] == ["one\r\ntwo", "three"]
    assert [clip.reference.text for clip in read(b"audio,text\ra.wav,one\rb.wav,two")] == ["one", "two"]
    assert len(read(b'\xef\xbb\xbf{"audio": "a.wav"}\r\n\r\n{"audio": "b.wav"}', "m.jsonl")) == 2


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16", "utf-16-le", "utf-32", "cp936"])
def test_other_encodings_when_told(here, encoding):
    (clip,) = read("audio,text\na.wav,你好\n".encode(encoding), encoding=encoding)
    assert clip.reference.text == "你好"


def test_formulas_and_the_index_of_to_csv_are_just_text(here):
    (clip,) = read(",audio,text\n0,a.wav,=HYPERLINK(1)\n")
    assert (clip.reference.text, clip.meta) == ("=HYPERLINK(1)", {"column 1": "0"})


def test_delimiter_and_quotes(here):
    (clip,) = read('audio;text\na.wav;"a;b"\n', delimiter=";")
    assert clip.reference.text == "a;b"
    (clip,) = read('audio\ttext\na.wav\t"Yes," he said\n', "m.tsv", quotes=False)
    assert clip.reference.text == '"Yes," he said'


def test_empty_references_as_told(here):
    content = "audio,text\na.wav,\nb.wav,x\n"
    assert [clip.reference.text for clip in read(content, empty_text="silence")] == ["", "x"]
    assert [clip.reference.text for clip in read(content, empty_text="unknown")] == [None, "x"]
    assert read('{"audio": "a.wav"}', "m.jsonl")[0].reference.text is None


def test_missing_audio_can_be_kept(here):
    (clip,) = read("audio\ngone/x.wav\n", missing="keep")
    assert clip.audio.source == str(here / "gone/x.wav")


def test_root_moves_the_start_and_lets_absolute_paths_in(here):
    Path("lists").mkdir()
    content = f"audio\n./deep/../a.wav\n{here}/deep/c.wav\n"
    clips = read(content, "lists/m.csv", root=here)
    assert [clip.id for clip in clips] == ["a.wav", "deep/c.wav"]
    (clip,) = read(f"audio\n{here}/a.wav\n", "lists/m.csv", root="/")
    assert clip.id == f"{here}/a.wav"[1:]
    assert clip.audio.source == f"{here}/a.wav"
    assert "is not below root=" in failure("audio\n/etc/passwd\n", "lists/m.csv", root=here)
    assert "no such folder" in failure("audio\na.wav\n", root=here / "nowhere")


def test_links(here, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.wav").write_bytes(b"RIFF")
    Path("in.wav").symlink_to("a.wav")
    Path("out.wav").symlink_to(outside / "x.wav")
    Path("dir").symlink_to(outside)
    assert len(read("audio\nin.wav\n")) == 1
    assert failure("audio\nin.wav\nout.wav\n").startswith("m.csv, line 3: audio 'out.wav' is a link that leaves")
    assert failure("audio\ndir/x.wav\n").startswith("m.csv, line 2: audio 'dir/x.wav' lies in a folder that links out")
    assert "links out" in failure("audio\ndir/gone.wav\n", missing="keep")
    assert len(read("audio\nout.wav\ndir/x.wav\n", follow_links=True)) == 2


# What is refused ------------------------------------------------------------------------------------------------------

BAD_CSV = {
    "empty": (b"", "m.csv: empty; expected a first line that names the columns"),
    "only a BOM": (b"\xef\xbb\xbf", "m.csv: empty"),
    "only a header": ("audio,text\n", "m.csv: no clips in it"),
    "no audio column": ("clip,text\na.wav,x\n", ", line 1: no audio column; seen: 'clip', 'text'; accepted: audio, "),
    "another delimiter": ("audio;text\na.wav;x\n", "is the delimiter ';'?"),
    "twice in the header": ("audio,text,text\na.wav,x,y\n", ", line 1: two columns have the same name: 'text'"),
    "two aliases": ("path,file\na.wav,b.wav\n", ", line 1: columns 'path' and 'file' could all be audio; say which"),
    "too many columns": (",".join(map(str, range(10_000))), ", line 1: expected at most 1,000 columns, seen 10,000"),
    "too few cells": ("audio,text\na.wav,x\nb.wav\n", ", line 3: expected 2 cells as the header has, seen 1"),
    "too many cells": ('audio,text\na.wav,"x\ny"\nb.wav,x,y\n', ", line 4: expected 2 cells as the header has, seen"),
    "not UTF-8": ("audio,text\na.wav,x\nb.wav,你\n".encode("gbk"), ", line 3: byte 25 of the file (0xc4) is not"),
    "UTF-16": ("audio,text\n".encode("utf-16"), ', line 1: byte 0 of the file (0xff) is not UTF-8; it begins like'),
    "UTF-16 unmarked": ("audio,text\n".encode("utf-16-le"), ", line 1: a NUL character"),
    "NUL": ("audio,text\na.wav,x\nb.wav,\0\n", ", line 3: a NUL character"),
    "open quote": ('audio,text\na.wav,x\nb.wav,"y\na.wav,z\n', ", line 3: unexpected end of data: a quote opens"),
    "loose quote": ('audio,text\na.wav,"x"y\n', ", line 2: ',' expected after '\"': a quote stands inside"),
    "huge cell": (f"audio,text\na.wav,{'x' * 200_000}\n", ", line 2: field larger than field limit"),
    "no audio": ("audio,text\n,x\n", ", line 2: the audio cell is empty"),
    "missing audio": ("audio\na.wav\ngone.wav\n", ", line 3: no such audio file: 'gone.wav'"),
    "another case": ("audio\nA.WAV\n", ", line 2: no such audio file: 'A.WAV'; there is 'a.wav'"),
    "backslashes": ("audio\ndeep\\c.wav\n", "forward slashes"),
    "missing folder": ("audio\nno/c.wav\n", "there is no folder 'no' either"),
    "a folder": ("audio\ndeep\n", ", line 2: audio 'deep' is a folder"),
    "a file as folder": ("audio\na.wav/b.wav\n", ", line 2: no such audio file"),
    "long path": ("audio\n" + "x" * 5000 + "\n", ", line 2: audio 'xxx"),
    "up and away": ("audio\n../a.wav\n", ", line 2: audio path '../a.wav' leaves the dataset's folder"),
    "hidden way up": ("audio\ndeep/../../a.wav\n", ", line 2: audio path 'deep/../../a.wav' leaves"),
    "absolute": ("audio\n/etc/passwd\n", ", line 2: absolute audio path '/etc/passwd'; write it relative"),
    "scheme": ("audio\nfile:///etc/passwd\n", ", line 2: audio: expected a path or an http(s) URL"),
    "URL without host": ("audio\nhttps://\n", ", line 2: audio: expected a path or an http(s) URL"),
    "empty text": ("audio,text\na.wav,x\nb.wav,  \n", ", line 3: the reference text is empty; fill it in, or say"),
    "empty id": ("id,audio\n,a.wav\n", ", line 2: the id is empty"),
    "id twice": ("id,audio\nx,a.wav\ny,b.wav\nx,b.wav\n", ", line 4: id 'x' stands already in line 2"),
    "audio twice": ("audio\na.wav\na.wav\n", ", line 3: audio 'a.wav' with the same inputs stands already in line 2"),
    "question twice": ("audio,inputs.q\na.wav,x\na.wav,x\n", ", line 3: audio 'a.wav' with the same inputs stands"),
    "language": ("audio,language\na.wav,a nice one\n", ", line 2: language: expected a code like zh, yue or en-US"),
    "events no JSON": ("audio,events\na.wav,[[x]\n", ", line 2: events: not JSON: Expecting value"),
    "events no list": ("audio,events\na.wav,7\n", ", line 2: events: expected a list of [label, onset, offset]"),
    "events torn": ('audio,events\na.wav,"[[""x"", 1]]"\n', ", line 2: events: expected [label, onset, offset] with"),
    "events words": ('audio,events\na.wav,"[[""x"", ""1"", 2]]"\n', ", line 2: events: expected [label, onset,"),
    "events backwards": ('audio,events\na.wav,"[[""x"", 2, 1]]"\n', ", line 2: event 'x': expected 0 <= onset"),
    "events NaN": ('audio,events\na.wav,"[[""x"", NaN, 1]]"\n', ", line 2: event 'x': expected 0 <= onset"),
    "labels no JSON": ("audio,labels.sound\na.wav,[noise]\n", ", line 2: labels.sound: not JSON"),
    "labels unnamed": ("audio,labels\na.wav,dog\n", ", line 2: labels: expected a mapping, or columns such as"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CSV)
def test_bad_csv(here, case):
    content, expected = BAD_CSV[case]
    message = failure(content)
    assert message.startswith("m.csv")
    assert expected in message
    assert "\n" not in message
    assert len(message) < 700


BAD_JSONL = {
    "empty": ("\n\n", "m.jsonl: empty; expected one JSON object a line"),
    "not JSON": ('{"audio": "a.wav"}\n{"audio": \n', ", line 2: not JSON: Expecting value at character 12;"),
    "array": ("[\n", ", line 1: not JSON"),
    "not an object": ('{"audio": "a.wav"}\n\n["b.wav"]\n', ", line 3: expected a JSON object on each line, seen list"),
    "key twice": ('{"audio": "a.wav", "audio": "b.wav"}', ", line 1: not JSON: two values for 'audio'"),
    "too deep": ('{"audio": ' + "[" * 100_000, ", line 1: not JSON"),
    "huge number": ('{"audio": "a.wav", "n": ' + "9" * 5000 + "}", ", line 1: not JSON"),
    "number as id": ('{"id": 7, "audio": "a.wav"}', ", line 1: id: expected a string, seen 7 (int)"),
    "number as text": ('{"audio": "a.wav", "text": 42}', ", line 1: text: expected a string, seen 42 (int)"),
    "null as text": ('{"audio": "a.wav", "text": null}', ", line 1: the reference text is empty"),
    "number as language": ('{"audio": "a.wav", "lang": 7}', ", line 1: language: expected a string, seen 7 (int)"),
    "bytes": ('{"audio": {"bytes": "UklGRg==", "path": null}}', ", line 1: audio: expected {\"bytes\": bytes, "),
    "number as audio": ('{"audio": 7}', ", line 1: audio: expected a path, a URL or bytes, seen 7 (int)"),
    "no audio later": ('{"audio": "a.wav"}\n{"text": "x"}', ", line 2: no audio column; seen: 'text'"),
    "half a character": ('{"audio": "a.wav", "x": "\\ud800"}', ", line 1: '\\ud800' is half a character, not text"),
    "NUL in a path": ('{"audio": "a\\u0000.wav"}', ", line 1: audio 'a\\x00.wav': "),
    "label": ('{"audio": "a.wav", "labels.x": {"y": 1}}', ", line 1: labels.x: expected a string or a number"),
    "GBK": ('{"audio": "a.wav"}\n{"audio": "你"}'.encode("gbk"), ", line 2: byte 30 of the file (0xc4) is not"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_JSONL)
def test_bad_jsonl(here, case):
    content, expected = BAD_JSONL[case]
    message = failure(content, "m.jsonl")
    assert message.startswith("m.jsonl")
    assert expected in message
    assert len(message) < 700


def test_bad_parquet_and_frames_name_the_row(here):
    assert "m.parquet: not a readable Parquet file" in failure(b"PAR1 not really", "m.parquet")
    pd.DataFrame({"audio": ["a.wav", "b.wav"], "id": ["x", "x"]}).to_parquet("m.parquet")
    with pytest.raises(DatasetError, match=r"^m\.parquet, row 2: id 'x' stands already in row 1$"):
        list(datasets.load("m.parquet"))
    with pytest.raises(DatasetError, match=r"DataFrame, row 1: no such audio file: 'gone\.wav'"):
        list(datasets.load(pd.DataFrame({"audio": ["a.wav", "gone.wav"]})))
    with pytest.raises(DatasetError, match=r"DataFrame, row 0: id: expected a string, seen 7 \(int\)"):
        list(datasets.load(pd.DataFrame({"audio": ["a.wav"], "id": [7]})))
    with pytest.raises(DatasetError, match="DataFrame: no audio column"):
        datasets.load(pd.DataFrame({"x": [1]}))
    with pytest.raises(DatasetError, match="expected strings as names of columns, seen 0"):
        datasets.load(pd.DataFrame([["a.wav"]]))
    with pytest.raises(DatasetError, match="DataFrame: no clips in it"):
        list(datasets.load(pd.DataFrame({"audio": []})))
    with pytest.raises(DatasetError, match="DataFrame, row 0: the audio cell is empty"):
        list(datasets.load(pd.DataFrame({"audio": [None]})))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"encoding": "klingon"}, "unknown encoding 'klingon'"),
        ({"encoding": "rot13"}, "unknown encoding 'rot13'"),
        ({"encoding": "utf-16"}, "UTF-16 stream does not start with BOM"),
        ({"empty_text": "skip"}, "empty_text: expected"),
        ({"missing": "skip"}, "missing: expected"),
        ({"delimiter": ",,"}, "delimiter: expected one character"),
        ({"columns": {"text": "sentence"}}, "columns={'text': 'sentence'}: no such column; seen: 'audio', 'text'"),
        ({"columns": {"text": 7}}, "columns: expected names"),
        ({"columns": {"x": "y", "y": "x"}}, "no such column"),
        ({"language": "a nice one"}, "language: expected a code"),
    ],
)
def test_bad_options(here, options, expected):
    assert expected in failure("audio,text\na.wav,x\n", **options)


BAD_ROWS = {
    "m.csv": b'audio,text\na.wav,yes\nb.wav\nb.wav,caf\xe9\nb.wav,"no\nb.wav,\nnone.wav,no\n'
    b"a.wav,again\ndeep/c.wav,good\n",
    "m.tsv": b"audio\ttext\na.wav\tyes\nb.wav\nb.wav\tcaf\xe9\nb.wav\tn\0o\nb.wav\t\n../b.wav\tno\n"
    b"a.wav\tagain\ndeep/c.wav\tgood\n",
    "m.jsonl": b'[]\n{"audio": "a.wav", "text": "yes"}\n{"audio": "b.wav", "text": "caf\xe9"}\n'
    b'{"audio": 3, "text": "no"}\n{"audio": "b.wav", "text": 5}\n{"text": "no"}\n{"audio": "a.wav", "text": "again"}\n'
    b'{"audio": "deep/c.wav", "text": "good"}\n',
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_rows_of_a_manifest_are_passed_over_when_told(here, name):
    path = write(name, BAD_ROWS[name])
    with pytest.raises(DatasetError, match=r"line \d"):
        list(datasets.load(path))
    dataset = datasets.load(path, bad_rows="skip")
    first = 1 if name == "m.jsonl" else 3
    for _ in range(2):
        with pytest.warns(
            DatasetWarning, match=rf"{name}: 6 rows were passed over, the first is {name}, line {first}: "
        ):
            clips = list(dataset)
        assert [(clip.id, clip.reference.text) for clip in clips] == [("a.wav", "yes"), ("deep/c.wav", "good")]


def test_bad_rows_in_another_encoding_and_in_parquet_are_passed_over(here):
    path = write("m.csv", "audio,text\na.wav,你好\n".encode("gb18030") + b"b.wav,\xff\xff\ndeep/c.wav,good\n")
    with pytest.warns(DatasetWarning, match="1 rows were passed over, .*line 3: byte 0xff is not gb18030"):
        clips = read(Path(path).read_bytes(), encoding="gb18030", bad_rows="skip")
    assert [clip.reference.text for clip in clips] == ["你好", "good"]
    pq.write_table(pa.table({"audio": ["a.wav", None, "b.wav"], "text": ["yes", "no", ""]}), "m.parquet")
    with pytest.warns(DatasetWarning, match="2 rows were passed over, the first is m.parquet, row 2: "):
        assert [clip.id for clip in datasets.load("m.parquet", bad_rows="skip")] == ["a.wav"]


def test_what_cannot_be_passed_over(here):
    assert "line 1: byte 0xff is not UTF-8" in failure(b"audio,\xff\na.wav,x\n", bad_rows="skip")
    assert failure("text\nyes\n", bad_rows="skip") == failure("text\nyes\n")
    assert "expected one JSON object a line" in failure("3\n[]\n", "m.jsonl", bad_rows="skip")
    assert 'bad_rows: expected "error" or "skip", seen \'pass\'' in failure("audio\na.wav\n", bad_rows="pass")
    with pytest.warns(DatasetWarning, match="1 rows"):
        assert "no clips in it" in failure("audio\nnone.wav\n", bad_rows="skip")


def test_two_ids_with_one_hash_are_not_one_id_twice(here, monkeypatch):
    monkeypatch.setattr(Identities, "is_new", lambda self, key: False)
    assert [clip.id for clip in read("audio\na.wav\nb.wav\n")] == ["a.wav", "b.wav"]
    assert "id 'x' stands already in line 3" in failure("id,audio\ny,a.wav\nx,a.wav\nx,b.wav\n")


def test_decoded_arrays_are_no_audio(here):
    for cell in (np.zeros(3), {"array": np.zeros(3), "sampling_rate": 16000}):
        with pytest.raises(DatasetError, match="DataFrame, row 0: audio: expected"):
            list(datasets.load(pd.DataFrame({"audio": [cell]})))


def test_json_lines_may_differ_in_their_keys(here):
    clips = read('{"audio": "a.wav", "text": "x"}\n{"text": "y", "n": 1, "path": "b.wav"}\n', "m.jsonl")
    assert [(clip.id, clip.reference.text, clip.meta) for clip in clips] == [
        ("a.wav", "x", {}),
        ("b.wav", "y", {"n": 1}),
    ]


def test_two_columns_must_not_become_one(here):
    assert "'speaker'" in failure("audio,speaker,who\na.wav,x,y\n", columns={"speaker": "who"})


# Opening, passes, fingerprints ----------------------------------------------------------------------------------------


def test_opening_and_the_first_rows_do_not_read_the_rest(here):
    rows = "".join(f"u{i},a.wav\n" for i in range(300_000))
    write("m.csv", b"id,audio\n" + rows.encode() + b"\xff,a.wav\n")
    clips = datasets.load("m.csv")
    passing = iter(clips)
    assert [next(passing).id for _ in range(1000)][-1] == "u999"
    with pytest.raises(DatasetError, match=r"m\.csv, line 300002: byte"):
        list(manifest._table(Path("m.csv"), None, None, True).rows())


def test_memory_does_not_grow_with_the_rows(here):
    write("m.csv", "id,audio,text\n" + "".join(f"u{i},a.wav,this is sentence {i}\n" for i in range(30_000)))
    clips = datasets.load("m.csv")

    def peak(consume):
        tracemalloc.start()
        consume(clips)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(lambda clips: sum(1 for _ in clips)) < peak(list) / 3


def test_bytes_in_parquet_are_read_a_few_rows_at_a_time(here):
    cells = [{"bytes": os.urandom(200_000), "path": f"{i}.wav"} for i in range(200)]
    pq.write_table(pa.table({"audio": cells}), "m.parquet", row_group_size=20)
    clips = datasets.load("m.parquet")
    before = pa.total_allocated_bytes()
    most = max(pa.total_allocated_bytes() - before for _ in clips)
    assert most < 20_000_000  # the file has 40,000,000, a group of its rows 4,000,000


def test_a_dataset_is_read_anew_each_time_in_the_same_order(here):
    clips = datasets.load(write("m.csv", "audio\nb.wav\na.wav\n"))
    assert [c.id for c in clips] == [c.id for c in clips] == ["b.wav", "a.wav"]
    assert clips.name == "m"
    assert isinstance(clips, Dataset)
    assert datasets.load(clips) is clips
    for twin in (copy.deepcopy(clips), pickle.loads(pickle.dumps(clips))):
        assert (list(twin), twin.fingerprint) == (list(clips), clips.fingerprint)
    assert repr(clips) == "Dataset(name='m')"
    Path("m.csv").unlink()
    assert clips.fingerprint == twin.fingerprint  # worked out once


def test_fingerprints_change_with_data_and_options_and_not_with_the_place(here):
    first = datasets.load(write("m.csv", "audio,text\na.wav,x\n")).fingerprint
    assert len(first) == 16
    assert int(first, 16)
    assert datasets.load("m.csv", name="other", missing="keep", root=here).fingerprint == first
    assert datasets.load("m.csv", language="en").fingerprint != first
    assert datasets.load("m.csv", empty_text="silence").fingerprint != first
    Path("moved").mkdir()
    Path("m.csv").rename("moved/m.csv")
    assert datasets.load("moved/m.csv").fingerprint == first
    assert datasets.load(write("m.csv", "audio,text\na.wav,y\n")).fingerprint != first


def test_fingerprints_of_frames_and_samples(here):
    frame = pd.DataFrame({"audio": ["a.wav", "b.wav"], "n": [1, 2]})
    first = datasets.load(frame)
    frame.loc[1, "n"] = 3
    assert first.fingerprint != datasets.load(frame).fingerprint
    assert [clip.meta["n"] for clip in first] == [1, 2]
    frame.loc[1, "n"] = 2
    assert first.fingerprint == datasets.load(frame).fingerprint
    one = Sample("a", "a.wav", Annotation(text="x"), {"s": 1})
    assert datasets.load([one]).fingerprint == datasets.load((one,)).fingerprint
    assert datasets.load([one]).fingerprint != datasets.load([Sample("a", "a.wav", Annotation(text="x"))]).fingerprint


# Folders --------------------------------------------------------------------------------------------------------------


def test_a_folder_with_transcripts(here):
    write("a.txt", "\ufeffhello\nworld\n")
    for name in ("notes.txt", ".hidden.wav", "README.md"):
        write(name, "x")
    clips = list(datasets.load("./", language="en", name="mine"))
    assert [(c.id, c.reference.text, c.meta["folder"]) for c in clips] == [
        ("a.wav", "hello\nworld", "."),
        ("b.wav", None, "."),
        ("deep/c.wav", None, "deep"),
    ]
    assert {clip.meta["language"] for clip in clips} == {"en"}
    assert datasets.load(here).name == here.name


def test_a_folder_in_order_however_deep(here):
    path = here / "many"
    for _ in range(300):
        path /= "d"
    path.mkdir(parents=True)
    (path / "x.FLAC").write_bytes(b"fLaC")
    names = [clip.id for clip in datasets.load(here)]
    assert names == ["a.wav", "b.wav", "deep/c.wav", "many/" + "d/" * 300 + "x.FLAC"]


def test_bad_folders_name_the_file(here, tmp_path_factory):
    Path("empty").mkdir()
    with pytest.raises(DatasetError, match=r"empty: no audio files below it; looked for \.wav"):
        list(datasets.load("./empty"))
    with pytest.raises(DatasetError, match="no such file"):
        datasets.load("./nowhere")
    with pytest.raises(DatasetError, match="not a folder"):
        datasets.load("folder", "a.wav")
    write("deep/c.txt", " \n")
    with pytest.raises(DatasetError, match=r"deep/c\.wav: the reference text is empty"):
        list(datasets.load(here))
    write("deep/c.txt", "你".encode("gbk"))
    with pytest.raises(DatasetError, match=r"deep/c\.txt, line 1: byte 0"):
        list(datasets.load(here))
    assert [*datasets.load(here, encoding="gbk")][-1].reference.text == "你"


def test_links_in_folders(here, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    write(outside / "x.wav", b"RIFF")
    Path("out").symlink_to(outside)
    with pytest.raises(DatasetError, match="out: a link to a folder; follow_links=True goes there"):
        list(datasets.load(here))
    assert "out/x.wav" in [clip.id for clip in datasets.load(here, follow_links=True)]
    Path("out").unlink()
    Path("self.wav").symlink_to("self.wav")
    with pytest.raises(DatasetError, match=r"self\.wav: Too many levels of symbolic links"):
        list(datasets.load(here))
    Path("self.wav").unlink()
    Path("z.wav").symlink_to(outside / "x.wav")
    with pytest.raises(DatasetError, match=r"z\.wav: audio 'z\.wav' is a link that leaves"):
        list(datasets.load(here))
    Path("z.wav").unlink()
    Path("deep/up").symlink_to(here)
    with pytest.raises(DatasetError, match="a link to a folder above itself"):
        list(datasets.load(here, follow_links=True))


def test_a_folders_fingerprint(here):
    first = datasets.load(here).fingerprint
    assert first == datasets.load(here, name="x").fingerprint
    write("b.txt", "hello")
    second = datasets.load(here).fingerprint
    write("b.txt", "hallo")
    third = datasets.load(here).fingerprint
    write("b.wav", "longer than before")
    assert len({first, second, third, datasets.load(here).fingerprint}) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8 exist there only")
def test_a_file_name_that_is_not_utf8(here):
    Path(os.fsdecode(b"\xff.wav")).write_bytes(b"RIFF")
    with pytest.raises(DatasetError, match="the file's name is not UTF-8"):
        list(datasets.load(here))


# Names and other sources ----------------------------------------------------------------------------------------------


def test_a_string_is_a_path_or_a_name(here):
    with pytest.raises(UnknownNameError, match=r"'manifset'; did you mean 'manifest'.* nor is it a file"):
        datasets.load("manifset")
    with pytest.raises(UnknownNameError, match=r"unknown dataset 'deep'.*; a file or folder 'deep' is here: write \./"):
        datasets.load("deep")
    with pytest.raises(DatasetError, match=r"gone\.csv: no such file"):
        datasets.load("gone.csv")
    with pytest.raises(DatasetError, match=r"expected a name that ends in \.csv"):
        datasets.load("./a.wav")
    with pytest.raises(DatasetError, match="a manifest cannot be a URL"):
        datasets.load("https://example.org/clips.csv")
    assert [clip.id for clip in datasets.load("./deep")] == ["c.wav"]
    assert [clip.id for clip in datasets.load("folder", "deep")] == ["c.wav"]
    assert [clip.id for clip in datasets.load(Path("deep"))] == ["c.wav"]
    for name in ("", "_rows", "__init__", "..", "manifest.load"):
        with pytest.raises(UnknownNameError):
            datasets.load(name)


def test_names_need_no_list(here, monkeypatch):
    write("scratch.py", "from qaeval.types import Dataset\n\ndef load(part):\n    return Dataset(part, lambda: [])\n")
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(here)])
    assert {"folder", "frame", "manifest", "scratch"} <= set(datasets.names())
    assert datasets.load("scratch", "left").name == "left"
    del sys.modules["qaeval.datasets.scratch"]


def test_samples_of_ones_own(here):
    made = [Sample("a", "a.wav"), Sample("b", "b.wav")]
    clips = datasets.load(iter(made), name="mine")
    assert list(clips) == list(clips) == made
    assert clips.name == "mine"
    with pytest.raises(DatasetError, match="item 1: id 'a' comes a second time"):
        list(datasets.load([made[0], made[0]]))
    with pytest.raises(DatasetError, match="item 0: expected a Sample, seen int 7"):
        list(datasets.load([7]))
    with pytest.raises(DatasetError, match="no samples"):
        list(datasets.load([]))
    for odd in (b"x", 7, None):
        with pytest.raises(DatasetError, match="expected a path, a name, a DataFrame or samples"):
            datasets.load(odd)


# Laws -----------------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)


@settings(max_examples=60)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_any_text_comes_back_as_it_was_written(tmp_path_factory, rows, end):
    folder = tmp_path_factory.mktemp("law")
    (folder / "a.wav").write_bytes(b"RIFF")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "audio", "text", "note"])
    writer.writerows([f"u{number}", "a.wav", *row] for number, row in enumerate(rows))
    (folder / "m.csv").write_bytes(out.getvalue().encode())
    lines = [{"id": f"u{i}", "audio": "a.wav", "text": text, "note": note} for i, (text, note) in enumerate(rows)]
    (folder / "m.jsonl").write_bytes("\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode())
    for name in ("m.csv", "m.jsonl"):
        clips = datasets.load(folder / name)
        assert [(clip.reference.text, clip.meta["note"]) for clip in clips] == rows


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["..", ".", "", "deep", "out", "a.wav", "c.wav", "x.wav", "~", "loop"]), max_size=7))
def test_no_path_leads_out(tmp_path_factory, parts):
    top = tmp_path_factory.mktemp("law")
    (top / "in" / "deep").mkdir(parents=True)
    for name in ("x.wav", "in/a.wav", "in/deep/c.wav"):
        (top / name).write_bytes(b"RIFF")
    (top / "in" / "out").symlink_to(top)
    (top / "in" / "deep" / "x.wav").symlink_to(top / "x.wav")
    (top / "in" / "loop").symlink_to("loop")
    for absolute in (False, True):
        try:
            audio = AudioFolder(str(top / "in"), absolute=absolute).find("/".join(parts), 0)
        except DatasetError:
            continue
        assert Path(audio.source).resolve().is_relative_to(top / "in")
        assert str(audio.source) == f"{top}/in/{audio.name}"


@pytest.mark.parametrize(
    ("said", "code"), [("zh-CN", "zh"), ("zh_HK", "yue"), ("English", "en"), ("", ""), (None, ""), (float("nan"), "")]
)
def test_a_sample_of_ones_own_has_the_language_code_that_a_manifest_gives(here, said, code):
    mine = Sample("a.wav", "a.wav", Annotation("x"), {"language": said})
    (read_from_frame,) = datasets.load(pd.DataFrame({"audio": ["a.wav"], "text": ["x"], "language": [said]}))
    assert mine.language == mine.meta["language"] == read_from_frame.language == code


def test_a_language_that_cannot_be_told_names_the_sample():
    for said in ("a nice one", 7):
        with pytest.raises(DatasetError, match=r"sample 'x': language: expected a "):
            Sample("x", "a.wav", meta={"language": said})


@given(st.from_regex(r"\A[a-z]{2,3}([-_][A-Za-z]{2,4}){0,2}\Z"))
def test_language_codes_are_stable(tag):
    assert language_code(language_code(tag)) == language_code(tag)
    assert language_code(tag.upper()) == language_code(tag)
