"""The audio that comes with qaeval: real speech, real sounds, and synthetic speech whose word times are known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets import manifest
from qaeval.errors import DatasetError
from qaeval.languages import language_code
from qaeval.types import Dataset, Sample

_MANIFEST = Path(__file__).parent / "_demo" / "clips.csv"


def load(*, kind: str | None = None, language: str | None = None) -> Dataset:
    """The shipped clips, all of them or those of one kind or language.

    Kinds are ``speech``, recordings of people with what they say; ``sound``, with the label ``sound``; and
    ``synthetic``, sentences spoken by a machine, or joined from recorded syllables, each with a word to be found.

    Where a clip has ``inputs["query"]``, a word that it says once, ``reference.events`` is the span of that word in
    seconds, and the meta column ``alignment`` the times of all words as JSON. Times of synthetic speech are those of
    the synthesiser, times of real speech were set by people. ``speaker`` is one name a person or setting of the
    synthesiser; ``licence`` and ``source`` say for every clip where it comes from, and LICENSES.md beside the clips who
    made it.

    Raises `DatasetError` when no clip is of that kind and language.

    >>> clips = list(load(kind="synthetic", language="zh"))
    >>> clips[0].reference.text, clips[0].inputs["query"]
    ('欢迎使用阿里云提供的语音服务。', '阿里')
    """
    clips = manifest.load(_MANIFEST, name="demo", columns={"sha256": None}, empty_text="unknown")
    code = None if language is None else language_code(language)
    if next(_chosen(clips, kind, code), None) is None:
        there = sorted({f"{clip.meta['kind']} {clip.language}".strip() for clip in clips})
        raise DatasetError(
            f"the demo has no clip of kind {kind!r} and language {language!r}; it has {', '.join(there)}"
        )
    return Dataset("demo", partial(_chosen, clips, kind, code), partial(_digest, clips, kind, code))


def _chosen(clips: Dataset, kind: str | None, language: str | None) -> Iterator[Sample]:
    for clip in clips:
        if kind in (None, clip.meta["kind"]) and language in (None, clip.language):
            yield clip


def _digest(clips: Dataset, kind: str | None, language: str | None) -> str:
    return " ".join(filter(None, (clips.fingerprint, kind, language)))
