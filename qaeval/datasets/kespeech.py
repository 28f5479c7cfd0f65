"""KeSpeech, as downloaded: standard Mandarin and eight of its subdialects, by 27,237 people of 34 cities.

    KeSpeech/
        Audio/1000001/phase1/1000001_1a2b3c4d.wav ...
        Metadata/spk2gender spk2age spk2city ...        (and phase1.utt2style, phase2.utt2env ...)
        Tasks/ASR/test/wav.scp text utt2spk utt2subdialect

The files under Tasks/ASR/SPLIT are Kaldi's: an utterance and its path, text, speaker or subdialect, in the same order.
The layout is that of lhotse/recipes/kespeech.py of lhotse-speech/lhotse; the tables of Metadata are those that
published code for subsets of it reads (a speaker and a value), of which no line was seen: M and F, in any case, are
read as male and female, other words as they are. The subdialects are Mandarin, Beijing, Ji-Lu, Jiang-Huai, Jiao-Liao,
Lan-Yin, Northeastern, Southwestern and Zhongyuan. The licence allows academic use. (KeSpeech, NeurIPS 2021, Datasets
and Benchmarks.)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import Aside, BadRows, Cells, chosen, corpus, known, release_of
from qaeval.datasets._keyed import joined, values
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample

SPLITS = ("train_phase1", "train_phase2", "dev_phase1", "dev_phase2", "test")
FILES = ("wav.scp", "text", "utt2spk", "utt2subdialect")
LAYOUT = "Tasks/ASR/test/wav.scp, text, utt2spk and utt2subdialect, Metadata/spk2gender and Audio/*/phase1/*.wav"
NOISE = "<SPOKEN_NOISE>"
SEXES = {"M": "male", "F": "female"}


def load(source: str | Path, *, split: str = "test", name: str = "kespeech", bad_rows: BadRows = "error") -> Dataset:
    """KeSpeech: Mandarin and eight of its subdialects (folder or archive).

    Args:
        source: the release.
        split: train_phase1, train_phase2, dev_phase1, dev_phase2 or test.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over lines without a path or a text, with a warning.

    The id is the utterance's; ``text`` is the transcript without the mark <SPOKEN_NOISE>. Meta: speaker, dialect (the
    subdialect), gender, age and city (of the tables in Metadata, where they are), language, split. Dialect, gender and
    age are reference labels too.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of KeSpeech", split, SPLITS)
    top = release.top(f"Tasks/ASR/{split}/wav.scp")
    files = {file: release.file(f"{top}Tasks/ASR/{split}/{file}") for file in FILES}
    tables = {told: f"{top}Metadata/spk2{told}" for told in ("gender", "age", "city")}

    def rows() -> Iterator[tuple[str, Cells]]:
        aside: Aside = []
        people = {told: values(release, aside, table) for told, table in tables.items()}
        yield from aside
        for place, cells in joined(files):
            speaker = cells.get("utt2spk", "")
            yield place, cells and {**cells, **{told: table.get(speaker, "") for told, table in people.items()}}

    there = [release.file(table) for table in tables.values() if release.has(table)]
    return corpus(name, rows, partial(_sample, release, top, split), [*files.values(), *there], split, bad_rows)


def _sample(release: Release, top: str, split: str, cells: Cells) -> Sample:
    if not (cells["wav.scp"] and cells["text"]):
        raise DatasetError(f"expected a path and a text of the utterance {cells['key'][:60]!r}, seen none")
    told = {"speaker": cells["utt2spk"], "dialect": cells["utt2subdialect"], **cells}
    told["gender"] = SEXES.get(told["gender"].upper(), told["gender"].lower())
    meta = known(told, "speaker", "dialect", "gender", "age", "city")
    labels: dict[str, tuple[str, ...]] = {name: (meta[name],) for name in ("dialect", "gender", "age") if name in meta}
    text = " ".join(cells["text"].replace(NOISE, " ").split())
    audio = release.audio(top + cells["wav.scp"])
    return Sample(cells["key"], audio, Annotation(text, labels=labels), meta | {"language": "zh", "split": split})
