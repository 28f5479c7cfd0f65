"""What a file says about its own length, where FFmpeg's libraries quietly correct or guess it."""

from __future__ import annotations

import os
import re
import struct
from typing import BinaryIO, NamedTuple

_PLACEHOLDER = 0x7FFF0000
"""Writers to a pipe cannot know the size and put 0 or a number about this large or larger."""
_INTEGERS = {8: "pcm_u8", 16: "pcm_s16le", 24: "pcm_s24le", 32: "pcm_s32le"}
_LENGTH_TAG = re.compile(rb"\xff[\xe2-\xff].{2}(?:.{9}|.{17}|.{32})(?:Xing|Info)|\xff[\xe2-\xff].{34}VBRI", re.DOTALL)


class PlainWav(NamedTuple):
    """A complete RIFF WAVE file of integer samples: FFmpeg's name of its codec, rate in Hz, channels, frames."""

    codec: str
    rate: int
    channels: int
    frames: int


def plain_wav(file: BinaryIO) -> PlainWav | None:
    """What such a file holds, in a tenth of the time that FFmpeg takes; None for any other and any doubtful file."""
    data = wav_data(file)
    file.seek(0)
    head = file.read(36)
    if data is None or data[0] != data[1] or len(head) < 36 or head[12:20] != b"fmt \x10\0\0\0":
        return None
    kind, channels, rate, bytes_per_s, block, bits = struct.unpack("<HHIIHH", head[20:])
    sound = block == channels * bits // 8 and bytes_per_s == rate * block and 0 < channels <= 8 and 0 < rate < 2**20
    if kind != 1 or bits not in _INTEGERS or not sound or data[0] < block:
        return None
    return PlainWav(_INTEGERS[bits], rate, channels, data[0] // block)


def wav_data(file: BinaryIO) -> tuple[int, int] | None:
    """Bytes of samples that a RIFF WAVE file states and that it holds; None for any other file.

    Bytes behind the samples that are no chunks count as held: a header that was never completed hides them.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    riff = file.read(12)
    if riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
        return None
    while len(header := file.read(8)) == 8:
        size = struct.unpack("<I", header[4:])[0]
        if header[:4] == b"data":
            return _stated_and_held(file, file.tell(), size, end)
        file.seek(size + size % 2, os.SEEK_CUR)
    return None


def _stated_and_held(file: BinaryIO, start: int, stated: int, end: int) -> tuple[int, int]:
    held = end - start
    if stated <= held and _is_chunks(file, start + stated + stated % 2, end):
        return stated, stated
    if stated == 0 or (stated > held and stated >= _PLACEHOLDER):
        return held, held
    return stated, held


def _is_chunks(file: BinaryIO, at: int, end: int) -> bool:
    """Whether nothing but well-formed RIFF chunks, and fewer than 8 stray bytes, lies between two positions."""
    while end - at >= 8:
        file.seek(at)
        name, size = struct.unpack("<4sI", file.read(8))
        if not all(32 <= byte < 127 for byte in name) or size > end - at - 8:
            return False
        at += 8 + size + size % 2
    return True


def mp3_states_length(file: BinaryIO) -> bool:
    """Whether an MP3 file has the Xing, Info or VBRI tag that counts its frames; without it a length is a guess."""
    file.seek(0)
    head = file.read(10)
    body = 0
    if head[:3] == b"ID3" and len(head) == 10:
        body = 10 + sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    file.seek(body)
    return _LENGTH_TAG.search(file.read(4096)) is not None
