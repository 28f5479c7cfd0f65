"""RAVDESS, as downloaded from Zenodo: two English sentences, spoken and sung by 24 actors in eight emotions.

    Audio_Speech_Actors_01-24/Actor_01/03-01-06-01-02-01-12.wav ...
    Audio_Song_Actors_01-24/Actor_01/03-02-06-01-02-01-12.wav ...

There are no songs of actor 18. The seven numbers of a name are, as its description (zenodo.org/record/1188976) says:
modality (03: audio only), vocal channel (01 speech, 02 song), emotion, intensity (01 normal, 02 strong), statement,
repetition and actor (even: a woman). The licence is CC BY-NC-SA 4.0. (Livingstone and Russo 2018.)
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, release_of
from qaeval.datasets._filenames import named, told
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample

LAYOUT = "Actor_01/03-01-06-01-02-01-01.wav ..., as in Audio_Speech_Actors_01-24.zip"
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
CHANNELS = ("speech", "song")
INTENSITIES = ("normal", "strong")
STATEMENTS = ("Kids are talking by the door.", "Dogs are sitting by the door.")
PARTS = ("modality", "channel", "emotion", "intensity", "statement", "repetition", "actor")
_NAME = rf"(?:.*/)?(?P<id>{'-'.join(rf'(?P<{part}>[0-9]{{2}})' for part in PARTS)})\.wav"


def load(
    source: str | Path, *, channel: str | None = None, name: str = "ravdess", bad_rows: BadRows = "error"
) -> Dataset:  # fmt: skip
    """RAVDESS: two English sentences, spoken and sung in eight emotions by 24 actors (folder or archive).

    Args:
        source: a folder with the folders Actor_01 ... in it, at any depth, or an archive of them.
        channel: speech or song; else all that are there.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over clips with names of another form, with a warning.

    The id is the file name without its suffix; ``text`` is the sentence. Reference labels: ``emotion`` (neutral, calm,
    happy, sad, angry, fearful, disgust, surprised) and ``gender``. Meta: speaker, gender, channel, intensity,
    repetition, language. The input ``choices`` names the emotions; note that calm is neutral for the scores.

    Raises `DatasetError` saying what a folder lacks, and naming the clip that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    if channel is not None:
        chosen("channel of RAVDESS", channel, CHANNELS)
    names = named(release, r"(?:.*/)?Actor_[0-9]{2}/[^/]+\.wav", "Actor_01/*.wav")
    rows = partial(told, release, names, _NAME, "03-01-06-01-02-01-12.wav")
    return corpus(name, rows, partial(_sample, release, channel), [], (names, channel), bad_rows)


def _sample(release: Release, channel: str | None, cells: Cells) -> Sample | None:
    vocal = _told(cells, "channel", CHANNELS)
    if channel is not None and vocal != channel:
        return None
    emotion = _told(cells, "emotion", EMOTIONS)
    gender = "male" if int(cells["actor"]) % 2 else "female"
    meta = {
        "speaker": cells["actor"], "gender": gender, "channel": vocal,
        "intensity": _told(cells, "intensity", INTENSITIES), "repetition": int(cells["repetition"]), "language": "en",
    }  # fmt: skip
    reference = Annotation(_told(cells, "statement", STATEMENTS), labels={"emotion": (emotion,), "gender": (gender,)})
    return Sample(cells["id"], release.audio(cells["file"]), reference, meta, {"choices": ", ".join(EMOTIONS)})


def _told(cells: Cells, part: str, names: tuple[str, ...]) -> str:
    """What a number stands for; they begin with 01."""
    number = int(cells[part])
    if not 1 <= number <= len(names):
        raise DatasetError(f"{part} {cells[part]}: expected 01 to {len(names):02}: {', '.join(names)}")
    return names[number - 1]
