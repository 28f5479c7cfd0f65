"""Questions for the task ``locate``, made from transcripts whose word times are known: when is X said?

>>> from qaeval.datasets import load
>>> [question.id for question in questions(load("demo", language="zh"), per_clip=1)][:1]
['espeak-zh-01?欢迎']
"""

from __future__ import annotations

import bisect
import dataclasses
import hashlib
import itertools
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from qaeval.datasets._word_search import Transcript, Units
from qaeval.datasets.samples import load as load_samples
from qaeval.errors import DatasetError, DatasetWarning
from qaeval.registry import unknown
from qaeval.text.profiles import DEFAULT, find_profile
from qaeval.types import Dataset, Event, Profile, Sample

KINDS: Mapping[str, Callable[[int], bool]] = {
    "unique": lambda times: times == 1,
    "repeated": lambda times: times > 1,
    "all": lambda times: times > 0,
    "absent": lambda times: times == 0,
}
"""How often what is asked for occurs in the clip."""

Question = tuple[str, tuple[Event, ...]]


def questions(
    source: Dataset | Iterable[Sample],
    kind: str = "unique",
    *,
    per_clip: int = 1,
    seed: int = 0,
    min_length: int | None = None,
    profile: str = DEFAULT,
) -> Dataset:
    """Samples that ask when a word is said, with all its times as ``reference.events``.

    Args:
        source: samples whose word times are known: in their meta ``alignment`` or their ``reference.events``.
        kind: ``unique``, words that a clip says once; ``repeated``, more than once; ``all``, however often; ``absent``,
            words that other clips of the same language say and this one does not (their truth: no events).
        per_clip: questions of a clip, at most; fewer are contained in more.
        seed: which words: they are drawn by a hash of seed, sample and word, whatever the order of the samples.
        min_length: characters that a word has at least; None: 4, and 2 in languages without spaces.
        profile: how words are normalised before they are compared (`qaeval.text.profiles`).

    Where words are written without spaces, the timed words are asked for, or, where single characters are timed, runs
    of ``min_length`` of them. A word whose times are not all known is not asked for, nor one that is part of another
    word of the clip, nor is such a word called absent. Words that sound alike (two, too) are not told apart.

    A question has the id ``clip?word``, the input ``query``, and as meta also ``clip``, to cluster by, and
    ``question``, its kind. A `DatasetWarning` says at the end of a pass how many clips gave no question.

    Raises `UnknownNameError` for another kind, and `DatasetError` when there is no question at all.

    >>> said = '[["one", 0.1, 0.4], ["thing", 0.5, 0.9], ["another", 1.0, 1.5], ["thing", 1.6, 2.0]]'
    >>> clips = [Sample("a", "a.wav", meta={"language": "en", "alignment": said})]
    >>> [(question.id, question.inputs) for question in questions(clips)]
    [('a?another', {'query': 'another'})]
    >>> [question] = questions(clips, "repeated")
    >>> [(event.label, event.onset) for event in question.reference.events]
    [('thing', 0.5), ('thing', 1.6)]
    """
    if kind not in KINDS:
        raise unknown("kind of question", kind, KINDS)
    if per_clip < 1:
        raise DatasetError(f"per_clip: expected 1 or more, seen {per_clip}")
    dataset = source if isinstance(source, Dataset) else load_samples(source)
    maker = _Maker(dataset, kind, per_clip, seed, min_length, find_profile(profile))
    told = f"{kind} questions, {per_clip} a clip, seed {seed}, min_length {min_length}, {profile}"
    return Dataset(dataset.name, maker.read, lambda: f"{dataset.fingerprint} {told}".strip())


@dataclass(frozen=True)
class _Maker:
    dataset: Dataset
    kind: str
    per_clip: int
    seed: int
    min_length: int | None
    profile: Profile
    _words: dict[str, list[tuple[bytes, Units, str]]] = field(default_factory=dict)

    def read(self) -> Iterator[Sample]:
        """A new pass over all questions, clip by clip."""
        if self.kind == "absent":
            self._words.update(self._vocabularies())
        clips, without = 0, 0
        for sample in self.dataset:
            clips += 1
            found = self._asked(sample)
            without += not found
            yield from (_question(sample, self.kind, query, events) for query, events in found)
        if clips == without:
            raise DatasetError(
                f"{self.dataset.name}: no question of the kind {self.kind!r} can be made of its {clips} clips; it "
                "takes word times (meta alignment, or reference.events) and words of min_length characters"
            )
        if without:
            told = f"{self.dataset.name}: {without} of {clips} clips give no question of the kind {self.kind!r}"
            warnings.warn(told, DatasetWarning, stacklevel=2)

    def _asked(self, sample: Sample) -> list[Question]:
        transcript = Transcript.of(sample, self.profile)
        if transcript is None:
            return []
        drawn = self._absent(sample, transcript) if self.kind == "absent" else self._said(sample, transcript)
        return list(itertools.islice(drawn, self.per_clip))

    def _said(self, sample: Sample, transcript: Transcript) -> Iterator[Question]:
        candidates = transcript.candidates(self.min_length)
        for units in sorted(candidates, key=lambda units: self._drawn(sample.id, units)):
            times = transcript.times(units, candidates[units])
            if times is not None and KINDS[self.kind](len(times)):
                yield candidates[units], times

    def _absent(self, sample: Sample, transcript: Transcript) -> Iterator[Question]:
        """Words of the other clips in an order of their hashes, each time from another beginning."""
        there = self._words.get(sample.language, [])
        first = bisect.bisect(there, (self._drawn(sample.id, ("",)),))
        for number in range(len(there)):
            _, units, query = there[(first + number) % len(there)]
            if not transcript.says(units):
                yield query, ()

    def _vocabularies(self) -> dict[str, list[tuple[bytes, Units, str]]]:
        """The words of each language in the order of their hashes; of several spellings the first of the alphabet."""
        found: defaultdict[str, dict[Units, str]] = defaultdict(dict)
        for sample in self.dataset:
            if transcript := Transcript.of(sample, self.profile):
                known = found[sample.language]
                for units, query in transcript.candidates(self.min_length).items():
                    known[units] = min(query, known.get(units, query))
        return {
            language: sorted((self._drawn("", units), units, query) for units, query in known.items())
            for language, known in found.items()
        }

    def _drawn(self, id: str, units: Units) -> bytes:
        told = "\0".join((str(self.seed), id, self.kind, *units))
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()


def _question(sample: Sample, kind: str, query: str, events: tuple[Event, ...]) -> Sample:
    return dataclasses.replace(
        sample,
        id=f"{sample.id}?{query}",
        reference=dataclasses.replace(sample.reference, events=events),
        meta={**sample.meta, "clip": sample.id, "question": kind},
        inputs={**sample.inputs, "query": query},
    )
