"""AIR-Bench: questions about speech, sound and music, with options (foundation) and open (chat).

    Foundation/
        Foundation_meta.json                    (a list of objects)
        Speaker_Emotion_Recontion_iemocap/...   (a folder a task and data set: TASK_DATASET/PATH)
    Chat/
        Chat_meta.json
        speech_dialogue_QA_fisher/568.38_596.46.wav ...

Keys of foundation: path, question, choice_a, choice_b, choice_c, choice_d (the last two may lack), answer_gt (the right
option's text), task_name, dataset_name, uniq_id; of chat: path, question, answer_gt, meta_info (what is heard, for the
judge), task_name, dataset_name, uniq_id. As the scripts of OFA-Sys/AIR-Bench read them (Inference_Foundation.py, which
looks for the clips of Audio_Grounding under their names with .flac, and Inference_Chat.py); that the answer is a text,
as lmms_eval/tasks/air_bench/utils.py of EvolvingLMMs-Lab/lmms-eval compares it. Distributed by the Hub as
qyang1021/AIR-Bench-Dataset. (Yang et al. 2024, arXiv 2402.07729.) Not verified on the files: whether every answer is
one of its options; one that is not is a bad row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, release_of, torn
from qaeval.datasets._json import members
from qaeval.datasets._questions import question
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample

TABLES = {"foundation": "Foundation_meta.json", "chat": "Chat_meta.json"}
LAYOUT = "Foundation/Foundation_meta.json or Chat/Chat_meta.json, and beside it TASK_DATASET/*.wav"
CHOICES = ("choice_a", "choice_b", "choice_c", "choice_d")
FLAC = "Audio_Grounding"


def load(
    source: str | Path, *, part: str = "foundation", name: str | None = None, bad_rows: BadRows = "error"
) -> Dataset:
    """AIR-Bench: questions about speech, sound and music, with options or open (folder or archive).

    Args:
        source: the release, or one part of it.
        part: foundation (options; for the task ``answer``) or chat (open; also for a judge).
        name: what to call the dataset (default: air_bench_foundation, air_bench_chat).
        bad_rows: ``skip`` passes over questions that cannot be asked, with a warning.

    The id is uniq_id. Inputs: query, and choices as ``A. text`` lines. Label ``answer``: the letter, or in chat the
    reference answer, which is also the label ``response``. Meta: task, dataset, part, and in chat
    meta_info. Prompts: ``air-bench`` and ``verbatim`` of the task ``answer``.

    Raises `DatasetError` saying what a folder lacks, and naming file and member of a question that is not as it should.
    """
    release = release_of(source, LAYOUT)
    chosen("part of AIR-Bench", part, TABLES)
    wanted = TABLES[part]
    folder = f"{wanted.partition('_')[0]}/"
    top = release.top(folder + wanted, wanted)
    top = top if release.has(top + wanted) else top + folder
    file = release.file(top + wanted)

    def rows() -> Iterator[tuple[str, Cells]]:
        for place, _, value in members(file):
            yield place, value if isinstance(value, dict) else torn(f"expected an object, seen {value!r:.60}")

    return corpus(name or f"air_bench_{part}", rows, partial(_sample, release, top, part), [file], part, bad_rows)


def _sample(release: Release, top: str, part: str, cells: Any) -> Sample:
    lacking = [
        key for key in ("path", "task_name", "dataset_name", "uniq_id", "question") if cells.get(key) in (None, "")
    ]
    if lacking:
        raise DatasetError(f"no {', '.join(lacking)}; seen {', '.join(cells)!r:.200}")
    path, task, origin = (str(cells[key]) for key in ("path", "task_name", "dataset_name"))
    if part == "foundation" and task == FLAC:
        path = f"{path.rpartition('.')[0]}.flac"
    meta: dict[str, object] = {"task": task, "dataset": origin, "part": part}
    answer = cells.get("answer_gt")
    if part == "foundation":
        inputs, labels = question(cells["question"], [cells.get(key) for key in CHOICES], answer)
    else:
        inputs, labels = {"query": str(cells["question"])}, {}
        if answer is not None and str(answer).strip():
            labels = {"answer": (str(answer),), "response": (str(answer),)}
        told = cells.get("meta_info")
        meta["meta_info"] = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
    audio = release.audio(f"{top}{task}_{origin}/{path}")
    return Sample(str(cells["uniq_id"]), audio, Annotation(labels=labels), meta, inputs)
