"""Clips made of other clips: what lies where, exact to the sample, and at which level; mixed when a clip is needed.

Made audio is WAV, 16 bits, mono, 16 kHz. Draws are hashes of the seed and of what is drawn, so they depend neither on
the order of the sources nor on how many clips are made. The same sources and versions of the libraries give the same
bytes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qaeval import audio
from qaeval.datasets._levels import LEVEL_DB, RATE, active_rms, decoded, level, noise, rms, strongest
from qaeval.datasets.samples import load as load_samples
from qaeval.errors import AudioError, DatasetError
from qaeval.types import Audio, Dataset, Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NOISES = ("silence", "white", "pink")


@dataclass(frozen=True, slots=True)
class Span:
    """The samples of a source from ``first`` to before ``last``, and their level while active (RMS, 1 = full scale)."""

    first: int
    last: int
    rms: float

    @property
    def frames(self) -> int:
        """How many samples."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of a source, put into a clip at the sample ``onset``."""

    source: Sample
    span: Span
    onset: int

    @property
    def seconds(self) -> tuple[float, float]:
        """Its onset and offset in the clip."""
        return self.onset / RATE, (self.onset + self.span.frames) / RATE


@dataclass(frozen=True, slots=True)
class Made:
    """A clip that is mixed when it is read (`qaeval.types.Stored`).

    Every piece is at `LEVEL_DB`, measured while it is active; the background is ``snr`` dB below, measured over the
    whole clip. Where the sum would pass full scale, all of it is turned down, which leaves the ratios as they are.
    """

    pieces: tuple[Piece, ...]
    frames: int
    background: str | Audio = "silence"
    snr: float = math.inf
    seed: str = ""

    def read(self) -> bytes:
        """The bytes of the WAV file. Raises `AudioError` for a source that cannot be read."""
        import numpy as np

        mixed = np.zeros(self.frames)
        for piece in self.pieces:
            samples = decoded(piece.source.audio)[piece.span.first : piece.span.last]
            mixed[piece.onset : piece.onset + len(samples)] += samples * (level(LEVEL_DB) / piece.span.rms)
        if self.background != "silence":
            behind = self._behind()
            mixed += behind * (level(LEVEL_DB - self.snr) / rms(behind))
        mixed /= max(1.0, float(abs(mixed).max()) / 0.99)
        return audio.encode(audio.Waveform(mixed.astype(np.float32)[np.newaxis], RATE))

    def _behind(self) -> NDArray[np.float64]:
        if isinstance(self.background, str):
            return noise(self.background, self.frames, self.seed)
        return self._looped(decoded(self.background), self.background.name)

    def _looped(self, samples: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        import numpy as np

        first = math.floor(draw(self.seed, "background begins") * len(samples))
        looped = np.resize(np.roll(samples, -first), self.frames)
        if not rms(looped):
            raise AudioError(f"{name}: is silent; expected a background that can be heard")
        return looped


class Sources:
    """The clips that others are made of, by id, and what is known of those that were used."""

    def __init__(self, samples: Iterable[Sample], longest: int | None = None) -> None:
        self.samples: Sequence[Sample] = sorted(samples, key=lambda sample: sample.id)
        self._longest = longest
        self._spans: dict[int, Span] = {}

    def drawn(self, count: int, *seed: object) -> list[int]:
        """So many of them by their places, each once."""
        found: dict[int, None] = {}
        turn = 0
        while len(found) < min(count, len(self.samples)):
            found.setdefault(math.floor(draw(*seed, "source", turn) * len(self.samples)))
            turn += 1
        return list(found)

    def span(self, place: int) -> Span:
        """What of a source is used: all of it, or of its strongest sound the ``longest`` first samples.

        Raises `DatasetError` for one that is silent.
        """
        if place not in self._spans:
            sample = self.samples[place]
            samples = decoded(sample.audio)
            if not rms(samples):
                raise DatasetError(f"sample {sample.id!r} is silent; nothing can be made of it")
            first, last = 0, len(samples)
            if self._longest is not None:
                first, last = strongest(samples)
                last = min(last, first + self._longest)
            self._spans[place] = Span(first, last, active_rms(samples[first:last]))
        return self._spans[place]


def samples_of(source: Dataset | Iterable[Sample]) -> Dataset:
    """The dataset itself, or one of these samples."""
    return source if isinstance(source, Dataset) else load_samples(source)


def draw(*what: object) -> float:
    """A number from 0 to below 1 for what is drawn: always the same, and like chance.

    >>> 0 <= draw(7, "clip", 1) < 1, draw(7, "clip", 1) == draw(7, "clip", 1) != draw(7, "clip", 2)
    (True, True)
    """
    told = "\0".join(map(str, what)).encode("utf-8", "surrogatepass")
    return (int.from_bytes(hashlib.sha256(told).digest()[:8], "big") >> 11) / 2**53


@dataclass(frozen=True)
class Backgrounds:
    """What may be behind the pieces: a noise by its name, or clips, and how many dB below them."""

    noise: str | Sources
    snrs: tuple[float, ...]
    told: str = field(default="")

    @classmethod
    def of(cls, background: str | Dataset | Iterable[Sample], snr: float | Sequence[float] | None) -> Backgrounds:
        """As the user gave them. Raises `DatasetError` for an unknown noise, and an SNR with no background."""
        snrs = (20.0,) if snr is None else tuple(map(float, snr if isinstance(snr, Sequence) else (snr,)))
        if not snrs or not all(map(math.isfinite, snrs)):
            raise DatasetError(f"snr: expected a number of dB, or several, seen {snr!r}")
        if not isinstance(background, str):
            clips = samples_of(background)
            return cls(Sources(clips), snrs, f"{clips.name} {clips.fingerprint} at {snrs} dB")
        if background not in NOISES:
            raise DatasetError(f"background: expected {', '.join(NOISES)} or clips, seen {background!r}")
        if background == "silence" and snr is not None:
            raise DatasetError(f"snr={snr!r}: there is no background; choose one, such as background='pink'")
        return cls(background, snrs, background if background == "silence" else f"{background} at {snrs} dB")

    def made(self, pieces: Sequence[Piece], frames: int, seed: str) -> tuple[Made, dict[str, object]]:
        """The clip, and as meta ``snr`` (dB) and ``background``, and where they are known all licences."""
        licences = [piece.source.meta.get("licence") for piece in pieces]
        if self.noise == "silence":
            return Made(tuple(pieces), frames), _meta("silence", None, licences)
        snr = self.snrs[math.floor(draw(seed, "snr") * len(self.snrs))]
        behind: str | Audio
        if isinstance(self.noise, Sources):
            clip = self.noise.samples[self.noise.drawn(1, seed, "background")[0]]
            behind, name = clip.audio, clip.id
            licences.append(clip.meta.get("licence"))
        else:
            behind = name = self.noise
        return Made(tuple(pieces), frames, behind, snr, seed), _meta(name, snr, licences)


def _meta(background: str, snr: float | None, licences: Iterable[object]) -> dict[str, object]:
    known = "; ".join(dict.fromkeys(str(licence) for licence in licences if licence))
    meta: dict[str, object] = {"background": background}
    return meta | ({} if snr is None else {"snr": snr}) | ({"licence": known} if known else {})
