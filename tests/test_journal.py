"""The journal: nothing acknowledged is lost, a torn line costs nothing but itself."""

import dataclasses
import errno
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import pytest
from hypothesis import given, strategies as st

from qaeval.errors import RunError
from qaeval.store import journal, replies as stored
from qaeval.types import Failure, Reply


def reply(key, text="hello"):
    return Reply(text=text, key=key, question="q" + key, model="m", at="2026-01-01T00:00:00+00:00")


def failure(key, outcome="failed"):
    return Reply(error=Failure(outcome, "no answer"), key=key, model="m")


def write(path, *replies):
    log = journal.Journal(path)
    for one in replies:
        log.append(one)
    assert log.close() is None


@given(st.text(st.characters(codec=None), max_size=40))
def test_every_text_comes_back(text):
    record = json.loads(stored.to_line(Reply(text=text, key="k", usage={"total_tokens": 3})))
    back = stored.from_record(record)
    assert record["text"] == text
    assert (back.key, back.usage) == ("k", {"total_tokens": 3})
    assert back.text.encode() == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def test_an_error_comes_back(tmp_path):
    write(tmp_path / "a.jsonl", failure("k", "quota"))
    [record] = stored.read(tmp_path)
    assert stored.from_record(record).error == Failure("quota", "no answer")


def test_many_threads_lose_nothing(tmp_path):
    log = journal.Journal(tmp_path / "a.jsonl")
    threads = [
        threading.Thread(target=lambda n=n: [log.append(reply(f"{n}-{i}")) for i in range(50)]) for n in range(8)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    log.close()
    assert stored.finished(tmp_path) == {f"{n}-{i}" for n in range(8) for i in range(50)}
    assert len(list(stored.read(tmp_path))) == 400


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_last_line_is_cut_off_before_the_next(tmp_path, cut):
    path = tmp_path / "a.jsonl"
    write(path, reply("one"), reply("two"))
    path.write_bytes(path.read_bytes()[: -1 - cut])
    write(path, reply("three"))
    assert stored.finished(tmp_path) == {"one", "three"}


def test_a_whole_last_line_without_newline_is_kept(tmp_path):
    path = tmp_path / "a.jsonl"
    write(path, reply("one"))
    path.write_bytes(path.read_bytes()[:-1])
    write(path, reply("two"))
    assert stored.finished(tmp_path) == {"one", "two"}


@pytest.mark.parametrize(
    "bad", [b'{"key": "x", "outc\n', b"\0\0\0\0\n", b"[1]\n", b'{"key": 3, "outcome": "ok"}\n', b"\xff\n"]
)
def test_a_torn_line_in_the_middle_costs_only_itself(tmp_path, bad):
    path = tmp_path / "a.jsonl"
    write(path, reply("one"))
    with open(path, "ab") as file:
        file.write(bad)
    write(path, reply("two"))
    assert stored.finished(tmp_path) == {"one", "two"}
    assert sorted(stored.latest(tmp_path)) == ["one", "two"]


def test_a_failure_never_hides_a_reply(tmp_path):
    write(tmp_path / "a.jsonl", failure("k"), reply("k", "first"), failure("k"), reply("k", "second"), failure("other"))
    assert stored.finished(tmp_path) == {"k"}
    latest = stored.latest(tmp_path)
    assert latest["k"]["text"] == "first"
    assert latest["other"]["outcome"] == "failed"


def test_long_lines_and_many_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "_BLOCK", 1000)
    write(tmp_path / "a.jsonl", *(reply(str(n), "x" * (50 * n)) for n in range(60)))
    assert stored.finished(tmp_path) == {str(n) for n in range(60)}


@pytest.mark.parametrize("bad", [b"null", b"\0\0", b"3", b'{"key": "x",\n"outcome": "ok", "text": ""}', b""])
def test_a_file_that_begins_badly_is_read(tmp_path, bad):
    (tmp_path / "a.jsonl").write_bytes(bad + b"\n" + stored.to_line(reply("one")))
    assert stored.finished(tmp_path) == set(stored.latest(tmp_path)) == {"one"}


def test_nul_bytes_windows_line_ends_and_joined_files_cost_nothing(tmp_path):
    one, two, three = (stored.to_line(reply(key)).strip() for key in ("one", "two", "three"))
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + one + b"\r\n\0\0" + two + three + b"\0\0\0")
    assert stored.finished(tmp_path) == set(stored.latest(tmp_path)) == {"one", "two", "three"}
    write(tmp_path / "a.jsonl", reply("four"))
    assert stored.finished(tmp_path) == {"one", "two", "three", "four"}


def test_a_spoiled_byte_costs_a_character(tmp_path):
    write(tmp_path / "a.jsonl", reply("one", "hello"))
    path = tmp_path / "a.jsonl"
    path.write_bytes(path.read_bytes().replace(b"hello", b"hel\xffo"))
    assert stored.finished(tmp_path) == {"one"}
    assert stored.from_record(stored.latest(tmp_path)["one"]).text == "hel\ufffdo"


_PIECES = [b"null", b"3", b"\0", b"\r", b"\xff", b"{", b"}", b"\n", b'{"key":"a","outcome":"ok"}', b'{"text":1,']


@given(st.data())
def test_what_is_finished_can_be_read_whatever_happened_to_the_file(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("journal")
    lines = [stored.to_line(reply(str(n)) if n % 3 else failure(str(n))) for n in range(data.draw(st.integers(0, 5)))]
    content = bytearray(b"".join(lines))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.sampled_from(_PIECES))
    (folder / "a.jsonl").write_bytes(content)
    kept = stored.finished(folder)
    readable = {key for key, record in stored.latest(folder).items() if stored.from_record(record).outcome == "ok"}
    assert kept == readable
    write(folder / "a.jsonl", reply("new"))
    assert stored.finished(folder) == kept | {"new"}


@pytest.mark.parametrize(
    "odd",
    [Reply(text="x", raw={(1, 2): 3}), Reply(text="x", usage=None), Reply(text="x", raw=object(), request_id=b"x")],
)
def test_a_reply_is_kept_even_if_json_lacks_what_is_beside_it(tmp_path, odd):
    write(tmp_path / "a.jsonl", dataclasses.replace(odd, key="k"))
    assert stored.from_record(stored.latest(tmp_path)["k"]).text == "x"


def test_a_circle_is_kept_as_text(tmp_path):
    circle = []
    circle.append(circle)
    write(tmp_path / "a.jsonl", Reply(text="x", key="k", raw=circle))
    assert stored.latest(tmp_path)["k"]["raw"] == "[[...]]"


def test_a_reply_after_the_end_gets_a_file_of_its_own(tmp_path):
    log = journal.Journal(tmp_path / "a.jsonl")
    log.close()
    late = log.append(reply("late"))
    assert late.parent == tmp_path
    assert stored.finished(tmp_path) == {"late"}


class Disk:
    """Stands for `os.fsync`: fails from the call ``start`` on, ``times`` times, and can be held up."""

    def __init__(self, monkeypatch, start, times=1):
        self.calls, self.bad, self.real = 0, range(start, start + times), os.fsync
        self.entered, self.leave = threading.Event(), threading.Event()
        self.leave.set()
        monkeypatch.setattr(os, "fsync", self)

    def __call__(self, handle):
        self.calls += 1
        self.entered.set()
        assert self.leave.wait(20)
        if self.calls in self.bad:
            raise OSError(errno.EIO, "Input/output error")
        self.real(handle)


def test_when_a_write_fails_those_who_wait_hear_of_it_and_their_replies_are_rescued(tmp_path, monkeypatch):
    log = journal.Journal(tmp_path / "a.jsonl")
    log.append(reply("before"))
    disk = Disk(monkeypatch, 1)
    disk.leave.clear()
    told = []

    def append(key):
        with pytest.raises(RunError, match="Input/output error"):
            log.append(reply(key))
        told.append(key)

    threads = [threading.Thread(target=append, args=(str(n),)) for n in range(8)]
    threads[0].start()
    assert disk.entered.wait(20)
    [thread.start() for thread in threads[1:]]
    while len(log._waiting) < 7:  # the first is on its way to the disk, the others wait for it
        time.sleep(0.001)
    disk.leave.set()
    [thread.join() for thread in threads]
    assert sorted(told) == [str(n) for n in range(8)]
    assert stored.finished(tmp_path) == {"before"}, "what is not known to be on disk is not acknowledged"
    append("after")
    assert log.close().parent == tmp_path
    assert stored.finished(tmp_path) == {"before", "after", *map(str, range(8))}


def test_an_error_that_is_none_of_the_disk_acknowledges_nothing(tmp_path, monkeypatch):
    log = journal.Journal(tmp_path / "a.jsonl")
    monkeypatch.setattr(os, "fsync", lambda handle: 1 / 0)
    with pytest.raises(RunError, match="division by zero"):
        log.append(reply("k"))
    monkeypatch.undo()
    assert log.close() is not None
    assert stored.finished(tmp_path) == {"k"}


def test_closing_waits_for_the_write_that_is_on_its_way(tmp_path, monkeypatch):
    log = journal.Journal(tmp_path / "a.jsonl")
    disk = Disk(monkeypatch, 0, 0)
    disk.leave.clear()
    writers = [threading.Thread(target=log.append, args=(reply(str(n)),)) for n in range(3)]
    [writer.start() for writer in writers]
    assert disk.entered.wait(20)
    closed = []
    closer = threading.Thread(target=lambda: closed.append(log.close()))
    closer.start()
    closer.join(0.1)
    assert not closed
    disk.leave.set()
    [thread.join() for thread in (closer, *writers)]
    assert closed == [None] or closed[0].parent == tmp_path
    assert stored.finished(tmp_path) == {"0", "1", "2"}


def test_where_the_folder_takes_nothing_replies_go_elsewhere_or_are_said(tmp_path, monkeypatch):
    log = journal.Journal(tmp_path / "replies" / "a.jsonl")
    full = [str(tmp_path / "replies")]
    make = tempfile.mkstemp

    def mkstemp(suffix, prefix, folder):
        if full and folder in full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return make(suffix, prefix, folder)

    def no_temporary_folder():
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)
    monkeypatch.setattr(tempfile, "gettempdir", no_temporary_folder)  # as on a full disk
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    log.close()
    late = log.append(reply("late"))
    assert late.parent == tmp_path / "home"
    full += [str(tmp_path / "home"), "/dev/shm", os.getcwd()]
    with pytest.raises(RunError, match=r'they follow:\n\{"text": "hello", "key": "later"'):
        log.append(reply("later"))


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from qaeval.errors import RunError
from qaeval.store.journal import Journal
from qaeval.types import Reply
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = Journal(Path(sys.argv[1]) / "replies" / "journal.jsonl")
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
for n in range(100):
    try:
        log.append(Reply(text="x" * 100, key=str(n)))
    except RunError as error:
        print(n, error)
        break
print(log.close())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a thing of POSIX")
def test_a_full_disk_loses_no_reply(tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True, env=env
    )
    failed, rescued = run.stdout.splitlines()
    number, reason = failed.split(" ", 1)
    assert "cannot write to" in reason
    assert "File too large" in reason
    acknowledged = {str(n) for n in range(int(number))}
    assert os.path.dirname(rescued) == str(tmp_path / "replies")
    assert stored.finished(tmp_path / "replies") == acknowledged | {number}
    os.rename(rescued, tmp_path / "elsewhere")
    assert stored.finished(tmp_path / "replies") == acknowledged, "whole lines only"
