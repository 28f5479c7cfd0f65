"""The journal's writer: one line of JSON a reply, on disk before anything else happens with it.

Lines are appended in groups: threads that arrive while one of them waits for the disk are written together by the next,
so that durability costs one `fsync` a group. A reply that cannot be written here is written to a file of its own.
"""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from qaeval.errors import RunError
from qaeval.store.replies import records, to_line
from qaeval.types import Reply

_BUSY_S, _GATHER_S = 0.005, 0.001
"""A line that comes so soon after the last group waits so long for others. Seconds."""


class Journal:
    """Appends replies to one file, from many threads. The caller holds the run's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        _mend_end(path)
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - it stays open until `close`
        self._size = os.fstat(self._file.fileno()).st_size
        for folder in list(path.resolve().parents)[:3]:  # replies, the run, and where the run lies: all may be new
            sync_folder(folder)
        self._ready = threading.Condition()
        self._waiting: list[bytes] = []  # lines on their way
        self._count = self._synced = 0  # lines taken, lines on disk
        self._writing = self._closed = False
        self._ended = -math.inf  # when the last group was written
        self._broken: BaseException | None = None

    def append(self, reply: Reply) -> Path | None:
        """Returns once the reply is on disk: None, or the file of its own when it came after the end.

        Raises `RunError` when the journal cannot be written; then `close` puts the reply elsewhere.
        """
        line = to_line(reply)
        with self._ready:
            if self._closed:
                return _rescue(line, self.path.parent)
            self._waiting.append(line)
            self._count += 1
            ticket = self._count
            while self._synced < ticket and not self._broken:
                self._advance()
            if self._synced < ticket:
                raise RunError(f"cannot write to {self.path}: {_told(self._broken)}")
            return None

    def _advance(self) -> None:
        """Writes all lines that wait, or waits while another thread does."""
        if self._writing:
            self._ready.wait()
            return
        self._writing = True
        if time.monotonic() - self._ended < _BUSY_S:  # more are likely on their way: one `fsync` for them all
            self._ready.wait(_GATHER_S)
        group, upto, self._waiting = self._waiting, self._count, []
        self._ready.release()
        failure: BaseException | None = None
        try:
            self._write(b"".join(group))
        except BaseException as error:  # noqa: BLE001 - whatever it was, these lines are not on disk
            failure = error
        self._ready.acquire()
        self._writing, self._ended = False, time.monotonic()
        if failure is None:
            self._synced = upto
        else:
            self._broken, self._waiting = failure, group + self._waiting
        self._ready.notify_all()

    def _write(self, data: bytes) -> None:
        try:
            write_all(self._file, data)
            os.fsync(self._file.fileno())
            self._size += len(data)
        except BaseException:
            with contextlib.suppress(OSError):
                self._file.truncate(self._size)  # no half line stays behind
            raise

    def close(self) -> Path | None:
        """Closes the file. Replies that it did not take are put into another one, whose path is returned.

        That file lies in the same folder, and so is part of the run; or else in one for temporary files, the home or
        the working folder, and becomes part of the run when it is moved. Raises `RunError` with the replies when no
        folder takes them.
        """
        with self._ready:
            while self._writing or (self._waiting and not self._broken):
                self._advance()
            self._closed = True
            rest, self._waiting = b"".join(self._waiting), []
        self._file.close()
        return _rescue(rest, self.path.parent) if rest else None


def write_all(file: BinaryIO, data: bytes) -> None:
    """Writes all of ``data`` to an unbuffered file, which may take less at once."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def sync_folder(folder: Path) -> None:
    """Makes a new file's place in its folder durable too, where the system can."""
    if os.name == "posix":
        with contextlib.suppress(OSError):  # some file systems cannot, some folders may not be listed
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _told(error: BaseException | None) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _rescue(data: bytes, replies: Path) -> Path:
    places: tuple[Callable[[], str], ...] = (
        lambda: str(replies),
        tempfile.gettempdir,
        lambda: os.path.expanduser("~"),
        lambda: "/dev/shm",
        os.getcwd,
    )
    for place in places:
        with contextlib.suppress(OSError):
            return _put(data, place())
    raise RunError("no folder takes the replies that could not be journalled; they follow:\n" + data.decode())


def _put(data: bytes, folder: str) -> Path:
    """A new file with the data, durable."""
    handle, name = tempfile.mkstemp(".jsonl", f"rescued-{datetime.now(UTC):%Y%m%dT%H%M%S}-", folder)
    try:
        with open(handle, "wb", buffering=0) as file:
            write_all(file, data)
            os.fsync(file.fileno())
    except OSError:
        os.unlink(name)
        raise
    sync_folder(Path(folder))
    return Path(name)


def _mend_end(path: Path) -> None:
    """Cuts a torn last line off, so that the next one is not glued to it; a whole one only gets its newline."""
    if not path.exists():
        return
    with open(path, "r+b") as file:
        end = file.seek(0, os.SEEK_END)
        start = _last_line(file, end)
        file.seek(start)
        if not (torn := file.read()):
            return
        if any(records(torn)):
            file.write(b"\n")
        else:
            file.truncate(start)


def _last_line(file: BinaryIO, end: int) -> int:
    """Where the line begins that no newline ends; ``end`` when there is none."""
    while end > 0:
        step = min(end, 1 << 16)
        file.seek(end - step)
        if (newline := file.read(step).rfind(b"\n")) >= 0:
            return end - step + newline + 1
        end -= step
    return 0
