"""GTZAN, as downloaded: 1,000 pieces of music of 30 s in ten genres.

    genres/blues/blues.00000.wav ...                    (genres.tar.gz of Marsyas)
    genres_original/blues/blues.00000.wav ...           (the copy at Kaggle, in the folder Data)

The first layout is the one that torchaudio (datasets/gtzan.py) and TensorFlow Datasets (audio/gtzan) read, the second
that of published code; au, mp3 and flac are taken, too. It is known that jazz.00054.wav of the copy cannot be decoded,
and that the set has repetitions and wrong labels (B. L. Sturm 2013, arXiv 1306.1461). A licence is not known.
(Tzanetakis and Cook 2002.)
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, release_of
from qaeval.datasets._filenames import named, told
from qaeval.datasets._release import Release
from qaeval.types import Annotation, Dataset, Sample

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
LAYOUT = "genres/blues/blues.00000.wav ... or genres_original/blues/blues.00000.wav ..."
_SUFFIXES = r"\.(?:wav|au|mp3|flac)"
_NAME = rf"(?:.*/)?(?P<genre>[a-z]+)/(?P<id>(?P=genre)\.\d{{5}}){_SUFFIXES}"


def load(source: str | Path, *, name: str = "gtzan", bad_rows: BadRows = "error") -> Dataset:
    """GTZAN: music of ten genres (folder or archive).

    Args:
        source: the release, or the folder of the genres.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over clips with names of another form, with a warning.

    The id is the file name without its suffix (blues.00000). Reference label: ``genre``, which is in meta, too. The
    input ``choices`` names the genres, as the prompts ``-closed`` of `qaeval.tasks.music` need them.

    Raises `DatasetError` saying what a folder lacks, and naming the clip that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    among = rf"(?:.*/)?(?:{'|'.join(GENRES)})/[^/]+{_SUFFIXES}"
    names = named(release, among, "genres/blues/*.wav or genres_original/blues/*.wav")
    rows = partial(told, release, names, _NAME, "blues/blues.00000.wav")
    return corpus(name, rows, partial(_sample, release), [], names, bad_rows)


def _sample(release: Release, cells: Cells) -> Sample:
    genre = cells["genre"]
    chosen("genre of GTZAN", genre, GENRES)
    reference, inputs = Annotation(labels={"genre": (genre,)}), {"choices": ", ".join(GENRES)}
    return Sample(cells["id"], release.audio(cells["file"]), reference, {"genre": genre}, inputs)
