"""What lies where in a run's folder, and who may write there.

::

    run.json          what was asked; never a key
    samples.parquet   the samples (`qaeval.store.rows`)
    asks.parquet      (sample, task, prompt, model, repeat) -> key, or one key for each part of a long clip
    replies/*.jsonl   the journal, the truth
    audio/            clips that had no file of their own (bytes, URLs), by content

A ``.spool`` beside a table holds rows that are not in it yet (`qaeval.store.tables`).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval.errors import RunError
from qaeval.store.rows import ASK_COLUMNS, ASK_NAMES, SAMPLE_COLUMNS, SAMPLE_NAMES
from qaeval.store.tables import Table, replacing

if TYPE_CHECKING:
    from filelock import BaseFileLock

FORMAT = 1
_NEEDED = ("dataset", "tasks", "models")


class RunFolder:
    """The paths and tables of one run."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.info_path = self.path / "run.json"
        self.replies = self.path / "replies"
        self.journal = self.replies / "journal.jsonl"
        self.audio = self.path / "audio"
        kinds = {"duration": "double", "current": "bool"}
        self.samples = Table(self.path / "samples.parquet", SAMPLE_COLUMNS, SAMPLE_NAMES, kinds)
        kinds = {"repeat": "int32", "part": "int32", "onset": "double", "offset": "double"}
        self.asks = Table(self.path / "asks.parquet", ASK_COLUMNS, ASK_NAMES, kinds, {"part": 0})

    def lock(self) -> BaseFileLock:
        """Takes the run for writing; the operating system lets go of it when the process ends, however it ends.

        Raises `RunError` when another process writes to the run, or the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        with self.writing():
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise RunError(
                    f"{self.path} is being written by another process; wait for it, or choose another folder (out=...)"
                ) from None
        return lock

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Errors of the operating system, within, become a `RunError` that names the folder and the file."""
        try:
            yield
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            raise RunError(f"cannot write to the run folder {self.path}: {error.strerror or error}{where}") from error

    def current_samples(self) -> Iterator[dict[str, Any]]:
        """The rows of the samples that the last command read, or that an interrupted one has read so far."""
        return (row for row in self.samples.rows() if row.get("current") is not False)

    def fold(self, whole: bool = False) -> None:
        """Makes spools into tables. After a ``whole`` pass, samples that did not come again are no longer current."""
        self.asks.fold()
        self.samples.fold({"current": False} if whole else None)

    def read_info(self) -> dict[str, Any]:
        """run.json. Raises `RunError` when there is none, it is damaged, or its format is newer than this version."""
        try:
            info: dict[str, Any] = json.loads(self.info_path.read_text("utf-8"))
            written = int(info["format"])
        except FileNotFoundError:
            raise RunError(f"{self.path} is not a run: it has no run.json") from None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise RunError(f"{self.info_path} cannot be read ({error}); expected the JSON that a run writes") from error
        if written > FORMAT:
            raise RunError(
                f"{self.path} has format {written}, written by qaeval {info.get('qaeval', '?')}; this version reads up "
                f"to format {FORMAT}: upgrade qaeval to read it (nothing was changed)"
            )
        if missing := [name for name in _NEEDED if name not in info]:
            raise RunError(f"{self.info_path} lacks {', '.join(missing)}; expected the JSON that a run writes")
        return info

    def write_info(self, info: Mapping[str, Any]) -> None:
        """Replaces run.json in one step."""
        text = json.dumps({"format": FORMAT, **info}, ensure_ascii=False, indent=2, default=str)
        with replacing(self.info_path) as temporary:
            temporary.write_bytes((text + "\n").encode("utf-8", "backslashreplace"))
