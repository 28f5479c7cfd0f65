"""The journal: nothing acknowledged is lost, a torn line costs nothing but itself."""

import json
import os
import subprocess
import sys
import threading

import pytest
from hypothesis import given, strategies as st

from qaeval.errors import RunError
from qaeval.store import journal
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
    record = json.loads(journal.to_line(Reply(text=text, key="k", usage={"total_tokens": 3})))
    back = journal.from_record(record)
    assert record["text"] == text
    assert (back.key, back.usage) == ("k", {"total_tokens": 3})
    assert back.text.encode() == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def test_an_error_comes_back(tmp_path):
    write(tmp_path / "a.jsonl", failure("k", "quota"))
    [record] = journal.read(tmp_path)
    assert journal.from_record(record).error == Failure("quota", "no answer")


def test_many_threads_lose_nothing(tmp_path):
    log = journal.Journal(tmp_path / "a.jsonl")
    threads = [
        threading.Thread(target=lambda n=n: [log.append(reply(f"{n}-{i}")) for i in range(50)]) for n in range(8)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    log.close()
    assert journal.finished(tmp_path) == {f"{n}-{i}" for n in range(8) for i in range(50)}
    assert len(list(journal.read(tmp_path))) == 400


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_last_line_is_cut_off_before_the_next(tmp_path, cut):
    path = tmp_path / "a.jsonl"
    write(path, reply("one"), reply("two"))
    path.write_bytes(path.read_bytes()[: -1 - cut])
    write(path, reply("three"))
    assert journal.finished(tmp_path) == {"one", "three"}


def test_a_whole_last_line_without_newline_is_kept(tmp_path):
    path = tmp_path / "a.jsonl"
    write(path, reply("one"))
    path.write_bytes(path.read_bytes()[:-1])
    write(path, reply("two"))
    assert journal.finished(tmp_path) == {"one", "two"}


@pytest.mark.parametrize(
    "bad", [b'{"key": "x", "outc\n', b"\0\0\0\0\n", b"[1]\n", b'{"key": 3, "outcome": "ok"}\n', b"\xff\n"]
)
def test_a_torn_line_in_the_middle_costs_only_itself(tmp_path, bad):
    path = tmp_path / "a.jsonl"
    write(path, reply("one"))
    with open(path, "ab") as file:
        file.write(bad)
    write(path, reply("two"))
    assert journal.finished(tmp_path) == {"one", "two"}
    assert sorted(journal.latest(tmp_path)) == ["one", "two"]


def test_a_failure_never_hides_a_reply(tmp_path):
    write(tmp_path / "a.jsonl", failure("k"), reply("k", "first"), failure("k"), reply("k", "second"), failure("other"))
    assert journal.finished(tmp_path) == {"k"}
    latest = journal.latest(tmp_path)
    assert latest["k"]["text"] == "first"
    assert latest["other"]["outcome"] == "failed"


def test_long_lines_and_many_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "_BLOCK", 1000)
    write(tmp_path / "a.jsonl", *(reply(str(n), "x" * (50 * n)) for n in range(60)))
    assert journal.finished(tmp_path) == {str(n) for n in range(60)}


def test_nothing_is_written_after_the_end(tmp_path):
    log = journal.Journal(tmp_path / "a.jsonl")
    log.close()
    with pytest.raises(RunError, match="the run has ended"):
        log.append(reply("late"))


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
    kept = journal.finished(tmp_path / "replies")
    assert kept == {str(n) for n in range(int(number))}, "whole lines only, and all that were acknowledged"
    os.rename(rescued, tmp_path / "replies" / "rescued.jsonl")
    assert journal.finished(tmp_path / "replies") == kept | {number}
