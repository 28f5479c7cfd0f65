"""VoiceBench: spoken questions and instructions for voice assistants, as the Hub has them (hlt-lab/voicebench).

    sd-qa/usa-00000-of-00001.parquet ...        (a folder a subset, its splits in Parquet shards)
    alpacaeval_full/test-00000-of-00001.parquet
    mmsu/law-00000-of-00001.parquet ...

Columns: audio, prompt (what is said in the clip), and by subset: output (alpacaeval, alpacaeval_full, commoneval,
wildvoice ...), reference (sd-qa; the letter in openbookqa and mmsu; yes, no, (A) or (B) in bbh), id (bbh), key,
instruction_id_list and kwargs (ifeval). As README.md and src/evaluator/bbh.py of MatthewCYM/VoiceBench and
lmms_eval/tasks/voicebench of EvolvingLMMs-Lab/lmms-eval read them, which also name the splits; which subsets have
output was read in no file of theirs. The licence on the Hub is Apache 2.0. mtbench, which has several clips a row, is
not read. (Chen et al. 2024, arXiv 2410.17196.)

The model hears nothing but the clip: that is the task ``chat``. The subsets with a reference can also be asked by
``answer``, whose prompts then say in writing that the question is in the clip; that is not VoiceBench's own way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from qaeval import registry
from qaeval.datasets._audio import AudioFolder
from qaeval.datasets._corpus import BadRows, chosen, corpus, release_of
from qaeval.datasets._readers import ParquetTable
from qaeval.datasets._release import FolderRelease
from qaeval.errors import DatasetError
from qaeval.text.answers.choices import lettered
from qaeval.types import Annotation, Dataset, Sample

SUBSETS = (
    *("alpacaeval", "alpacaeval_full", "alpacaeval_speaker", "commoneval", "wildvoice", "advbench", "ifeval"),
    *("openbookqa", "mmsu", "sd-qa", "bbh"),
)
LETTERED = ("openbookqa", "mmsu")
LAYOUT = "SUBSET/SPLIT-00000-of-00001.parquet, as in hlt-lab/voicebench (sd-qa/usa-..., mmsu/law-..., others test-...)"
QUERY = "Answer the question that is asked in the audio."
QUERY_LETTERED = "The audio asks a question with options A to D. Answer it with the letter of the right option."
QUERY_TWO = "The audio asks a question with options A and B. Answer it with the letter of the right option."
OPTIONS = lettered(f"option {letter} of the audio" for letter in "ABCD")
TWO = lettered(f"option {letter} of the audio" for letter in "AB")


def load(
    source: str | Path, *, subset: str, split: str = "test", name: str | None = None, bad_rows: BadRows = "error"
) -> Dataset:
    """VoiceBench: spoken questions and instructions for voice assistants (folder of its Parquet files).

    Args:
        source: the folder with the subsets, as downloaded from the Hub.
        subset: alpacaeval, alpacaeval_full, alpacaeval_speaker, commoneval, wildvoice, advbench, ifeval, openbookqa,
            mmsu, sd-qa or bbh.
        split: test; a region in sd-qa (aus, gbr, ind_n, usa ...), a field in mmsu (law, physics ...).
        name: what to call the dataset (default: with subset and split).
        bad_rows: ``skip`` passes over rows that are not as they should be, with a warning.

    The id is ``SPLIT/ROW``, counted from 0 (bbh: its id). ``text`` is what is said. Label ``response``: a model answer
    where there is one; ``answer``: the reference (a letter without brackets), with query and choices for it. Meta:
    subset, task, split, language, accent (sd-qa: the region), and of ifeval key, instruction_id_list and kwargs (JSON).

    Raises `DatasetError` saying what a folder lacks, and naming the file and row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("subset of VoiceBench", subset, SUBSETS)
    if not isinstance(release, FolderRelease):
        raise DatasetError(f"{source}: expected a folder with {LAYOUT}")
    wanted = _shards(release, subset, split)
    files = [release.file(shard) for shard in wanted]
    rows = partial(_rows, Path(release.where), wanted, split)
    make = partial(_sample, AudioFolder(release.where), subset, split)
    return corpus(name or f"voicebench_{subset}_{split}", rows, make, files, (subset, split), bad_rows)


def _shards(release: FolderRelease, subset: str, split: str) -> list[str]:
    """The shards of a split, whether the release or the subset's folder in it was named."""
    found = release.find(f"{subset}/*.parquet") or [shard for shard in release.find("*.parquet") if "/" not in shard]
    if not found:
        raise release.lacks(f"{subset}/{split}-00000-of-00001.parquet")
    splits = {shard: shard.rpartition("/")[2].rpartition("-of-")[0].rpartition("-")[0] for shard in found}
    wanted = [shard for shard, one in splits.items() if one == split]
    if not wanted:
        raise registry.unknown(f"split of {subset}", split, set(splits.values()))
    return wanted


def _rows(top: Path, shards: list[str], split: str) -> Iterator[tuple[str, Any]]:
    row = 0
    for shard in shards:
        for number, names, cells in ParquetTable(top / shard).rows():
            yield f"{top / shard}, row {number}", {**dict(zip(names, cells, strict=True)), "row": f"{split}/{row}"}
            row += 1


def _sample(folder: AudioFolder, subset: str, split: str, cells: Any) -> Sample:
    prompt = cells.get("prompt")
    if not (isinstance(prompt, str) and prompt.strip()):
        raise DatasetError(f"expected a prompt, seen {prompt!r:.80}; columns: {', '.join(cells)!r:.200}")
    key = str(cells["id"]) if subset == "bbh" and cells.get("id") else cells["row"]
    meta: dict[str, Any] = {"subset": subset, "task": subset, "split": split, "language": "en"}
    if subset == "sd-qa":
        meta["accent"] = split
    if subset == "bbh":
        meta["task"] = key.rstrip("0123456789").rstrip("_-") or subset
    told = {name: cells[name] for name in ("key", "instruction_id_list", "kwargs") if cells.get(name) is not None}
    meta |= {name: value if isinstance(value, str | int) else json.dumps(value) for name, value in told.items()}
    labels = {"response": (str(cells["output"]),)} if cells.get("output") else {}
    inputs: dict[str, str] = {}
    if cells.get("reference"):
        reference, inputs = _asked(subset, str(cells["reference"]).strip())
        labels["answer"] = (reference,)
    audio = folder.find(cells.get("audio"), int(cells["row"].rpartition("/")[2]))
    return Sample(key, audio, Annotation(prompt, labels=labels), meta, inputs)


def _asked(subset: str, reference: str) -> tuple[str, dict[str, str]]:
    """The right answer, and the inputs to ask for it."""
    if subset == "bbh" and reference.upper() in ("(A)", "(B)"):
        return reference[1].upper(), {"query": QUERY_TWO, "choices": TWO}
    if subset not in LETTERED:
        return reference, {"query": QUERY}
    if reference not in tuple("ABCD"):
        raise DatasetError(f"reference: expected the letter of one of four options, seen {reference!r:.80}")
    return reference, {"query": QUERY_LETTERED, "choices": OPTIONS}
