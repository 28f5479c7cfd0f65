"""Clips and models that tests share: real WAV files, made here, and plain functions that answer about them."""

import io
import math
import struct
import wave

from qaeval.types import Annotation, Sample


def wav(seconds=0.2, rate=8000, tone=440.0):
    """The bytes of a mono 16-bit WAV file with a sine."""
    frames = (int(8000 * math.sin(2 * math.pi * tone * n / rate)) for n in range(int(seconds * rate)))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"".join(struct.pack("<h", frame) for frame in frames))
    return file.getvalue()


def samples(folder, count=6, language="en"):
    """Samples with files of their own, each with its own sound and text."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        path = folder / f"{n}.wav"
        if not path.exists():
            path.write_bytes(wav(tone=300 + n))
        meta = {"language": language, "speaker": f"p{n % 3}"}
        yield Sample(f"s{n}", path, Annotation(text=f"this is number {n}"), meta)
