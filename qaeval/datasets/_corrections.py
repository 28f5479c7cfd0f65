"""Corrections of a dataset: what is wrong with a sample, its right reference or that it is left out, and why."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from qaeval import registry
from qaeval.datasets._cells import empty, events_of, labels_of
from qaeval.datasets._readers import CsvTable, JsonlTable
from qaeval.errors import DatasetError, DatasetWarning, QaevalError
from qaeval.types import Annotation, Dataset, Event, Sample

NEEDED = ("sample", "reason")
CHECKED = ("problem", "seen")
"""Columns of what `qaeval check` wrote: they change nothing, and rows that have a problem may change nothing, too."""
KNOWN = (*NEEDED, "exclude", "text", "events", *CHECKED)
_SUFFIXES = (".csv", ".tsv", ".jsonl")
_RUN = ("=", "+", "-", "@", "\t", "\r")
_YES, _NO = ("true", "yes", "1", "x"), ("false", "no", "0", "")


@dataclass(frozen=True, slots=True)
class Correction:
    """One row: the line it stands in, why, and what to change (None: as it is)."""

    line: int
    reason: str
    exclude: bool
    text: str | None
    events: tuple[Event, ...] | None
    labels: Mapping[str, tuple[str, ...]]

    @property
    def is_one(self) -> bool:
        """Whether it changes anything."""
        return self.exclude or self.changes

    @property
    def changes(self) -> bool:
        """Whether it gives a sample that is kept another reference."""
        return not self.exclude and (self.text is not None or self.events is not None or bool(self.labels))

    def applied(self, sample: Sample) -> Sample:
        """The sample with its right reference, and the reason as meta ``corrected``."""
        old = sample.reference
        new = Annotation(
            old.text if self.text is None else self.text,
            old.events if self.events is None else self.events,
            {**old.labels, **self.labels},
        )
        return dataclasses.replace(sample, reference=new, meta={**sample.meta, "corrected": self.reason})


def correct(dataset: Dataset, path: str | Path) -> Dataset:
    """The dataset with the corrections of a file: CSV, TSV or JSON Lines, one sample a row.

    Columns: ``sample`` (its id) and ``reason``, then what is right: ``text``, ``events``, ``labels.NAME`` (as in a
    manifest), or ``exclude`` (true). An empty cell changes nothing; neither do ``problem`` and ``seen``, which `qaeval
    check --out` writes, with an apostrophe before an id that a spreadsheet would run. Every sample has the meta
    ``corrections``, the first digits of the file's sha256, and those that were changed ``corrected``, the reason: so
    both stand beside every score. The fingerprint changes with the file.

    A row that leaves out a sample which the dataset does not have is a `DatasetWarning` at the end of a pass: it was
    left out already, such as by ``bad_rows="skip"``.

    Raises `DatasetError` for what is no path, and naming file and line for a row that is not so, at once; and for a row
    that changes a sample which the dataset does not have: before the first sample where samples are cheap to read,
    else at the end of a pass.
    """
    if not isinstance(path, str | os.PathLike):
        raise DatasetError(f"corrections: expected the path of a file ({', '.join(_SUFFIXES)}), seen {path!r:.80}")
    path = Path(path)
    corrections = _read(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    corrected = _Corrected(dataset, corrections, digest, path)
    return Dataset(dataset.name, corrected.read, lambda: f"{dataset.fingerprint} corrected by {digest}".strip())


@dataclass
class _Corrected:
    """A dataset and its corrections, the digest of their file, and whether all their samples are known to be there."""

    dataset: Dataset
    corrections: Mapping[str, Correction]
    digest: str
    path: Path
    found: bool = field(default=False, init=False)

    def read(self) -> Iterator[Sample]:
        """A new pass over the samples that are left."""
        samples = iter(self.dataset)
        first = next(samples, None)
        if first is None:
            return
        if not self.found and isinstance(first.audio.source, str | os.PathLike):  # nothing is held or fetched
            self._look_ahead()
        waiting = dict(self.corrections)
        for sample in chain([first], samples):
            correction = waiting.pop(sample.id, None)
            if correction is not None and correction.exclude:
                continue
            sample = dataclasses.replace(sample, meta={**sample.meta, "corrections": self.digest})
            yield correction.applied(sample) if correction is not None and correction.is_one else sample
        self._refuse(waiting)
        self._tell_of_excluded(waiting)

    def _look_ahead(self) -> None:
        """Raises `DatasetError` for changes of samples that are not there; leaves what else is wrong to the pass."""
        waiting = {name: each for name, each in self.corrections.items() if each.changes}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they come again
            samples = iter(self.dataset)
            try:
                while waiting and (sample := next(samples, None)) is not None:
                    waiting.pop(sample.id, None)
            except QaevalError:
                return
        self._refuse(waiting)
        self.found = True

    def _refuse(self, waiting: Mapping[str, Correction]) -> None:
        lost = {name: each for name, each in waiting.items() if each.changes}
        if lost:
            raise DatasetError(
                f"{self._first(lost)}: {self.dataset.name} gives no such sample; ids must be just those of the "
                "dataset, read with the options that `qaeval check` was given; rows that were passed over have none"
            )

    def _tell_of_excluded(self, waiting: Mapping[str, Correction]) -> None:
        if lost := {name: each for name, each in waiting.items() if each.exclude}:
            told = f"{self._first(lost)}: {self.dataset.name} gives no such sample to leave out; was it passed over?"
            warnings.warn(told, DatasetWarning, stacklevel=3)

    def _first(self, lost: Mapping[str, Correction]) -> str:
        """Where the first of these stands, its sample, and how many more there are."""
        name, first = next(iter(lost.items()))
        more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
        return f"{self.path}, line {first.line}: sample {name!r}{more}"


def _read(path: Path) -> dict[str, Correction]:
    if not path.is_file():
        raise DatasetError(f"{path}: no such file of corrections")
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise DatasetError(f"{path}: expected corrections as .csv, .tsv or .jsonl, seen {suffix or 'no ending'!r}")
    table = JsonlTable(path) if suffix == ".jsonl" else CsvTable(path, "\t" if suffix == ".tsv" else ",")
    found: dict[str, Correction] = {}
    for line, columns, cells in table.rows():
        try:
            sample, correction = _correction(line, columns, cells)
            if sample in found:
                raise DatasetError(f"sample {sample!r} stands already in line {found[sample].line}")
        except QaevalError as error:
            raise DatasetError(f"{path}, line {line}: {error}") from None
        found[sample] = correction
    return found


def _correction(line: int, columns: Sequence[str], cells: Sequence[Any]) -> tuple[str, Correction]:
    row = dict(zip(columns, cells, strict=True))
    for name in row:
        if name not in KNOWN and not name.startswith("labels."):
            raise registry.unknown("column of corrections", name, [*KNOWN, "labels.NAME"])
    for name in NEEDED:
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise DatasetError(f"a correction needs {' and '.join(NEEDED)}, as texts; seen {name} {row.get(name)!r}")
    exclude = _flag(row.get("exclude"))
    labels = {
        name[7:]: values
        for name, cell in row.items()
        if name.startswith("labels.") and (values := labels_of(name[7:], cell)) is not None
    }
    text = row.get("text")
    if not (empty(text) or isinstance(text, str)):
        raise DatasetError(f"text: expected a string, seen {text!r:.80}")
    correction = Correction(line, row["reason"].strip(), exclude, text or None, events_of(row.get("events")), labels)
    if not (correction.is_one or row.get("problem")):
        raise DatasetError("it changes nothing: give text, events or labels.NAME, or exclude = true")
    return _unquoted(row["sample"]) if "problem" in row else row["sample"], correction


def _unquoted(sample: str) -> str:
    """The id without the apostrophe that keeps a spreadsheet from running it.

    >>> _unquoted("'-a.wav"), _unquoted("'a.wav")
    ('-a.wav', "'a.wav")
    """
    return sample[1:] if sample[:1] == "'" and sample.lstrip("'").startswith(_RUN) else sample


def _flag(cell: Any) -> bool:
    word = "" if empty(cell) else str(cell).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise DatasetError(f"exclude: expected true or false, seen {cell!r:.40}")
