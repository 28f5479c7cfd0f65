"""Replies as lines of JSON, and how they are read back from the journal's files.

A line that was torn by a crash, or spoiled since, costs nothing but itself. Reading is total: whatever bytes lie in a
file, `finished` is exactly the keys for which `latest` has a reply of the model.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Set
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from qaeval.types import Failure, Reply

Record: TypeAlias = dict[str, Any]

_BLOCK = 8 * 1024 * 1024  # bytes parsed at once; memory while reading is a small multiple of it
_DECODER = json.JSONDecoder()
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
_FIELDS = tuple(f.name for f in dataclasses.fields(Reply) if f.name != "error")


def to_line(reply: Reply) -> bytes:
    """A reply as one line of UTF-8 JSON, its newline included. What JSON lacks is written as its text."""
    record = {name: getattr(reply, name) for name in _FIELDS}
    record["usage"] = dict(reply.usage or {})
    record |= {"outcome": reply.outcome, "reason": reply.error.reason if reply.error else None}
    try:
        text = _ENCODER.encode(record)
    except (TypeError, ValueError, RecursionError):  # keys that are no text, or a circle: a reply is kept all the same
        record |= {name: repr(record[name]) for name in ("raw", "served_model", "request_id", "finish_reason")}
        text = _ENCODER.encode(record | {"usage": {}})
    return (text + "\n").encode("utf-8", "backslashreplace")  # a lone surrogate is kept, as JSON's escape of it


def from_record(record: Record) -> Reply:
    """The reply that a line of the journal holds. A lone surrogate, which no table could hold, reads as U+FFFD."""
    fields = {name: value for name, value in record.items() if name in _FIELDS}
    error = None if record["outcome"] == "ok" else Failure(record["outcome"], record.get("reason") or "")
    fields["usage"] = fields.get("usage") or {}
    text = fields.get("text") if error is None else None
    if text is not None and not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Reply(**fields | {"text": text}, error=error)


def records(line: bytes) -> Iterator[Record]:
    """The whole records of a line: one; none of a torn one; several where files were joined without a newline.

    >>> [record["key"] for record in records(b'{"key": "a", "outcome": "failed"}{"key": "b", "outcome": "failed"}{"ke')]
    ['a', 'b']
    """
    text = line.decode("utf-8-sig", "replace").strip("\0\r\n\t ")
    at = 0
    while at < len(text):
        try:
            record, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if _is_whole(record):
            yield record
        at += len(text[at:]) - len(text[at:].lstrip("\0\r\n\t "))


def _is_whole(record: Any) -> bool:
    """Whether it has what every record has: a key, an outcome, and a text where the model replied."""
    return (
        isinstance(record, dict)
        and isinstance(record.get("key"), str)
        and isinstance(outcome := record.get("outcome"), str)
        and (outcome != "ok" or isinstance(record.get("text"), str))
    )


def files(folder: Path) -> list[Path]:
    """The journal files of a run's ``replies`` folder, in order of name."""
    return sorted(folder.glob("*.jsonl"))


def read(folder: Path) -> Iterator[Record]:
    """Every whole record of every journal file, in order."""
    for path in files(folder):
        yield from lines(path)


def lines(path: Path) -> Iterator[Record]:
    """Every whole record of one file; none when there is no such file."""
    if path.exists():
        with open(path, "rb") as file:
            for line in file:
                yield from records(line)


def recent(paths: Iterable[Path], seconds: float, now: datetime) -> Iterator[tuple[float, Record]]:
    """The records of the last so many seconds, each with its age; only the ends of the files are read."""
    for path in filter(Path.exists, paths):
        if now.timestamp() - path.stat().st_mtime > seconds:
            continue
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - _BLOCK))
            for line in file:
                for record in records(line):
                    age = _age(record, now)
                    if age is not None and age <= seconds:
                        yield max(age, 0.0), record


def _age(record: Record, now: datetime) -> float | None:
    try:
        return (now - datetime.fromisoformat(record["at"])).total_seconds()
    except (KeyError, TypeError, ValueError):  # no time, none with a zone, or none at all
        return None


def replies_to(folder: Path, keys: Set[str]) -> dict[str, Record]:
    """The first reply of the model to each of the keys, where there is one."""
    found: dict[str, Record] = {}
    for record in read(folder) if keys else ():
        if record["key"] in keys and record["outcome"] == "ok":
            found.setdefault(record["key"], record)
    return found


def latest(folder: Path) -> dict[str, Record]:
    """One record a key: the first reply of the model, else the last failure."""
    found: dict[str, Record] = {}
    for record in read(folder):
        if (old := found.get(record["key"])) is None or old["outcome"] != "ok":
            found[record["key"]] = record
    return found


def finished(folder: Path) -> set[str]:
    """The keys that have a reply of the model: what is never asked again.

    Parsed by pyarrow block by block; a block with a line that is not as we write it is read line by line.
    """
    keys: set[str] = set()
    for path in files(folder):
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                block += file.readline()
                found = _finished_by_arrow(block)
                keys.update(_finished_by_line(block) if found is None else found)
    return keys


def _finished_by_line(block: bytes) -> list[str]:
    return [record["key"] for line in block.split(b"\n") for record in records(line) if record["outcome"] == "ok"]


def _finished_by_arrow(block: bytes) -> list[str] | None:
    """None when it would not surely find what reading line by line finds: pyarrow takes more for JSON than we do."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute, json

    codes = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    if not (block.startswith(b"{") and block.endswith(b"\n") and (codes[ends[:-1] + 1] == ord("{")).all()):
        return None  # also: pyarrow 26 ends the process on a line that says null
    schema = pa.schema([("key", pa.string()), ("outcome", pa.string()), ("text", pa.string())])
    parse = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        table = json.read_json(pa.BufferReader(block), json.ReadOptions(block_size=1 << 22), parse)
        if table.num_rows != len(ends):
            return None
        whole = compute.and_(compute.equal(table["outcome"], "ok"), compute.is_valid(table["text"]))
        keys: list[str] = table["key"].filter(whole).drop_null().to_pylist()
        return keys
    except (pa.ArrowException, ValueError):
        return None
