"""GiantSteps Key, as downloaded from GitHub (GiantSteps/giantsteps-key-dataset): the keys of 604 pieces of EDM.

    giantsteps-key-dataset/
        annotations/key/3833050.LOFI.key ...      (Db major)
        annotations/genre/3833050.LOFI.genre ...  (progressive-house)
        audio/3833050.LOFI.mp3 ...                (as audio_dl.sh downloads them, or wav as convert_audio.sh makes them)

as README, audio_dl.sh and files of annotations/key of the repository say. Not read is the revision GiantSteps+ at
Zenodo, which has other names. (Knees et al. 2015.)
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, release_of
from qaeval.datasets._giantsteps import audio_of, sample, tracks
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.text.labels.keys import canonical_key
from qaeval.types import Dataset, Sample

LAYOUT = "annotations/key/3833050.LOFI.key ... and audio/3833050.LOFI.mp3 ... (see audio_dl.sh)"


def load(source: str | Path, *, name: str = "giantsteps_key", bad_rows: BadRows = "error") -> Dataset:
    """GiantSteps Key: the keys of electronic dance music (folder or archive, with the audio in it).

    Args:
        source: the repository with its audio downloaded.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over tracks without one key of the 24, with a warning.

    The id is the track's (3833050.LOFI). Reference labels: ``key``, as it is written there (D major, Gb minor), and
    ``genre`` where it is known. Meta: genre.

    Raises `DatasetError` saying what a folder lacks, and naming the file that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    make = partial(_sample, release, audio_of(release))
    return tracks(name, release, "annotations/key", "key", make, bad_rows)


def _sample(release: Release, place: tuple[str, str], cells: Cells) -> Sample:
    if canonical_key(cells["value"]) is None:
        raise DatasetError(f"expected a key such as D major, seen {cells['value'][:60]!r}")
    return sample(release, place, cells, {"key": (cells["value"],)})
