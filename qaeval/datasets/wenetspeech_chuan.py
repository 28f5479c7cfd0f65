"""WenetSpeech-Chuan, as downloaded from the Hub: Sichuanese, to be tested with (WSC-Eval) and trained on (WSC-Train).

    WSC-Eval-ASR/Easy/text              (Kaldi's: an utterance and its text; Hard, Short and Long, too)
    WSC-Eval-ASR/Easy/wav/*.wav         (or wav.tar.gz, unread until a clip is needed)

    audio_labels/*.jsonl                (WSC-Train: one JSON object a clip; or all of them in wsc_metadata.jsonl)

Keys of a clip of WSC-Train, by its card on the Hub (no code that reads them was found): wav_utt_id_timestamp (the id),
wav_utt_id_timestamp_path, audio_clip_id, timestamp, wvmos_score, text, text_punc, spk_num, confidence, emotion, age
such as 中年(36~59), gender. Easy is quiet (audiobooks), Hard is noisy (live streams, short videos), as readme.md of
ASLP-lab/WenetSpeech-Chuan says; Short and Long are the same recordings by length (10 s). Published code reads text
beside wav.scp and key.txt, and finds the clip of an utterance in wav. Licences: WSC-Eval CC BY-NC 4.0, WSC-Train Apache
2.0 (labels; the audio is fetched from its places).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, known, release_of, torn
from qaeval.datasets._inner import clips_of
from qaeval.datasets._keyed import keyed
from qaeval.datasets._readers import JsonlTable
from qaeval.datasets._records import Broken
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.datasets._wenetspeech import labels_of
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Audio, Dataset, Sample

SUBSETS = ("Easy", "Hard", "Short", "Long", "train")
LAYOUT = "Easy/text with Easy/wav/*.wav (WSC-Eval-ASR), or audio_labels/*.jsonl or wsc_metadata.jsonl (WSC-Train)"
MARKS = str.maketrans("", "", "*()（）")
DIALECT = "四川话"
META = ("spk_num", "confidence", "wvmos_score", "timestamp", "age", "gender", "emotion")


def load(
    source: str | Path, *, subset: str = "Easy", name: str = "wenetspeech_chuan", bad_rows: BadRows = "error"
) -> Dataset:
    """WenetSpeech-Chuan: Sichuanese, its test sets and its labelled training set (folder or archive).

    Args:
        source: the release.
        subset: Easy, Hard, Short or Long of WSC-Eval-ASR; ``train``: the clips of WSC-Train.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over rows without a clip or a text, with a warning.

    The id is the utterance's. As the card of WSC-Eval says, marks are left out of its texts: ``*`` (not understood) and
    the brackets around what others say. Meta: language, subset, dialect (四川话; also a reference label), and of
    WSC-Train spk_num, confidence, wvmos_score, timestamp, age, gender, emotion. The last three are reference labels
    too; an age such as 中年(36~59) is the label ``36-59``.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("subset of WenetSpeech-Chuan", subset, SUBSETS)
    if subset == "train":
        files = _label_files(release)
        return corpus(name, partial(_labelled, files), partial(_train, release), files, subset, bad_rows)
    top = f"{release.top(f'{subset}/text')}{subset}/"
    file = release.file(f"{top}text")
    clip = clips_of(release, f"{top}wav", f"{top}wav.tar.gz")

    def rows() -> Iterator[tuple[str, Cells]]:
        return keyed(file)

    return corpus(name, rows, partial(_eval, clip, subset), [file], subset, bad_rows)


def _eval(clip: Callable[[str], Audio], subset: str, cells: Cells) -> Sample:
    id, text = cells["key"], cells["value"].translate(MARKS).strip()
    meta = {"language": "zh", "dialect": DIALECT, "subset": subset}
    return Sample(id, clip(f"{id}.wav"), Annotation(text, labels={"dialect": (DIALECT,)}), meta)


def _label_files(release: Release) -> list[ReleaseFile]:
    found = release.find("*audio_labels/*.jsonl") or release.find("*wsc_metadata.jsonl")
    if not found:
        raise release.lacks("audio_labels/*.jsonl")
    return [release.file(name) for name in sorted(found)]


def _labelled(files: list[ReleaseFile]) -> Iterator[tuple[str, Cells]]:
    for file in files:
        for number, row in JsonlTable(file).tolerant():
            if isinstance(row, Broken):
                yield f"{file}, line {number}", torn(row.why)
                continue
            texts = {name: "" if cell is None else str(cell) for name, cell in row.items()}
            yield f"{file}, line {number}", texts | {"folder": _folder(file.name)}


def _folder(name: str) -> str:
    """The folder that paths start from: above audio_labels."""
    return name.partition("audio_labels/")[0] if "audio_labels/" in name else name.rpartition("wsc_metadata.jsonl")[0]


def _train(release: Release, cells: Cells) -> Sample:
    id, path = cells.get("wav_utt_id_timestamp", ""), cells.get("wav_utt_id_timestamp_path", "")
    if not (id and path):
        raise DatasetError(f"expected wav_utt_id_timestamp and its _path, seen the keys {', '.join(cells)}")
    labels = labels_of({name: [cells.get(name, "")] for name in ("age", "gender", "emotion")})
    meta = known(cells, *META) | {"language": "zh", "dialect": DIALECT, "subset": "train"}
    reference = Annotation(cells.get("text", ""), labels={**labels, "dialect": (DIALECT,)})
    return Sample(id, release.audio(cells["folder"] + path), reference, meta)
