"""MMAU: 10,000 multiple-choice questions about sound, music and speech, of which 1,000 (test-mini) have their answers.

    mmau-test-mini.json                         (a list of objects; mmau-test.json without answers)
    test-mini-audios/3fe64f3d-282c-4bc8-a753-68f8f6c35652.wav ...
or, as the Hub has it (gamma-lab-umd/MMAU-test-mini, lmms-lab/mmau):
    test_mini.parquet

Keys: id, audio_id (the path of the clip), question, choices, answer (one of the choices, as text), dataset, task
(sound, music, speech), split, category, sub-category, difficulty; as in mmau-test-mini.json of Sakshi113/MMAU. The
Parquet file of gamma-lab-umd has context (bytes of the clip), instruction, choices (``(A) Man``), answer and
other_attributes (the rest, in JSON), as published code reads it (it names some MP3 files .wav); that of lmms-lab has
audio and the keys above, with choices in JSON, as lmms_eval/tasks/mmau/utils.py of EvolvingLMMs-Lab/lmms-eval reads it.

**There are two versions under the same names**: v0 (2024) and v05.15.25 (May 2025), in which about a quarter of the
questions and answers and a twentieth of the clips were revised; results on them must not be compared. The files do not
say which they are, so one has to. (Sakshi et al. 2024, arXiv 2410.19168.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from qaeval.datasets._audio import AudioFolder
from qaeval.datasets._corpus import BadRows, chosen, corpus, release_of, torn
from qaeval.datasets._json import members
from qaeval.datasets._questions import question
from qaeval.datasets._readers import ParquetTable
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Audio, Dataset, Sample

VERSIONS = ("v0", "v05.15.25")
SPLITS = ("test-mini", "test")
LAYOUT = "mmau-test-mini.json and test-mini-audios/*.wav, or test_mini.parquet"
META = {
    "task": "task",
    "category": "category",
    "sub-category": "sub_category",
    "difficulty": "difficulty",
    "dataset": "dataset",
}


def load(
    source: str | Path, *, version: str, split: str = "test-mini", name: str | None = None, bad_rows: BadRows = "error"
) -> Dataset:
    """MMAU: multiple-choice questions about sound, music and speech (folder, archive or Parquet file).

    Args:
        source: the folder or archive with the JSON file and the clips, or the Parquet file.
        version: v0 (2024) or v05.15.25; they are different questions under the same names.
        split: test-mini, or test, whose answers are withheld: its samples have no reference.
        name: what to call the dataset (default: with split and version).
        bad_rows: ``skip`` passes over questions that cannot be asked, with a warning.

    The id is that of the question. Inputs: query, and choices as ``A. text`` lines, in their order. Label ``answer``:
    the letter. Meta: version, split, task, category, sub_category, difficulty, dataset. Prompt: ``lmms-eval-mmau``.

    Raises `DatasetError` saying what a folder lacks, and naming member or row of a question that is not as it should.
    """
    chosen("version of MMAU", version, VERSIONS)
    chosen("split of MMAU", split, SPLITS)
    packed = str(source).lower().endswith(".parquet")
    release = release_of(Path(source).parent if packed else source, LAYOUT)
    if packed:
        wanted = Path(source).name
        rows = partial(_packed, Path(source))
    else:
        wanted = f"{release.top(f'mmau-{split}.json')}mmau-{split}.json"
        rows = partial(_listed, release, wanted)
    title = name or f"mmau_{split}_{version}".replace("-", "_")
    make = partial(_sample, release, wanted.rpartition("/")[0], {"version": version, "split": split})
    return corpus(title, rows, make, [release.file(wanted)], (version, split), bad_rows)


def _listed(release: Release, wanted: str) -> Iterator[tuple[str, Any]]:
    for place, _, value in members(release.file(wanted)):
        yield place, value if isinstance(value, dict) else torn(f"expected an object, seen {value!r:.60}")


def _packed(path: Path) -> Iterator[tuple[str, Any]]:
    """The rows of the Parquet file, with the keys of the JSON file."""
    for number, names, cells in ParquetTable(path).rows():
        row = dict(zip(names, cells, strict=True))
        place = f"{path}, row {number}"
        try:
            rest = json.loads(row.get("other_attributes") or "{}")
        except (ValueError, TypeError, RecursionError) as error:
            yield place, torn(f"other_attributes is no JSON: {str(error)[:100]}")
            continue
        known = {"question": row.get("instruction"), "audio": row.get("context"), **row}
        yield place, {**(rest if isinstance(rest, dict) else {}), **known, "choices": _choices(row.get("choices"))}


def _choices(cell: Any) -> Any:
    """The list that a cell holds, or has in JSON; anything else as it is."""
    try:
        return json.loads(cell) if isinstance(cell, str) else cell
    except (ValueError, RecursionError):
        return cell


def _sample(release: Release, top: str, told: Mapping[str, str], cells: Any) -> Sample:
    choices, key = cells.get("choices"), cells.get("id")
    if not (isinstance(choices, list) and isinstance(key, str) and key):
        raise DatasetError(f"expected an id and a list of choices, seen id {key!r:.60} and choices {choices!r:.60}")
    inputs, labels = question(cells.get("question"), choices, cells.get("answer"))
    meta = {
        **told,
        **{ours: str(cells[theirs]) for theirs, ours in META.items() if cells.get(theirs)},
        "language": "en",
    }
    return Sample(key, _audio(release, top, cells), Annotation(labels=labels), meta, inputs)


def _audio(release: Release, top: str, cells: Any) -> Audio:
    if "audio" in cells:
        return AudioFolder(release.where).find(cells["audio"], 0)
    path = str(cells.get("audio_id") or "").removeprefix("./")
    if not path:
        raise DatasetError("audio_id is empty")
    return release.audio(f"{top}/{path}" if top else path)
