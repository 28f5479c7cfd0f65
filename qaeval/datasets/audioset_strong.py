"""AudioSet with strong labels, as downloaded from Google: the sound events of 120,000 clips of 10 s, with their times.

    audioset_eval_strong.tsv        (segment_id, start_time_seconds, end_time_seconds, label)
    audioset_train_strong.tsv
    mid_to_display_name.tsv         (/m/053hz1 Cheering; or class_labels_indices.csv)
    audio/s9d-2nhuJCQ_30000.wav ... (clips are not distributed; at any depth)

A segment is the id of a video and where the clip begins, in ms; times are those within the clip. So that clips are
found, each is named like its segment, or like its video, or like its video and its seconds (s9d-2nhuJCQ_30.000_40.000),
with or without a Y before, as common tools write them. The columns are those that published code reads and shows
(YxlGt805lTA_30000, 2.627, 7.237, /m/053hz1); the tables themselves were not opened. They are CC BY 4.0. (Hershey et al.
2021, research.google.com/audioset/download_strong.html.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import Aside, BadRows, Cells, Torn, chosen, corpus, readable, release_of, table
from qaeval.datasets._events import Clip, gathered
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.datasets.folder import SUFFIXES
from qaeval.errors import DatasetError
from qaeval.types import Dataset, Sample

SPLITS = ("eval", "train")
NAMES = ("mid_to_display_name.tsv", "class_labels_indices.csv")
LAYOUT = "audioset_eval_strong.tsv, mid_to_display_name.tsv and clips such as audio/s9d-2nhuJCQ_30000.wav"
LONG = {
    "Vehicle horn, car horn, honking, toot": "Vehicle horn, car horn, honking",
    "White noise, pink noise": "White noise",
}
"""Names that the ontology has with fewer words: in a list the last of these words would be another class (Toot)."""
_COLUMNS = ("segment_id", "start_time_seconds", "end_time_seconds", "label")


def load(
    source: str | Path, *, split: str = "eval", name: str = "audioset_strong", bad_rows: BadRows = "error"
) -> Dataset:  # fmt: skip
    """AudioSet-strong: sound events of 456 classes with their times (folder with the tables and your clips).

    Args:
        source: the tables, and the clips at any depth below.
        split: eval or train.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over segments that are torn or have no clip, with a warning that says how many; not
            all videos can be had any more.

    The id is the segment's. ``events`` have display names (Cheering) and times in seconds; the reference label
    ``sound`` has each of them once. Meta: video, start (s, within the video), split.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of AudioSet-strong", split, SPLITS)
    top = release.top(events := f"audioset_{split}_strong.tsv")
    file = release.file(top + events)
    names = next((release.file(top + found) for found in NAMES if release.has(top + found)), None)
    if names is None:
        raise release.lacks(top + NAMES[0])

    def rows() -> Iterator[tuple[str, Cells]]:
        aside: Aside = []
        shown = dict(_names(names, aside))
        yield from aside
        yield from gathered(_named(file, shown), *_COLUMNS)

    return corpus(name, rows, partial(_sample, release, _clips(release), split), [file, names], split, bad_rows)


def _names(file: ReleaseFile, aside: Aside) -> Iterator[tuple[str, str]]:
    """Each class's id and display name; the longer names as the ontology has them."""
    comma = file.name.endswith(".csv")
    columns = ("index", "mid", "name") if comma else ("mid", "name")
    for _, cells in readable(table(file, "," if comma else "\t", quotes=comma, columns=columns), aside):
        if cells.get("mid", "").startswith("/"):
            yield cells["mid"], LONG.get(cells["name"], cells["name"])


def _named(file: ReleaseFile, names: dict[str, str]) -> Iterator[tuple[str, Cells]]:
    """The rows with display names; a class that has none keeps its id as a label that no vocabulary knows."""
    for place, cells in table(file):
        label = cells.get("label", "")
        yield place, cells if isinstance(cells, Torn) else {**cells, "label": names.get(label, label)}


def _clips(release: Release) -> dict[str, str]:
    """The audio files by their names without folder and suffix."""
    found: dict[str, str] = {}
    for name in release.names():
        stem, suffix = os.path.splitext(name.rpartition("/")[2])
        if suffix.lower() in SUFFIXES:
            found.setdefault(stem, name)
    return found


def _sample(release: Release, clips: dict[str, str], split: str, cells: Cells) -> Sample:
    assert isinstance(cells, Clip)
    segment = cells["segment_id"]
    video, _, start = segment.rpartition("_")
    if not (video and start.isdecimal()):
        raise DatasetError(f"expected a segment such as s9d-2nhuJCQ_30000, seen {segment[:60]!r}")
    begin = int(start) / 1000
    forms = (segment, video, f"{video}_{begin:.3f}_{begin + 10:.3f}")
    found = next((clips[form] for stem in forms for form in (stem, f"Y{stem}") if form in clips), None)
    if found is None:
        raise DatasetError(f"no clip of {segment}: looked for {', '.join(forms)}, with or without a Y before")
    meta = {"video": video, "start": begin, "split": split}
    return Sample(segment, release.audio(found), cells.reference, meta)
