"""Samples that the user made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from qaeval.datasets._fingerprint import fingerprint, packed
from qaeval.datasets._ids import Identities
from qaeval.errors import DatasetError
from qaeval.types import Dataset, Sample


def load(source: Iterable[Sample], *, name: str = "samples") -> Dataset:
    """A dataset of the samples in an iterable; an iterator, which can be read once only, is read into memory.

    Raises `DatasetError` when an item that is no sample, or an id for the second time, is reached.

    >>> [clip.id for clip in load([Sample("a", "a.wav")])]
    ['a']
    """
    clips = Samples(tuple(source) if isinstance(source, Iterator) else source)
    return Dataset(name, clips.read, partial(fingerprint, clips.content))


@dataclass(frozen=True, slots=True)
class Samples:
    """An iterable of samples, checked as it is read."""

    source: Iterable[Sample] = field(repr=False)

    def read(self) -> Iterator[Sample]:
        """A new pass over all samples."""
        seen = Identities()
        number = -1
        for number, sample in enumerate(self.source):
            if not isinstance(sample, Sample):
                raise DatasetError(f"item {number}: expected a Sample, seen {type(sample).__name__} {sample!r:.80}")
            if not seen.is_new(sample.id):
                raise DatasetError(f"item {number}: id {sample.id!r} comes a second time; ids must be unique")
            yield sample
        if number < 0:
            raise DatasetError("no samples in it")

    def content(self) -> Iterator[bytes]:
        """All that is in the samples, for a fingerprint; audio by its name, or its bytes."""
        for sample in self.source:
            audio = sample.audio.source if isinstance(sample.audio.source, bytes) else sample.audio.name
            reference = sample.reference
            known = (reference.text, reference.events, reference.labels)
            yield packed((sample.id, audio, known, sample.meta, sample.inputs))
