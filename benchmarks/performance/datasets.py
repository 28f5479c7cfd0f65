"""Iterating 200,000 rows of a Common Voice release against pandas, its peak memory, and opening the same as a tar.

Time: CPU of one pass against ``pandas.read_csv(dtype=str)`` and a dict a row, medians of three. Memory: peak of a
process that iterates over 200,000 rows against one over 2,000, in bytes a row (the ids seen are remembered as hashes,
so that one that comes twice is found; nothing else may grow). Opening: CPU until the first sample of a tar of 20,000
clips (600 MB), against what `tarfile` needs to list it; nothing may be unpacked.
"""

import io
import os
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROWS, FEW, CLIPS, CLIP_BYTES = 200_000, 2_000, 20_000, 30_000
TIME, MEMORY, OPENING = 2.0, 128, 2.0
COLUMNS = (
    "client_id", "path", "sentence_id", "sentence", "sentence_domain", "up_votes", "down_votes", "age", "gender",
    "accents", "variant", "locale", "segment",
)  # fmt: skip


def table(rows: int) -> Iterator[str]:
    """The lines of the test.tsv of a release with that many rows."""
    yield "\t".join(COLUMNS) + "\n"
    for n in range(rows):
        sentence = f"This is sentence number {n}, which somebody read aloud."
        cells = [f"{n % 999:0128x}", f"common_voice_en_{n}.mp3", f"{n:064x}", sentence, "general", "2", "0"]
        yield "\t".join([*cells, "twenties", "male_masculine", "United States English", "", "en", ""]) + "\n"


def written(folder: Path, rows: int) -> Path:
    (folder / "en").mkdir(parents=True)
    with open(folder / "en" / "test.tsv", "w", encoding="utf-8") as file:
        file.writelines(table(rows))
    return folder


def cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def speed(folder: Path) -> bool:
    import pandas as pd

    import qaeval as qa

    def theirs() -> None:
        frame = pd.read_csv(folder / "en" / "test.tsv", sep="\t", dtype=str)
        rows = [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
        assert len(rows) == ROWS

    def ours() -> None:
        assert sum(1 for _ in qa.load("common_voice", folder)) == ROWS

    pairs = [(cpu(ours), cpu(theirs)) for _ in range(3)]
    mine, pandas = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"{ROWS:,} rows of Common Voice: {mine:.2f} s CPU; pandas {pandas:.2f} s; ", end="")
    print(f"ratio {mine / pandas:.2f} (bound {TIME})")
    return mine / pandas <= TIME


def peak(folder: Path) -> int:
    """Peak resident set of a process that iterates over the release, in kilobytes."""
    done = subprocess.run([sys.executable, __file__, str(folder)], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def iterate(folder: str) -> None:
    import qaeval as qa

    for _ in qa.load("common_voice", folder):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def memory(small: Path, large: Path) -> bool:
    few, many = peak(small), peak(large)
    each = (many - few) * 1024 / (ROWS - FEW)
    print(f"peak memory: {FEW:,} rows {few / 1024:.0f} MB, {ROWS:,} rows {many / 1024:.0f} MB, ", end="")
    print(f"{each:.0f} bytes a row more (bound {MEMORY})")
    return each <= MEMORY


def opening(folder: Path) -> bool:
    import qaeval as qa

    path, cache = folder / "cv.tar", folder / "cache"
    os.environ["QAEVAL_CACHE"] = str(cache)
    with tarfile.open(path, "w") as archive:
        for name, content in [("en/test.tsv", "".join(table(CLIPS)).encode()), *_clips()]:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))

    def theirs() -> None:
        with tarfile.open(path) as archive:
            assert len(archive.getmembers()) == CLIPS + 1

    def ours() -> None:
        assert next(iter(qa.load("common_voice", path))).id == "common_voice_en_0.mp3"

    pairs = [(cpu(ours), cpu(theirs)) for _ in range(3)]
    mine, listing = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"first sample of a tar of {CLIPS:,} clips: {mine:.2f} s CPU; listing it {listing:.2f} s; ", end="")
    print(f"ratio {mine / listing:.2f} (bound {OPENING}); unpacked: {'something' if cache.exists() else 'nothing'}")
    return mine / listing <= OPENING and not cache.exists()


def _clips() -> list[tuple[str, bytes]]:
    content = bytes(CLIP_BYTES)
    return [(f"en/clips/common_voice_en_{n}.mp3", content) for n in range(CLIPS)]


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = written(folder / "small", FEW), written(folder / "large", ROWS)
        return not all([memory(small, large), speed(large), opening(folder)])


if __name__ == "__main__":
    sys.exit(iterate(sys.argv[1]) if len(sys.argv) > 1 else main())
