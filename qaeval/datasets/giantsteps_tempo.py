"""GiantSteps Tempo, as downloaded from GitHub (GiantSteps/giantsteps-tempo-dataset): the tempi of 664 pieces of EDM.

    giantsteps-tempo-dataset/
        annotations/tempo/1030011.LOFI.bpm ...      (140; Knees et al. 2015)
        annotations_v2/tempo/1030011.LOFI.bpm ...   (140.0; by listeners, Schreiber and Müller 2018)
        annotations/genre/1030011.LOFI.genre ...    (trance)
        audio/1030011.LOFI.mp3 ...                  (as audio_dl.sh downloads them, or wav)

as README and files of annotations_v2/tempo (174.0) and annotations/genre of the repository say; files of
annotations/tempo were not opened. Three tracks have no tempo in the second version, where it is 0.0.
"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, release_of
from qaeval.datasets._giantsteps import audio_of, sample, tracks
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.types import Dataset, Sample

VERSIONS = {"v1": "annotations/tempo", "v2": "annotations_v2/tempo"}
LAYOUT = "annotations_v2/tempo/1030011.LOFI.bpm ... and audio/1030011.LOFI.mp3 ... (see audio_dl.sh)"


def load(
    source: str | Path, *, version: str = "v2", name: str = "giantsteps_tempo", bad_rows: BadRows = "error"
) -> Dataset:  # fmt: skip
    """GiantSteps Tempo: the tempi of electronic dance music (folder or archive, with the audio in it).

    Args:
        source: the repository with its audio downloaded.
        version: v1 (annotations) or v2 (annotations_v2, with many of the first corrected).
        name: what to call the dataset.
        bad_rows: ``skip`` passes over tracks whose file holds no number, with a warning.

    The id is the track's (1030011.LOFI). Reference labels: ``tempo`` in beats a minute (left out where it is 0: not
    known), and ``genre`` where it is known. Meta: genre.

    Raises `DatasetError` saying what a folder lacks, and naming the file that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("version of GiantSteps Tempo", version, VERSIONS)
    make = partial(_sample, release, audio_of(release))
    return tracks(name, release, VERSIONS[version], "bpm", make, bad_rows, version)


def _sample(release: Release, place: tuple[str, str], cells: Cells) -> Sample:
    try:
        beats = float(cells["value"])
    except ValueError:
        beats = math.nan
    if not 0 <= beats < 1000:
        raise DatasetError(f"expected beats a minute, one number, seen {cells['value'][:60]!r}")
    return sample(release, place, cells, {"tempo": (cells["value"],)} if beats else {})
