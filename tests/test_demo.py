"""The shipped audio is whole, is what its manifest says, and may be passed on."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import qaeval.datasets
from qaeval import audio
from qaeval.datasets import demo
from qaeval.errors import DatasetError
from qaeval.types import Sample

FOLDER = Path(demo.__file__).parent / "_demo"
LICENCES = {
    "Apache-2.0", "BSD-2-Clause", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC0-1.0", "MIT",
    "LicenseRef-CMU-ARCTIC", "LicenseRef-PublicDomain",
}  # fmt: skip

with (FOLDER / "clips.csv").open(encoding="utf-8", newline="") as manifest:
    DIGESTS = {row["id"]: row["sha256"] for row in csv.DictReader(manifest)}
CLIPS = list(demo.load())
LOCATED = [clip for clip in CLIPS if "query" in clip.inputs]
each_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.id)
each_located = pytest.mark.parametrize("clip", LOCATED, ids=lambda clip: clip.id)


def words(clip: Sample) -> list[tuple[str, float, float]]:
    return [tuple(word) for word in json.loads(clip.meta["alignment"])]


@each_clip
def test_a_clip_is_the_one_that_its_row_describes(clip: Sample) -> None:
    assert audio.sha256(clip.audio) == DIGESTS[clip.id]
    waveform = audio.decode(clip.audio)
    duration = waveform.samples.shape[1] / waveform.rate
    assert duration == pytest.approx(float(clip.meta["duration"]), abs=0.001)
    assert np.abs(waveform.samples).max() > 0.05


@each_clip
def test_a_clip_may_be_passed_on(clip: Sample) -> None:
    assert clip.meta["licence"] in LICENCES
    package, _, detail = clip.meta["source"].partition(": ")
    assert detail
    section = (FOLDER / "LICENSES.md").read_text(encoding="utf-8")
    [found] = [part for part in section.split("\n## ") if f"`{clip.audio.name}`" in part]
    assert found.startswith(f"{package}: {clip.meta['licence']}\n")


@each_clip
def test_references_are_what_the_kind_promises(clip: Sample) -> None:
    kind, text = clip.meta["kind"], clip.reference.text
    assert clip.reference.has("sound") == (kind == "sound") == (text is None)
    assert bool(clip.meta["speaker"]) == bool(clip.language) == (kind != "sound")
    assert text is None or not any(character.isdigit() or character in "<>" for character in text)


@each_located
def test_a_query_is_one_word_of_the_text_and_its_span_lies_in_the_clip(clip: Sample) -> None:
    query, [event] = clip.inputs["query"], clip.reference.events or []
    assert event.label == query
    assert (clip.reference.text or "").count(query) == 1
    assert 0 < event.onset < event.offset <= float(clip.meta["duration"])
    assert 0.1 < event.offset - event.onset < 1.2


@each_located
def test_the_alignment_is_in_order_and_holds_the_span(clip: Sample) -> None:
    aligned = words(clip)
    times = [time for _, onset, offset in aligned for time in (onset, offset)]
    assert times == sorted(times)
    assert times[-1] <= float(clip.meta["duration"])
    [event] = clip.reference.events or []
    inside = [label for label, onset, offset in aligned if event.onset <= onset and offset <= event.offset]
    assert "".join(inside) == event.label


@each_located
def test_the_alignment_says_the_text(clip: Sample) -> None:
    def bare(text: str) -> str:
        return "".join(filter(str.isalpha, text.lower()))

    assert bare("".join(label for label, _, _ in words(clip))) == bare(clip.reference.text or "")


@pytest.mark.parametrize("clip", list(demo.load(kind="synthetic")), ids=lambda clip: clip.id)
def test_nothing_is_heard_outside_the_words_of_synthetic_speech(clip: Sample) -> None:
    waveform = audio.decode(clip.audio, mono=True)
    heard = np.flatnonzero(np.abs(waveform.samples[0]) > 0.01 * np.abs(waveform.samples).max()) / waveform.rate
    aligned = words(clip)
    assert heard[0] == pytest.approx(aligned[0][1], abs=0.07)  # the closure of a stop is part of its word
    assert heard[-1] == pytest.approx(aligned[-1][2], abs=0.05)


def test_there_is_enough_of_everything() -> None:
    kinds = Counter((clip.meta["kind"], clip.language) for clip in CLIPS)
    assert kinds[("speech", "en")] >= 30
    assert len({clip.meta["speaker"] for clip in demo.load(kind="speech", language="en")}) >= 10
    assert len({clip.reference.labels["sound"] for clip in demo.load(kind="sound")}) >= 10
    assert kinds[("synthetic", "en")] >= 12
    assert kinds[("synthetic", "zh")] >= 12
    assert kinds[("synthetic", "yue")] >= 6
    assert sum(clip.meta["kind"] == "speech" for clip in LOCATED) >= 5


def test_ids_and_audio_are_unique_and_no_file_is_left_over() -> None:
    names = [clip.audio.name for clip in CLIPS]
    assert len({clip.id for clip in CLIPS}) == len(set(names)) == len(CLIPS)
    assert len(set(DIGESTS.values())) == len(CLIPS)
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert files == {*names, "clips.csv", "LICENSES.md"}
    assert all(name.isascii() for name in files)


def test_it_stays_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 3_300_000


def test_the_manifest_has_the_columns_of_its_documentation() -> None:
    with (FOLDER / "clips.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == [
        "id", "audio", "text", "language", "speaker", "kind", "labels.sound", "inputs.query", "events", "alignment",
        "duration", "licence", "source", "sha256",
    ]  # fmt: skip


def test_filters_are_parts_of_the_whole() -> None:
    parts = [clip.id for kind in ("speech", "sound", "synthetic") for clip in demo.load(kind=kind)]
    assert sorted(parts) == sorted(clip.id for clip in CLIPS)
    chinese = demo.load(kind="synthetic", language="zh-CN")
    assert [clip.id for clip in chinese] == [clip.id for clip in CLIPS if clip.language == "zh"]
    assert list(chinese) == list(chinese)


def test_filters_change_the_fingerprint_and_not_the_name() -> None:
    datasets = [demo.load(), demo.load(kind="sound"), demo.load(language="yue"), demo.load(kind="speech")]
    assert {dataset.name for dataset in datasets} == {"demo"}
    assert len({dataset.fingerprint for dataset in datasets}) == 4
    assert demo.load(kind="sound").fingerprint == datasets[1].fingerprint


def test_it_is_found_by_its_name() -> None:
    assert [clip.id for clip in qaeval.datasets.load("demo", kind="sound")][:2] == ["cat", "cow"]


@pytest.mark.parametrize("options", [{"kind": "music"}, {"language": "fr"}, {"kind": "speech", "language": "zh"}])
def test_what_is_not_there_says_what_is(options: dict[str, str]) -> None:
    with pytest.raises(DatasetError, match=r"no clip of kind .*; it has .*sound, .*speech en, .*synthetic zh"):
        demo.load(**options)
