"""Peak memory of a run over 50,000 samples against one over 500, each in a process of its own."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

LIMIT = 1.3


def peak(count: int) -> int:
    """Peak resident set of a process that makes such a run, in kilobytes."""
    done = subprocess.run([sys.executable, __file__, str(count)], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def run(count: int) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
    from clips import wav

    import qaeval as qa

    with tempfile.TemporaryDirectory() as name:
        clip = Path(name) / "clip.wav"
        clip.write_bytes(wav())

        def samples() -> Iterator[qa.Sample]:
            for n in range(count):
                # one clip, asked with another word each time: as many requests, without as many files
                yield qa.Sample(
                    f"sample-{n}",
                    clip,
                    qa.Annotation(events=(qa.Event("x", 0, 0.1),)),
                    {"speaker": f"s{n % 50}"},
                    {"query": f"word {n}"},
                )

        model = qa.Model("a", lambda request: '"x" 从第0.00秒开始出现,至第0.10秒结束。')
        qa.run(samples(), "locate", [model], Path(name) / "run", progress=False)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main() -> int:
    small, large = peak(500), peak(50_000)
    print(f"peak memory: 500 samples {small / 1024:.0f} MB, 50,000 samples {large / 1024:.0f} MB, ", end="")
    print(f"ratio {large / small:.2f} (bound {LIMIT})")
    return large / small > LIMIT


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1])) if len(sys.argv) > 1 else main())
