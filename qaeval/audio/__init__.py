"""Reads and writes encoded audio: probe, decode, cut, resample, transcode; from a path, an http(s) URL or bytes.

Times are seconds from the first audible sample of the file (an encoder's delay is not part of it), rates are Hz, bit
rates are bits per second, samples are float32 of shape (channels, frames) in -1..1.

Everything is decoded by PyAV, which brings its own FFmpeg libraries; no program is called. WAV (PCM, float, A-law,
mu-law, ADPCM, GSM), FLAC, MP3, Ogg (Vorbis, Opus), AAC, M4A/MP4, 3GP, AMR-NB/WB, AIFF, AU, CAF, W64, Matroska/WebM,
ASF and AVI are read. Files without a header (raw PCM, GSM, G.722) are not: nothing says what they hold.

A file that cannot be trusted is never read in part and passed on as whole: what cannot be read, holds no audio, or
states a length that its data do not have raises `qaeval.errors.AudioError`, which names the clip. Formats that state
no length (AMR, ADTS AAC, Ogg, MP3 without a Xing tag, WAV written to a pipe) are as long as their data.

All functions may be called from many threads at once.
"""

from qaeval.audio.reading import AudioInfo, decode, probe
from qaeval.audio.sources import read, sha256
from qaeval.audio.waveform import Waveform
from qaeval.audio.writing import CODECS, encode, transcode

__all__ = ["CODECS", "AudioInfo", "Waveform", "decode", "encode", "probe", "read", "sha256", "transcode"]
