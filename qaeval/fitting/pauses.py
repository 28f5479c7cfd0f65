"""Where a clip is quiet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from qaeval.audio import Waveform
from qaeval.audio.cutting import pieces_between
from qaeval.audio.opening import open_clip
from qaeval.audio.sources import Source, named

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEP_S = 0.02
_STEPS = 11
"""A pause is 0.22 s long: longer than the closure of a stop consonant, shorter than most pauses between words."""
_FLOOR = 1e-10
"""-100 dB of full scale: below the noise of 16 bits, so that what is digitally silent is equally quiet everywhere."""


def quiet_places(audio: Source) -> list[tuple[float, float]]:
    """The middle of the quietest 0.22 s of each second of a clip, with its level: (seconds, dB of full scale).

    None of a clip that is shorter than that.
    The clip is decoded once, a second at a time; what is kept is 4 bytes for each 20 ms of it.

    Raises `AudioError` as `qaeval.audio.decode` does.

    >>> import numpy as np
    >>> from qaeval.audio import Waveform, encode
    >>> tone = np.sin(np.arange(16000, dtype=np.float32) / 9)
    >>> tone[8000:12000] = 0
    >>> quiet_places(encode(Waveform(tone[None], 16000)))
    [(0.61, -100.0)]
    """
    import numpy as np

    with open_clip(named(audio)) as clip:
        powers, step = _powers(_seconds(pieces_between(clip)))
    if len(powers) < _STEPS:
        return []
    smooth = np.convolve(powers, np.full(_STEPS, 1 / _STEPS), "same")
    smooth[: _STEPS // 2] = smooth[len(smooth) - _STEPS // 2 :] = np.inf  # half of it would lie outside the clip
    a_second = round(1 / _STEP_S)
    lows = [first + int(np.argmin(smooth[first : first + a_second])) for first in range(0, len(smooth), a_second)]
    return [(round((at + 0.5) * step, 3), _decibels(smooth[at])) for at in lows if np.isfinite(smooth[at])]


def _decibels(power: float) -> float:
    import numpy as np

    return round(float(10 * np.log10(max(power, _FLOOR))), 1)


def _powers(seconds: Iterable[Waveform]) -> tuple[NDArray[np.float32], float]:
    """The mean square of each step, over all channels, and how long a step is in seconds: a whole number of samples."""
    import numpy as np

    found, step, rate = [], 1, 1
    rest = np.zeros(0, np.float32)
    for piece in seconds:
        step, rate = max(round(piece.rate * _STEP_S), 1), piece.rate
        power = np.concatenate([rest, np.square(piece.samples).mean(axis=0)])
        whole = len(power) // step * step
        found.append(power[:whole].reshape(-1, step).mean(axis=1))
        rest = power[whole:]
    return np.concatenate(found), step / rate


def _seconds(pieces: Iterable[Waveform]) -> Iterator[Waveform]:
    """The same audio in pieces of a second or a little more: a codec's frames are too short to compute with."""
    import numpy as np

    held: list[Waveform] = []
    frames = 0
    for piece in pieces:
        held.append(piece)
        frames += piece.samples.shape[1]
        if frames >= piece.rate:
            yield Waveform(np.concatenate([each.samples for each in held], axis=1), piece.rate)
            held, frames = [], 0
    if held:
        yield Waveform(np.concatenate([each.samples for each in held], axis=1), held[0].rate)
