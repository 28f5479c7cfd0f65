"""MELD, as downloaded (MELD.Raw.tar.gz, unpacked): what is said in the series Friends, in seven emotions.

    MELD.Raw/
        train_sent_emo.csv dev_sent_emo.csv test_sent_emo.csv       (at any depth, as the clips)
        train_splits/dia0_utt0.mp4 ...                      (the clips of train; or train/)
        dev_splits_complete/dia0_utt0.mp4 ...               (dev; or dev/)
        output_repeated_splits_test/dia0_utt0.mp4 ...       (test; or test/)

Columns: Sr No., Utterance, Speaker, Emotion, Sentiment, Dialogue_ID, Utterance_ID, Season, Episode, StartTime, EndTime.
As README.md and data/MELD/test_sent_emo.csv of declare-lab/MELD have them; the names of the folders, and that
dia125_utt3 of train is broken and dia110_utt7 of dev is not there, are those of published code that reads it. The
archives of the splits in MELD.Raw must be unpacked. Clips may be the videos or audio made of them (wav, flac, mp3, m4a,
ogg), under the same names. The licence is GPL 3.0. (Poria et al. 2019, arXiv 1810.02508.)
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, known, release_of, table
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample

FOLDERS = {
    "train": ("train_splits", "train"),
    "dev": ("dev_splits_complete", "dev"),
    "test": ("output_repeated_splits_test", "test"),
}
EMOTIONS = ("neutral", "joy", "surprise", "anger", "sadness", "disgust", "fear")
LAYOUT = (
    "test_sent_emo.csv and output_repeated_splits_test/dia0_utt0.mp4 (or .wav, .flac ...), train_sent_emo.csv and "
    "train_splits/, dev_sent_emo.csv and dev_splits_complete/; archives in it unpacked"
)
_WINDOWS = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}


def load(
    source: str | Path, *, split: str = "test", name: str = "meld", bad_rows: BadRows = "error"
) -> Dataset:  # fmt: skip
    """MELD: utterances of the series Friends in seven emotions (folder; videos or audio made of them).

    Args:
        source: the release, or a folder with the table and the clips of a split.
        split: train, dev or test.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over torn rows, with a warning.

    The id is the clip's name (dia0_utt0); ``text`` is the utterance, whose control characters of Windows-1252 are the
    quotes and dashes that they were. Reference label: ``emotion``. Meta: speaker (who plays no part in the emotion),
    dialogue, sentiment, season, episode, language, split. The input ``choices`` names the emotions.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of MELD", split, FOLDERS)
    file = release.file(release.top(f"{split}_sent_emo.csv") + f"{split}_sent_emo.csv")
    make = partial(_sample, release, *_clips(release, split), split)
    return corpus(name, partial(table, file, ",", quotes=True), make, [file], split, bad_rows)


def _clips(release: Release, split: str) -> tuple[str, str]:
    """Folder and suffix of the split's clips: those of the first that there is, audio before video."""
    folders = "|".join(FOLDERS[split])
    fits = re.compile(rf"((?:.*/)?(?:{folders})/)dia\d+_utt\d+\.(wav|flac|mp3|m4a|ogg|mp4)")
    first: tuple[str, str] | None = None
    for name in release.names():
        found = fits.fullmatch(name)
        if found and found[2] != "mp4":
            return found[1], found[2]
        if found and first is None:
            first = found[1], found[2]
    if first is None:
        raise release.lacks(f"{FOLDERS[split][0]}/dia0_utt0.mp4 or .wav")
    return first


def _sample(release: Release, folder: str, suffix: str, split: str, cells: Cells) -> Sample:
    numbers = [cells.get(column, "").strip() for column in ("Dialogue_ID", "Utterance_ID")]
    if not all(number.isdecimal() for number in numbers):
        raise DatasetError(f"expected numbers as Dialogue_ID and Utterance_ID, seen {' and '.join(map(repr, numbers))}")
    clip = f"dia{numbers[0]}_utt{numbers[1]}"
    emotion = cells.get("Emotion", "").strip()
    chosen("emotion of MELD", emotion, EMOTIONS)
    names = {"Speaker": "speaker", "Sentiment": "sentiment", "Season": "season", "Episode": "episode"}
    meta = {names[column]: value for column, value in known(cells, *names).items()}
    meta |= {"dialogue": numbers[0], "language": "en", "split": split}
    text = cells.get("Utterance", "").translate(_WINDOWS).strip()
    reference = Annotation(text or None, labels={"emotion": (emotion,)})
    audio = release.audio(f"{folder}{clip}.{suffix}")
    return Sample(clip, audio, reference, meta, {"choices": ", ".join(EMOTIONS)})
