"""LibriSpeech, as downloaded from OpenSLR (SLR12): audiobooks in English. Its licence is CC BY 4.0.

    LibriSpeech/
        SPEAKERS.TXT CHAPTERS.TXT BOOKS.TXT LICENSE.TXT README.TXT
        test-clean/1089/134686/1089-134686.trans.txt        (1089-134686-0000 HE HOPED THERE WOULD BE STEW ...)
        test-clean/1089/134686/1089-134686-0000.flac ...    (reader, chapter, utterance)

as Kaldi (egs/librispeech/s5/local/data_prep.sh) and torchaudio (datasets/librispeech.py) read it. SPEAKERS.TXT has
reader, sex, subset, minutes and name between bars; lines that begin with ``;`` explain it. An archive
(test-clean.tar.gz) holds one subset with the files of the readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import Aside, BadRows, Cells, Torn, chosen, corpus, known, readable, release_of, torn
from qaeval.datasets._keyed import keyed
from qaeval.datasets._lines import BadLine, lines
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.types import Annotation, Dataset, Sample

SPLITS = (
    "test-clean", "test-other", "dev-clean", "dev-other", "train-clean-100", "train-clean-360", "train-other-500"
)  # fmt: skip
LAYOUT = "LibriSpeech/SPEAKERS.TXT and LibriSpeech/test-clean/1089/134686/1089-134686.trans.txt with its *.flac"
SEXES = {"M": "male", "F": "female"}


def load(
    source: str | Path, *, split: str = "test-clean", name: str = "librispeech", bad_rows: BadRows = "error"
) -> Dataset:
    """LibriSpeech: audiobooks in English (folder or archive of a subset).

    Args:
        source: the folder LibriSpeech, one above it, or an archive of a subset.
        split: test-clean, test-other, dev-clean, dev-other, train-clean-100, train-clean-360 or train-other-500.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over lines that are no utterances, with a warning.

    The id is the utterance's (1089-134686-0000); ``text`` is in capitals and without punctuation, as it is there. Meta:
    speaker, chapter, reader (a name), gender (as SPEAKERS.TXT has the sex; also a reference label), language, split.
    Chapters come in alphabetical order.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of LibriSpeech", split, SPLITS)
    top = release.top("SPEAKERS.TXT")
    found = sorted(release.find(f"{top}{split}/*/*/*.trans.txt"))
    if not found:
        raise release.lacks(f"{top}{split}/*/*/*.trans.txt")
    transcripts = [release.file(file) for file in found]
    of_speakers = release.file(f"{top}SPEAKERS.TXT")

    def rows() -> Iterator[tuple[str, Cells]]:
        aside: Aside = []
        speakers = {cells["speaker"]: cells for _, cells in readable(_speakers(of_speakers), aside)}
        yield from aside
        for file in transcripts:
            for place, line in keyed(file):
                cells = line if isinstance(line, Torn) else _utterance(file, line)
                yield place, cells and {**speakers.get(cells["speaker"], {}), **cells}

    return corpus(name, rows, partial(_sample, release, split), [*transcripts, of_speakers], split, bad_rows)


def _utterance(file: ReleaseFile, line: Cells) -> Cells:
    key, text = line["key"], line["value"]
    parts = key.split("-")
    if len(parts) != 3 or not text:
        return torn(f"expected READER-CHAPTER-NUMBER and a text, seen {key[:60]!r} {text[:40]!r}")
    folder = file.name.rpartition("/")[0]
    return {"id": key, "text": text, "speaker": parts[0], "chapter": parts[1], "folder": folder}


def _speakers(file: ReleaseFile) -> Iterator[tuple[str, Cells]]:
    """Each reader with sex and name; the lines of the table that begin with ``;`` explain it."""
    for number, line in enumerate(lines(file, tolerant=True), 1):
        cells = [cell.strip() for cell in line.split("|", 4)]
        if isinstance(line, BadLine):
            yield f"{file}, line {number}", torn(line.why)
        elif len(cells) == 5 and not line.startswith(";"):
            told = {"speaker": cells[0], "gender": SEXES.get(cells[1], cells[1]), "reader": cells[4]}
            yield f"{file}, line {number}", told


def _sample(release: Release, split: str, cells: Cells) -> Sample:
    meta = known(cells, "speaker", "chapter", "reader", "gender") | {"split": split, "language": "en"}
    labels = {"gender": (meta["gender"],)} if "gender" in meta else {}
    audio = release.audio(f"{cells['folder']}/{cells['id']}.flac")
    return Sample(cells["id"], audio, Annotation(cells["text"], labels=labels), meta)
