"""Audio: every format is read, cuts are exact, what cannot be trusted is refused by name."""

from __future__ import annotations

import concurrent.futures
import functools
import hashlib
import http.server
import io
import os
import struct
import subprocess
import sys
import tempfile
import threading
import tracemalloc
import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from qaeval import audio
from qaeval.audio import Waveform, reading, urls
from qaeval.errors import AudioError
from qaeval.types import Audio

DATA = Path(__file__).parent / "data" / "audio"
FILES = {  # file: codec, container, rate, channels, seconds, tolerance of the level
    "u8.wav": ("pcm_u8", "wav", 8000, 1, 0.75, 0.01),
    "s16.wav": ("pcm_s16le", "wav", 8000, 1, 0.75, 0.001),
    "s24.wav": ("pcm_s24le", "wav", 8000, 1, 0.75, 0.001),
    "s32.wav": ("pcm_s32le", "wav", 8000, 1, 0.75, 0.001),
    "f32.wav": ("pcm_f32le", "wav", 8000, 1, 0.75, 0.001),
    "ulaw.wav": ("pcm_mulaw", "wav", 8000, 1, 0.75, 0.02),
    "gsm-ms.wav": ("gsm_ms", "wav", 8000, 1, 0.75, 0.1),
    "nb.amr": ("amr_nb", "amr", 8000, 1, 0.76, 0.2),
    "amr.3gp": ("amr_nb", "3gp", 8000, 1, 0.75, 0.2),
    "tone.3gp": ("aac", "3gp", 16000, 1, 0.75, 0.02),
    "tone.aac": ("aac", "aac", 16000, 1, 0.832, 0.02),
    "tone.m4a": ("aac", "m4a", 16000, 1, 0.75, 0.02),
    "tone.mp3": ("mp3", "mp3", 16000, 1, 0.828, 0.06),
    "vbr.mp3": ("mp3", "mp3", 22050, 1, 0.75, 0.06),
    "tone.flac": ("flac", "flac", 16000, 1, 0.75, 0.001),
    "vorbis.ogg": ("vorbis", "ogg", 44100, 2, 0.75, 0.02),
    "opus.ogg": ("opus", "ogg", 48000, 1, 0.75, 0.03),
}
LOSSY = ["mp3", "ogg", "m4a", "aac", "3gp", "amr"]


def noise(seconds: float, rate: int, channels: int = 1, seed: int = 0) -> Waveform:
    shape = (channels, round(seconds * rate))
    samples = np.random.default_rng(seed).integers(-8000, 8000, shape)
    return Waveform((samples / 32768).astype(np.float32), rate)


def sine(frequency: float, rate: int, seconds: float = 2.0, level: float = 0.5) -> Waveform:
    times = np.arange(round(seconds * rate)) / rate
    return Waveform((level * np.sin(2 * np.pi * frequency * times)).astype(np.float32)[None], rate)


def level_at(waveform: Waveform, frequency: float) -> float:
    """Amplitude of a frequency (Hz) in the middle half of the first channel, by least squares."""
    frames = waveform.samples.shape[1]
    middle = waveform.samples[0, frames // 4 : frames * 3 // 4].astype(float)
    angle = 2 * np.pi * frequency * np.arange(len(middle)) / waveform.rate
    parts, *_ = np.linalg.lstsq(np.stack([np.sin(angle), np.cos(angle)], 1), middle, rcond=None)
    return float(np.hypot(*parts))


def lag(of: np.ndarray, against: np.ndarray) -> int:
    """By how many samples one signal comes later than another."""
    n = len(of) + len(against)
    product = np.fft.irfft(np.fft.rfft(of, n) * np.conj(np.fft.rfft(against, n)), n)
    peak = int(np.argmax(product))
    return peak if peak < len(of) else peak - n


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=float))))


# ---- reading


@pytest.mark.parametrize("name", FILES)
def test_probe_says_what_a_file_holds(name: str) -> None:
    codec, container, rate, channels, seconds, _ = FILES[name]
    info = audio.probe(DATA / name)
    assert (info.codec, info.container, info.rate, info.channels) == (codec, container, rate, channels)
    assert info.size == (DATA / name).stat().st_size
    assert info.duration == pytest.approx(seconds, abs=1e-4)


@pytest.mark.parametrize("name", FILES)
def test_decode_gives_the_sound_and_the_probed_length(name: str) -> None:
    *_, tolerance = FILES[name]
    sound = audio.decode(DATA / name)
    info = audio.probe(DATA / name)
    assert sound.samples.dtype == np.float32
    assert (sound.channels, sound.rate) == (info.channels, info.rate)
    assert sound.duration == pytest.approx(info.duration, abs=0.005)  # FFmpeg drops 128 samples of a one-page Vorbis
    assert level_at(sound, 440) == pytest.approx(0.5, rel=tolerance)


@pytest.mark.parametrize(
    ("name", "step"), [("u8.wav", 2**-7), ("s24.wav", 2**-15), ("s32.wav", 2**-15), ("f32.wav", 2**-15)]
)
def test_sample_formats_agree_to_their_resolution(name: str, step: float) -> None:
    expected = audio.decode(DATA / "s16.wav").samples
    assert np.abs(audio.decode(DATA / name).samples - expected).max() <= step


@pytest.mark.parametrize("name", ["s16.wav", "tone.m4a", "nb.amr"])
def test_path_string_bytes_and_audio_are_the_same_clip(name: str) -> None:
    path, body = DATA / name, (DATA / name).read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    expected = audio.decode(path).samples
    for source in (str(path), body, Audio(path, "a"), Audio(body, "b")):
        assert audio.read(source) == body
        assert audio.sha256(source) == digest
        assert audio.probe(source) == audio.probe(path)
        assert np.array_equal(audio.decode(source).samples, expected)


def test_a_known_digest_is_believed() -> None:
    assert audio.sha256(Audio(b"other", sha256="known")) == "known"


def test_many_threads_read_at_once() -> None:
    expected = {name: audio.decode(DATA / name, rate=16000).samples for name in FILES}

    def same(name: str) -> bool:
        found = audio.decode(DATA / name, rate=16000).samples
        return audio.probe(DATA / name).codec == FILES[name][0] and np.array_equal(found, expected[name])

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert all(pool.map(same, list(FILES) * 6))


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, qaeval.audio; print({'av', 'numpy', 'soxr', 'ssl'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


# ---- cutting


@functools.cache
def long_noise(codec: str) -> bytes:
    stereo = codec in ("wav", "flac", "mp3", "ogg", "m4a")
    return audio.encode(noise(12, 8000 if codec == "amr" else 16000, 2 if stereo else 1), codec)


@pytest.mark.parametrize("codec", ["wav", "flac"])
@settings(max_examples=25)
@given(first=st.integers(0, 191_990), count=st.integers(1, 60_000))
def test_cuts_of_lossless_files_are_exact_to_the_sample(codec: str, first: int, count: int) -> None:
    whole = noise(12, 16000, 2).samples
    cut = audio.decode(long_noise(codec), onset=first / 16000, offset=min(first + count, 192_000) / 16000)
    assert np.array_equal(cut.samples, whole[:, first : first + count])


@pytest.mark.parametrize("codec", LOSSY)
@pytest.mark.parametrize(("onset", "offset"), [(0.0, 2.0), (0.7, 1.9), (7.123, 9.377), (9.5, None)])
def test_cuts_of_lossy_files_are_where_they_should_be(codec: str, onset: float, offset: float | None) -> None:
    body = long_noise(codec)
    whole = audio.decode(body)
    first, last = round(onset * whole.rate), None if offset is None else round(offset * whole.rate)
    expected = whole.samples[0, first:last]
    cut = audio.decode(body, onset=onset, offset=offset).samples[0]
    assert len(cut) == len(expected)
    assert lag(cut, expected) == 0
    assert rms(cut - expected) < 0.05 * rms(expected)


@pytest.mark.parametrize("codec", ["flac", "wav", "mp3"])
def test_a_part_of_a_long_file_is_not_held_as_a_whole(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(audio.encode(noise(300, 16000), codec))  # 19 MB once decoded
    tracemalloc.start()
    try:
        part = audio.decode(path, rate=8000, onset=200, offset=202)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert part.samples.shape == (1, 16000)
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("onset", "offset", "words"),
    [
        (0.5, 0.5, "expected 0 <= onset < offset"),
        (-0.1, None, "expected 0 <= onset < offset"),
        (0.0, float("nan"), "expected 0 <= onset < offset"),
        (0.0, float("inf"), "expected 0 <= onset < offset"),
        (float("nan"), None, "expected 0 <= onset < offset"),
        (0.5, 1.5, "which ends at 0.75 s; seen 1.5"),
        (0.75, None, "holds no audio between 0.75 s and its end"),
        (99.0, None, "holds no audio between 99 s and its end"),
        (99.0, 100.0, "which ends at|holds no audio between 99 s and 100 s"),
        (0.1, 0.10001, "holds no audio between"),
    ],
)
@pytest.mark.parametrize("name", ["s16.wav", "tone.flac", "tone.m4a", "vbr.mp3"])
def test_a_part_outside_the_clip_is_refused(name: str, onset: float, offset: float | None, words: str) -> None:
    with pytest.raises(AudioError, match=words) as caught:
        audio.decode(Audio(DATA / name, "clips/x"), onset=onset, offset=offset)
    assert str(caught.value).startswith("clips/x: ")


def test_an_offset_may_pass_the_end_by_a_rounding() -> None:
    assert audio.decode(DATA / "s16.wav", onset=0.25, offset=0.8).duration == 0.5


# ---- resampling and mixing


@pytest.mark.parametrize(("rate", "to"), [(48000, 16000), (44100, 16000), (16000, 8000), (8000, 16000), (11025, 48000)])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_frequency_and_level_survive_resampling(rate: int, to: int, share: float) -> None:
    frequency = share * min(rate, to) / 2
    sound = audio.decode(audio.encode(sine(frequency, rate), "flac"), rate=to)
    assert sound.rate == to
    assert level_at(sound, frequency) == pytest.approx(0.5, rel=0.01)
    expected = sine(frequency, to).samples
    middle = slice(to // 2, -to // 2)
    assert rms(sound.samples[0, middle] - expected[0, middle]) < 0.005  # in phase, and nothing else is there


@pytest.mark.parametrize("frequency", [8800, 12000, 20000])
def test_what_the_new_rate_cannot_hold_does_not_fold_back(frequency: float) -> None:
    sound = audio.decode(audio.encode(sine(frequency, 48000), "flac"), rate=16000)
    assert rms(sound.samples[0, 8000:-8000]) < 0.5 * 10 ** (-80 / 20)


@settings(max_examples=40)
@given(
    frames=st.integers(1, 5000),
    rate=st.sampled_from([8000, 11025, 16000, 44100, 48000]),
    to=st.sampled_from([8000, 16000, 22050, 44100, 48000]),
)
def test_resampling_keeps_the_duration(frames: int, rate: int, to: int) -> None:
    sound = audio.decode(audio.encode(Waveform(np.ones((1, frames), np.float32) / 4, rate), "wav"), rate=to)
    assert abs(sound.samples.shape[1] - frames * to / rate) <= 1


@pytest.mark.parametrize("codec", ["wav", "flac", "ogg", "m4a"])
def test_eight_channels_stay_apart_and_in_order(codec: str) -> None:
    tones = [440 * (channel + 1) for channel in range(8)]
    sound = Waveform(np.concatenate([sine(tone, 16000).samples for tone in tones]), 16000)
    back = audio.decode(audio.encode(sound, codec))
    assert back.channels == 8
    heard = [Waveform(back.samples[channel : channel + 1], back.rate) for channel in range(8)]
    for channel, tone in enumerate(tones):
        if channel != 3 or codec in ("wav", "flac"):  # the fourth is for low effects: lossy codecs drop the rest
            assert level_at(heard[channel], tone) == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("rate", [None, 8000])
def test_mono_is_the_mean_of_the_channels(channels: int, rate: int | None) -> None:
    body = audio.encode(noise(1, 16000, channels), "wav")
    apart = audio.decode(body, rate=rate)
    together = audio.decode(body, rate=rate, mono=True)
    assert apart.channels == channels
    assert together.samples.shape == (1, apart.samples.shape[1])
    assert np.allclose(together.samples[0], apart.samples.mean(axis=0), atol=1e-6)


def test_a_rate_below_one_is_refused() -> None:
    with pytest.raises(AudioError, match="expected a rate in Hz above 0, seen 0"):
        audio.decode(DATA / "s16.wav", rate=0)


# ---- writing


@pytest.mark.parametrize("codec", ["wav", "flac"])
def test_lossless_codecs_give_every_sample_back(codec: str) -> None:
    sound = noise(1.5, 44100, 2)
    body = audio.encode(sound, codec)
    assert np.array_equal(audio.decode(body).samples, sound.samples)
    assert body == audio.encode(sound, codec)


@pytest.mark.parametrize(
    ("codec", "delay_s"), [("mp3", 0), ("ogg", 0), ("m4a", 0), ("3gp", 0), ("aac", 0.064), ("amr", 0.01)]
)
def test_lossy_codecs_keep_time_and_level(codec: str, delay_s: float) -> None:
    sound = noise(2, 16000)
    smooth = Waveform(np.apply_along_axis(np.convolve, 1, sound.samples, np.ones(9) / 9, "same"), 16000)
    back = audio.decode(audio.encode(smooth, codec), rate=16000)
    assert back.duration == pytest.approx(2 + delay_s, abs=0.07)
    assert 0 <= lag(back.samples[0], smooth.samples[0]) <= delay_s * 16000
    assert rms(back.samples) == pytest.approx(rms(smooth.samples), rel=0.2)


@pytest.mark.parametrize(
    ("codec", "rate", "expected"), [("ogg", 44100, 48000), ("mp3", 96000, 48000), ("amr", 16000, 8000)]
)
def test_a_rate_that_the_codec_lacks_becomes_the_next_one(codec: str, rate: int, expected: int) -> None:
    body = audio.encode(sine(440, rate, 0.5), codec)
    assert audio.probe(body).rate == expected
    assert level_at(audio.decode(body), 440) == pytest.approx(0.5, rel=0.2)


def test_the_bitrate_is_heeded() -> None:
    sizes = [len(audio.transcode(long_noise("wav"), "mp3", bitrate=bits)) for bits in (32_000, 64_000, 128_000)]
    assert sizes == [pytest.approx(12 * bits / 8, rel=0.05) for bits in (32_000, 64_000, 128_000)]


def test_transcode_cuts_mixes_and_resamples() -> None:
    body = audio.transcode(long_noise("flac"), "wav", rate=8000, mono=True, onset=3.0, offset=4.5)
    with wave.open(io.BytesIO(body)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 1, 12000)


def test_integer_codecs_clip_and_do_not_wrap() -> None:
    loud = audio.decode(audio.encode(sine(100, 8000, 0.5, level=2.0), "wav")).samples
    assert loud.max() > 0.999
    assert np.abs(np.diff(loud[0])).max() < 0.2


@pytest.mark.parametrize(
    ("waveform", "codec", "words"),
    [
        (noise(0.1, 8000), "vox", "unknown codec 'vox'; expected one of wav, flac, mp3"),
        (noise(0.1, 8000, 3), "mp3", r"at most 2 channel\(s\), seen 3"),
        (noise(0.1, 8000, 2), "amr", r"at most 1 channel\(s\), seen 2"),
        (Waveform(np.zeros((1, 0), np.float32), 8000), "wav", r"seen \(1, 0\)"),
        (Waveform(np.zeros(9, np.float32), 8000), "wav", r"seen \(9,\)"),
        (Waveform(np.full((1, 9), np.nan, np.float32), 8000), "wav", "seen NaN or infinity"),
        (Waveform(np.zeros((1, 9), np.int16), 8000), "wav", "expected float samples in -1..1, seen int16"),  # type: ignore
        (Waveform(np.zeros((1, 9), np.float32), 0), "wav", "a rate in Hz above 0, seen 0"),
    ],
)
def test_what_cannot_be_encoded_is_refused(waveform: Waveform, codec: str, words: str) -> None:
    with pytest.raises(AudioError, match=words):
        audio.encode(waveform, codec)


# ---- what cannot be trusted


def riff(seconds: float, declared: int | None = None, after: bytes = b"") -> bytes:
    """A 16-bit 8 kHz WAV of our own making, whose header may lie."""
    data = np.sin(np.arange(round(seconds * 8000)) / 3)
    body = (data * 8000).astype("<i2").tobytes()
    size = len(body) if declared is None else declared
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    rest = form + struct.pack("<4sI", b"data", size) + body + after
    return struct.pack("<4sI4s", b"RIFF", min(len(rest) + 4, 0xFFFFFFFF), b"WAVE") + rest


def cut_off(codec: str, share: float) -> bytes:
    body = audio.encode(noise(5, 16000), codec)
    return body[: round(len(body) * share)]


def flac_stating(seconds: float) -> bytes:
    body = bytearray(audio.encode(noise(3, 16000), "flac"))
    field = int.from_bytes(body[18:26], "big") >> 36 << 36
    body[18:26] = (field | round(seconds * 16000)).to_bytes(8, "big")
    return bytes(body)


def fast_start_m4a(share: float) -> bytes:
    """An M4A whose index comes first and whose data are cut off."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.m4a")
        with av.open(str(path), "w", format="ipod", options={"movflags": "faststart"}) as out:
            mux_sine(out, [out.add_stream("aac", rate=16000, layout="mono")], 5.0)
        body = path.read_bytes()
    return body[: round(len(body) * share)]


def mux_sine(out: av.container.OutputContainer, tracks: list[av.AudioStream], seconds: float) -> None:
    for track in tracks:
        frame = av.AudioFrame.from_ndarray(sine(440, 16000, seconds).samples, "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 16000, 0, Fraction(1, 16000)
        for piece in (frame, None):
            out.mux(track.encode(piece))


def video(with_audio: int = 0, container: str = "mp4") -> bytes:
    """A film of ten frames with so many audio streams."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        film = out.add_stream("mpeg4", rate=10)
        film.width, film.height, film.pix_fmt = 32, 32, "yuv420p"
        tracks = [out.add_stream("aac", rate=16000, layout="mono") for _ in range(with_audio)]
        for index in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), index, np.uint8), "rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            out.mux(film.encode(frame))
        out.mux(film.encode(None))
        mux_sine(out, tracks, 1.0)
    return file.getvalue()


STATES = r"the header states {} s of audio but the file holds {} s"
BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "the file is empty"),
    "text": (lambda: b"This is no audio.\n" * 40, "cannot be read as audio .720 bytes that start with b'This is"),
    "html": (lambda: b"<!DOCTYPE html><title>Not found</title>", "cannot be read as audio"),
    "zeros": (lambda: bytes(5000), "cannot be read as audio"),
    "random": (lambda: np.random.default_rng(1).bytes(30000), "cannot be read as audio|holds no audio|damaged"),
    "header only": (lambda: riff(1)[:20], "cannot be read as audio"),
    "no samples": (lambda: riff(0), "holds no audio"),
    "no samples, chunk after": (lambda: riff(0, after=b"LIST\x04\0\0\0INFO"), "holds no audio"),
    "wav cut off": (lambda: riff(1, declared=60 * 16000), STATES.format("60.00", "1.00")),
    "gsm cut off": (lambda: (DATA / "gsm-ms.wav").read_bytes()[:500], STATES.format("0.7[56]", r"0\.2\d")),
    "wav longer than stated": (lambda: riff(60, declared=16000), STATES.format("1.00", "60.00")),
    "flac cut off": (lambda: cut_off("flac", 0.2), STATES.format("5.00", r"[01]\.\d\d")),
    "flac states more": (lambda: flac_stating(60), STATES.format("60.00", "3.00")),
    "flac states less": (lambda: flac_stating(1), STATES.format("1.00", "3.00")),
    "mp3 cut off": (lambda: cut_off("mp3", 0.2), STATES.format("5.0.", r"0\.\d\d|1\.0\d")),
    "m4a cut off": (lambda: cut_off("m4a", 0.8), "cannot be read as audio"),
    "m4a with index cut off": (lambda: fast_start_m4a(0.5), STATES.format("5.00", r"2\.\d\d")),
    "video": (video, r"has no audio stream \(streams: video\)"),
    "playlist": (
        lambda: f"#EXTM3U\n#EXTINF:1,\nfile://{DATA}/tone.aac\n#EXT-X-ENDLIST\n".encode(),
        "cannot be read as audio",
    ),
    "concat script": (lambda: f"ffconcat version 1.0\nfile '{DATA}/s16.wav'\n".encode(), "cannot be read as audio"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("on_disk", [False, True])
def test_a_broken_file_gives_one_error_with_its_name(
    kind: str, on_disk: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make, words = BROKEN[kind]
    source: bytes | Path = make()
    if on_disk:
        (tmp_path / "x.wav").write_bytes(make())
        source = tmp_path / "x.wav"
    for use in (audio.probe, audio.decode, audio.transcode):
        with pytest.raises(AudioError, match=words) as caught:
            use(Audio(source, "clips/7.wav"))
        assert str(caught.value).startswith("clips/7.wav: ")
        assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("declared", [0, 0x7FFFFFFF - 36, 0xFFFFFFFF])
def test_a_wav_written_to_a_pipe_is_as_long_as_its_data(declared: int) -> None:
    body = riff(2, declared)
    assert audio.probe(body).duration == pytest.approx(2)
    assert audio.decode(body).duration == pytest.approx(2)


def test_chunks_behind_the_samples_are_no_lie() -> None:
    body = riff(1, after=b"LIST" + struct.pack("<I", 100_000) + b"INFO" + bytes(99_996))
    assert audio.probe(body).duration == 1
    assert audio.decode(body).duration == 1


def test_formats_that_state_no_length_are_as_long_as_their_data() -> None:
    body = (DATA / "nb.amr").read_bytes()
    half = body[: 6 + 13 * 20]
    assert audio.probe(half).duration == pytest.approx(0.4)
    assert audio.decode(half).duration == pytest.approx(0.4)


@pytest.mark.parametrize("frames", [3, 60])
def test_damage_is_left_out_up_to_a_quarter_second(frames: int) -> None:
    body = bytearray(long_noise("aac"))
    starts = [at for at in range(len(body) - 7) if body[at] == 0xFF and body[at + 1] & 0xF6 == 0xF0]
    for start in starts[100 : 100 + frames]:
        body[start + 7 : start + 60] = b"\xff" * 53
    if frames == 3:
        assert audio.decode(bytes(body)).duration == pytest.approx(audio.probe(bytes(body)).duration, abs=0.25)
    else:
        with pytest.raises(AudioError, match="damaged"):
            audio.decode(Audio(bytes(body), "a.aac"))


def test_a_format_that_changes_midway_is_refused() -> None:
    body = audio.encode(noise(1, 16000), "aac") + audio.encode(noise(1, 44100, 2), "aac")
    with pytest.raises(AudioError, match=r"a.aac: changes from 16000 Hz, mono to 44100 Hz, stereo midway"):
        audio.decode(Audio(body, "a.aac"), rate=8000)


def test_cover_art_and_further_streams_are_left_aside() -> None:
    picture = b"\x00image/png\x00\x03\x00" + bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc00000030101"
        "0018dd8db00000000049454e44ae426082"
    )
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = len(frame)
    tag = b"ID3\x03\x00\x00" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + frame
    plain = DATA / "vbr.mp3"
    covered = tag + plain.read_bytes()
    with av.open(io.BytesIO(covered)) as container:
        assert len(container.streams) == 2
    assert audio.probe(covered).duration == audio.probe(plain).duration
    assert np.array_equal(audio.decode(covered).samples, audio.decode(plain).samples)
    for container_name in ("mp4", "matroska"):
        film = video(with_audio=2, container=container_name)
        assert audio.probe(film).codec == "aac"
        assert audio.decode(film).duration == pytest.approx(1, abs=0.07)
        assert level_at(audio.decode(film), 440) == pytest.approx(0.5, rel=0.02)


def test_a_tag_in_another_encoding_does_no_harm() -> None:
    info = b"INFOINAM" + struct.pack("<I", 4) + b"caf\xe9"
    assert audio.probe(riff(1, after=b"LIST" + struct.pack("<I", len(info)) + info)).duration == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for path, words in [
        (tmp_path / "gone.wav", "there is no such file"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe.wav", "is not a regular file"),
        ("a\0b.wav", "cannot be opened: embedded null byte"),
        ("ftp://example.org/a.wav", r"expected a path or an http\(s\) URL"),
        (f"file://{DATA}/s16.wav", r"expected a path or an http\(s\) URL"),
        (7, "expected a path, an http.s. URL or bytes, seen int"),
    ]:
        for use in (audio.probe, audio.decode, audio.read, audio.sha256):
            with pytest.raises(AudioError, match=words) as caught:
                use(Audio(path, "n"))  # type: ignore[arg-type]
            assert str(caught.value).startswith("n: ")


def test_no_damage_causes_another_error_or_a_crash() -> None:
    """Bytes replaced, removed and inserted at random: each use succeeds or raises the one error."""
    random = np.random.default_rng(7)
    read, refused = 0, []
    for name in FILES:
        for _ in range(12):
            body = bytearray((DATA / name).read_bytes())
            for at in random.integers(0, random.choice([100, len(body)]), 4):
                body[at : at + random.integers(0, 2)] = random.bytes(random.integers(0, 3))
            clip = Audio(bytes(body[: random.integers(len(body) // 2, 2 * len(body))]), "x")
            for use in (audio.probe, audio.decode, functools.partial(audio.decode, rate=16000, onset=0.3, offset=0.5)):
                try:
                    use(clip)
                    read += 1
                except AudioError as error:
                    refused.append(str(error))
    assert read > 100
    assert len(refused) > 100
    assert all(message.startswith("x: ") for message in refused)


# ---- over http


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the fixtures, and the ways in which a server can fail."""

    def do_GET(self) -> None:
        kind, _, rest = self.path.lstrip("/").partition("/")
        if kind == "file":
            self.give((DATA / rest.split("?")[0]).read_bytes())
        elif kind == "to":
            self.send_response(302)
            self.send_header("Location", rest)
            self.end_headers()
        elif kind == "short":
            self.give(b"RIFF", announced=1000)
        elif kind == "slow":
            self.server.released.wait(5)  # type: ignore[attr-defined]
        elif kind == "drip":
            self.give(b"", announced=1000)
            while not self.server.released.wait(0.02):  # type: ignore[attr-defined]
                try:
                    self.wfile.write(b"R")
                except OSError:
                    break
        else:
            self.send_error(404)

    def give(self, body: bytes, announced: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.released = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.released.set()  # type: ignore[attr-defined]
        running.shutdown()
        thread.join()


def test_a_clip_is_read_from_a_url(server: str) -> None:
    url = f"{server}/file/tone.m4a?signature=a%2Fb&name=音 频#there"
    assert audio.read(url) == (DATA / "tone.m4a").read_bytes()
    assert audio.probe(url) == audio.probe(DATA / "tone.m4a")
    assert audio.decode(f"{server}/to/{server}/file/s16.wav").duration == 0.75
    assert audio.sha256(url) == audio.sha256(DATA / "tone.m4a")


def test_proxies_of_the_environment_do_not_get_loopback(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("REQUEST_METHOD", raising=False)
    assert audio.probe(f"{server}/file/s16.wav").duration == 0.75
    assert audio.probe(server.replace("127.0.0.1", "localhost") + "/file/s16.wav").duration == 0.75
    with pytest.raises(AudioError, match="refused"):  # by the proxy that is not there: others do go through it
        audio.read("http://192.0.2.1/a.wav")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/gone.wav", "the server answered 404 Not Found"),
        ("/short", "announced 1,000 bytes and sent 4"),
        ("/slow", "timed out"),
        ("/drip", "not complete after 0.3 s"),
        ("/file/s24.wav", "larger than 15,000 bytes"),
        ("/to/ftp://127.0.0.1/a.wav", "cannot be fetched"),
        (f"/to/file://{DATA}/s16.wav", "cannot be fetched"),
        ("/to//to//to//nowhere", "cannot be fetched"),
    ],
)
def test_a_failing_server_gives_one_error_with_the_name(
    server: str, path: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urls, "SILENCE_S", 0.2)
    monkeypatch.setattr(urls, "DEADLINE_S", 0.3)
    monkeypatch.setattr(urls, "MAX_BYTES", 15_000)
    for use in (audio.read, audio.probe, audio.decode):
        with pytest.raises(AudioError, match=words) as caught:
            use(Audio(server + path, "clips/9.wav"))
        assert str(caught.value).startswith("clips/9.wav: ")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a.wav", "http://", "http://127.0.0.1:x/", "http://[::1/a", "http://a b/"]
)
def test_an_address_that_leads_nowhere_is_one_error(url: str) -> None:
    with pytest.raises(AudioError, match=r"n: cannot be fetched: ."):
        audio.read(Audio(url, "n"))


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("tail", [b"", b"LIST\x04\0\0\0abcd", b"\0", b"xx"])
def test_a_plain_wav_is_probed_as_ffmpeg_does(monkeypatch, bits: int, channels: int, tail: bytes) -> None:
    block = channels * bits // 8
    data = bytes(range(1, 9)) * 3 * block
    form = struct.pack("<HHIIHH", 1, channels, 11025, 11025 * block, block, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data + tail
    content = b"RIFF" + struct.pack("<I", len(body)) + body
    quick = audio.probe(content)
    assert reading.plain_wav(io.BytesIO(content)) is not None or len(tail) == 1
    monkeypatch.setattr(reading, "plain_wav", lambda file: None)
    assert audio.probe(content) == quick
