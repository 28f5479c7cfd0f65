"""CREMA-D, as downloaded from GitHub: twelve English sentences, each said by 91 actors in six emotions.

    CREMA-D/
        VideoDemographics.csv               (ActorID,Age,Sex,Race,Ethnicity)
        AudioWAV/1001_DFA_ANG_XX.wav ...    (actor, sentence, emotion, level: LO, MD, HI, XX)

as its README (CheyneyComputerScience/CREMA-D) and that table say; copies of AudioWAV alone are read, too, then age and
gender are not known. A zip of it from GitHub holds pointers of git-lfs instead of clips. Before October 2022 one name,
1040_ITH_SAD_X.wav, had a level of one letter (its issue 6). 1076_MTI_SAD_XX.wav is known to hold no audio. The licence
is the Open Database License. (Cao et al. 2014.)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import Aside, BadRows, Cells, chosen, corpus, readable, release_of, table
from qaeval.datasets._filenames import named, told
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample

PEOPLE = "VideoDemographics.csv"
LAYOUT = f"{PEOPLE} and AudioWAV/1001_DFA_ANG_XX.wav ..."
EMOTIONS = {"ANG": "anger", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}
SENTENCES = {
    "IEO": "It's eleven o'clock.", "TIE": "That is exactly what happened.", "IOM": "I'm on my way to the meeting.",
    "IWW": "I wonder what this is about.", "TAI": "The airplane is almost full.",
    "MTI": "Maybe tomorrow it will be cold.", "IWL": "I would like a new alarm clock.",
    "ITH": "I think I have a doctor's appointment.", "DFA": "Don't forget a jacket.",
    "ITS": "I think I've seen this before.", "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}  # fmt: skip
LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "XX": "unspecified", "X": "unspecified"}
_NAME = r"(?:.*/)?(?P<id>(?P<actor>\d{4})_(?P<sentence>[A-Z]{3})_(?P<emotion>[A-Z]{3})_(?P<level>[A-Z]{1,2}))\.wav"


def load(source: str | Path, *, name: str = "cremad", bad_rows: BadRows = "error") -> Dataset:
    """CREMA-D: twelve English sentences in six emotions, by 91 actors (folder or archive).

    Args:
        source: the release, or the folder AudioWAV.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over clips with names of another form, with a warning.

    The id is the file name without its suffix; ``text`` is the sentence. Reference labels: ``emotion``, the one that
    the actor was to express (anger, disgust, fear, happy, neutral, sad), ``gender`` and ``age``. Meta: speaker,
    sentence, level (of the emotion), gender, age, race, ethnicity, language. The input ``choices`` names the emotions.

    Raises `DatasetError` saying what a folder lacks, and naming the clip that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    names = named(release, r"(?:.*/)?AudioWAV/[^/]+\.wav|[^/]+\.wav", "AudioWAV/*.wav")
    people = [release.file(file) for file in release.names() if file.rpartition("/")[2] == PEOPLE][:1]

    def rows() -> Iterator[tuple[str, Cells]]:
        aside: Aside = []
        actors = dict(_actors(people[0], aside)) if people else {}
        yield from aside
        for place, cells in told(release, names, _NAME, "1001_DFA_ANG_XX.wav"):
            yield place, {**actors.get(cells["actor"], {}), **cells} if cells else cells

    return corpus(name, rows, partial(_sample, release), people, names, bad_rows)


def _actors(file: ReleaseFile, aside: Aside) -> Iterator[tuple[str, dict[str, str]]]:
    columns = {"Age": "age", "Sex": "gender", "Race": "race", "Ethnicity": "ethnicity"}
    for place, cells in readable(table(file, ",", quotes=True), aside):
        if not cells.get("ActorID"):
            raise DatasetError(f"{place}: expected ActorID,Age,Sex,Race,Ethnicity, seen {dict(cells)!r:.120}")
        told = {columns[column]: value.strip() for column, value in cells.items() if column in columns}
        yield cells["ActorID"].strip(), told | {"gender": told.get("gender", "").lower()}


def _sample(release: Release, cells: Cells) -> Sample:
    for kind, there in (("emotion", EMOTIONS), ("sentence", SENTENCES), ("level", LEVELS)):
        chosen(f"{kind} of CREMA-D", cells[kind], there)
    emotion = EMOTIONS[cells["emotion"]]
    known = {key: cells[key] for key in ("gender", "age", "race", "ethnicity") if cells.get(key)}
    meta = {"speaker": cells["actor"], "sentence": cells["sentence"], "level": LEVELS[cells["level"]], **known}
    labels = {"emotion": (emotion,)} | {key: (known[key],) for key in ("gender", "age") if key in known}
    reference = Annotation(SENTENCES[cells["sentence"]], labels=labels)
    inputs = {"choices": ", ".join(EMOTIONS.values())}
    return Sample(cells["id"], release.audio(cells["file"]), reference, meta | {"language": "en"}, inputs)
