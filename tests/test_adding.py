"""A new task, metric, model and dataset: one file of about thirty lines each, and no other file is touched."""

import importlib
import sys

import pytest
from clips import wav

import qaeval as qa
from qaeval import datasets, metrics, models, tasks

FILES = {
    "datasets/toneset.py": '''
"""Tones: WAV files named after their note, as ``a4-1.wav``."""

from pathlib import Path

from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample


def load(folder: str) -> Dataset:
    """Recordings of single notes, labelled by their file names."""
    files = sorted(Path(folder).glob("*-*.wav"))
    if not files:
        raise DatasetError(f"{folder}: expected files such as a4-1.wav, seen none")

    def read():
        for file in files:
            note, take = file.stem.split("-")
            yield Sample(file.stem, file, Annotation(labels={"note": (note,)}), {"take": take})

    return Dataset("toneset", read)
''',
    "metrics/note_accuracy.py": '''
"""Whether the note is named right."""

from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> Ratio | None:
    """1 when the first note claimed is the one heard; a reply without a note counts as wrong."""
    if "note" not in case.reference.labels:
        return None
    claimed = case.hypothesis.labels.get("note", ())[:1]
    return Ratio(claimed == case.reference.labels["note"], 1)


METRIC = Metric("note_accuracy", "note", score, better="higher", summary="notes named right")
''',
    "tasks/note.py": '''
"""Which note is heard?"""

import re

from qaeval import metrics
from qaeval.text.replies.unwrap import unwrap
from qaeval.types import Annotation, Prompt, Sample, Task


def parse(text: str, sample: Sample) -> Annotation:
    """The first note named, such as a4."""
    found = re.search(r"\\b([a-g]#?[0-8])\\b", unwrap(text).text.lower())
    return Annotation(labels={"note": (found.group(1),)} if found else {})


TASK = Task(
    name="note",
    needs=("note",),
    prompts=(Prompt("en", "Which note is it? Answer like A4."), Prompt("zh", "这是哪个音?请用 A4 这样的写法回答。")),
    parse=parse,
    metrics=(metrics.find("note_accuracy"),),
    summary="the note that is heard",
)
''',
    "models/pitch.py": '''
"""Names the pitch by counting zero crossings: ``pitch/zero``."""

import numpy as np

from qaeval import audio
from qaeval.types import Model, Request

SUMMARY = "the pitch of a clip, by zero crossings"
EXAMPLES = ("pitch/zero",)
NAMES = ["c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b"]


def load(rest: str) -> Model:
    """The model; ``rest`` is the method, of which there is one."""
    return Model(f"pitch/{rest}", ask, concurrency=2, reads_prompt=False)


def ask(request: Request) -> str:
    """Raises `AudioError` for a clip that cannot be decoded."""
    wave = audio.decode(request.audio, mono=True)
    signs = np.signbit(wave.samples[0])
    hertz = np.count_nonzero(signs[1:] != signs[:-1]) / 2 / wave.duration
    number = round(12 * np.log2(hertz / 440)) + 57
    return f"I hear {NAMES[number % 12].upper()}{number // 12}."
''',
}


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """A folder with the four files, each found beside those of the package."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.lstrip(), "utf-8")
    for room in (datasets, metrics, models, tasks):
        folder = tmp_path / room.__name__.split(".")[1]
        monkeypatch.setattr(room, "__path__", [*room.__path__, str(folder)])
    importlib.invalidate_caches()
    yield tmp_path
    for name in FILES:
        sys.modules.pop("qaeval." + name.removesuffix(".py").replace("/", "."), None)


@pytest.mark.parametrize("name", FILES)
def test_it_is_short(name):
    assert len(FILES[name].strip().splitlines()) <= 32


def test_each_is_found_by_its_file_name_and_all_work_together(scratch):
    for note, tone in (("a4", 440.0), ("e5", 659.26), ("c4", 261.63)):
        (scratch / f"{note}-1.wav").write_bytes(wav(0.5, 16000, tone))
    clips = qa.load("toneset", str(scratch))
    run = qa.run(clips, "note", "pitch/zero", scratch / "run", prompts=["en", "zh"], progress=False)
    [english, chinese] = qa.summarize(run.scores(), by=["model"]).to_dict("records")
    assert (english["metric"], english["value"], english["n"]) == ("note_accuracy", 1.0, 3)
    assert chinese["value"] == 1.0
    assert "pitch/zero" in models.names()
    assert "toneset" in datasets.names()
    assert datasets.summaries()["toneset"] == "Recordings of single notes, labelled by their file names."
    assert {"note", "note_accuracy"} <= {*tasks.names(), *metrics.names()}


def test_a_wrong_name_lists_the_new_ones_too(scratch):
    with pytest.raises(qa.QaevalError, match="did you mean 'pitch/zero'"):
        models.find("pich/zero")
