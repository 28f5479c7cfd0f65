"""WSYue-ASR-eval, the test set of WenetSpeech-Yue, as downloaded from the Hub: Cantonese. Its licence: CC BY-NC 4.0.

    Short/content.txt                   (0000004453.wav, age, emotion, gender, text; no line that names the columns)
    Short/wav.tar.gz                    (as downloaded; unpacked: Short/wav_/0000004453.wav ...)
    Long/TextGrid.tar.gz                (as downloaded; unpacked: Long/TextGrid/xq0045690.TextGrid ...; Praat)
    Long/wav.tar.gz                     (unpacked: Long/wav/xq0045690.wav ...)

The sets are those of README.md of ASLP-lab/WenetSpeech-Yue (clips up to 10 s, and of 10 to 30 s); the layout within
them, the order of the columns and the tier 文本 with the text are those of published scripts that make manifests of
them (prepare_wsyue_asr_eval_qwen3.py). That the other tiers are called 性别, 年龄 and 情绪 or 情感 could not be
verified; one that is called otherwise is not read. Nor is the metadata of the training set: its keys are not
documented; a manifest of one's own can name them (see manifest).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, release_of, table
from qaeval.datasets._inner import InnerArchive, clips_of, hidden
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.datasets._textgrid import read_textgrid
from qaeval.datasets._wenetspeech import labels_of
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Audio, Dataset, Sample

SUBSETS = ("Short", "Long")
LAYOUT = "Short/content.txt with Short/wav.tar.gz or Short/wav_/*.wav, Long/TextGrid.tar.gz with Long/wav.tar.gz"
COLUMNS = ("clip", "age", "emotion", "gender", "text")
TIERS = {"文本": "text", "性别": "gender", "年龄": "age", "情绪": "emotion", "情感": "emotion"}


def load(
    source: str | Path, *, subset: str = "Short", name: str = "wenetspeech_yue", bad_rows: BadRows = "error"
) -> Dataset:
    """WSYue-ASR-eval: Cantonese of many kinds, with age, gender and emotion (folder).

    Args:
        source: the release.
        subset: Short or Long.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over torn rows, with a warning.

    The id is the file name without its ending. Meta: language, subset, and of Short age, gender, emotion. These three
    are reference labels too; an age such as 中年(36~59) is the label ``36-59``. Of Long, the sentences are events with
    their times, and ``text`` is all of them, one after the other.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("subset of WSYue-ASR-eval", subset, SUBSETS)
    if subset == "Long":
        top, grids = _textgrids(release)
        clip = clips_of(release, f"{top}Long/wav", f"{top}Long/wav.tar.gz")
        return corpus(name, lambda: _grids(grids), partial(_long, clip, grids), grids, subset, bad_rows)
    top = release.top("Short/content.txt")
    file = release.file(f"{top}Short/content.txt")
    clip = clips_of(release, f"{top}Short/wav_", f"{top}Short/wav.tar.gz")
    return corpus(name, lambda: table(file, columns=COLUMNS), partial(_short, clip), [file], subset, bad_rows)


def _textgrids(release: Release) -> tuple[str, list[ReleaseFile]]:
    """The folder above Long, and the files of Long/TextGrid, or those of the archive that it comes as."""
    found = [name for name in release.find("*Long/TextGrid/*.TextGrid") if not hidden(name)]
    packed = [] if found else release.find("*Long/TextGrid.tar.gz")
    tops = {name.rpartition("Long/TextGrid")[0] for name in (*found, *packed)}
    if len(tops) != 1:
        raise release.lacks("Long/TextGrid/*.TextGrid")
    if packed:
        release = InnerArchive(release, packed[0]).opened
        found = [name for name in release.find("*.TextGrid") if not hidden(name)]
    return tops.pop(), [release.file(name) for name in sorted(found)]


def _short(clip: Callable[[str], Audio], cells: Cells) -> Sample:
    if not cells["clip"]:
        raise DatasetError("the name of the clip is empty")
    told = {name: cells[name] for name in ("age", "gender", "emotion") if cells[name].strip()}
    labels = labels_of({name: [value] for name, value in told.items()})
    meta = told | {"language": "yue", "subset": "Short"}
    id = cells["clip"].removesuffix(".wav")
    return Sample(id, clip(cells["clip"]), Annotation(cells["text"], labels=labels), meta)


def _grids(grids: list[ReleaseFile]) -> Iterator[tuple[str, Cells]]:
    for number, file in enumerate(grids):
        yield str(file), {"number": str(number)}


def _long(clip: Callable[[str], Audio], grids: list[ReleaseFile], cells: Cells) -> Sample:
    file = grids[int(cells["number"])]
    tiers = {TIERS[name]: events for name, events in read_textgrid(file).items() if name in TIERS}
    if "text" not in tiers:
        raise DatasetError("expected a tier 文本 with the text, seen none")
    id = file.name.rpartition("/")[2].removesuffix(".TextGrid")
    labels = labels_of({name: [event.label for event in events] for name, events in tiers.items()})
    reference = Annotation("".join(event.label for event in tiers["text"]), tiers["text"], labels)
    return Sample(id, clip(f"{id}.wav"), reference, {"language": "yue", "subset": "Long"})
