"""An audio file opened for reading packets: which stream, how long it says it is, how long it is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from qaeval.audio.headers import mp3_states_length, wav_data
from qaeval.audio.sources import opened
from qaeval.errors import AudioError, LengthError
from qaeval.types import Audio

if TYPE_CHECKING:
    from av import AudioStream, Packet
    from av.container import InputContainer

SLACK_S = 0.25
"""How far a stated and a true length may differ: padding and encoder delay are shorter, a cut-off file is not."""
FORMATS = "aac,aiff,amr,amrnb,amrwb,asf,au,avi,caf,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,w64,wav"
"""What may be opened. Without this list a playlist named .wav would make FFmpeg open whatever files it names."""
_STATES_NO_LENGTH = {"aac", "amr", "amrnb", "amrwb", "ogg"}


@dataclass(frozen=True, slots=True)
class Clip:
    """An open file. ``stated_s`` is the length its header states, None when it states none."""

    name: str
    size: int
    container: InputContainer
    stream: AudioStream
    stated_s: float | None

    @property
    def format(self) -> str:
        """FFmpeg's name of the container: ``wav``, ``mov`` (MP4, M4A and 3GP too), ``ogg`` ..."""
        return self.container.format.name.split(",")[0]

    @property
    def start_s(self) -> float:
        """The time stamp of the first sample, in seconds."""
        return float((self.stream.start_time or 0) * (self.stream.time_base or 0))

    def check(self, true_s: float) -> None:
        """Raises `LengthError` when the header states another length than the true one, in seconds."""
        if self.stated_s is not None and abs(true_s - self.stated_s) > SLACK_S:
            raise LengthError(
                f"{self.name}: the header states {self.stated_s:.2f} s of audio but the file holds {true_s:.2f} s; "
                f"expected both within {SLACK_S} s; the file is cut off or its header is wrong: fetch or re-encode it"
            )

    def no_audio(self) -> AudioError:
        """The error for a well-formed file without a single sample."""
        return AudioError(
            f"{self.name}: holds no audio (0 s); expected at least one sample; replace it or leave it out"
        )


@contextlib.contextmanager
def open_clip(audio: Audio) -> Iterator[Clip]:
    """Opens the best audio stream of a file.

    Raises `AudioError` for a file that is empty, not audio, has no audio stream, or a WAV whose header lies.
    """
    import av

    with opened(audio) as file:
        size = file.seek(0, 2)
        if not size:
            raise AudioError(f"{audio.name}: the file is empty (0 bytes); expected audio; replace it")
        data = wav_data(file)
        counts_frames = mp3_states_length(file)
        with _container(file, audio.name, size, is_wav=data is not None) as container:
            try:
                yield _clip(audio.name, size, container, data, counts_frames)
            except (av.error.FFmpegError, OSError) as error:
                raise AudioError(f"{audio.name}: breaks off with {error}; fetch or re-encode the file") from error


def _container(file: BinaryIO, name: str, size: int, is_wav: bool) -> InputContainer:
    import av

    file.seek(0)
    head = file.read(16)
    file.seek(0)
    options = {"format_whitelist": FORMATS, "protocol_whitelist": ""}
    if is_wav:
        options["probesize"] = "8192"  # a WAV's header says it all; reading on takes 2 ms
    try:
        return av.open(file, "r", options=options, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise AudioError(
            f"{name}: cannot be read as audio ({size:,} bytes that start with {head!r}); "
            "expected WAV, FLAC, MP3, Ogg, AAC, M4A, 3GP or AMR; replace or re-encode it"
        ) from error


def _clip(name: str, size: int, container: InputContainer, data: tuple[int, int] | None, counts_frames: bool) -> Clip:
    import av

    stream = container.streams.best("audio")
    if not isinstance(stream, av.AudioStream):
        kinds = ", ".join(sorted({other.type for other in container.streams})) or "none"
        raise AudioError(f"{name}: has no audio stream (streams: {kinds}); expected audio; leave this file out")
    if stream.codec_context is None or not stream.codec_context.sample_rate:
        raise AudioError(f"{name}: expected a known codec and rate; FFmpeg cannot tell them; re-encode the file")
    clip = Clip(name, size, container, stream, None)
    if clip.format == "wav" and data is not None:
        return _checked_wav(clip, *data)
    if clip.format in _STATES_NO_LENGTH or (clip.format == "mp3" and not counts_frames):
        return clip
    return replace(clip, stated_s=_duration_s(clip))


def _checked_wav(clip: Clip, stated: int, held: int) -> Clip:
    """The clip with its length from the bytes of samples that the header states and the file holds."""
    if not stated or not held:
        raise clip.no_audio()
    known, bytes_per_s = _duration_s(clip), (clip.stream.codec_context.bit_rate or 0) / 8
    if not bytes_per_s:
        return replace(clip, stated_s=known)
    stated_s, held_s = stated / bytes_per_s, held / bytes_per_s
    replace(clip, stated_s=stated_s).check(held_s)
    return replace(clip, stated_s=min(known or held_s, stated_s, held_s))


def _duration_s(clip: Clip) -> float | None:
    if clip.stream.duration is not None and clip.stream.time_base is not None:
        return float(clip.stream.duration * clip.stream.time_base)
    return None if clip.container.duration is None else clip.container.duration / 1e6


def measure(clip: Clip) -> float | None:
    """The true length in seconds by reading every packet, decoding none; None when the packets do not say."""
    first = last = None
    total = 0
    for packet in clip.container.demux(clip.stream):
        if packet.size:
            if not packet.duration:
                return None
            first, last = first or packet, packet
            total += packet.duration
    if first is None or last is None:
        return 0.0
    tick, rate = float(first.time_base), clip.stream.rate
    lead, _ = _skipped(first)
    tail = _skipped(last)[1] if clip.format == "mp3" else 0  # elsewhere the last packet's duration says it already
    summed = total * tick - (lead + tail) / rate
    if first.pts is None or last.pts is None:
        return summed
    start = max(first.pts * tick + lead / rate, clip.start_s)
    stamped = (last.pts + (last.duration or 0)) * tick - tail / rate - start
    return stamped if abs(stamped - summed) < SLACK_S else summed  # time stamps may jump, e.g. in chained Ogg


def _skipped(packet: Packet[AudioStream]) -> tuple[int, int]:
    """Samples to drop at a packet's start and end (encoder delay and padding)."""
    for side in packet.iter_sidedata():
        if side.data_type == "skip_samples":
            data = bytes(side)
            return int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")
    return 0, 0
