"""500 asks that sleep 200 ms, 32 at a time: span against the ideal 16 x 0.2 s, and the runner's own CPU a request."""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from clips import wav

import qaeval as qa

COUNT, CONCURRENCY, SLEEP = 500, 32, 0.2
IDEAL = -(-COUNT // CONCURRENCY) * SLEEP
SPAN, CPU = 1.08, 0.001


def clips(folder: Path):
    for n in range(COUNT):
        path = folder / f"{n}.wav"
        path.write_bytes(wav(5, 16000, 300) + n.to_bytes(2, "big"))  # 160 kB each, no two the same
        yield qa.Sample(str(n), path, qa.Annotation(text=f"number {n}"), {"language": "en"})


def main() -> int:
    times: list[float] = []

    def ask(request: qa.Request) -> str:
        times.append(time.perf_counter())
        time.sleep(SLEEP)
        times.append(time.perf_counter())
        return "'number one'"

    with tempfile.TemporaryDirectory() as name:
        samples = list(clips(Path(name)))
        qa.run(samples[:2], "transcribe", [qa.Model("warm", ask)], Path(name) / "warm", progress=False)
        times.clear()
        cpu = time.process_time()
        qa.run(samples, "transcribe", [qa.Model("a", ask, concurrency=CONCURRENCY)], Path(name) / "run", progress=False)
        cpu = (time.process_time() - cpu) / COUNT
    span = max(times) - min(times)
    print(f"span {span:.2f} s, ideal {IDEAL:.2f} s, ratio {span / IDEAL:.3f} (bound {SPAN})")
    print(f"CPU {cpu * 1000:.2f} ms a request, reading and hashing the clips included (bound {CPU * 1000:.0f} ms)")
    return span / IDEAL > SPAN or cpu > CPU


if __name__ == "__main__":
    sys.exit(main())
