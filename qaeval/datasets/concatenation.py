"""Spoken clips one after the other, at known times: when which sentence, and which word, is said."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from qaeval.datasets import demo
from qaeval.datasets._levels import RATE
from qaeval.datasets._making import Backgrounds, Piece, Sources, draw, samples_of
from qaeval.datasets.alignments import META, word_times
from qaeval.errors import DatasetError
from qaeval.text.tokens import UNSPACED
from qaeval.types import Annotation, Audio, Dataset, Event, Sample

EVENTS = ("words", "clips")


def load(
    clips: Dataset | Iterable[Sample] | None = None,
    *,
    count: int = 20,
    per_clip: int | tuple[int, int] = (2, 4),
    gap: tuple[float, float] = (0.25, 1.0),
    events: str = "words",
    background: str | Dataset | Iterable[Sample] = "silence",
    snr: float | Sequence[float] | None = None,
    draw_seed: int = 0,
    name: str = "concatenation",
) -> Dataset:
    """Speech joined from clips at known times, over silence, noise or other clips, at a stated SNR.

    Args:
        clips: what is joined: samples with a text, and for ``words`` with word times (their meta ``alignment``, or
            their ``reference.events``). Default: the clips with word times that come with qaeval.
        count: how many clips are made; fewer are contained in more.
        per_clip: how many are joined, or from how many to how many.
        gap: seconds of the pauses before, between and after them, from and to.
        events: ``words``, each word with its own times, moved; or ``clips``, each clip from its beginning to its end,
            labelled with its text.
        background: ``silence``, ``white`` or ``pink`` noise, or clips, of which one is repeated through the clip.
        snr: dB, or several of which one is drawn for each clip; default 20 where there is a background.
        draw_seed: of all that is drawn here (``seed`` is that of ``limit``, of every dataset).
        name: what to call the dataset.

    Only clips of one language are joined. All are equally loud, and the SNR is as in `qaeval.datasets.mixture`: the
    level of speech while it is active, over the background's. A clip begins at a sample of the made one; words are as
    exact as their times in the clip. Clips are joined when they are read: WAV, mono, 16 kHz.

    The reference has the events and the text; the meta column ``alignment`` the events as JSON; further meta language,
    speaker (where it is one), snr (dB), background, sources (the ids), licence. `qaeval.datasets.questions` asks when
    one of the words is said.

    Raises `DatasetError` for options that cannot be, and while reading, for a clip that is silent, has no text, or
    lacks word times.
    """
    least, most = (per_clip, per_clip) if isinstance(per_clip, int) else per_clip
    if not (count >= 1 and 1 <= least <= most and 0 <= gap[0] <= gap[1] < math.inf):
        raise DatasetError(
            f"expected count >= 1, 1 <= per_clip and a gap (from, to) in seconds, seen {count}, {per_clip} and {gap}"
        )
    if events not in EVENTS:
        raise DatasetError(f"events: expected {' or '.join(EVENTS)}, seen {events!r}")
    spoken = demo.load() if clips is None else samples_of(clips)
    if clips is None:
        spoken = Dataset("demo", lambda: (clip for clip in demo.load() if clip.meta.get(META)), spoken.digest)
    behind = Backgrounds.of(background, snr)
    joiner = Joiner(spoken, behind, count, (least, most), gap, events == "words", draw_seed)
    options = f"{count} concatenations, {per_clip}, {gap} s, {events}, {behind.told}, seed {draw_seed}"
    return Dataset(name, joiner.read, lambda: f"{spoken.fingerprint} {options}".strip())


@dataclass(frozen=True)
class Joiner:
    """What is to be joined."""

    clips: Dataset
    backgrounds: Backgrounds
    count: int
    per_clip: tuple[int, int]
    gap: tuple[float, float]
    words: bool
    seed: int

    def read(self) -> Iterator[Sample]:
        """A new pass over the made clips; their audio is not joined yet."""
        yield from map(self._made, range(self.count))

    @cached_property
    def _languages(self) -> tuple[list[str], dict[str, Sources]]:
        """The language of each source, so that they are drawn as often as there are clips, and the sources of each."""
        found: defaultdict[str, list[Sample]] = defaultdict(list)
        for clip in self.clips:
            found[clip.language].append(clip)
        each = sorted(language for language, clips in found.items() for _ in clips)
        return each, {language: Sources(clips) for language, clips in found.items()}

    def _made(self, number: int) -> Sample:
        id = f"concatenation-{self.seed}-{number:05}"
        each, sources = self._languages
        language = each[math.floor(draw(id, "language") * len(each))]
        pieces, frames = self._pieces(id, sources[language])
        clip, meta = self.backgrounds.made(pieces, frames, id)
        events = tuple(event for piece in pieces for event in self._events(piece))
        text = ("" if language in UNSPACED else " ").join(_text(piece.source) for piece in pieces)
        times = [[event.label, event.onset, event.offset] for event in events]
        meta |= {META: json.dumps(times, ensure_ascii=False), "duration": frames / RATE}
        meta |= {"sources": "; ".join(piece.source.id for piece in pieces)} | _common(pieces)
        return Sample(id, Audio(clip, f"{id}.wav"), Annotation(text, events), meta)

    def _pieces(self, id: str, sources: Sources) -> tuple[list[Piece], int]:
        """The clips with their onsets, and the length of all, in samples."""
        least, most = self.per_clip
        wanted = least + math.floor(draw(id, "how many") * (most - least + 1))
        pieces: list[Piece] = []
        at = self._pause(id, 0)
        for number, place in enumerate(sources.drawn(wanted, id), 1):
            pieces.append(Piece(sources.samples[place], sources.span(place), at))
            at += pieces[-1].span.frames + self._pause(id, number)
        return pieces, at

    def _pause(self, id: str, number: int) -> int:
        low, high = self.gap
        return round((low + draw(id, "pause", number) * (high - low)) * RATE)

    def _events(self, piece: Piece) -> list[Event]:
        onset, offset = piece.seconds
        if not self.words:
            return [Event(_text(piece.source), onset, offset)]
        words = word_times(piece.source)
        if not words:
            raise DatasetError(
                f"sample {piece.source.id!r}: no word times in meta {META} or reference.events; attach some "
                '(qaeval.datasets.alignments), or join clips with events="clips"'
            )
        return [Event(word.label, _moved(word.onset, onset), _moved(word.offset, onset)) for word in words]


def _moved(time: float, by: float) -> float:
    """Seconds, to a tenth of a microsecond (a sample at 16 kHz is 62.5), so that sums of decimals stay short."""
    return round(time + by, 7)


def _text(clip: Sample) -> str:
    if not clip.reference.text:
        raise DatasetError(f"sample {clip.id!r}: expected a text, seen none")
    return clip.reference.text


def _common(pieces: Sequence[Piece]) -> dict[str, object]:
    """What all the clips have in common of language and speaker."""
    metas = [piece.source.meta for piece in pieces]
    return {
        name: metas[0][name]
        for name in ("language", "speaker")
        if metas[0].get(name) and all(meta.get(name) == metas[0][name] for meta in metas)
    }
