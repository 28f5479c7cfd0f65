"""What lies where in a run's folder, and who may write there.

::

    run.json          what was asked; never a key
    samples.parquet   the samples (`qaeval.store.rows`)
    asks.parquet      (sample, task, prompt, model, repeat) -> key
    replies/*.jsonl   the journal, the truth
    audio/            clips that had no file of their own (bytes, URLs), by content
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval.errors import RunError
from qaeval.store.rows import ASK_COLUMNS, SAMPLE_COLUMNS

if TYPE_CHECKING:
    from filelock import BaseFileLock
    from pyarrow import Schema

FORMAT = 1
_ROWS = 2000  # rows held at once while a table is written or read


class RunFolder:
    """The paths and tables of one run."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.info_path = self.path / "run.json"
        self.replies = self.path / "replies"
        self.journal = self.replies / "journal.jsonl"
        self.samples = self.path / "samples.parquet"
        self.asks = self.path / "asks.parquet"
        self.audio = self.path / "audio"

    def lock(self) -> BaseFileLock:
        """Takes the run for writing; the operating system lets go of it when the process ends, however it ends.

        Raises `RunError` when another process writes to the run, or the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / ".lock")
            lock.acquire(timeout=0)
        except Timeout:
            raise RunError(
                f"{self.path} is being written by another process; wait for it, or choose another folder (out=...)"
            ) from None
        except OSError as error:
            raise RunError(f"cannot write to the run folder {self.path}: {error.strerror or error}") from error
        return lock

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
        return info

    def write_info(self, info: Mapping[str, Any]) -> None:
        """Replaces run.json in one step."""
        text = json.dumps({"format": FORMAT, **info}, ensure_ascii=False, indent=2, default=str)
        with replacing(self.info_path) as temporary:
            temporary.write_text(text + "\n", "utf-8")

    def read_table(self, path: Path) -> Iterator[dict[str, Any]]:
        """The rows of samples.parquet or asks.parquet; of a run that was killed, the rows spooled until then."""
        import pyarrow.parquet as parquet

        spool = spool_of(path)
        if path.exists():
            with parquet.ParquetFile(path) as table:
                for batch in table.iter_batches(_ROWS):
                    yield from batch.to_pylist()
        elif spool.exists():
            yield from read_lines(spool)


class replacing:
    """Writes a file beside its place and moves it there in one step, durably; on an error the old file stays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(path.name + ".new")

    def __enter__(self) -> Path:
        return self.temporary

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is not None:
            self.temporary.unlink(missing_ok=True)
            return
        with open(self.temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(self.temporary, self.path)


def spool_of(path: Path) -> Path:
    """Where the rows of a table wait as JSON lines until it is written."""
    return path.with_suffix(".spool")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a spool; a torn last line is passed over."""
    with open(path, "rb") as file:
        for line in file:
            try:
                row: dict[str, Any] = json.loads(line)
            except ValueError:
                continue
            yield row


def write_table(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Writes samples.parquet or asks.parquet, a few thousand rows in memory at a time."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    schema = _schema(path)
    with replacing(path) as temporary, parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
        group: list[dict[str, Any]] = []
        for row in rows:
            group.append(row)
            if len(group) == _ROWS:
                writer.write_table(pa.Table.from_pylist(group, schema))
                group.clear()
        writer.write_table(pa.Table.from_pylist(group, schema))


def _schema(path: Path) -> Schema:
    import pyarrow as pa

    columns = SAMPLE_COLUMNS if path.stem == "samples" else ASK_COLUMNS
    kinds = {"duration": pa.float64(), "repeat": pa.int32()}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in columns])
