"""FLEURS, as downloaded from the Hub (google/fleurs): the same sentences read in 102 languages. Its licence: CC BY 4.0.

    data/cmn_hans_cn/
        train.tsv dev.tsv test.tsv              (no line that names the columns)
        audio/test.tar.gz ...                   (as downloaded: one archive a split)
        audio/test/1234567890.wav ...           (as unpacked)

Columns, as the Hub's loading script (fleurs.py, in a published copy) and Lhotse (recipes/fleurs.py) have them: the
number of the sentence (the same in all languages), the file name, the sentence as it is written, the same normalised
(lower case, no punctuation), its characters with ``|`` between words, the number of audio samples at 16 kHz, and MALE,
FEMALE or OTHER.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, below, chosen, corpus, release_of, table
from qaeval.datasets._inner import clips_of
from qaeval.errors import DatasetError
from qaeval.languages import language_code
from qaeval.types import Annotation, Audio, Dataset, Sample

SPLITS = ("train", "dev", "test")
COLUMNS = ("sentence", "file_name", "raw_transcription", "transcription", "characters", "num_samples", "gender")
WRITTEN = ("raw_transcription", "transcription")
LAYOUT = "CONFIG/test.tsv and CONFIG/audio/test.tar.gz or CONFIG/audio/test/*.wav (CONFIG: cmn_hans_cn, en_us ...)"
RATE = 16_000


def load(
    source: str | Path, *, config: str | None = None, split: str = "test", text: str = "raw_transcription",
    name: str = "fleurs", bad_rows: BadRows = "error",
) -> Dataset:  # fmt: skip
    """FLEURS: the same sentences read in 102 languages (folder or archive, of all or of one language).

    Args:
        source: the release, or a language's folder in it.
        config: a language, such as cmn_hans_cn, yue_hant_hk, en_us; needed where the release has several.
        split: train, dev or test.
        text: raw_transcription (as it is written) or transcription (lower case, without punctuation).
        name: what to call the dataset.
        bad_rows: ``skip`` passes over torn rows, with a warning.

    The id is the file name. Meta: config, language, sentence (its number: several speakers read the same one), gender
    (also a reference label, but for OTHER), duration (s, of the number of samples), split.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of FLEURS", split, SPLITS)
    chosen("text of FLEURS", text, WRITTEN)
    top = below(release, config, f"{split}.tsv")
    code = config or top.rstrip("/").rpartition("/")[2] or Path(release.where).name.partition(".")[0]
    file = release.file(f"{top}{split}.tsv")

    def rows() -> Iterator[tuple[str, Cells]]:
        return table(file, columns=COLUMNS)

    clip = clips_of(release, f"{top}audio/{split}", f"{top}audio/{split}.tar.gz")
    return corpus(name, rows, partial(_sample, clip, code, split, text), [file], (config, split, text), bad_rows)


def _sample(clip: Callable[[str], Audio], code: str, split: str, text: str, cells: Cells) -> Sample:
    if not (cells["file_name"] and cells["num_samples"].isdecimal()):
        raise DatasetError(f"expected a file name and a number of samples, seen {dict(cells)!r:.200}")
    gender = cells["gender"].strip().lower()
    meta = {
        "config": code, "language": language_code(code), "sentence": cells["sentence"], "gender": gender,
        "duration": int(cells["num_samples"]) / RATE, "split": split,
    }  # fmt: skip
    labels = {"gender": (gender,)} if gender in ("male", "female") else {}
    return Sample(cells["file_name"], clip(cells["file_name"]), Annotation(cells[text], labels=labels), meta)
