"""ESC-50, as downloaded from GitHub (karolpiczak/ESC-50): 2,000 clips of 5 s in 50 classes of sounds, in five folds.

    ESC-50-master/
        meta/esc50.csv      (filename,fold,target,category,esc10,src_file,take)
        audio/1-100032-A-0.wav ...

as its README.md says; the table was opened in copies of the repository. ESC-10 are the 400 clips in ten classes whose
cell esc10 is True. The licence of the set is CC BY-NC 3.0; the clips of ESC-10 are CC BY. (K. J. Piczak, ESC: Dataset
for Environmental Sound Classification, 2015.)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, known, release_of, table
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample

SUBSETS = ("esc50", "esc10")
TABLE = "meta/esc50.csv"
COLUMNS = ("filename", "fold", "target", "category", "esc10")
LAYOUT = f"{TABLE} and audio/1-100032-A-0.wav ..., as in ESC-50-master"


def load(
    source: str | Path, *, subset: str = "esc50", name: str | None = None, bad_rows: BadRows = "error"
) -> Dataset:  # fmt: skip
    """ESC-50 and ESC-10: one of 50 (or ten) sounds a clip, in five folds (folder or archive).

    Args:
        source: the release, or the archive of its repository.
        subset: esc50 or esc10.
        name: what to call the dataset (default: the subset).
        bad_rows: ``skip`` passes over torn rows, with a warning.

    The id is the clip's file name. Reference label: ``sound``, the category. Meta: fold (1 to 5, a number), category,
    target, src_file (the recording at Freesound), take. The input ``choices`` names all categories of the subset, so
    that the ``-closed`` prompts of `qaeval.tasks.sounds` can be asked, in the order of their targets.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("subset of ESC-50", subset, SUBSETS)
    top = release.top(TABLE)
    file = release.file(top + TABLE)

    def rows() -> Iterator[tuple[str, Cells]]:
        targets = {cells["target"].strip(): cells["category"].strip() for _, cells in _rows(file, subset) if cells}
        choices = ", ".join(targets[target] for target in sorted(targets, key=lambda text: (len(text), text)))
        for place, cells in _rows(file, subset):
            yield place, {**cells, "choices": choices} if cells else cells

    return corpus(name or subset, rows, partial(_sample, release, top), [file], subset, bad_rows)


def _rows(file: ReleaseFile, subset: str) -> Iterator[tuple[str, Cells]]:
    for place, cells in table(file, ",", quotes=True):
        missing = [column for column in COLUMNS if cells and column not in cells]
        if missing:
            raise DatasetError(f"{file}: no column {', '.join(missing)}, only {', '.join(cells)}")
        if not cells or subset == "esc50" or cells["esc10"].strip().lower() == "true":
            yield place, cells


def _sample(release: Release, top: str, cells: Cells) -> Sample:
    file, fold, category = (cells[column].strip() for column in ("filename", "fold", "category"))
    if not (file and fold.isdecimal() and category):
        raise DatasetError(f"expected a file name, the number of a fold and a category, seen {dict(cells)!r:.120}")
    meta: dict[str, object] = {"fold": int(fold), **known(cells, "category", "target", "src_file", "take")}
    reference = Annotation(labels={"sound": (category,)})
    return Sample(file, release.audio(f"{top}audio/{file}"), reference, meta, {"choices": cells["choices"]})
