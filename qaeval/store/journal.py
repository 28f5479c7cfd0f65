"""The journal: one line of JSON a reply, on disk before anything else happens with it.

A line that was torn by a crash costs nothing but itself. Writers append in groups: threads that arrive while one of
them waits for the disk are written together by the next, so that durability costs one `fsync` a group.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qaeval.errors import RunError
from qaeval.types import Failure, Reply

_BLOCK = 32 * 1024 * 1024  # bytes parsed at once; memory while reading is a small multiple of it


def to_line(reply: Reply) -> bytes:
    """A reply as one line of UTF-8 JSON, its newline included."""
    record = {f.name: getattr(reply, f.name) for f in dataclasses.fields(reply) if f.name != "error"}
    record["usage"] = dict(reply.usage)
    record |= {"outcome": reply.outcome, "reason": reply.error.reason if reply.error else None}
    try:
        return (json.dumps(record, ensure_ascii=False, default=str) + "\n").encode()
    except UnicodeEncodeError:  # a lone surrogate in a reply: kept, as an escape
        return (json.dumps(record, default=str) + "\n").encode()


def from_record(record: dict[str, Any]) -> Reply:
    """The reply that a line of the journal holds. A lone surrogate, which no table could hold, reads as U+FFFD."""
    names = {f.name for f in dataclasses.fields(Reply)} - {"error"}
    fields = {name: value for name, value in record.items() if name in names}
    error = None if record["outcome"] == "ok" else Failure(record["outcome"], record.get("reason") or "")
    if isinstance(text := fields.get("text"), str) and not text.isascii():
        fields["text"] = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Reply(**fields, error=error)


class Journal:
    """Appends replies to one file, from many threads. The caller holds the run's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        _mend_end(path)
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - it stays open until `close`
        self._size = os.fstat(self._file.fileno()).st_size
        _sync_folder(path.parent)
        self._ready = threading.Condition()
        self._waiting: list[bytes] = []
        self._count = self._synced = 0
        self._writing = False
        self._broken: OSError | None = None

    def append(self, reply: Reply) -> None:
        """Returns once the reply is on disk. Raises `RunError` when it cannot be written (see `close`)."""
        line = to_line(reply)
        with self._ready:
            self._waiting.append(line)
            self._count += 1
            ticket = self._count
            while self._synced < ticket and not self._broken:
                if self._writing:
                    self._ready.wait()
                else:
                    self._write_group()
            if self._broken:
                raise RunError(f"cannot write to {self.path}: {self._broken.strerror or self._broken}")

    def _write_group(self) -> None:
        group, upto, self._waiting, self._writing = self._waiting, self._count, [], True
        self._ready.release()
        error = None
        try:
            self._write(b"".join(group))
        except OSError as failure:
            error = failure
        finally:
            self._ready.acquire()
            self._writing = False
            if error is None:
                self._synced = upto
            else:
                self._broken, self._waiting = error, group + self._waiting
            self._ready.notify_all()

    def _write(self, data: bytes) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
            os.fsync(self._file.fileno())
            self._size += len(data)
        except OSError:
            self._file.truncate(self._size)  # no half line stays behind
            raise

    def close(self) -> Path | None:
        """Closes the file. Replies that could not be written are tried once more, then put elsewhere.

        Returns where they were put: a file that becomes part of the run when it is moved into ``replies/``.
        """
        with self._ready:
            rest, self._waiting = b"".join(self._waiting), []
            self._broken = self._broken or OSError("the run has ended")
        try:
            if rest:
                self._write(rest)
            return None
        except OSError:
            return _rescue(rest)
        finally:
            self._file.close()


def _sync_folder(folder: Path) -> None:
    """Makes a new file's place in its folder durable too, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _rescue(data: bytes) -> Path:
    name = f"rescued-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.jsonl"
    for folder in (Path(tempfile.gettempdir()), Path.home(), Path("/dev/shm"), Path.cwd()):
        path = folder / name
        try:
            path.write_bytes(data)
            return path
        except OSError:
            path.unlink(missing_ok=True)
    raise RunError("no folder takes the replies that could not be journalled; they follow:\n" + data.decode())


def _mend_end(path: Path) -> None:
    """Cuts a torn last line off, so that the next one is not glued to it; a whole one only gets its newline."""
    if not path.exists() or path.stat().st_size == 0:
        return
    with open(path, "r+b") as file:
        end = last = file.seek(0, os.SEEK_END)
        tail = b""
        while last > 0 and b"\n" not in tail:
            last = max(0, last - 65536)
            file.seek(last)
            tail = file.read(end - last)
        torn = tail[tail.rfind(b"\n") + 1 :]
        if torn and _parse(torn) is not None:
            file.seek(end)
            file.write(b"\n")
        elif torn:
            file.truncate(end - len(torn))


def _parse(line: bytes) -> dict[str, Any] | None:
    """The record of a line, None for a torn one."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(record, dict) and isinstance(record.get("key"), str) and isinstance(record.get("outcome"), str)
    return record if whole else None


def files(folder: Path) -> list[Path]:
    """The journal files of a run's ``replies`` folder, in order of name."""
    return sorted(folder.glob("*.jsonl"))


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """Every whole record of every journal file, in order; torn lines are passed over."""
    for path in files(folder):
        with open(path, "rb") as file:
            for line in file:
                if (record := _parse(line)) is not None:
                    yield record


def latest(folder: Path) -> dict[str, dict[str, Any]]:
    """One record a key: the first reply of the model, else the last failure."""
    found: dict[str, dict[str, Any]] = {}
    for record in read(folder):
        if (old := found.get(record["key"])) is None or old["outcome"] != "ok":
            found[record["key"]] = record
    return found


def finished(folder: Path) -> set[str]:
    """The keys that have a reply of the model: what is never asked again.

    Parsed by pyarrow block by block; a block with a torn line is read line by line.
    """
    keys: set[str] = set()
    for path in files(folder):
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                block += file.readline()
                keys.update(_finished_in(block))
    return keys


def _finished_in(block: bytes) -> list[str]:
    import pyarrow as pa
    from pyarrow import compute, json

    schema = pa.schema([("key", pa.string()), ("outcome", pa.string())])
    parse = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        table = json.read_json(pa.BufferReader(block), json.ReadOptions(block_size=1 << 22), parse)
        ok = table.filter(compute.equal(table["outcome"], "ok"))["key"].drop_null()
        keys: list[str] = ok.to_pylist()
        return keys
    except pa.ArrowInvalid:
        records = map(_parse, block.split(b"\n"))
        return [record["key"] for record in records if record and record["outcome"] == "ok"]
