"""VocalSound, as downloaded (vs_release_16k.zip, vs_release_44k.zip): six sounds that people make, by 3,365 of them.

    vs_release_16k/  (or data/)
        audio_16k/f0003_0_throatclearing.wav ...        (or audio_44k; f: a woman, 0003: who, 0: which collection)
        datafiles/tr.json val.json te.json all.json     ({"data": [{"wav": PATH, "labels": ...}, ...]})
        meta/all_meta.csv                               (of each speaker six fields; no line that names them)

as README.md and src/prep_data.py of YuanGongND/vocalsound say, which of the paths in datafiles use the file name alone.
The six fields are speaker, gender, age, country, native language and health condition ("no": no problem). The README
calls the files of meta .json, but published code reads .csv in the archives, so both are read; of JSON, lists of the
fields, and an object with a list of them, or of the last five, a speaker. Such code also finds the clips of 44.1 kHz in
a folder data_44k, and about thirty clips that cannot be decoded (all of f2298, f3310, m0600 and m2077). The licence is
CC BY-SA 4.0. (Gong, Yu and Glass 2022, arXiv 2205.03433.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from qaeval.datasets._corpus import Aside, BadRows, Cells, chosen, corpus, readable, release_of, table, torn
from qaeval.datasets._json import loaded
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError
from qaeval.text.labels.label_sets import find_label_set
from qaeval.types import Annotation, Dataset, Sample

SPLITS = {"train": "tr", "val": "val", "test": "te", "all": "all"}
RATES = ("16k", "44k")
PEOPLE = ("meta/all_meta.csv", "meta/all_meta.json")
LAYOUT = "datafiles/te.json, meta/all_meta.csv and audio_16k/f0003_0_cough.wav ..."
FIELDS = ("gender", "age", "country", "native_language", "health")
SEXES = {"f": "female", "m": "male"}
_NAME = re.compile(r"(?P<speaker>(?P<sex>[fm])\d+)_(?P<collection>\d+)_(?P<sound>[a-z]+)\.wav")


def load(
    source: str | Path, *, split: str = "test", rate: str | None = None, name: str = "vocalsound",
    bad_rows: BadRows = "error",
) -> Dataset:  # fmt: skip
    """VocalSound: laughter, sighs, coughs, throat clearing, sneezes and sniffs (folder or archive).

    Args:
        source: the release.
        split: train, val, test or all.
        rate: 16k or 44k, the folder of the clips (default: the one that is there, 16k if both are).
        name: what to call the dataset.
        bad_rows: ``skip`` passes over entries whose names are of another form, with a warning.

    The id is the clip's file name, which also tells sound, speaker and gender. Reference labels: ``sound``, ``gender``
    and, where the speakers' fields are there, ``age``. Meta: speaker, gender, age, country, native_language, health,
    collection, split. The input ``choices`` names the six sounds.

    Raises `DatasetError` saying what a folder lacks, and naming file and entry that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of VocalSound", split, SPLITS)
    top = release.top(listing := f"datafiles/{SPLITS[split]}.json")
    file = release.file(top + listing)
    files = [file, *[release.file(top + people) for people in PEOPLE if release.has(top + people)][:1]]

    def rows() -> Iterator[tuple[str, Cells]]:
        aside: Aside = []
        speakers = _speakers(files[1], aside) if len(files) > 1 else {}
        yield from aside
        for place, wav in _listed(file):
            found = _NAME.fullmatch(wav.rpartition("/")[2])
            if found is None:
                yield place, torn(f"expected a name like f0003_0_cough.wav, seen {wav[:80]!r}")
                continue
            who = found["speaker"]
            yield place, {"file": found[0], **speakers.get(who, speakers.get(who[1:], {})), **found.groupdict()}

    folder = _folder(release, top, rate)
    return corpus(name, rows, partial(_sample, release, folder, split), files, (split, folder), bad_rows)


def _folder(release: Release, top: str, rate: str | None) -> str:
    """The folder of the clips that is there."""
    rates = RATES if rate is None else (chosen("rate of VocalSound", rate, RATES),)
    for folder in (f"{top}{kind}_{each}" for each in rates for kind in ("audio", "data")):
        if any(name.startswith(f"{folder}/") for name in release.names()):
            return folder
    raise release.lacks(f"{top}audio_{rates[0]}/*.wav")


def _listed(file: ReleaseFile) -> Iterator[tuple[str, str]]:
    content = loaded(file)
    entries = content.get("data") if isinstance(content, dict) else content
    if not isinstance(entries, list):
        raise DatasetError(f'{file}: expected {{"data": [...]}}, seen {content!r:.80}')
    for number, entry in enumerate(entries, 1):
        wav = entry.get("wav") if isinstance(entry, dict) else None
        yield f"{file}, entry {number}", wav if isinstance(wav, str) else f"{entry!r:.80}"


def _speakers(file: ReleaseFile, aside: Aside) -> dict[str, dict[str, str]]:
    if file.name.endswith(".csv"):
        lines = readable(table(file, ",", quotes=True, columns=("id", *FIELDS)), aside)
        return {cells["id"]: {field: cells[field].strip() for field in FIELDS} for _, cells in lines}
    content = loaded(file)
    if isinstance(content, dict) and len(content) == 1 and isinstance(content.get("data"), list):
        content = content["data"]
    keyed = content.items() if isinstance(content, dict) else ((None, entry) for entry in content)
    return dict(_speaker(file, key, entry) for key, entry in keyed)


def _speaker(file: ReleaseFile, key: str | None, entry: Any) -> tuple[str, dict[str, str]]:
    fields = [str(field).strip() for field in entry] if isinstance(entry, list) else []
    if len(fields) == len(FIELDS) + 1:
        key, fields = key or fields[0], fields[1:]
    if key is None or len(fields) != len(FIELDS):
        raise DatasetError(f"{file}: expected of each speaker {', '.join(('id', *FIELDS))}, seen {entry!r:.120}")
    return key, dict(zip(FIELDS, fields, strict=True))


def _sample(release: Release, folder: str, split: str, cells: Cells) -> Sample:
    sound = "throat clearing" if cells["sound"] == "throatclearing" else cells["sound"]
    choices = find_label_set("vocalsound")
    chosen("sound of VocalSound", sound, choices)
    gender = SEXES[cells["sex"]]
    told = {key: cells[key] for key in ("age", "country", "native_language", "health") if cells.get(key)}
    meta = {"speaker": cells["speaker"], "gender": gender, **told, "collection": cells["collection"], "split": split}
    labels = {"sound": (sound,), "gender": (gender,)} | ({"age": (told["age"],)} if "age" in told else {})
    audio = release.audio(f"{folder}/{cells['file']}")
    return Sample(cells["file"], audio, Annotation(labels=labels), meta, {"choices": ", ".join(choices)})
