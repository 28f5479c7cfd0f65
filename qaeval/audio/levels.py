"""How loud the samples of a clip are, how many of them stand at full scale, and what they are, for comparing clips."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from qaeval.audio.cutting import pieces_between
from qaeval.audio.headers import PlainWav, plain_wav
from qaeval.audio.opening import open_clip
from qaeval.audio.sources import Source, named, opened
from qaeval.audio.waveform import Waveform, joined
from qaeval.types import Audio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FULL_SCALE = 32767 / 32768
"""From here on a sample is at full scale: the largest that 16 bits hold."""
_BLOCK = 1 << 16  # frames


@dataclass(frozen=True, slots=True)
class Levels:
    """What the decoded samples of a clip are like; nothing of them is kept.

    ``duration`` in seconds. ``peak`` (of the loudest sample) and ``level`` (root mean square of all) in dBFS: 0 is full
    scale, so a sine as loud as can be has a level of -3.01; silence has -inf. ``clipped`` is the share of samples that
    are at full scale (`FULL_SCALE`) as their neighbours on both sides are, in the same channel. ``odd`` counts samples
    that are no finite number, as files of floats can hold. ``digest`` is the sha256 of rate, channels and samples: it
    is the same for the same samples in WAV and in FLAC.
    """

    duration: float
    peak: float
    level: float
    clipped: float
    odd: int
    digest: bytes


def levels(audio: Source) -> Levels:
    """Decodes all of a clip, a piece at a time: how loud it is. Raises `AudioError` as `qaeval.audio.decode` does.

    >>> import numpy as np
    >>> from qaeval.audio import Waveform, encode
    >>> found = levels(encode(Waveform(np.full((1, 8000), 0.5, np.float32), 16000), "wav"))
    >>> found.duration, round(found.peak, 2), round(found.level, 2), found.clipped
    (0.5, -6.02, -6.02, 0.0)
    """
    blocks = _blocks(_pieces(named(audio)))
    first = next(blocks)  # a clip without samples is an error
    meter = _Meter(first.rate, first.channels)
    for block in chain([first], blocks):
        meter.take(block.samples)
    return meter.read()


def _blocks(pieces: Iterator[Waveform]) -> Iterator[Waveform]:
    """Codec frames are small: many at once take a third of the time."""
    held: list[Waveform] = []
    frames = 0
    for piece in pieces:
        held.append(piece)
        frames += piece.samples.shape[1]
        if frames >= _BLOCK:
            yield joined(held)
            held, frames = [], 0
    if held:
        yield joined(held)


class _Meter:
    """Adds up pieces of one clip."""

    def __init__(self, rate: int, channels: int) -> None:
        self.rate, self.channels = rate, channels
        self.frames = self.odd = self.clipped = 0
        self.peak = self.power = 0.0
        self.digest = hashlib.sha256(b"%d %d " % (rate, channels))
        self.before: NDArray[np.bool_] | None = None  # where one of the last two frames is at full scale

    def take(self, samples: NDArray[np.float32]) -> None:
        import numpy as np

        self.digest.update(np.ascontiguousarray(samples.T).data)
        finite = np.isfinite(samples)
        if not finite.all():
            self.odd += int((~finite).sum())
            samples = np.where(finite, samples, np.float32(0))
        self.frames += samples.shape[1]
        peak = max(float(samples.max()), -float(samples.min()))
        self.peak = max(self.peak, peak)
        self.power += float(np.square(samples).sum(dtype=np.float64))  # dot would start threads
        if peak >= FULL_SCALE or self.before is not None:
            self._clip(np.abs(samples) >= FULL_SCALE)

    def _clip(self, full: NDArray[np.bool_]) -> None:
        import numpy as np

        if self.before is not None:
            full = np.concatenate([self.before, full], axis=1)
        self.clipped += int((full[:, :-2] & full[:, 1:-1] & full[:, 2:]).sum())
        self.before = full[:, -2:] if full[:, -2:].any() else None

    def read(self) -> Levels:
        count = self.frames * self.channels
        peak, level = _decibels(self.peak), _decibels(math.sqrt(self.power / count))
        digest = self.digest.digest()
        return Levels(self.frames / self.rate, peak, level, self.clipped / count, self.odd, digest)


def _decibels(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def _pieces(audio: Audio) -> Iterator[Waveform]:
    if not audio.is_url:  # it would be fetched twice
        with opened(audio) as file:
            wav = plain_wav(file)
            if wav is not None and wav.codec == "pcm_s16le":
                yield from _of_wav(file, wav)
                return
    with open_clip(audio) as clip:
        yield from pieces_between(clip)


def _of_wav(file: BinaryIO, wav: PlainWav) -> Iterator[Waveform]:
    """What most clips of speech corpora are, in a third of the time that FFmpeg takes."""
    import numpy as np

    file.seek(12)
    while (header := file.read(8))[:4] != b"data":
        size = int.from_bytes(header[4:], "little")
        file.seek(size + size % 2, os.SEEK_CUR)
    for start in range(0, wav.frames, _BLOCK):
        frames = min(_BLOCK, wav.frames - start)
        samples = np.frombuffer(file.read(frames * wav.channels * 2), "<i2").reshape(-1, wav.channels)
        yield Waveform(samples.T.astype(np.float32) / np.float32(1 << 15), wav.rate)
