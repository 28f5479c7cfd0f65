"""Sounds at known times, mixed from labelled clips: what no corpus gives, the truth to the sample."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from qaeval.datasets import demo
from qaeval.datasets._levels import RATE
from qaeval.datasets._making import Backgrounds, Piece, Sources, Span, draw, samples_of
from qaeval.errors import DatasetError
from qaeval.text.labels.vocabulary import find_vocabulary
from qaeval.types import Annotation, Audio, Dataset, Event, Sample

GAP_S = 0.25
"""The least pause between two sounds, and before the first."""


def load(
    sounds: Dataset | Iterable[Sample] | None = None,
    *,
    count: int = 20,
    duration: float = 10.0,
    per_clip: int | tuple[int, int] = (1, 3),
    longest: float = 4.0,
    background: str | Dataset | Iterable[Sample] = "pink",
    snr: float | Sequence[float] | None = None,
    overlap: bool = False,
    draw_seed: int = 0,
    name: str = "mixture",
) -> Dataset:
    """Clips mixed from labelled sounds at known times, over silence, noise or other clips, at a stated SNR.

    Args:
        sounds: clips with one reference label ``sound`` each; default: the sounds that come with qaeval.
        count: how many clips are made; fewer are contained in more.
        duration: of each, in seconds.
        per_clip: how many sounds, or from how many to how many; fewer where no more fit without overlap.
        longest: seconds of a sound; a longer one is cut off there.
        background: ``silence``, ``white`` or ``pink`` noise, or clips, of which one is repeated through the clip.
        snr: dB, or several of which one is drawn for each clip; default 20 where there is a background.
        overlap: whether sounds may overlap; then those of one clip have different labels.
        draw_seed: of all that is drawn here (``seed`` is that of ``limit``, of every dataset).
        name: what to call the dataset.

    Of each source its strongest sound is used: what no pause of more than 0.15 s divides and is at most 40 dB below its
    loudest 10 ms. It begins and ends at a sample of the made clip, which is its event, under its name in the vocabulary
    of sounds. The SNR is 20 log10 of the RMS of a sound, while it is active, over the RMS of the background in the
    whole clip; all sounds of a clip are equally loud (see `qaeval.datasets._making`, after ITU-T P.56). Clips are mixed
    when they are read: WAV, mono, 16 kHz.

    The reference has the events and the label ``sound``; the input ``choices`` all labels of ``sounds``; meta snr (dB),
    background, sources (the ids), licence (all licences of the sources).

    Raises `DatasetError` for options that cannot be, and while reading, for a source that is silent or has not one
    label.
    """
    least, most = (per_clip, per_clip) if isinstance(per_clip, int) else per_clip
    if not (count >= 1 and 1 <= least <= most and longest > 0 and 2 * GAP_S < duration < math.inf):
        raise DatasetError(
            f"expected count >= 1, 1 <= per_clip, longest > 0 and a duration above {2 * GAP_S} s, "
            f"seen {count}, {per_clip}, {longest} and {duration}"
        )
    clips = demo.load(kind="sound") if sounds is None else samples_of(sounds)
    behind = Backgrounds.of(background, snr)
    mixer = Mixer(
        clips, behind, count, round(duration * RATE), (least, most), round(longest * RATE), overlap, draw_seed
    )
    options = (
        f"{count} mixtures, {duration} s, {per_clip}, {longest} s, {behind.told}, overlap {overlap}, seed {draw_seed}"
    )
    return Dataset(name, mixer.read, lambda: f"{clips.fingerprint} {options}".strip())


@dataclass(frozen=True)
class Mixer:
    """What is to be mixed, in samples of `RATE`."""

    clips: Dataset
    backgrounds: Backgrounds
    count: int
    frames: int
    per_clip: tuple[int, int]
    longest: int
    overlap: bool
    seed: int

    def read(self) -> Iterator[Sample]:
        """A new pass over the made clips; their audio is not mixed yet."""
        yield from map(self._made, range(self.count))

    @cached_property
    def sources(self) -> Sources:
        """The labelled sounds."""
        return Sources(self.clips, self.longest)

    @cached_property
    def choices(self) -> str:
        """All labels that there are."""
        return ", ".join(sorted(set(map(label_of, self.sources.samples))))

    def _made(self, number: int) -> Sample:
        id = f"mixture-{self.seed}-{number:05}"
        chosen = self._chosen(id)
        onsets = self._anywhere(id, chosen) if self.overlap else self._apart(id, [span for _, span in chosen])
        pieces = [Piece(sound, span, onset) for (sound, span), onset in zip(chosen, onsets, strict=True)]
        pieces.sort(key=lambda piece: (piece.onset, piece.source.id))
        events = tuple(Event(label_of(piece.source), *piece.seconds) for piece in pieces)
        clip, meta = self.backgrounds.made(pieces, self.frames, id)
        meta |= {"sources": "; ".join(piece.source.id for piece in pieces), "duration": self.frames / RATE}
        labels = {"sound": tuple(dict.fromkeys(event.label for event in events))}
        reference = Annotation(events=events, labels=labels)
        return Sample(id, Audio(clip, f"{id}.wav"), reference, meta, {"choices": self.choices})

    def _chosen(self, id: str) -> list[tuple[Sample, Span]]:
        """The sounds that fit into the clip, in the order in which they were drawn."""
        least, most = self.per_clip
        wanted = least + math.floor(draw(id, "how many") * (most - least + 1))
        gap, taken = round(GAP_S * RATE), 0
        found: list[tuple[Sample, Span]] = []
        for place in self.sources.drawn(wanted, id):
            sound, span = self.sources.samples[place], self.sources.span(place)
            needed = span.frames + gap
            fits = needed + gap <= self.frames if self.overlap else taken + needed + gap <= self.frames
            used = {label_of(other) for other, _ in found} if self.overlap else ()
            if fits and label_of(sound) not in used:
                found.append((sound, span))
                taken += needed
        if not found:
            raise DatasetError(
                f"{id}: none of the sounds drawn fits into {self.frames / RATE:g} s; choose another length"
            )
        return found

    def _apart(self, id: str, spans: Sequence[Span]) -> list[int]:
        """Onsets one after the other; what is left of the clip is shared out by chance."""
        gap = round(GAP_S * RATE)
        spare = self.frames - gap - sum(span.frames + gap for span in spans)
        shares = sorted(math.floor(draw(id, "onset", number) * (spare + 1)) for number in range(len(spans)))
        onsets, at = [], gap
        for share, span in zip(shares, spans, strict=True):
            onsets.append(at + share)
            at += span.frames + gap
        return onsets

    def _anywhere(self, id: str, chosen: Sequence[tuple[Sample, Span]]) -> list[int]:
        gap = round(GAP_S * RATE)
        room = [self.frames - 2 * gap - span.frames + 1 for _, span in chosen]
        return [gap + math.floor(draw(id, "onset", number) * spare) for number, spare in enumerate(room)]


def label_of(sound: Sample) -> str:
    """The one label of a sound, by its name in the vocabulary. Raises `DatasetError` where it has none or several."""
    labels = sound.reference.labels.get("sound", ())
    if len(labels) != 1:
        raise DatasetError(f"sample {sound.id!r}: expected one label sound, seen {list(labels)}")
    return find_vocabulary("sound").canonical(labels[0]) or labels[0]
