"""Releases that were damaged, or made to do harm: an error names the line or the sample, the rest goes on."""

import errno
import gzip
import io
import os
import subprocess
import sys
import tarfile
import time
import zipfile

import pytest
from clips import wav
from corpora import archive as packed, folder
from effort import within
from hypothesis import example, given, settings, strategies as st

import qaeval as qa
from qaeval import audio
from qaeval.datasets import _members, _unpacking
from qaeval.datasets._audio import AudioFolder
from qaeval.datasets._corpus import Torn, corpus, table
from qaeval.datasets._lines import lines
from qaeval.datasets._readers import CsvTable
from qaeval.datasets._records import Broken, records
from qaeval.datasets._release import Release
from qaeval.errors import AudioError, DatasetError, DatasetWarning

HEADER = "client_id\tpath\tsentence\n"
TARS = (".tar", ".tar.gz", ".tar.bz2", ".tar.xz")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


# Tables --------------------------------------------------------------------------------------------------------------


def voices(path, content, **options):
    """A release of Common Voice with this table."""
    folder(path / "cv", {"en/test.tsv": content, **{f"en/clips/{name}.mp3": b"x" for name in "abc"}})
    return qa.load("common_voice", path / "cv", **options)


BAD_LINES = {
    "too few cells": (b"s1\ta.mp3", "expected 3 cells as the columns are, seen 2; begins with 's1'"),
    "too many cells": (b"s1\ta.mp3\thello\t", "expected 3 cells as the columns are, seen 4"),
    "10,000 columns": (b"\t".join([b"x"] * 10_000), "expected 3 cells as the columns are, seen 10000"),
    "a huge cell": (b"s1\ta.mp3\t" + b"x" * 3_000_000, "a cell of 3,000,000 characters; expected at most 131,072"),
    "a NUL": (b"s1\ta.mp3\tno\0thing", "a NUL character"),
    "Latin-1": ("s1\ta.mp3\tdéjà vu".encode("latin-1"), "byte 0xe9 is not UTF-8"),
    "GB 18030": ("s1\ta.mp3\t你好".encode("gb18030"), "byte 0xc4 is not UTF-8"),
    "half a character": ("s1\ta.mp3\t你".encode()[:-1], "byte 0xe4 is not UTF-8"),
    "a surrogate": (b"s1\ta.mp3\t\xed\xa0\x80", "byte 0xed is not UTF-8"),
    "a path that leaves": (b"s1\t../../../etc/passwd\thello", "leaves the dataset's folder"),
    "no path": (b"s1\t\thello", "the cell 'path' is empty"),
    "a path of a megabyte": (b"s1\t" + b"../" * 40_000 + b"\thello", "leaves the dataset's folder"),
    "a clip again": (b"s9\tb.mp3\thello", "stands there a second time"),
}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(("line", "message"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path, line, message, end):
    good = [HEADER.strip().encode(), b"s1\tb.mp3\tsecond", b"s1\tc.mp3\tthird"]
    content = end.join([*good[:2], line, *good[2:], b""])
    with pytest.raises(DatasetError, match=rf"cv/en/test.tsv, line 3: .*{message}.*; bad_rows=\"skip\""):
        list(voices(tmp_path, content))
    with pytest.warns(
        DatasetWarning, match=rf"common_voice: 1 rows were passed over, the first is .*line 3: .*{message}"
    ):
        clips = list(voices(tmp_path, content, bad_rows="skip"))
    assert [(clip.id, clip.reference.text) for clip in clips] == [("b.mp3", "second"), ("c.mp3", "third")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no clips in it"),
        (b"\n\n\n", "no clips in it"),
        (HEADER.encode(), "no clips in it"),
        (HEADER.encode("utf-16"), "test.tsv, line 1: byte 0xff is not UTF-8"),
        (HEADER.encode("utf-16-le"), "test.tsv, line 1: a NUL character"),
        ("客户\tpath\n".encode("gb18030"), "test.tsv, line 1: byte 0xbf is not UTF-8"),
        (b"path\tsentence\tpath\na\tb\tc\n", "test.tsv, line 1: the column 'path' is named twice"),
        (b"one\ttwo\n1\t2\n", "test.tsv, line 2: the cell 'path' is empty"),
        (b"x" * 200_000 + b"\n", "test.tsv, line 1: a cell of 200,000 characters"),
        (os.urandom(5000).replace(b"\n", b""), r"test.tsv|no clips in it"),
    ],
)
def test_what_is_no_table_is_said(tmp_path, content, message):
    with pytest.raises(DatasetError, match=message):
        list(voices(tmp_path, content))


def test_quotes_boms_and_ends_of_lines_are_no_harm(tmp_path):
    rows = 's1\ta.mp3\t"open quote\r\ns1\tb.mp3\t""two"" \'n\' "half\r\n\r\ns1\tc.mp3\t=cmd()|\'a\'\r\n'
    clips = list(voices(tmp_path, b"\xef\xbb\xbf" + (HEADER + rows).encode()))
    assert [clip.reference.text for clip in clips] == ['"open quote', '""two"" \'n\' "half', "=cmd()|'a'"]


def test_numbers_that_are_none_are_the_line_s_fault(tmp_path):
    def make(cells):
        return qa.Sample(cells["id"], "a.wav", meta={"seconds": float(cells["seconds"]), "x": [0][int(cells["at"])]})

    release = Release.of(
        folder(tmp_path / "r", {"t.tsv": "id\tseconds\tat\na\t1\t0\nb\tlong\t0\nc\t1\t7\nd\t2\t0\n"}), "X"
    )
    file = release.file("t.tsv")
    with pytest.raises(DatasetError, match=r"t.tsv, line 3: ValueError: could not convert.*begins with 'b'"):
        list(corpus("mine", lambda: table(file), make, [file]))
    with pytest.warns(DatasetWarning, match="2 rows were passed over"):
        assert [clip.id for clip in corpus("mine", lambda: table(file), make, [file], bad_rows="skip")] == ["a", "d"]
    with pytest.raises(DatasetError, match=r"t.tsv, line 1: there is no column 'seconds'"):
        list(corpus("mine", lambda: table(file, columns=("id", "b", "c")), make, [file]))


def test_a_name_that_is_not_utf_8_is_no_id(tmp_path):
    release = Release.of(folder(tmp_path / "r", {"t.tsv": "id\na\n"}), "LAYOUT")
    file = release.file("t.tsv")
    with pytest.raises(DatasetError, match=r"line 2: the name 'a\\udcff' is not UTF-8; rename the file"):
        list(corpus("mine", lambda: table(file), lambda cells: qa.Sample(cells["id"] + "\udcff", "a"), [file]))


# Each table that a loader reads beside or instead of the clips': the line that a bad one follows, its file and number.
UNDECODABLE = {
    "librispeech": (
        {
            "SPEAKERS.TXT": "; ID | SEX\n1 | F | test-clean | 8 | Ann\n2 | M | test-clean | 8 | Bob\n",
            "test-clean/1/2/1-2.trans.txt": "1-2-0000 ONE\n1-2-0001 TWO\n",
        },
        {},
    ),
    "aishell1": (
        {
            "transcript/aishell_transcript_v0.8.txt": "BAC009S0764W0121 一\nBAC009S0764W0122 二\n",
            "speaker.info": "0764 F\n",
            "resource_aishell/speaker.info": "0764 F\n",
            "wav/test/S0764/BAC009S0764W0121.wav": "",
        },
        {},
    ),
    "kespeech": (
        {
            "Metadata/spk2gender": "s1 M\ns2 F\n",
            "Tasks/ASR/test/wav.scp": "u1 a.wav\nu2 b.wav\n",
            "Tasks/ASR/test/text": "u1 一\nu2 二\n",
            "Tasks/ASR/test/utt2spk": "u1 s1\nu2 s2\n",
            "Tasks/ASR/test/utt2subdialect": "u1 Mandarin\nu2 Beijing\n",
        },
        {},
    ),
    "wenetspeech_chuan": ({"Easy/text": "u1 一\nu2 二\n"}, {}),
    "wenetspeech_chuan train": (
        {
            "audio_labels/a.jsonl": '{"wav_utt_id_timestamp": "a", "wav_utt_id_timestamp_path": "a.wav"}\n'
            '{"wav_utt_id_timestamp": "b", "wav_utt_id_timestamp_path": "b.wav"}\n'
        },
        {"subset": "train"},
    ),
    "magicdata": (
        {
            "test/TRANS.txt": "UtteranceID\tSpeakerID\tTranscription\na.wav\ts1\t一\nb.wav\ts2\t二\n",
            "SPKINFO.txt": "SPKID\tAge\tGender\tDialect\ns1\t20\tmale\the bei\ns2\t30\tfemale\the nan\n",
        },
        {},
    ),
    "cremad": (
        {
            "VideoDemographics.csv": "ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,x,y\n1002,21,Female,x,y\n",
            "AudioWAV/1001_DFA_ANG_XX.wav": "",
        },
        {},
    ),
    "common_voice": (
        {
            "en/test.tsv": "path\tsentence\na.mp3\tone\nb.mp3\ttwo\n",
            "en/clip_durations.tsv": "clip\tduration[ms]\na.mp3\t1000\nb.mp3\t2000\n",
        },
        {},
    ),
    "audioset_strong": (
        {
            "audioset_eval_strong.tsv": "segment_id\tstart_time_seconds\tend_time_seconds\tlabel\n"
            "abc_30000\t0\t1\t/m/1\ndef_0\t0\t1\t/m/1\n",
            "mid_to_display_name.tsv": "/m/1\tDog\n/m/2\tCat\n",
            "audio/abc_30000.wav": "",
            "audio/def_0.wav": "",
        },
        {},
    ),
    "tut_sound_events": (
        {
            "meta/street/a001.ann": "0\t1\tcar\n",
            "meta/street/a002.ann": "0\t1\tcar\n",
            "evaluation_setup/street_fold1_test.txt": "audio/street/a001.wav\naudio/street/a002.wav\n",
        },
        {},
    ),
    "giantsteps_key": (
        {
            "annotations/key/1.LOFI.key": "D major\n",
            "annotations/key/2.LOFI.key": "E minor\n",
            "annotations/genre/2.LOFI.genre": "house\n",
            "audio/1.LOFI.mp3": "",
        },
        {},
    ),
}
PLACES = [
    (corpus, file)
    for corpus, (files, _) in UNDECODABLE.items()
    for file in files
    if not file.endswith((".wav", ".mp3")) and (corpus, file) != ("aishell1", "speaker.info")
]


@pytest.mark.parametrize(("corpus", "file"), PLACES)
def test_an_undecodable_line_of_any_table_costs_no_more_than_itself(tmp_path, corpus, file):
    """Where a line is no utterance of its own all clips are left; where it is, all but that one."""
    files, options = UNDECODABLE[corpus]
    good = files[file].encode()
    cut = good.rfind(b"\n", 0, -1) + 1
    name = corpus.partition(" ")[0]
    whole = list(qa.load(name, folder(tmp_path / "good", files), **options))
    bad = good[:cut] + good[cut:].replace(good[cut : cut + 1], b"\xe9", 1)
    number = bad[:cut].count(b"\n") + 1
    torn = folder(tmp_path / "bad", {**files, file: bad})
    with pytest.raises(DatasetError, match=rf"{file}(, line {number})?: .*0xe9.* is not UTF-8.*; bad_rows=\"skip\""):
        list(qa.load(name, torn, **options))
    with pytest.warns(DatasetWarning, match=rf"1 rows were passed over, the first is .*{file}.*0xe9"):
        left = list(qa.load(name, torn, bad_rows="skip", **options))
    assert len(whole) >= len(left) >= max(1, len(whole) - 1)
    assert {clip.id for clip in left} <= {clip.id for clip in whole}


def test_files_of_the_same_utterances_stay_side_by_side_after_a_bad_line(tmp_path):
    files = {
        "wav.scp": b"u1 a.wav\nu2 b.wav\nu3 c.wav\n",
        "text": b"u1 one\nu2 tw\xe9\nu3 three\n",
        "utt2spk": b"\xe9 s\nu2 s\nu3 s\n",
        "utt2subdialect": b"u1 Mandarin\nu2 Beijing\nu3 Mandarin\n",
    }
    path = folder(tmp_path / "k", {f"Tasks/ASR/test/{name}": content for name, content in files.items()})
    with pytest.warns(DatasetWarning, match="2 rows were passed over, the first is .*utt2spk, line 1"):
        (clip,) = qa.load("kespeech", path, bad_rows="skip")
    assert (clip.id, clip.reference.text, clip.meta["dialect"]) == ("u3", "three", "Mandarin")
    (path / "Tasks/ASR/test/text").write_bytes(b"\xe9\nu3 three\n")
    with pytest.raises(
        DatasetError, match=r"line 2: expected the utterance 'u2' at the same place of .*text, seen 'u3'"
    ):
        list(qa.load("kespeech", path, bad_rows="skip"))


@pytest.mark.parametrize(
    ("corpus", "file", "content", "options"),
    [
        (
            "mmau",
            "mmau-test-mini.json",
            b'[{"id": "1", "question": "what", "choices": ["a", "b"], "answer": "a", "audio_id": "1.wav"},'
            b'{"id": "2", "question": "w\xe9at", "choices": ["a", "b"], "answer": "a", "audio_id": "2.wav"},'
            b'{"id": "3", "question": "what", "choices": ["a", "b"], "answer": "b", "audio_id": "3.wav"}]',
            {"version": "v05.15.25"},
        ),
        (
            "nsynth",
            "nsynth-test/examples.json",
            b'{"1": NOTE, "\xe9": NOTE, "3": NOTE}'.replace(
                b"NOTE",
                b'{"instrument_family_str": "bass", "pitch": 49, "velocity": 25, "instrument_str": "bass_1",'
                b'"instrument_source_str": "acoustic"}',
            ),
            {},
        ),
    ],
)
def test_a_member_of_json_that_is_no_utf_8_hides_no_other(tmp_path, corpus, file, content, options):
    path = folder(tmp_path / "c", {file: content})
    with pytest.raises(DatasetError, match=rf"{file}, member 2: byte 0xe9 is not UTF-8.*bad_rows"):
        list(qa.load(corpus, path, **options))
    with pytest.warns(DatasetWarning, match="1 rows were passed over"):
        assert [clip.id for clip in qa.load(corpus, path, bad_rows="skip", **options)] == ["1", "3"]


def test_json_that_is_no_utf_8_at_all_is_said(tmp_path):
    path = folder(tmp_path / "c", {"nsynth-test/examples.json": "{}".encode("utf-16")})
    with pytest.raises(DatasetError, match=r"examples.json: byte 0xff is not UTF-8"):
        list(qa.load("nsynth", path, bad_rows="skip"))


def test_a_quote_that_is_not_closed_costs_its_line_only(tmp_path):
    rows = 'a,"one"\nb,"two\nc,three\nd,"fo"ur\ne,"f\nive"\nf,six\n'
    release = Release.of(folder(tmp_path / "r", {"t.csv": "id,text\n" + rows}), "LAYOUT")
    file = release.file("t.csv")
    seen = [
        cells.why if isinstance(cells, Torn) else tuple(cells.values()) for _, cells in table(file, ",", quotes=True)
    ]
    assert [row for row in seen if isinstance(row, tuple)] == [
        ("a", "one"), ("c", "three"), ("e", "f\nive"), ("f", "six")
    ]  # fmt: skip
    assert [row for row in seen if isinstance(row, str)][1].startswith("',' expected after '\"'")
    places = [place.rpartition(" ")[2] for place, _ in table(file, ",", quotes=True)]
    assert places == ["2", "3", "4", "5", "6", "8"]


@pytest.mark.timeout(60)
def test_quotes_that_are_never_closed_end_in_time():
    text = ['id,"x\n'] * 20_000
    seen = within(20, lambda: list(records(text, ",", quotes=True)))
    assert isinstance(seen[-1][1], Broken)
    assert len(seen) > 100


@given(st.binary(max_size=400), st.booleans(), st.sampled_from("\t,"))
@example(b'a\t"b\n"\x00\xff\n\r\r\n\xed\xa0\x80', True, "\t")
@settings(max_examples=300)
def test_any_bytes_are_rows_or_an_error(content, quotes, delimiter):
    file = File(content)
    try:
        rows = list(table(file, delimiter, quotes=quotes))
    except DatasetError as error:
        if "table.tsv, line " not in str(error):
            raise
        return
    widths = {len(cells) for _, cells in rows if not isinstance(cells, Torn)}
    assert len(widths) <= 1
    assert all(cells.why for _, cells in rows if isinstance(cells, Torn))
    numbers = [int(place.rpartition(" ")[2]) for place, _ in rows]
    assert numbers == sorted(set(numbers))
    for _, cells in rows:
        "".join(cells.values()).encode()


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n\0"), max_size=20)


@given(
    st.lists(st.tuples(CELL.filter(bool), CELL, CELL), min_size=1), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans()
)
@settings(max_examples=200)
def test_any_text_comes_back_as_it_was(rows, end, bom):
    text = end.join(["a\tb\tc", *map("\t".join, rows), ""])
    file = File((b"\xef\xbb\xbf" if bom else b"") + text.encode())
    assert [tuple(cells.values()) for _, cells in table(file)] == rows


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9), min_size=2, max_size=2)
    )
)
@settings(max_examples=200)
def test_a_csv_is_read_as_pythons_own_reader_does(rows):
    import csv

    out = io.StringIO(newline="")
    csv.writer(out).writerows([["a", "b"], *rows])
    file = File(out.getvalue().encode())
    assert [list(cells.values()) for _, cells in table(file, ",", quotes=True)] == rows
    assert [cells for _, cells in CsvTable(file, ",").records()][1:] == rows


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_a_tolerant_reader_of_lines_gives_each_line(content):
    seen = list(lines(File(content), tolerant=True))
    whole = "".join(seen).encode("utf-8", "surrogateescape")
    assert whole == content.removeprefix(b"\xef\xbb\xbf")
    bad = [line for line in seen if hasattr(line, "why")]
    for line in seen:
        assert (line in bad) == ("\0" in line or any("\udc80" <= c <= "\udcff" for c in line))


class File:
    """Bytes that are opened like a file of a release."""

    def __init__(self, content):
        self.content = content

    def open(self, mode="rb"):
        return io.BytesIO(self.content)

    def __str__(self):
        return "table.tsv"


# Archives ------------------------------------------------------------------------------------------------------------


def tar(path, *members, end=b""):
    """A tar of (TarInfo or name, bytes), compressed as its name says."""
    mode = {".tar": "w", ".tar.gz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}
    with tarfile.open(path, next(mode[e] for e in reversed(TARS) if path.name.endswith(e))) as out:
        for info, content in members:
            info = tarfile.TarInfo(info) if isinstance(info, str) else info
            if info.isreg():
                info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    path.write_bytes(path.read_bytes() + end)
    return path


def member(name, kind, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b""


SPECIAL = (
    member("link.wav", tarfile.SYMTYPE, "/etc/passwd"),
    member("hard.wav", tarfile.LNKTYPE, "../../etc/passwd"),
    member("pipe.wav", tarfile.FIFOTYPE),
    member("device.wav", tarfile.CHRTYPE),
    member("disk.wav", tarfile.BLKTYPE),
    member("folder.wav", tarfile.DIRTYPE),
)


@pytest.mark.parametrize("end", TARS)
def test_links_and_devices_are_no_files_and_nothing_is_written_outside_the_cache(tmp_path, cache, end):
    inside = tmp_path / "in"
    inside.mkdir()
    path = tar(inside / f"c{end}", *SPECIAL, ("a/t.tsv", b"path\n"), ("a/b.wav", wav()))
    release = Release.of(path, "LAYOUT")
    assert list(release.names()) == ["a/b.wav", "a/t.tsv"]
    assert audio.read(release.audio("a/b.wav")) == wav()
    with pytest.raises(DatasetError, match=r"no such audio file in the archive: 'link\.wav'"):
        release.audio("link.wav")
    written = [p for p in tmp_path.rglob("*") if p.is_file() and p != path]
    assert all(cache in p.parents for p in written)
    assert not any(p.is_symlink() for p in tmp_path.rglob("*"))
    assert {p.name for p in inside.iterdir()} == {path.name}


def test_links_in_a_zip_are_no_files(tmp_path):
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w") as out:
        link = zipfile.ZipInfo("link.wav")
        link.external_attr = 0o120777 << 16
        out.writestr(link, "/etc/passwd")
        out.writestr("a.wav", wav())
        out.mkdir("folder.wav")
    assert list(Release.of(path, "LAYOUT").names()) == ["a.wav"]


@pytest.mark.parametrize("end", [*TARS, ".zip"])
def test_of_two_members_of_one_name_the_last_counts(tmp_path, end):
    path = tmp_path / f"c{end}"
    if end == ".zip":
        path.write_bytes(
            packed({"a.wav": b"old", "b.wav": b"b", "x.wav": b"new content"}, ".zip").replace(b"x.wav", b"a.wav")
        )
    else:
        tar(path, ("a.wav", b"old"), ("b.wav", b"b"), ("./a.wav", b"new content"))
    release = Release.of(path, "LAYOUT")
    assert list(release.names()) == ["a.wav", "b.wav"]
    assert audio.read(release.audio("a.wav")) == b"new content"


@pytest.mark.parametrize("end", [*TARS, ".zip"])
def test_names_that_are_not_utf_8_hide_no_others(tmp_path, end):
    path = tmp_path / f"c{end}"
    odd = "录音.wav".encode("gb18030").decode("utf-8", "surrogateescape")
    if end == ".zip":
        path.write_bytes(packed({"xxxx.wav": b"odd", "a.wav": b"a"}, ".zip").replace(b"xxxx", "录音".encode("gb18030")))
    else:
        tar(path, (odd, b"odd"), ("a.wav", b"a"))
    release = Release.of(path, "LAYOUT")
    assert len(list(release.names())) == 2
    assert {audio.read(release.audio(name)) for name in release.names()} == {b"odd", b"a"}
    assert str(release.lacks("b.wav")).encode(errors="backslashreplace")


@pytest.mark.parametrize(
    "name",
    ["a" * 5000, "x/" * 3000 + "a.wav", "/etc/passwd", "a/../../b", "..", "C:/x", "\\\\host\\x", "a/..\\..\\..\\b"],
)
@pytest.mark.parametrize("end", [".tar", ".tar.gz", ".zip"])
def test_names_that_nobody_needs_are_refused(tmp_path, name, end):
    path = tmp_path / f"c{end}"
    path.write_bytes(packed({"a.wav": b"a", name: b"b"}, end))
    with pytest.raises(DatasetError, match=r"leaves the archive|has a name of [\d,]+ characters"):
        list(Release.of(path, "LAYOUT").names())


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
@example("..//../a")
@example("./a/./b")
@settings(max_examples=300)
def test_any_name_stays_inside_or_is_refused(name):
    from pathlib import Path

    root = Path("/data/corpus")
    try:
        inside = _members.name_of(root, name, 1)
    except DatasetError:
        inside = "."
    assert os.path.normpath(root / inside).startswith(str(root))
    clips = AudioFolder.of(root, None, "keep", False)
    for ask in (clips.find, lambda cell, row: qa.Audio(clips.name(cell), cell)):
        try:
            source = ask(name, 0).source
        except DatasetError:
            continue
        if not str(source).lower().startswith(("http://", "https://")):
            assert os.path.normpath(os.path.join(root, source)).startswith(str(root))


def bomb_is_seen(path):
    with pytest.raises(DatasetError, match="a decompression bomb"):
        list(Release.of(path, "LAYOUT").names())


def test_a_bomb_is_seen_before_it_is_unpacked(tmp_path, cache):
    for end in (".tar.gz", ".tar.bz2", ".tar.xz"):
        path = tar(tmp_path / f"c{end}", ("t.tsv", b"path\n"), ("a.wav", bytes(1 << 26)), ("b.wav", b"b"))
        assert path.stat().st_size < 1 << 18
        within(5, lambda path=path: bomb_is_seen(path))
    path = tmp_path / "c.zip"
    path.write_bytes(packed({"a.wav": bytes(1 << 24), "b.wav": b"b"}, ".zip"))
    with pytest.raises(DatasetError, match="a decompression bomb"):
        list(Release.of(path, "LAYOUT").names())
    assert not cache.exists()


def test_a_bomb_of_members_that_lie_over_each_other(tmp_path):
    """Many entries of the list of a zip that all point to one member."""
    data = packed({"a.wav": bytes(100_000)}, ".zip")
    start, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    entry, count = data[start:end], 2000
    entries = b"".join(entry.replace(b"a.wav", f"{n:05}".encode()) for n in range(count))
    tail = bytearray(data[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = len(entries).to_bytes(4, "little")
    (tmp_path / "c.zip").write_bytes(data[:start] + entries + bytes(tail))
    assert len(zipfile.ZipFile(tmp_path / "c.zip").infolist()) == count
    with pytest.raises(DatasetError, match="a decompression bomb"):
        list(Release.of(tmp_path / "c.zip", "LAYOUT").names())


def header(name, size, kind=b"0"):
    """A tar header that says what it likes."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def negative(size):
    raw = bytearray(header("a.wav", 0))
    raw[124:136] = (size % (1 << 96)).to_bytes(12, "big")
    raw[124] = 0xFF
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    return bytes(raw)


SPARSE = "GNU.sparse.major=1\nGNU.sparse.minor=0\nGNU.sparse.realsize=9\n"
PAX = b"".join(b"%d %s\n" % (len(line) + 4, line.encode()) for line in SPARSE.splitlines())


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "content",
    [
        header("a.wav", 1 << 62),
        header("a.wav", 3 << 30),
        header("x", 8 << 30, tarfile.XHDTYPE) + bytes(2048),
        header("x", 8 << 30, tarfile.GNUTYPE_LONGNAME) + bytes(2048),
        header("x", 2 << 20, tarfile.XHDTYPE) + bytes(2 << 20),
        negative(-512),
        negative(-1024),
        header("x", len(PAX), tarfile.XHDTYPE) + PAX.ljust(512, b"\0") + header("a.wav", 512) + b"9" * 512,
        header("b.wav", 3) + b"b".ljust(512, b"\0") + os.urandom(1024),
    ],
    ids=["2^62", "3 GB", "pax", "long name", "2 MB pax", "negative", "more negative", "sparse", "noise"],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_headers_that_lie_are_an_error_in_time(tmp_path, content, compressed):
    whole = tar(tmp_path / "x.tar", ("t.tsv", b"path\n" * 500)).read_bytes()[:3072] + content
    path = tmp_path / ("c.tar.gz" if compressed else "c.tar")
    path.write_bytes(gzip.compress(whole, 0) if compressed else whole)
    with pytest.raises(DatasetError, match=r"c\.tar.*(not a readable archive|holds -?[\d,]+ bytes|decompression bomb)"):
        list(Release.of(path, "LAYOUT").names())


@given(
    st.binary(min_size=1, max_size=200), st.integers(0, 5000), st.sampled_from([".tar", ".tar.gz", ".tar.xz", ".zip"])
)
@settings(max_examples=150)
def test_damage_anywhere_is_an_error_or_does_no_harm(tmp_path_factory, noise, place, end):
    whole = bytearray(packed({"t.tsv": b"path\n" * 300, "a.wav": wav(), "b.wav": b"b" * 700}, end))
    place %= len(whole)
    whole[place : place + len(noise)] = noise
    path = tmp_path_factory.mktemp("damaged") / f"c{end}"
    path.write_bytes(whole)
    try:
        release = Release.of(path, "LAYOUT")
        for name in release.names():
            assert isinstance(audio.read(release.audio(name)), bytes)
    except (DatasetError, AudioError) as error:
        if path.name not in str(error):
            raise


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(_members, "MOST_MEMBERS", 3)
    for end in (".tar", ".tar.gz", ".zip"):
        (tmp_path / f"c{end}").write_bytes(packed({f"{n}.wav": b"x" for n in range(3)}, end))
        assert len(list(Release.of(tmp_path / f"c{end}", "LAYOUT").names())) == 3
        (tmp_path / f"d{end}").write_bytes(packed({f"{n}.wav": b"x" for n in range(4)}, end))
        with pytest.raises(DatasetError, match="has more than 3 members"):
            list(Release.of(tmp_path / f"d{end}", "LAYOUT").names())


def test_an_encrypted_or_changed_zip_is_said(tmp_path):
    data = bytearray(packed({"b.wav": b"B", "a.wav": b"A" * 5000}, ".zip"))
    locked = bytearray(data)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.rindex(mark) + offset] |= 1
    moved = bytearray(data)
    moved[moved.rindex(b"PK\3\4")] = 0x51
    wrong = bytearray(data)
    wrong[wrong.rindex(b"PK\1\2") + 16] ^= 0xFF
    for content, message in ((locked, "it is encrypted"), (moved, "no header where it should be"), (wrong, "Bad CRC")):
        (tmp_path / "c.zip").write_bytes(content)
        with pytest.raises((AudioError, DatasetError), match=message):
            audio.read(Release.of(tmp_path / "c.zip", "LAYOUT").audio("a.wav"))


@pytest.mark.parametrize("real", [".tar", ".tar.gz", ".tar.xz", ".zip"])
@pytest.mark.parametrize("called", [".tar", ".tar.gz", ".zip"])
def test_an_archive_is_what_it_begins_like_whatever_it_is_called(tmp_path, real, called):
    (tmp_path / f"c{called}").write_bytes(packed({"t.tsv": b"path\n", "a.wav": wav()}, real))
    release = Release.of(tmp_path / f"c{called}", "LAYOUT")
    assert list(release.names()) == ["a.wav", "t.tsv"]
    assert audio.read(release.audio("a.wav")) == wav()


def test_a_folder_gives_nothing_from_outside(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "t.tsv").symlink_to(tmp_path / "secret")
    (tmp_path / "r" / "sub").symlink_to(tmp_path)
    release = Release.of(tmp_path / "r", "LAYOUT")
    for name in ("t.tsv", "sub/secret", "../secret", str(tmp_path / "secret"), "sub/../secret"):
        with pytest.raises(DatasetError, match=r"links? (that leaves|outside)|leaves|absolute|no such|no sub"):
            release.open(name)
    assert not release.has("")
    assert not release.has("a\0b")
    assert not release.has("x" * 10_000)
    for name in ("a\0b.wav", "x" * 10_000, ""):
        with pytest.raises((AudioError, DatasetError)):
            audio.read(release.audio(name))


# Unpacking -----------------------------------------------------------------------------------------------------------


CLIPS = {f"c/{n:03}.wav": bytes([n]) * (1000 + n) + os.urandom(500) for n in range(100)}


@pytest.fixture
def release(tmp_path):
    (tmp_path / "c.tar.gz").write_bytes(packed({"t.tsv": b"path\n" * 100, **CLIPS}, ".tar.gz"))
    return Release.of(tmp_path / "c.tar.gz", "LAYOUT")


def kept(cache):
    return [path for path in cache.rglob("*") if path.is_file()]


def test_two_processes_unpack_at_once(release, cache):
    code = (
        "import sys, hashlib; from qaeval import audio; from qaeval.datasets._release import Release\n"
        "release = Release.of(sys.argv[1], 'LAYOUT')\n"
        "names = [name for name in release.names() if name.endswith('.wav')]\n"
        "print(hashlib.sha256(b''.join(audio.read(release.audio(name)) for name in names)).hexdigest())\n"
    )
    command = [sys.executable, "-c", code, release.where]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert len(said) == 1
    assert all(process.returncode == 0 for process in started)
    assert len(kept(cache)) == len(CLIPS) + 2
    assert all(audio.read(release.audio(name)) == content for name, content in CLIPS.items())


def test_an_interrupted_unpacking_is_done_anew(release, cache, monkeypatch):
    keep = _unpacking.Unpacked._keep

    def stopped(self, name, file):
        if name.endswith("050.wav"):
            raise KeyboardInterrupt
        keep(self, name, file)

    monkeypatch.setattr(_unpacking.Unpacked, "_keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        audio.read(release.audio("c/000.wav"))
    assert "complete" not in {path.name for path in kept(cache)}
    assert not [path for path in kept(cache) if path.suffix]
    monkeypatch.undo()
    monkeypatch.setenv("QAEVAL_CACHE", str(cache))
    assert all(audio.read(release.audio(name)) == content for name, content in CLIPS.items())


def test_what_a_killed_process_left_is_taken_away_in_time(release, cache):
    folder = release._unpacked.folder
    folder.mkdir(parents=True)
    old, new = folder / f"{'0' * 40}.0123456789abcdef", folder / f"{'1' * 40}.0123456789abcdef"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    audio.read(release.audio("c/000.wav"))
    assert (old.exists(), new.exists()) == (False, True), "the new one may be of a process that is at it"


def test_a_full_disk_is_said_and_left_as_it_was(release, cache, monkeypatch):
    real = open

    def full(path, mode="r", *args, **options):
        file = real(path, mode, *args, **options)
        if mode == "wb" and str(cache) in str(path):
            limited = file
            return Limited(limited)
        return file

    left = [40]

    class Limited:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def writelines(self, blocks):
            for block in blocks:
                left[0] -= 1
                if left[0] < 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                self.file.write(block)

    monkeypatch.setattr("builtins.open", full)
    with pytest.raises(
        AudioError, match=r"c.tar.gz: cannot be unpacked into .*cache.*No space left on device; make room"
    ):
        audio.read(release.audio("c/099.wav"))
    assert kept(cache) == []
    left[0] = 10_000
    assert audio.read(release.audio("c/099.wav")) == CLIPS["c/099.wav"]


@pytest.mark.skipif(sys.platform != "linux", reason="it needs /dev/full")
def test_a_device_that_is_full_is_said_so(release, cache, monkeypatch):
    real = open

    def full(path, mode="r", *args, **options):
        return real("/dev/full" if mode == "wb" else path, mode, *args, **options)

    monkeypatch.setattr("builtins.open", full)
    with pytest.raises(AudioError, match="No space left on device"):
        audio.read(release.audio("c/099.wav"))


def test_a_cache_that_cannot_be_written_is_said(release, cache):
    cache.write_text("a file")
    with pytest.raises(AudioError, match=r"cannot be unpacked into .*QAEVAL_CACHE"):
        audio.read(release.audio("c/000.wav"))


def test_a_cache_that_was_emptied_or_damaged_is_filled_anew(release, cache):
    audio.read(release.audio("c/000.wav"))
    for n, path in enumerate(kept(cache)):
        if len(path.name) == 40:
            path.unlink() if n % 2 else path.write_bytes(b"")
    assert all(audio.read(release.audio(name)) == content for name, content in CLIPS.items())


def test_an_archive_that_was_changed_meanwhile_is_said(release, tmp_path):
    list(release.names())
    (tmp_path / "c.tar.gz").write_bytes(packed({"t.tsv": b"path\n"}, ".tar.gz"))
    with pytest.raises(AudioError, match="is not as it was"):
        audio.read(release.audio("c/000.wav"))
    plain = tmp_path / "c.tar"
    plain.write_bytes(packed({"a.wav": b"a" * 5000}, ".tar"))
    found = Release.of(plain, "LAYOUT").audio("a.wav")
    audio.read(found)
    plain.write_bytes(plain.read_bytes()[:1000])
    with pytest.raises(AudioError, match=r"ends within the member 'a\.wav'"):
        audio.read(found)


def test_a_damaged_member_is_said(tmp_path):
    data = bytearray(packed({"a.wav": os.urandom(50_000)}, ".tar.gz"))
    data[20_000:20_100] = bytes(100)
    (tmp_path / "c.tar.gz").write_bytes(data)
    with pytest.raises((AudioError, DatasetError), match=r"c.tar.gz: (cannot be unpacked|not a readable archive)"):
        audio.read(Release.of(tmp_path / "c.tar.gz", "LAYOUT").audio("a.wav"))


# Audio that lies -----------------------------------------------------------------------------------------------------


def test_audio_that_lies_about_its_length_is_named_and_hides_no_other(tmp_path):
    good = wav(0.5)
    long, short = bytearray(good), bytearray(good)
    long[40:44] = (1 << 30).to_bytes(4, "little")
    short[40:44] = (100).to_bytes(4, "little")
    cut = audio.transcode(wav(3), "flac")
    clips = {"good": good, "long": bytes(long), "short": bytes(short), "cut": cut[: len(cut) // 2], "other": wav(0.4)}
    frame = qa.check([qa.Sample(name, data) for name, data in clips.items()], progress=False).set_index("sample")
    assert frame["problems"].to_dict() == {
        "good": "",
        "long": "wrong length",
        "short": "wrong length",
        "cut": "wrong length",
        "other": "",
    }
    assert "states" in frame.loc["long", "reason"]
