"""Looking at 10,000 clips on all cores against one after the other; what a check costs beside decoding; its memory.

Cores: looking at 10,000 MP3 clips of 2 s with a process a core (started anew each time) against a loop in one process,
first probing only, then decoding 2,000 of them: CPU of all processes, divided by the cores, against that of the loop,
medians of three, in turns. The wall times stand beside it; they say the same where nothing else runs. Check: CPU of
`qaeval.check` over those 2,000, its processes included, against a loop that decodes them with `qaeval.audio.decode`.
Memory: peak of a process that checks 10,000 clips against one over 1,000, in bytes a clip (rows of the frame, and
digests to know repeats by).
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import qaeval as qa
from qaeval import audio
from qaeval.audio.looking import look
from qaeval.checks import workers

CLIPS, DECODED, FEW, KINDS = 10_000, 2_000, 1_000, 50
CORES, ONE_CORE, CHECK, MEMORY = 0.75, 1.5, 3.0, 2_000


def written(folder: Path) -> list[qa.Sample]:
    """Clips of 2 s at 16 kHz; a number in the file's tag makes each another one."""
    noise = np.random.default_rng(0).standard_normal((KINDS, 1, 32_000)).astype(np.float32) * 0.1
    kinds = [audio.encode(audio.Waveform(samples, 16_000), "mp3") for samples in noise]
    clips = []
    for n in range(CLIPS):
        path = folder / f"{n}.mp3"
        path.write_bytes(kinds[n % KINDS] + b"TAG" + f"{n:>125}".encode())
        clips.append(qa.Sample(path.name, path, qa.Annotation(text="a few words that nobody said")))
    return clips


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU, of this process and of those that it started and that have ended by then; and of wall time."""
    spent, started = _spent(), time.perf_counter()
    work()
    return _spent() - spent, time.perf_counter() - started


def _spent() -> float:
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def cores(clips: list[qa.Sample], decode: bool) -> bool:
    def ours() -> None:
        assert all(seen.info for _, seen in workers.looked(clips, decode))

    def alone() -> None:
        assert all(look(clip.audio, decode).info for clip in clips)

    pairs = [(measured(ours), measured(alone)) for _ in range(3)]
    (many, many_wall), (one, one_wall) = (
        [statistics.median(times) for times in zip(*side, strict=True)] for side in zip(*pairs, strict=True)
    )
    ratio, bound = many / workers.cores() / one, CORES if workers.cores() > 1 else ONE_CORE
    print(
        f"{len(clips):,} clips {'decoded' if decode else 'probed'} on {workers.cores()} cores: {many:.1f} s CPU ",
        end="",
    )
    print(f"({many_wall:.1f} s wall), one after the other {one:.1f} s ({one_wall:.1f} s); ", end="")
    print(f"ratio a core {ratio:.2f} (bound {bound}), of the wall times {many_wall / one_wall:.2f}")
    return ratio <= bound


def cost(clips: list[qa.Sample]) -> bool:
    def ours() -> None:
        assert len(qa.check(clips, progress=False)) == len(clips)

    def plain() -> None:
        for clip in clips:
            assert audio.decode(clip.audio).rate == 16_000

    pairs = [(measured(ours)[0], measured(plain)[0]) for _ in range(3)]
    check, decoding = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"checking {len(clips):,} clips: {check:.1f} s CPU, decoding them {decoding:.1f} s; ", end="")
    print(f"ratio {check / decoding:.2f} (bound {CHECK})")
    return check / decoding <= CHECK


def peak(folder: Path, count: int) -> int:
    """Peak resident set of a process that checks so many clips, in bytes."""
    command = [sys.executable, __file__, str(folder), str(count)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1]) * 1024


def check_some(folder: str, count: str) -> None:
    clips = (qa.Sample(f"{n}.mp3", Path(folder, f"{n}.mp3"), qa.Annotation(text="words")) for n in range(int(count)))
    qa.check(qa.Dataset("clips", lambda: clips), progress=False, fast=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def memory(folder: Path) -> bool:
    few, many = peak(folder, FEW), peak(folder, CLIPS)
    each = (many - few) / (CLIPS - FEW)
    print(f"peak memory: {FEW:,} clips {few >> 20} MB, {CLIPS:,} clips {many >> 20} MB; ", end="")
    print(f"{each:.0f} bytes a clip more (bound {MEMORY})")
    return each <= MEMORY


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        clips = written(Path(name))
        passed = [memory(Path(name)), cost(clips[:DECODED]), cores(clips, False), cores(clips[:DECODED], True)]
    return not all(passed)


if __name__ == "__main__":
    sys.exit(check_some(*sys.argv[1:]) if len(sys.argv) > 1 else main())
