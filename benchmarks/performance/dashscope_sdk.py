"""500 clips of 5 s, 32 at a time, against a server that takes 200 ms: qaeval beside the bare dashscope SDK.

Each side is a process of its own, the two take turns, and medians are compared: the span from the first request to the
last answer, the CPU time a request (qaeval's includes reading the dataset, hashing, probing and the journal), and the
peak of resident memory (the bare SDK imports the same packages first). The clips differ, and go as base64 in both.
"""

import argparse
import base64
import contextlib
import dataclasses
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1]))
from clips import wav
from emulated import emulated

COUNT, THREADS, LATENCY, ROUNDS = 500, 32, 0.2, 5
MODEL, QUESTION = "qwen-audio-turbo-latest", "这段音频在说什么?"
SPAN, CPU, RSS_MB = 1.03, 1.25, 30


def clips(folder: Path) -> list[Path]:
    paths = [folder / f"{n}.wav" for n in range(COUNT)]
    for n, path in enumerate(paths):
        if not path.exists():
            path.write_bytes(wav(5, 16000, 300) + n.to_bytes(2, "big"))  # 160 kB each, no two the same
    return paths


def bare(folder: Path, base: str, packages: list[str]) -> None:
    """The SDK alone, as its documentation shows it."""
    for name in packages:
        with contextlib.suppress(Exception):
            __import__(name)
    import dashscope

    dashscope.base_http_api_url = f"{base}/api/v1"
    times: list[float] = []

    def call(path: Path) -> str:
        times.append(time.perf_counter())
        audio = "data:;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
        messages = [{"role": "user", "content": [{"audio": audio}, {"text": QUESTION}]}]
        reply = dashscope.MultiModalConversation.call(model=MODEL, messages=messages, api_key="rehearsal")
        times.append(time.perf_counter())
        return str(reply.output.choices[0].message.content[0]["text"])

    paths = clips(folder)
    call(paths[0])
    times.clear()
    cpu = time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        said = list(pool.map(call, paths))
    tell(times, time.process_time() - cpu, len(set(said)))


def ours(folder: Path, base: str, out: Path) -> None:
    """The same clips and the same question through `qaeval.run`."""
    import qaeval as qa
    from qaeval import models
    from qaeval.models.catalogue import read_catalogue

    model = models.find(MODEL, read_catalogue().pointing_to(base))
    times: list[float] = []

    def ask(request: qa.Request) -> qa.Reply | str:
        times.append(time.perf_counter())
        reply = model.ask(request)
        times.append(time.perf_counter())
        return reply

    timed = dataclasses.replace(model, ask=ask, concurrency=THREADS)
    samples = [qa.Sample(path.stem, path, qa.Annotation(text="x"), {"language": "zh"}) for path in clips(folder)]
    prompt = qa.Prompt("seed", QUESTION)
    options = {"prompts": [prompt], "limits": None, "progress": False}
    qa.run(samples[:1], "transcribe", timed, out / "warm", **options)
    times.clear()
    cpu = time.process_time()
    run = qa.run(samples, "transcribe", timed, out / "run", **options)
    used = time.process_time() - cpu
    tell(times, used, run.replies()["text"].nunique())


def tell(times: list[float], used: float, answers: int) -> None:
    if answers != COUNT:
        sys.exit(f"expected {COUNT} different answers, seen {answers}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    packages = sorted({name.partition(".")[0] for name in sys.modules if not name.startswith("_")})
    print(json.dumps({"span": max(times) - min(times), "cpu": used / COUNT, "rss": peak, "packages": packages}))


def measured(*arguments: str) -> dict[str, float | list[str]]:
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr or done.stdout)
    return json.loads(done.stdout.splitlines()[-1])


def compare(base: str, folder: Path) -> int:
    packages = measured("--ours", str(folder), base, str(folder / "first"))["packages"]
    sides: dict[str, list[dict]] = {"bare": [], "ours": []}
    for n in range(ROUNDS):
        sides["bare"].append(measured("--bare", str(folder), base, ",".join(packages)))
        sides["ours"].append(measured("--ours", str(folder), base, str(folder / f"out{n}")))
    median = {
        side: {k: statistics.median(r[k] for r in rows) for k in ("span", "cpu", "rss")} for side, rows in sides.items()
    }
    b, o = median["bare"], median["ours"]
    more = o["rss"] - b["rss"]
    print(f"span {o['span']:.3f} s, bare SDK {b['span']:.3f} s, ratio {o['span'] / b['span']:.3f} (bound {SPAN})")
    cpu = o["cpu"] / b["cpu"]
    print(f"CPU {o['cpu'] * 1e3:.2f} ms a request, bare {b['cpu'] * 1e3:.2f} ms, ratio {cpu:.2f} (bound {CPU})")
    print(f"peak RSS {o['rss']:.0f} MB, bare {b['rss']:.0f} MB, {more:+.0f} MB (bound +{RSS_MB})")
    return o["span"] / b["span"] > SPAN or cpu > CPU or more > RSS_MB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bare", nargs=3)
    parser.add_argument("--ours", nargs=3)
    given = parser.parse_args()
    if given.bare:
        bare(Path(given.bare[0]), given.bare[1], given.bare[2].split(","))
    elif given.ours:
        ours(Path(given.ours[0]), given.ours[1], Path(given.ours[2]))
    else:
        with tempfile.TemporaryDirectory() as name, emulated("--latency", LATENCY, "--scale", 1_000_000) as base:
            return compare(base, Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
