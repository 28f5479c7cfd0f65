"""AISHELL-1, as downloaded from OpenSLR (SLR33): read Mandarin. Its licence is Apache 2.0.

    data_aishell/
        transcript/aishell_transcript_v0.8.txt          (BAC009S0002W0122 而 对 楼市 成交 抑制 作用 最 大 的 限 购)
        wav/S0002.tar.gz ...                            (as downloaded: one archive a speaker)
        wav/train/S0002/BAC009S0002W0122.wav ...        (as unpacked; train, dev and test have speakers of their own)
    resource_aishell/speaker.info                       (another archive: 0002 F)

The layout is the one that Kaldi (egs/aishell/s5/local/download_and_untar.sh, aishell_data_prep.sh) and Lhotse
(recipes/aishell.py) read; they do not read speaker.info, whose two columns are those that published code reads.
``data_aishell.tgz`` itself must be unpacked, for it holds archives; these may stay, and are unpacked into the cache
when one of their clips is needed.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import Aside, BadRows, Cells, Torn, chosen, corpus, release_of, torn
from qaeval.datasets._inner import InnerArchive
from qaeval.datasets._keyed import keyed, values
from qaeval.datasets._release import Release
from qaeval.types import Annotation, Audio, Dataset, Sample

SPLITS = ("train", "dev", "test")
TRANSCRIPT = "transcript/aishell_transcript_v0.8.txt"
LAYOUT = f"data_aishell/{TRANSCRIPT} and data_aishell/wav/test/S0764/*.wav or data_aishell/wav/S0764.tar.gz"
SEXES = {"M": "male", "F": "female"}


def load(source: str | Path, *, split: str = "test", name: str = "aishell1", bad_rows: BadRows = "error") -> Dataset:
    """AISHELL-1: read Mandarin (folder, with or without the speakers' archives unpacked).

    Args:
        source: the folder data_aishell, or one above it (with resource_aishell beside, genders are known).
        split: train, dev or test.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over lines that are no utterances, with a warning.

    The id is the utterance's (BAC009S0764W0121); ``text`` is the transcript without the spaces between its words. Meta:
    speaker, gender (where speaker.info is there; also a reference label), language, split. The order is that of the
    transcript.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of AISHELL-1", split, SPLITS)
    top = release.top(TRANSCRIPT)
    transcript = release.file(top + TRANSCRIPT)
    info = _info(release, top)

    def rows() -> Iterator[tuple[str, Cells]]:
        places = _speakers(release, top, split)
        aside: Aside = []
        sexes = {key[-4:]: SEXES.get(sex, sex) for key, sex in values(release, aside, info).items()}
        yield from aside
        for place, cells in keyed(transcript):
            if isinstance(cells, Torn):
                yield place, cells
                continue
            key, text = cells["key"], cells["value"]
            if len(key) != len("BAC009S0002W0122") or not text:
                yield place, torn(f"expected BAC009SxxxxWxxxx and a text, seen {key[:60]!r} {text[:40]!r}")
            elif (speaker := key[6:11]) in places:
                told = {"id": key, "text": "".join(text.split()), "speaker": speaker, "place": places[speaker]}
                yield place, told | {"gender": sexes.get(speaker[1:], "")}

    files = [transcript, *([release.file(info)] if release.has(info) else [])]
    return corpus(name, rows, partial(_sample, Clips(release), split), files, split, bad_rows)


def _info(release: Release, top: str) -> str:
    """Where the table of the speakers is: beside, or within."""
    name = "resource_aishell/speaker.info"
    beside = f"{top.removesuffix('/').rpartition('/')[0]}/{name}".lstrip("/")
    return beside if release.has(beside) else top + name


def _speakers(release: Release, top: str, split: str) -> dict[str, str]:
    """The speakers of a split, each with the folder or archive of the clips."""
    inner: dict[str, str] = {}
    places: dict[str, str] = {}
    for file in release.names():
        if fnmatch.fnmatchcase(file, f"{top}wav/*/*/*.wav"):
            folder = file.rpartition("/")[0]
            if folder.split("/")[-2] == split:
                places[folder.rpartition("/")[2]] = folder
        elif fnmatch.fnmatchcase(file, f"{top}wav/S*.tar.gz"):
            inner[file.rpartition("/")[2].removesuffix(".tar.gz")] = file
    for speaker, file in inner.items():
        if speaker not in places and f"/{split}/" in f"/{InnerArchive(release, file).folder()}":
            places[speaker] = file
    if not places:
        raise release.lacks(f"{top}wav/{split}/S*/*.wav")
    return places


class Clips:
    """The clips of a release, in folders or in the archives of the speakers."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._inner: dict[str, InnerArchive] = {}

    def find(self, place: str, name: str) -> Audio:
        """The clip of that file name in a folder or archive."""
        if not place.endswith(".tar.gz"):
            return self._release.audio(f"{place}/{name}")
        if place not in self._inner:
            self._inner[place] = InnerArchive(self._release, place)
        return self._inner[place].audio(name)


def _sample(clips: Clips, split: str, cells: Cells) -> Sample:
    gender = cells["gender"]
    meta = {"speaker": cells["speaker"]} | ({"gender": gender} if gender else {}) | {"split": split, "language": "zh"}
    reference = Annotation(cells["text"], labels={"gender": (gender,)} if gender else {})
    return Sample(cells["id"], clips.find(cells["place"], f"{cells['id']}.wav"), reference, meta)
