"""TUT Sound events 2016 and 2017, as downloaded from Zenodo and unpacked together: events in a street or a home.

    TUT-sound-events-2017-development/          (TUT-sound-events-2017-evaluation)
        audio/street/a001.wav ...
        meta/street/a001.ann ...                (onset, offset and label; or audio, scene, onset, offset, label)
        evaluation_setup/street_fold1_test.txt  (the audio of a fold, one a line)
        non_verified/meta/street/a001.ann       (2017: not read)

as soundata/datasets/tut2017se.py of soundata/soundata reads and describes 2017: the files of the two subsets differ in
their columns, and only the development set has folds. The classes of 2016 are those that the tests of dcase_util and
code that reads it list. Recordings have three to five minutes. The licence is the university's own (EULA.pdf), for
research. (Mesaros, Heittola and Virtanen 2016.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import Aside, BadRows, Cells, corpus, readable, release_of, torn
from qaeval.datasets._events import Clip, event
from qaeval.datasets._lines import BadLine, lines
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError, QaevalError
from qaeval.types import Dataset, Sample

CLASSES = {
    "street": ("brakes squeaking", "car", "children", "large vehicle", "people speaking", "people walking"),
    "home": (
        "(object) rustling", "(object) snapping", "cupboard", "cutlery", "dishes", "drawer", "glass jingling",
        "object impact", "people walking", "washing dishes", "water tap running",
    ),
    "residential_area": (
        "(object) banging", "bird singing", "car passing by", "children shouting", "people speaking", "people walking",
        "wind blowing",
    ),
}  # fmt: skip
LAYOUT = "meta/street/a001.ann ... and audio/street/a001.wav ..., as in TUT-sound-events-2017-development"
_META = re.compile(r"(?P<top>(?:.*/)?)meta/(?P<scene>[^/]+)/(?P<id>[^/]+)\.ann")
_FOLD = re.compile(r"(?:.*/)?evaluation_setup/[^/]+_fold(?P<fold>\d+)_test\.txt")


def load(
    source: str | Path, *, name: str = "tut_sound_events", bad_rows: BadRows = "error"
) -> Dataset:  # fmt: skip
    """TUT Sound events 2016 and 2017: what is heard in a street or a home, and when (folder or archive of a subset).

    Args:
        source: the folder of one subset, such as TUT-sound-events-2017-development.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over recordings with a line that is not as it should be, with a warning.

    The id is SCENE/NAME (street/a001). ``events`` have the names of the classes and times in seconds; the reference
    label ``sound`` has each of them once. Meta: scene, and fold (a number: in whose test it is) where it is told. The
    input ``choices`` names the classes of the scene.

    Raises `DatasetError` saying what a folder lacks, or that it has several subsets, and naming file and line.
    """
    release = release_of(source, LAYOUT)
    found = [match for name in release.names() if (match := _META.fullmatch(name)) and "non_verified" not in name]
    if not found:
        raise release.lacks("meta/street/*.ann")
    if len(tops := {match["top"] for match in found}) > 1:
        raise DatasetError(f"{release.where}: several subsets, {', '.join(sorted(tops))}; name the folder of one")
    setups = [release.file(name) for name in release.names() if _FOLD.fullmatch(name)]
    files = [release.file(match[0]) for match in found]

    def rows() -> Iterator[tuple[str, Cells]]:
        aside: Aside = []
        folds = {cells["clip"]: cells["fold"] for _, cells in readable(_folds(setups), aside)}
        yield from aside
        for match, file in zip(found, files, strict=True):
            cells = match.groupdict()
            clip = f"audio/{cells['scene']}/{cells['id']}.wav"
            yield _recording(file, Clip({**cells, "clip": clip, "fold": folds.get(clip, "")}))

    return corpus(name, rows, partial(_sample, release), [*files, *setups], [match[0] for match in found], bad_rows)


def _folds(setups: list[ReleaseFile]) -> Iterator[tuple[str, Cells]]:
    for file in setups:
        fold = _FOLD.fullmatch(file.name)
        for number, line in enumerate(lines(file, tolerant=True), 1):
            if isinstance(line, BadLine):
                yield f"{file}, line {number}", torn(line.why)
            elif fold and line.strip():
                yield f"{file}, line {number}", {"clip": line.split("\t")[0].strip(), "fold": fold["fold"]}


def _recording(file: ReleaseFile, clip: Clip) -> tuple[str, Cells]:
    """A recording with the events of its file; torn at the first line that is not as it should be."""
    for number, line in enumerate(lines(file, tolerant=True), 1):
        cells = line.rstrip("\r\n").split("\t")
        if not line.strip():
            continue
        try:
            if isinstance(line, BadLine):
                raise DatasetError(line.why)
            if len(cells) not in (3, 5):
                raise DatasetError(
                    f"expected onset, offset and label, or audio and scene before them, seen {line!r:.80}"
                )
            clip.events.append(event(cells[-1], *cells[-3:-1]))
        except QaevalError as error:
            return f"{file}, line {number}", torn(str(error))
    return str(file), clip


def _sample(release: Release, cells: Cells) -> Sample:
    assert isinstance(cells, Clip)
    scene = cells["scene"]
    classes = CLASSES.get(scene, ())
    for each in cells.events:
        if classes and each.label not in classes:
            raise DatasetError(f"event {each.label[:60]!r}: expected one of {', '.join(classes)}")
    meta: dict[str, object] = {"scene": scene} | ({"fold": int(cells["fold"])} if cells["fold"] else {})
    audio = release.audio(cells["top"] + cells["clip"])
    inputs = {"choices": ", ".join(classes)} if classes else {}
    return Sample(f"{scene}/{cells['id']}", audio, cells.reference, meta, inputs)
