"""What the two sets of GiantSteps share: a small file of annotation a track, and audio that is downloaded apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from qaeval.datasets._corpus import BadRows, Cells, Make, corpus, torn
from qaeval.datasets._filenames import named
from qaeval.datasets._lines import lines
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Audio, Dataset, Sample


def tracks(
    name: str, release: Release, folder: str, ending: str, make: Make, bad_rows: BadRows, options: object = ()
) -> Dataset:
    """The tracks with a file FOLDER/ID.ENDING: rows of ``id``, ``value`` (its text) and ``genre`` (where it is known).

    Genres are in ``annotations/genre/ID.genre``.
    """
    among = rf"(?:.*/)?{re.escape(folder)}/[^/]+\.{ending}"
    files = [release.file(found) for found in named(release, among, f"{folder}/*.{ending}")]
    genres = {file.name: release.file(found) for file in files if release.has(found := _genre(file.name, folder))}
    rows = partial(_rows, files, genres)
    return corpus(name, rows, make, [*files, *genres.values()], (options, [file.name for file in files]), bad_rows)


def _genre(name: str, folder: str) -> str:
    """Where the genre of a track is."""
    top, _, file = name.rpartition(f"{folder}/")
    return f"{top}annotations/genre/{file.rpartition('.')[0]}.genre"


def _rows(files: list[ReleaseFile], genres: dict[str, ReleaseFile]) -> Iterator[tuple[str, Cells]]:
    for file in files:
        track = file.name.rpartition("/")[2].rpartition(".")[0]
        try:
            genre = _text(genres[file.name]) if file.name in genres else ""
            yield str(file), {"id": track, "value": _text(file), "genre": genre}
        except DatasetError as error:
            yield str(file), torn(str(error))


def _text(file: ReleaseFile) -> str:
    return " ".join(line.strip() for line in lines(file)).strip()


def audio_of(release: Release) -> tuple[str, str]:
    """Folder and suffix of the tracks: those of the first one in a folder ``audio`` or ``wav``.

    Raises `DatasetError` when there is none.
    """
    fits = re.compile(r"((?:.*/)?(?:audio|wav)/)[^/]+\.(mp3|wav|flac)")
    found = next((found for name in release.names() if (found := fits.fullmatch(name))), None)
    if found is None:
        raise release.lacks("audio/*.LOFI.mp3")
    return found[1], found[2]


def sample(release: Release, place: tuple[str, str], cells: Cells, labels: dict[str, tuple[str, ...]]) -> Sample:
    """A track with these labels, and its genre where it is known."""
    meta = {"genre": cells["genre"]} if cells["genre"] else {}
    told = labels | ({"genre": (cells["genre"],)} if cells["genre"] else {})
    audio: Audio = release.audio(f"{place[0]}{cells['id']}.{place[1]}")
    return Sample(cells["id"], audio, Annotation(labels=told), meta)
