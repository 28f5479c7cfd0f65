"""How loud audio is, and where there is sound in it."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

from qaeval import audio
from qaeval.types import Audio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000
"""Hz of all made audio."""
LEVEL_DB = -26.0
"""The level of every piece while it is active, in dB below full scale: the nominal speech level of ITU-T P.56/P.830."""
ACTIVE_DB = 40.0
"""A frame is active if it is at most so far below the loudest frame of its piece."""
PAUSE_S, SHORTEST_S = 0.15, 0.25
"""Pauses up to this are within a sound, and sounds are at least so long: the rules of DCASE's task 4 (2018, 2019)."""
_FRAME = RATE // 100


def decoded(source: Audio) -> NDArray[np.float64]:
    """A clip as one channel at `RATE`."""
    import numpy as np

    return np.asarray(audio.decode(source, rate=RATE, mono=True).samples[0], np.float64)


def rms(samples: NDArray[np.float64]) -> float:
    """The square root of the mean square."""
    return math.sqrt((samples**2).mean())


def active_rms(samples: NDArray[np.float64]) -> float:
    """The RMS of the active frames (10 ms each): the level while there is sound.

    The idea is that of ITU-T P.56, "Objective measurement of active speech level"; its rule of what is active, with an
    envelope and a hangover, is replaced by the plainer one of `ACTIVE_DB`.
    """
    power = _powers(samples)
    return math.sqrt(power[_active(power)].mean())


def strongest(samples: NDArray[np.float64]) -> tuple[int, int]:
    """Where the sound with the most energy begins and ends, of those that are at least `SHORTEST_S` long, if any is.

    A sound is a stretch of active frames with no pause of more than `PAUSE_S`.
    """
    import numpy as np

    power = _powers(samples)
    active = np.flatnonzero(_active(power))
    breaks = np.flatnonzero(np.diff(active) - 1 > PAUSE_S * RATE / _FRAME)
    begins, ends = active[np.r_[0, breaks + 1]], active[np.r_[breaks, len(active) - 1]] + 1
    stretches = [(int(begin), int(end)) for begin, end in zip(begins, ends, strict=True)]
    long = [(begin, end) for begin, end in stretches if (end - begin) * _FRAME >= SHORTEST_S * RATE]
    first, last = max(long or stretches, key=lambda stretch: power[stretch[0] : stretch[1]].sum())
    return first * _FRAME, min(last * _FRAME, len(samples))


def _powers(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean square of each frame; what is left at the end counts as a frame."""
    import numpy as np

    edges = np.arange(0, len(samples), _FRAME)
    lengths = np.diff(np.r_[edges, len(samples)])
    return np.asarray(np.add.reduceat(samples**2, edges) / lengths)


def _active(power: NDArray[np.float64]) -> NDArray[np.bool_]:
    import numpy as np

    return np.asarray(power >= power.max() * 10 ** (-ACTIVE_DB / 10))


def level(decibels: float) -> float:
    """Decibels below full scale as an RMS.

    >>> level(-20)
    0.1
    """
    return float(10 ** (decibels / 20))


def noise(kind: str, frames: int, seed: str) -> NDArray[np.float64]:
    """``white`` noise, or ``pink``, whose power falls by 3 dB an octave; at any level.

    The generator is numpy's frozen one (RandomState): its numbers stay the same (NEP 19).
    """
    import numpy as np

    numbers = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
    white = np.random.RandomState(numbers).standard_normal(frames)
    if kind == "white":
        return white
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    spectrum[0] = 0
    return np.fft.irfft(spectrum, frames)
