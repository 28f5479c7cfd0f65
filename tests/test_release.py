"""Releases as folders and archives: the same names and bytes, nothing unpacked before its time, nothing hostile."""

import io
import tarfile
import zipfile

import pytest

from qaeval import audio
from qaeval.datasets._release import Release
from qaeval.errors import AudioError, DatasetError

FILES = {"corpus/en/test.tsv": b"path\n", "corpus/en/clips/b.mp3": b"BB", "corpus/en/clips/a.mp3": b"A" * 5000}
MODES = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def add(archive, name, content, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content)
    archive.addfile(info, io.BytesIO(content))


def packed(path, files=FILES):
    if path.name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    else:
        mode = next(mode for end, mode in reversed(MODES.items()) if path.name.endswith(end))
        with tarfile.open(path, mode) as archive:
            for name, content in files.items():
                add(archive, name, content)
    return path


@pytest.fixture(params=["folder", ".zip", *MODES])
def release(request, tmp_path):
    if request.param != "folder":
        return Release.of(packed(tmp_path / f"corpus{request.param}"), "LAYOUT")
    for name, content in FILES.items():
        (tmp_path / "x" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "x" / name).write_bytes(content)
    return Release.of(tmp_path / "x", "LAYOUT")


def test_every_kind_has_the_same_files(release, cache):
    assert sorted(release.names()) == sorted(FILES)
    assert release.top("test.tsv") == "corpus/en/"
    assert release.has("corpus/en/test.tsv")
    assert not release.has("test.tsv")
    clip = release.audio("corpus/en/clips/a.mp3")
    assert clip.name == "corpus/en/clips/a.mp3"
    assert not cache.exists()
    assert audio.read(clip) == FILES[clip.name]
    with release.open("corpus/en/test.tsv") as file:
        assert file.read() == b"path\n"
    assert release.find("*.mp3") == ["corpus/en/clips/a.mp3", "corpus/en/clips/b.mp3"]


def test_what_is_not_there_is_said_with_the_layout(release):
    with pytest.raises(DatasetError, match=r"no train.tsv in it, only corpus/en/.*; a release has LAYOUT"):
        release.open("train.tsv")
    with pytest.raises((DatasetError, AudioError), match=r"no such (audio )?file"):
        audio.read(release.audio("corpus/en/clips/c.mp3"))
    with pytest.raises(DatasetError, match=r"expected meta.csv, seen only corpus.*LAYOUT"):
        release.top("meta.csv")


def test_only_a_compressed_tar_is_unpacked_when_a_clip_is_needed(tmp_path, cache):
    for end in (".tar", ".zip", ".tar.gz"):
        release = Release.of(packed(tmp_path / f"c{end}"), "LAYOUT")
        audio.read(release.audio("corpus/en/clips/b.mp3"))
        assert cache.exists() == (end == ".tar.gz")
    assert {len(path.name) for path in cache.rglob("*") if path.is_file()} == {len("complete"), 40}


def test_the_tables_of_a_compressed_tar_are_read_once_without_unpacking_its_clips(tmp_path, cache, monkeypatch):
    release = Release.of(packed(tmp_path / "c.tar.gz"), "LAYOUT")
    for _ in range(2):
        with release.open("corpus/en/test.tsv") as file:
            assert file.read() == FILES["corpus/en/test.tsv"]
        assert sorted(len(path.name) for path in cache.rglob("*") if path.is_file()) == [len("texts"), 40]
        monkeypatch.setattr(tarfile, "open", None)
    monkeypatch.undo()
    monkeypatch.setenv("QAEVAL_CACHE", str(cache))
    assert audio.read(release.audio("corpus/en/clips/a.mp3")) == FILES["corpus/en/clips/a.mp3"]
    assert len([path for path in cache.rglob("*") if len(path.name) == 40]) == len(FILES)


@pytest.mark.parametrize("name", ["../evil.mp3", "/etc/evil.mp3", "a/../../evil.mp3", "..\\evil.mp3", "C:\\evil.mp3"])
@pytest.mark.parametrize("end", [".tar", ".tar.gz", ".zip"])
def test_members_that_leave_the_archive_are_refused(tmp_path, name, end):
    path = packed(tmp_path / f"c{end}", {**FILES, name: b"x"})
    with pytest.raises(DatasetError, match="leaves the archive; it is not to be trusted"):
        list(Release.of(path, "LAYOUT").names())


def test_links_and_devices_are_no_files(tmp_path):
    path = tmp_path / "c.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "a.mp3", b"A")
        add(archive, "link.mp3", b"", tarfile.SYMTYPE, "/etc/passwd")
        add(archive, "hard.mp3", b"", tarfile.LNKTYPE, "a.mp3")
        add(archive, "pipe.mp3", b"", tarfile.FIFOTYPE)
    assert list(Release.of(path, "LAYOUT").names()) == ["a.mp3"]


def test_a_bomb_is_not_unpacked(tmp_path, cache):
    path = packed(tmp_path / "c.tar.xz", {"a.mp3": b"\0" * 30_000_000, "b.mp3": b"B"})
    with pytest.raises(DatasetError, match="a decompression bomb"):
        Release.of(path, "LAYOUT").audio("b.mp3")
    assert sum(file.stat().st_size for file in cache.rglob("*")) < 1 << 20


def test_a_zip_that_lies_about_a_size_is_said(tmp_path):
    path = packed(tmp_path / "c.zip", {"a.mp3": b"A" * 5000})
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"a.mp3' (cannot be read|is larger)"):
        audio.read(Release.of(path, "LAYOUT").audio("a.mp3"))


@pytest.mark.parametrize("end", [".tar", ".tar.gz", ".zip"])
def test_a_damaged_archive_is_said(tmp_path, end):
    path = packed(tmp_path / f"c{end}")
    path.write_bytes(path.read_bytes()[: 700 if end == ".tar" else 40])
    with pytest.raises(DatasetError, match="not a readable archive"):
        list(Release.of(path, "LAYOUT").names())


def test_no_release_is_said(tmp_path):
    with pytest.raises(DatasetError, match="no such folder or archive; expected LAYOUT"):
        Release.of(tmp_path / "none", "LAYOUT")
    (tmp_path / "a.rar").write_bytes(b"Rar!")
    with pytest.raises(DatasetError, match="expected a folder or an archive"):
        Release.of(tmp_path / "a.rar", "LAYOUT")
