"""The decoded samples of a part of a clip, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qaeval.audio.opening import SLACK_S, Clip
from qaeval.audio.waveform import Waveform
from qaeval.errors import AudioError

if TYPE_CHECKING:
    import numpy as np
    from av import AudioFrame, AudioResampler, AudioStream, Packet
    from numpy.typing import NDArray

WARM_UP_S = 1.0
"""Seconds decoded before a part and thrown away: lossy decoders (MP3, Opus, AMR) need a past to sound right."""
_SEEKS_EXACTLY = {"wav", "w64", "aiff", "au", "caf"}
_PADDED = {"mov", "wav"}
"""Containers that state where the audio ends within the last codec frame; the decoder gives the padding too."""

_SCALES = {"u8": (128, 128), "s16": (0, 2**15), "s32": (0, 2**31), "flt": (0, 1), "dbl": (0, 1)}
"""FFmpeg's sample formats that PyAV gives as arrays: the value of silence and of full scale. numpy converts them, as an
FFmpeg filter graph (which converts the others) starts threads and costs milliseconds on a busy machine."""
_PLANES = 8
"""From so many planes on, PyAV reads past the end of a frame's array of pointers."""


def pieces_between(clip: Clip, onset: float = 0.0, offset: float | None = None) -> Iterator[Waveform]:
    """The audio between two times in seconds, in pieces, the first and the last cut to the sample.

    Raises `AudioError` when there is no audio between them, when the file ends before the offset or states another
    length than it has, when the format changes midway, or when more than `SLACK_S` are damaged.
    """
    warm = max(onset - WARM_UP_S, 0.0)
    cut = None
    taken = False
    for frame in _decoded(clip, warm):
        cut = cut or _cut(clip, frame, warm, onset, offset)
        piece = cut.take(frame)
        if piece is not None:
            taken = True
            yield piece
        if cut.until is not None and cut.position >= cut.until:
            break
    else:
        if cut is not None:
            _check_end(clip, cut, offset)
    if not taken:
        raise _nothing(clip, onset, offset)


def _check_end(clip: Clip, cut: _Cut, offset: float | None) -> None:
    end = cut.position / cut.rate
    clip.check(end)
    if clip.format in _PADDED and clip.stated_s is not None:
        end = min(end, clip.stated_s)
    if offset is not None and offset > end + SLACK_S:
        raise AudioError(f"{clip.name}: expected an offset within the clip, which ends at {end:.2f} s; seen {offset:g}")


def _nothing(clip: Clip, onset: float, offset: float | None) -> AudioError:
    if not onset and offset is None:
        return clip.no_audio()
    end = "its end" if offset is None else f"{offset:g} s"
    return AudioError(f"{clip.name}: holds no audio between {onset:g} s and {end}; choose a part within the clip")


@dataclass(slots=True)
class _Cut:
    """Which samples are wanted, from ``first`` to before ``last`` (None: to the end), and how many have gone by.

    ``until`` is the offset that was asked for; without one the file is read to its end, to see whether its header lied.
    """

    name: str
    rate: int
    layout: str
    to_float: AudioResampler
    first: int
    last: int | None
    until: int | None
    position: int

    def take(self, frame: AudioFrame) -> Waveform | None:
        """The wanted part of the next frame, None when there is none."""
        if (frame.sample_rate, frame.layout.name) != (self.rate, self.layout):
            raise AudioError(
                f"{self.name}: changes from {self.rate} Hz, {self.layout} to {frame.sample_rate} Hz, "
                f"{frame.layout.name} midway; expected one format throughout; re-encode it"
            )
        start = max(self.first - self.position, 0)
        stop = frame.samples if self.last is None else min(self.last - self.position, frame.samples)
        self.position += frame.samples
        if start >= stop:
            return None
        return Waveform(self._samples(frame)[:, start:stop], self.rate)

    def _samples(self, frame: AudioFrame) -> NDArray[np.float32]:
        import numpy as np

        channels, kind = len(frame.layout.channels), frame.format.packed.name
        if kind not in _SCALES or (frame.format.is_planar and channels >= _PLANES):
            (frame,) = self.to_float.resample(frame)
            kind = "flt"
        array = frame.to_ndarray()
        if not frame.format.is_planar:
            array = array.reshape(-1, channels).T
        zero, full = _SCALES[kind]
        samples = array.astype(np.float32)
        return samples if full == 1 else (samples - np.float32(zero)) / np.float32(full)


def _cut(clip: Clip, frame: AudioFrame, warm: float, onset: float, offset: float | None) -> _Cut:
    from av import AudioResampler

    rate = frame.sample_rate
    position = 0
    if warm and frame.pts is not None and frame.time_base is not None:
        position = round((float(frame.pts * frame.time_base) - clip.start_s) * rate)
    last = until = None if offset is None else round(offset * rate)
    if clip.format in _PADDED and clip.stated_s is not None:
        stated = round(clip.stated_s * rate)
        last = stated if until is None else min(until, stated)
    to_float = AudioResampler("flt", frame.layout, rate)
    return _Cut(clip.name, rate, frame.layout.name, to_float, round(onset * rate), last, until, position)


def _decoded(clip: Clip, warm: float) -> Iterator[AudioFrame]:
    from av.error import FFmpegError

    damaged = 0.0
    for packet in _packets(clip, warm):
        try:
            frames = packet.decode()
        except FFmpegError as error:
            damaged += float((packet.duration or 0) * packet.time_base)
            if damaged > SLACK_S:
                raise AudioError(
                    f"{clip.name}: more than {SLACK_S} s of the audio are damaged ({error.strerror}); "
                    "expected all of it to decode; fetch or re-encode the file"
                ) from error
            continue
        yield from frames


def _packets(clip: Clip, warm: float) -> Iterator[Packet[AudioStream]]:
    """The packets from a time on. Reading over packets is exact in every format; seeking is, for plain samples."""
    stream, tick = clip.stream, float(clip.stream.time_base or 0)
    if warm and clip.format in _SEEKS_EXACTLY and stream.codec_context.codec.canonical_name.startswith("pcm_"):
        clip.container.seek(int((warm + clip.start_s) / tick), stream=stream)
    for packet in clip.container.demux(stream):
        if warm and packet.size and packet.pts is not None:
            ends = (packet.pts + (packet.duration or 0)) * tick - clip.start_s
            if ends < warm:
                continue
        yield packet
