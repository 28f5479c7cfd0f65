"""A process that decodes with pocketsphinx: PCM on stdin; on stdout one line when it is ready, and a JSON line a clip.

It is a process of its own because pocketsphinx holds Python's global lock while it decodes: in a thread it would stop
every other model of the run, and their measured seconds would be wrong.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import traceback
from pathlib import Path
from typing import Any

HEADER = struct.Struct("<Q")  # bytes of 16-bit little-endian PCM that follow
RATE = 16_000  # Hz
FRAMES = 100  # a second


def main(folder: Path) -> None:
    """Decodes clips until stdin ends."""
    from pocketsphinx import Decoder

    decoder = Decoder(
        hmm=str(folder / "en-us"),
        lm=str(folder / "en-us.lm.bin"),
        dict=str(folder / "cmudict-en-us.dict"),
        samprate=RATE,
        loglevel="FATAL",
    )
    source = sys.stdin.buffer
    print("ready", flush=True)
    while header := source.read(HEADER.size):
        (size,) = HEADER.unpack(header)
        _answer(decoder, source.read(size))


def _answer(decoder: Any, pcm: bytes) -> None:
    """Decodes from the state that the decoder had after loading.

    What a clip leaves behind (noise statistics, the Gaussians of its last frames) would change the next answer, and
    only loading takes it away. So a fork decodes, where there are forks.
    """
    if not hasattr(os, "fork"):
        decoder.reinit()
        print(json.dumps(_words(decoder, pcm)), flush=True)
        return
    child = os.fork()
    if child == 0:
        _in_fork(decoder, pcm)
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(os.waitstatus_to_exitcode(status))


def _in_fork(decoder: Any, pcm: bytes) -> None:
    try:
        print(json.dumps(_words(decoder, pcm)), flush=True)
    except BaseException:  # noqa: BLE001 - the fork must end here, whatever happens
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _words(decoder: Any, pcm: bytes) -> list[list[Any]]:
    """Words as [text, onset, offset, probability], with times in seconds; none where nobody speaks."""
    if not _is_speech(pcm):
        return []
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return [
        [segment.word, segment.start_frame / FRAMES, (segment.end_frame + 1) / FRAMES, round(segment.prob, 4)]
        for segment in decoder.seg() or ()
    ]


def _is_speech(pcm: bytes) -> bool:
    """Whether any frame may be speech, by pocketsphinx's own detector: the decoder alone hears words in silence."""
    from pocketsphinx import Vad

    vad = Vad(mode=Vad.LOOSE, sample_rate=RATE)
    return any(vad.is_speech(pcm[at : at + vad.frame_bytes]) for at in range(0, len(pcm), vad.frame_bytes)[:-1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
