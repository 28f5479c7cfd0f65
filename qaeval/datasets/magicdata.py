"""MagicData's corpora of read speech: MAGICDATA of OpenSLR (SLR68, Mandarin) and the dialect corpora of MagicHub.

    test/ (train, dev)                              (SLR68: test_set.tar.gz, metadata.tar.gz ...)
        TRANS.txt                                   (UtteranceID, SpeakerID, Transcription)
        38_5716/38_5716_20170914202211.wav ...
    SPKINFO.txt or metadata/SPKINFO.txt             (SPKID, Age, Gender, Dialect)

    Guangzhou_Cantonese_Scripted_Speech_Corpus_Daily_Use_Sentence/         (MagicHub)
        UTTRANSINFO.txt or UTTERANCEINFO.txt        (CHANNEL, UTTRANS_ID, SPEAKER_ID, PROMPT, TRANSCRIPTION)
        WAV/G0001/G0001_0009.wav ...
        SPKINFO.txt                                 (CHANNEL, SPEAKER_ID, GENDER, AGE, REGION ...)

The layout of SLR68 is that of lhotse/recipes/magicdata.py of lhotse-speech/lhotse, which leaves the marks FIL and SPK
(of fillers and noise) out of the texts, and two utterances that it calls bad (16_4013_20170819121429.wav and
18_1565_20170712000170.wav; they are read here). That of MagicHub is the one of published code that reads it: of its
SPKINFO.txt the second and third columns are speaker and gender; speaker, gender, age and region are taken where a
column is called so. Columns are found by their names in any case. The licence is CC BY-NC-ND 4.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import Aside, BadRows, Cells, Torn, chosen, corpus, known, readable, release_of, table
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample

SPLITS = ("train", "dev", "test")
SCRIPTED = ("UTTRANSINFO.txt", "UTTERANCEINFO.txt")
LAYOUT = "test/TRANS.txt with test/*/*.wav and SPKINFO.txt (SLR68), or UTTRANSINFO.txt with WAV/*/*.wav (MagicHub)"
SPEAKER = ("spkid", "speakerid", "speaker_id")
MARKS = re.compile(r"\[\s*(?:FIL|SPK)\s*\]")


def load(
    source: str | Path, *, split: str | None = None, dialect: str | None = None, language: str = "zh",
    name: str = "magicdata", bad_rows: BadRows = "error",
) -> Dataset:  # fmt: skip
    """MagicData: read Mandarin (SLR68) and dialects (MagicHub), with age, gender and region.

    Args:
        source: the release (folder or archive).
        split: train, dev or test of SLR68 (default test); the corpora of MagicHub have none.
        dialect: what a corpus of MagicHub is of, such as 四川话 or 粤语/广州话: its tables do not say.
        language: a code such as zh or yue.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over torn rows, with a warning.

    The id is the file name without its ending; ``text`` is the transcript without the marks [FIL] and [SPK]. Meta:
    speaker, language, age, gender, split, dialect, region: a province in Pinyin (SLR68 calls it dialect: "he bei"),
    where the speaker comes from. Age, gender and ``dialect=`` are reference labels, too; the region is one called
    accent, its syllables together ("hebei").

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    if split is not None:
        chosen("split of MagicData", split, SPLITS)
    wanted = (f"{split}/TRANS.txt",) if split else (*SCRIPTED, "test/TRANS.txt")
    top = release.top(*wanted)
    file = release.file(next(top + name for name in wanted if release.has(top + name)))
    folder = f"{top}WAV" if file.name.endswith(SCRIPTED) else file.name.rpartition("/")[0]
    info = next(filter(release.has, (f"{top}SPKINFO.txt", f"{top}metadata/SPKINFO.txt", f"{folder}/SPKINFO.txt")), None)

    def rows() -> Iterator[tuple[str, Cells]]:
        aside: Aside = []
        speakers = {} if info is None else dict(_speakers(release.file(info), aside))
        yield from aside
        for place, cells in table(file):
            row = cells if isinstance(cells, Torn) else _lowered(cells)
            yield place, row if isinstance(row, Torn) else {**speakers.get(_first(row, *SPEAKER), {}), **row}

    told = {"dialect": dialect or "", "language": language, "split": "" if folder.endswith("WAV") else split or "test"}
    files = [file, *([] if info is None else [release.file(info)])]
    return corpus(name, rows, partial(_sample, release, folder, told), files, (split, dialect, language), bad_rows)


def _lowered(cells: Cells) -> dict[str, str]:
    return {column.strip().lower(): cell.strip() for column, cell in cells.items()}


def _first(cells: Cells, *columns: str) -> str:
    return next((cells[column] for column in columns if cells.get(column)), "")


def _speakers(file: ReleaseFile, aside: Aside) -> Iterator[tuple[str, dict[str, str]]]:
    for _, cells in readable(table(file), aside):
        row = _lowered(cells)
        region = _first(row, "dialect", "region")
        yield _first(row, *SPEAKER), {"age": row.get("age", ""), "gender": row.get("gender", ""), "region": region}


def _sample(release: Release, folder: str, told: dict[str, str], cells: Cells) -> Sample:
    speaker, clip = _first(cells, *SPEAKER), _first(cells, "utteranceid", "uttrans_id", "utterance_id")
    if not (speaker and clip):
        raise DatasetError(f"expected an utterance and a speaker, seen {dict(cells)!r:.200}")
    row = {**cells, **told, "speaker": speaker, "gender": cells.get("gender", "").lower()}
    meta = known(row, "speaker", "language", "dialect", "region", "age", "gender", "split")
    labels: dict[str, tuple[str, ...]] = {name: (meta[name],) for name in ("dialect", "age", "gender") if name in meta}
    if "region" in meta:
        labels["accent"] = ("".join(meta["region"].split()),)
    text = " ".join(MARKS.sub("", cells.get("transcription", "")).split())
    reference = Annotation(text, labels=labels)
    return Sample(clip.removesuffix(".wav"), release.audio(f"{folder}/{speaker}/{clip}"), reference, meta)
