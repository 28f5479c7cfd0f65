"""DESED, as used in DCASE task 4: sound events of ten classes in homes, with their times, in clips of 10 s.

    dataset/
        metadata/validation/validation.tsv          (filename, onset, offset, event_label)
        audio/validation/Y00pbt6aJV8Y_350.000_360.000.wav ...
        metadata/eval/public.tsv                    (DESED_public_eval.tar.gz)
        audio/eval/public/...

as README.md of turpaultn/DESED says, and its data/real/metadata/validation/test_dcase2018.tsv has the columns, names
and classes (times in seconds). Of metadata/A/B.tsv the clips are in audio/A/B, or in audio/A where there is no such
folder. A row with a file name alone is taken for a clip without events. Each clip has a licence of its own. (Turpault
et al. 2019.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, release_of, table
from qaeval.datasets._events import Clip, gathered
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.types import Dataset, Sample

CLASSES = (
    "Alarm_bell_ringing", "Blender", "Cat", "Dishes", "Dog", "Electric_shaver_toothbrush", "Frying", "Running_water",
    "Speech", "Vacuum_cleaner",
)  # fmt: skip
LAYOUT = (
    "metadata/validation/validation.tsv and audio/validation/*.wav, or metadata/eval/public.tsv and audio/eval/public"
)
_COLUMNS = ("filename", "onset", "offset", "event_label")
_TABLE = re.compile(r"(?P<top>(?:.*/)?)metadata/(?P<folder>.+)/(?P<split>[^/]+)\.tsv")


def load(
    source: str | Path, *, split: str = "validation", name: str = "desed", bad_rows: BadRows = "error"
) -> Dataset:  # fmt: skip
    """DESED: ten kinds of sound events in homes, with their times (folder or archive).

    Args:
        source: the release, or its folder dataset.
        split: validation, public, or another table with times below metadata (its name without .tsv).
        name: what to call the dataset.
        bad_rows: ``skip`` passes over clips with a row that is not as it should be, with a warning.

    The id is the clip's file name. ``events`` have the names of the classes and times in seconds; the reference label
    ``sound`` has each of them once. Meta: split. The input ``choices`` names the ten classes.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    found = _table(release, split)
    file = release.file(found[0])
    folder = _folder(release, f"{found['top']}audio/{found['folder']}/", split)

    def rows() -> Iterator[tuple[str, Cells]]:
        return gathered(table(file), *_COLUMNS)

    return corpus(name, rows, partial(_sample, release, folder, split), [file], split, bad_rows)


def _table(release: Release, split: str) -> re.Match[str]:
    """The one table of that name below metadata."""
    tables = [found for each in release.names() if (found := _TABLE.fullmatch(each))]
    if not tables:
        raise release.lacks("metadata/validation/validation.tsv")
    chosen("split of DESED", split, [found["split"] for found in tables])
    first, *others = [found for found in tables if found["split"] == split]
    if others:
        raise DatasetError(
            f"{release.where}: two tables {split}.tsv, {first[0]} and {others[0][0]}; name a folder of one"
        )
    return first


def _folder(release: Release, folder: str, split: str) -> str:
    """Where the clips of a table are."""
    nearer = f"{folder}{split}/"
    names = [name for name in release.names() if name.startswith(folder)]
    if not names:
        raise release.lacks(f"{nearer}*.wav or {folder}*.wav")
    return nearer if any(name.startswith(nearer) for name in names) else folder


def _sample(release: Release, folder: str, split: str, cells: Cells) -> Sample:
    assert isinstance(cells, Clip)
    for event in cells.events:
        if event.label not in CLASSES:
            raise DatasetError(f"event {event.label[:60]!r}: expected one of {', '.join(CLASSES)}")
    file = cells["filename"]
    return Sample(
        file, release.audio(folder + file), cells.reference, {"split": split}, {"choices": ", ".join(CLASSES)}
    )
