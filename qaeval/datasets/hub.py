"""Datasets of the Hugging Face Hub, or in its layout on this machine, read by the library ``datasets``.

Well-known ones have presets (hub_presets.toml): which column is what, the language, the licence as published.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from qaeval.datasets._arrow import classes_of
from qaeval.datasets._fingerprint import fingerprint
from qaeval.datasets._hub_audio import HubAudio
from qaeval.datasets._hub_errors import explained, library
from qaeval.datasets._questions import asked
from qaeval.datasets._rows import EmptyText, Reading, Rows
from qaeval.datasets.hf import HubTable, one_of
from qaeval.errors import DatasetError
from qaeval.redaction import Secret
from qaeval.types import Dataset, Sample

_BLOCK = 1 << 20


def load(
    source: str | Path,
    *,
    config: str | None = None,
    split: str | None = "test",
    columns: Mapping[str, str | None] | None = None,
    language: str | None = None,
    streaming: bool = True,
    revision: str | None = None,
    first: int | None = None,
    name: str | None = None,
    empty_text: EmptyText = "error",
    token: str | None = None,
    cache_dir: str | Path | None = None,
) -> Dataset:
    """Datasets of the Hugging Face Hub by name, or folders in its layout, streamed or cached.

    Columns are understood as in `qaeval.datasets.manifest.load`; for the datasets of hub_presets.toml they are known,
    and yours go before those. Audio is taken as it is encoded (``Audio(decode=False)``), classes by their names. A
    question's options may be a list of texts (``"inputs.choices"``), its answer one of them. Code that a dataset
    brings along is never run; one that needs it is an error.

    Args:
        source: a name such as ``google/fleurs``, or the path of a folder.
        config: which of its configurations (often a language).
        split: test, train, validation ...; None where there is only one.
        columns: from our name to the dataset's: ``{"text": "sentence"}``; None leaves a column out.
        language: of all clips whose row names none.
        streaming: read what is needed, as it is needed; False downloads it all into the library's cache first.
        revision: a branch, tag or commit. The fingerprint holds the commit that it meant.
        first: no more rows than these. (``limit=`` chooses among all rows, for which all of them are read.)
        name: what to call the dataset; the last part of its name unless given.
        empty_text: as in `qaeval.datasets.manifest.load`.
        token: for what is private or gated; unless given, that of ``hf auth login`` or HF_TOKEN. It is never told.
        cache_dir: the library's cache, instead of its own choice.

    Raises `DatasetError` with what the library says, and naming the row, counted from 0.
    """
    preset = presets().get(str(source), {})
    where = f"hub dataset {source}"
    if first is not None and first < 1:
        raise DatasetError(f"first: expected a number of rows, seen {first!r}")
    secret = Secret(token) if token else None
    builder = _builder(where, preset, source, config, revision, cache_dir, secret)
    opened = _opened(where, builder, split, streaming)
    table = HubTable(opened, classes_of(opened.features.to_dict() if opened.features else None), where, first)
    reading = _reading(preset, config, language, columns, empty_text)
    rows = Rows(where, table, reading, _audio(builder, source, cache_dir, secret))
    rows.check()
    told = (str(source) if not os.path.isdir(source) else "", config, split, first, reading)
    listed = builder.config.data_files or {}
    return Dataset(
        name or str(source).rstrip("/").rpartition("/")[2],
        partial(_samples, rows, tuple(preset.get("untold", ()))),
        partial(fingerprint, partial(_content, listed), told),
    )


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """What is known of datasets by their names; see the file's first lines."""
    return tomllib.loads(Path(__file__).with_name("hub_presets.toml").read_text("utf-8"))


def _builder(
    where: str, preset: Mapping[str, Any], source: str | Path, config: str | None, revision: str | None,
    cache_dir: str | Path | None, secret: Secret | None,
) -> Any:  # fmt: skip
    datasets = library()
    path = str(source)
    saved = os.path.join(path, "state.json")
    if os.path.isfile(saved) or os.path.isfile(os.path.join(path, "dataset_dict.json")):
        raise DatasetError(f'{where}: it was written by save_to_disk; read its arrow files: load("shards", {path!r})')
    instead = f"; or as its publisher distributes it: load({preset['instead']!r}, ...)" if "instead" in preset else ""
    cached = None if cache_dir is None else str(cache_dir)
    with explained(where, instead):
        return datasets.load_dataset_builder(
            path, config, revision=revision, cache_dir=cached, token=secret.value if secret else None
        )


def _opened(where: str, builder: Any, split: str | None, streaming: bool) -> Any:
    with explained(where):
        if streaming:
            found = builder.as_streaming_dataset(split=split)
        else:
            builder.download_and_prepare()
            found = builder.as_dataset(split=split)
    return one_of(found, None)


def _reading(
    preset: Mapping[str, Any], config: str | None, language: str | None, columns: Mapping[str, str | None] | None,
    empty_text: EmptyText,
) -> Reading:  # fmt: skip
    known = {ours: theirs or None for ours, theirs in preset.get("columns", {}).items()}
    said = preset.get("language")
    return Reading.of(language or (config if said == "config" else said), {**known, **(columns or {})}, empty_text)


def _audio(builder: Any, source: str | Path, cache_dir: str | Path | None, secret: Secret | None) -> HubAudio:
    """Where its clips may be: in the folder that was named, or in the dataset on the Hub and the library's cache."""
    from datasets import config as settings
    from huggingface_hub.constants import HF_HUB_CACHE

    if os.path.isdir(source):
        folder = os.path.abspath(source)
        return HubAudio(folder, folders=(folder,), addresses=(folder,))
    kept = (cache_dir or settings.HF_DATASETS_CACHE, settings.DOWNLOADED_DATASETS_PATH, HF_HUB_CACHE)
    addresses = tuple(f"hf://datasets/{source}{mark}" for mark in "@/")
    folders = tuple(os.path.abspath(folder) for folder in kept)
    return HubAudio(folders[0], folders=folders, addresses=addresses, token=secret.value if secret else None)


def _samples(rows: Rows, untold: tuple[str, ...]) -> Iterator[Sample]:
    """The samples, without labels that tell nothing, and with the letter of a question's answer."""
    for sample in rows.read():
        labels = {name: values for name, values in sample.reference.labels.items() if not set(values) & set(untold)}
        inputs = sample.inputs
        if "choices" in inputs and "answer" in labels:
            try:
                inputs, answer = asked(inputs, labels["answer"])
            except DatasetError as error:
                raise DatasetError(f"{rows.where}: sample {sample.id!r}: {error}") from None
            labels["answer"] = answer
        yield replace(sample, reference=replace(sample.reference, labels=labels), inputs=inputs)


def _content(listed: Mapping[Any, Any]) -> Iterator[bytes]:
    """What identifies the data: local files by their bytes, those of the Hub by addresses, which hold the commit."""
    for split in sorted(listed, key=str):
        for file in listed[split]:
            if "://" in str(file):
                yield f"{file}\n".encode()
                continue
            yield f"{os.path.basename(str(file))}\n".encode()
            with open(str(file), "rb") as opened:
                while block := opened.read(_BLOCK):
                    yield block
