"""A process that decodes with pocketsphinx: PCM on stdin; on stdout one line when it is ready, and a JSON line a clip.

It is a process of its own because pocketsphinx holds Python's global lock while it decodes: in a thread it would stop
every other model of the run, and their measured seconds would be wrong.
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

HEADER = struct.Struct("<Q")  # bytes of 16-bit little-endian PCM that follow
FRAMES = 100  # a second


def main(folder: Path) -> None:
    """Decodes clips until stdin ends."""
    from pocketsphinx import Decoder

    decoder = Decoder(
        hmm=str(folder / "en-us"),
        lm=str(folder / "en-us.lm.bin"),
        dict=str(folder / "cmudict-en-us.dict"),
        samprate=16_000,
        loglevel="FATAL",
    )
    source = sys.stdin.buffer
    print("ready", flush=True)
    while header := source.read(HEADER.size):
        (size,) = HEADER.unpack(header)
        print(json.dumps(_words(decoder, source.read(size))), flush=True)


def _words(decoder: Any, pcm: bytes) -> list[list[Any]]:
    """Words as [text, onset, offset, probability]. A clip is normalised as a whole, so none depends on another."""
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return [
        [segment.word, segment.start_frame / FRAMES, (segment.end_frame + 1) / FRAMES, round(segment.prob, 4)]
        for segment in decoder.seg() or ()
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
