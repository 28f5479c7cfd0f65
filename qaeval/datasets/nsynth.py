"""NSynth, as downloaded (nsynth-test.jsonwav.tar.gz ...): 305,979 notes of 4 s by 1,006 instruments, in 11 families.

    nsynth-test/        (nsynth-valid, nsynth-train)
        examples.json   ({"bass_synthetic_068-049-025": {"instrument_family_str": "bass", "pitch": 49, ...}, ...})
        audio/bass_synthetic_068-049-025.wav ...

as HEAR's preparation of it (nsynth_pitch.py) reads it; keys, families, sources and how many there are as TensorFlow
Datasets (audio/nsynth.py) and its page (magenta.tensorflow.org/datasets/nsynth) have them. The licence is CC BY 4.0.
(Engel et al. 2017, arXiv 1704.01279.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from qaeval.datasets._corpus import BadRows, Cells, Torn, chosen, corpus, release_of, torn
from qaeval.datasets._json import members
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.types import Annotation, Dataset, Sample

SPLITS = ("train", "valid", "test")
FAMILIES = (
    "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead", "vocal"
)  # fmt: skip
TOLD = ("instrument_family_str", "instrument_source_str", "instrument_str", "pitch", "velocity")
LAYOUT = "nsynth-test/examples.json and nsynth-test/audio/bass_synthetic_068-049-025.wav ..."


def load(
    source: str | Path, *, split: str = "test", name: str = "nsynth", bad_rows: BadRows = "error"
) -> Dataset:  # fmt: skip
    """NSynth: single notes of instruments in eleven families (folder or archive of a split).

    Args:
        source: the folder of a split, or one above it, or its archive.
        split: train, valid or test.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over members that lack something, with a warning.

    The id is the note's (bass_synthetic_068-049-025). Reference label: ``instrument``, the family (bass, brass, flute,
    guitar, keyboard, mallet, organ, reed, string, synth_lead, vocal). Meta: family, instrument (one of 1,006), source
    (acoustic, electronic, synthetic), pitch and velocity (MIDI, 0 to 127), qualities (with commas between), split. The
    input ``choices`` names the families, as the prompts ``-closed`` of `qaeval.tasks.music` need them.

    Raises `DatasetError` saying what a folder lacks, and naming file and member that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of NSynth", split, SPLITS)
    top = _top(release, f"nsynth-{split}/")
    file = release.file(f"{top}examples.json")
    return corpus(name, partial(_rows, file), partial(_sample, release, top, split), [file], split, bad_rows)


def _top(release: Release, folder: str) -> str:
    if release.where.rstrip("/").endswith(folder.rstrip("/")) and release.has("examples.json"):
        return ""
    return release.top(f"{folder}examples.json") + folder


def _rows(file: ReleaseFile) -> Iterator[tuple[str, Cells]]:
    for place, key, note in members(file):
        missing = [name for name in TOLD if not isinstance(note, dict) or name not in note]
        if missing:
            yield place, note if isinstance(note, Torn) else torn(f"the note {key[:60]!r} lacks {', '.join(missing)}")
        else:
            yield place, {"id": key, **{name: str(note[name]) for name in TOLD}, "qualities": _qualities(note)}


def _qualities(note: dict[str, Any]) -> str:
    told = note.get("qualities_str", [])
    return ", ".join(map(str, told)) if isinstance(told, list) else json.dumps(told)


def _sample(release: Release, top: str, split: str, cells: Cells) -> Sample:
    family = cells["instrument_family_str"]
    chosen("family of NSynth", family, FAMILIES)
    meta: dict[str, object] = {
        "family": family, "instrument": cells["instrument_str"], "source": cells["instrument_source_str"],
        "pitch": int(cells["pitch"]), "velocity": int(cells["velocity"]), "split": split,
    }  # fmt: skip
    if cells["qualities"]:
        meta["qualities"] = cells["qualities"]
    audio = release.audio(f"{top}audio/{cells['id']}.wav")
    reference = Annotation(labels={"instrument": (family,)})
    return Sample(cells["id"], audio, reference, meta, {"choices": ", ".join(FAMILIES)})
