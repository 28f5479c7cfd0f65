"""Encodes waveforms."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from qaeval.audio.reading import decode
from qaeval.audio.sources import Source, named
from qaeval.audio.waveform import Waveform, joined
from qaeval.errors import AudioError

if TYPE_CHECKING:
    from av import AudioFrame


@dataclass(frozen=True, slots=True)
class Codec:
    """A way to encode: FFmpeg's names, the most channels it takes, and bits per second and channel by default."""

    container: str
    encoder: str
    channels: int = 8
    bitrate: int | None = None


CODECS: Mapping[str, Codec] = MappingProxyType(
    {
        "wav": Codec("wav", "pcm_s16le", 64),
        "flac": Codec("flac", "flac"),
        "mp3": Codec("mp3", "libmp3lame", 2, 64_000),
        "ogg": Codec("ogg", "libopus", 8, 48_000),
        "opus": Codec("ogg", "libopus", 8, 48_000),
        "m4a": Codec("ipod", "aac", 8, 64_000),
        "aac": Codec("adts", "aac", 8, 64_000),
        "3gp": Codec("3gp", "aac", 2, 64_000),
        "amr": Codec("amr", "libopencore_amrnb", 1, 12_200),
    }
)
"""What `encode` and `transcode` write. WAV and FLAC hold 16 bits; ``ogg`` and ``opus`` are both Opus in Ogg; ``aac`` is
ADTS; ``3gp`` holds AAC. The bit rates are ours: FFmpeg's default for 16 kHz MP3 is 24,000, which is audibly poor."""


def encode(waveform: Waveform, codec: str = "wav", bitrate: int | None = None) -> bytes:
    """The bytes of a file of that codec (a name of `CODECS`), in memory; the same input gives the same bytes.

    A rate in Hz that the codec lacks is raised to its next higher one (Opus: 8, 12, 16, 24 and 48 kHz; AMR: 8 kHz
    only, so that higher rates are lowered). Samples beyond -1..1 are clipped by integer codecs. ``bitrate`` in bits
    per second, ignored by WAV and FLAC.

    Raises `AudioError` for an unknown codec, a waveform without samples, of another shape or with samples that are
    not finite, and for more channels than the codec takes.

    >>> import numpy as np
    >>> encode(Waveform(np.zeros((1, 100), np.float32), 8000))[:4]
    b'RIFF'
    """
    return _encode(waveform, codec, bitrate, "waveform")


def transcode(
    audio: Source,
    codec: str = "mp3",
    rate: int | None = None,
    mono: bool = False,
    bitrate: int | None = None,
    onset: float = 0.0,
    offset: float | None = None,
) -> bytes:
    """A clip, or a part of it, as the bytes of a file of another codec: `decode`, then `encode`. Raises `AudioError`.

    >>> import numpy as np
    >>> from qaeval.audio import probe
    >>> tone = encode(Waveform(np.sin(np.arange(32000, dtype=np.float32) / 9)[None], 16000), "flac")
    >>> probe(transcode(tone, "mp3", onset=0.5, offset=1.5)).duration
    1.0
    """
    audio = named(audio)
    _find(codec, audio.name)
    return _encode(decode(audio, rate, mono, onset, offset), codec, bitrate, audio.name)


def _encode(waveform: Waveform, codec: str, bitrate: int | None, name: str) -> bytes:
    import av

    target = _find(codec, name)
    waveform = _checked(waveform, codec, target, name)
    try:
        encoder = av.Codec(target.encoder, "w")
    except av.error.FFmpegError as error:
        raise AudioError(f"{name}: this build of PyAV has no encoder {target.encoder}; use another codec") from error
    rate = _nearest(waveform.rate, [8000] if codec == "amr" else encoder.audio_rates)
    bits = bitrate or (target.bitrate or 0) * waveform.channels
    try:
        return _mux(_frame(joined([waveform], rate)), target, bits)
    except (av.error.FFmpegError, ValueError) as error:
        raise AudioError(
            f"{name}: cannot be encoded as {codec} at {rate} Hz with {waveform.channels} channels and {bits} bit/s: "
            f"{error}; choose another rate, bitrate or codec"
        ) from error


def _frame(waveform: Waveform) -> AudioFrame:
    import numpy as np
    from av import AudioFrame

    layout = {1: "mono", 2: "stereo"}.get(waveform.channels, f"{waveform.channels}c")
    interleaved = waveform.samples.T.reshape(1, -1)
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(interleaved, np.float32), "flt", layout)
    frame.sample_rate, frame.pts, frame.time_base = waveform.rate, 0, Fraction(1, waveform.rate)
    return frame


def _mux(frame: AudioFrame, target: Codec, bits: int) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=target.container, options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(target.encoder, rate=frame.sample_rate, layout=frame.layout.name)
        if not isinstance(stream, av.AudioStream):
            raise ValueError(f"{target.encoder} is no audio encoder")
        if bits:
            stream.bit_rate = bits
        for piece in (frame, None):
            container.mux(stream.encode(piece))
    return file.getvalue()


def _find(codec: str, name: str) -> Codec:
    if codec not in CODECS:
        raise AudioError(f"{name}: unknown codec {codec!r}; expected one of {', '.join(CODECS)}")
    return CODECS[codec]


def _nearest(rate: int, rates: list[int] | None) -> int:
    """The lowest of the rates that is not below the wanted one, else the highest."""
    return min((known for known in rates if known >= rate), default=max(rates)) if rates else rate


def _checked(waveform: Waveform, codec: str, target: Codec, name: str) -> Waveform:
    import numpy as np

    shape, kind = waveform.samples.shape, waveform.samples.dtype
    if kind.kind != "f":
        raise AudioError(f"{name}: expected float samples in -1..1, seen {kind}; divide by the largest integer")
    if len(shape) != 2 or not all(shape):
        raise AudioError(f"{name}: expected samples of shape (channels, frames), at least one each; seen {shape}")
    if waveform.rate < 1:
        raise AudioError(f"{name}: expected a rate in Hz above 0, seen {waveform.rate}")
    if not np.isfinite(waveform.samples).all():
        raise AudioError(f"{name}: expected finite samples, seen NaN or infinity; clean them first")
    if shape[0] > target.channels:
        raise AudioError(
            f"{name}: {codec} holds at most {target.channels} channel(s), seen {shape[0]}; mix down with mono=True"
        )
    return Waveform(waveform.samples.astype(np.float32, copy=False), waveform.rate)
