"""20,000 requests through every fault at once: both protocols, the real SDKs, the emulator in a process of its own.

    python benchmarks/soak.py [--samples 10000] [--rpm 900] [--seed 7]

Half of the requests go to a model of the native protocol, half to one of the compatible protocol. The server mixes in
every fault it knows and enforces requests and tokens a minute, scaled up so that this ends in about 15 minutes. At the
end the journal is held against what the server counted: one outcome a request, no reply lost, none asked again after it
was acknowledged, no limit exceeded, memory flat.
"""

import argparse
import collections
import json
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import pandas  # noqa: F401 - loaded before memory is watched: the tables at the end need them
import pyarrow.parquet  # noqa: F401
from clips import wav
from emulated import emulated

import qaeval as qa
from qaeval.models.catalogue import read_catalogue

MODELS = ("qwen-audio-turbo-latest", "qwen3.5-omni-flash")
FAULTS = {
    **dict.fromkeys(("latency", "storm", "error_500", "error_503", "html", "no_output", "torn_json"), 0.01),
    **dict.fromkeys(("drop_before", "drop_after", "slow_sse", "cut_sse", "stream_error", "wrong_usage", "empty"), 0.01),
}


def samples(folder: Path, count: int):
    """Short clips, no two the same, made as they are read."""
    for n in range(count):
        path = folder / f"{n % 100}" / f"{n}.wav"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(wav(1, 8000, 200 + n % 700) + n.to_bytes(4, "big"))
        yield qa.Sample(f"clip-{n:05}", path, qa.Annotation(text=f"clip {n}"), {"language": "en"})


class Memory(threading.Thread):
    """Resident memory of this process, sampled: MB by seconds since the start."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[tuple[float, float]] = []
        self.over = threading.Event()

    def run(self) -> None:
        begun = time.monotonic()
        while not self.over.wait(0.5):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.seen.append((time.monotonic() - begun, pages * 4096 / 1e6))

    def between(self, start: float, end: float) -> float:
        """The peak in a part of the time, of 0 to 1."""
        last = self.seen[-1][0]
        return max((mb for at, mb in self.seen if start * last <= at <= end * last), default=0.0)


def faults() -> list[str]:
    return [part for name, share in FAULTS.items() for part in ("--fault", f"{name}={share}")]


def scaled(arguments: argparse.Namespace, path: Path) -> Path:
    """A catalogue file with the limits that both sides go by."""
    rates = f"{{ requests_per_minute = {arguments.rpm}, tokens_per_minute = {arguments.tpm}, per_second = false }}"
    path.write_text("".join(f'["{model}"]\nrates = {rates}\nstreams = true\n' for model in MODELS))
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("samples", 10_000), ("rpm", 900), ("tpm", 60_000), ("seed", 7), ("concurrency", 16)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    memory = Memory()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        limits = scaled(arguments, folder / "limits.toml")
        serving = ("--latency", 0.3, "--seed", arguments.seed, "--catalogue", limits, *faults())
        (folder / "clips").mkdir()
        data = qa.Dataset("soak", lambda: samples(folder / "clips", arguments.samples))
        options = {"params": {"max_tokens": 64}, "concurrency": arguments.concurrency, "progress": False}
        memory.start()
        with emulated(*serving) as base:
            catalogue = read_catalogue(limits).pointing_to(base)
            begun = time.monotonic()
            run = qa.run(data, "transcribe", list(MODELS), folder / "run", catalogue=catalogue, **options)
            memory.over.set()  # what follows reads the whole journal
            seconds = time.monotonic() - begun
            with urllib.request.urlopen(f"{base}/emulator/stats") as answer:
                stats = json.load(answer)
        return told(arguments, run, stats, seconds, memory)


def told(arguments: argparse.Namespace, run: qa.Run, stats: dict, seconds: float, memory: Memory) -> int:
    lines = [json.loads(line) for path in (run.folder / "replies").glob("*.jsonl") for line in path.open("rb")]
    replied = collections.Counter(line["key"] for line in lines if line["outcome"] == "ok")
    outcomes = collections.Counter(line["outcome"] for line in lines)
    asks = run.asks()
    keys = {line["key"] for line in lines}
    checks = {
        f"{len(asks)} asks, each with one line in the journal": len(lines) == len(keys) == len(asks),
        "no key has two replies": max(replied.values()) == 1,
        "nothing answered was asked again": stats["questions_answered_again"] == 0,
    }
    attempts = sum(line["attempts"] for line in lines)
    print(f"{len(lines)} outcomes in {seconds / 60:.1f} min: {dict(outcomes)}; {attempts} attempts")
    for model, seen in stats["models"].items():
        print(f"server, {model}: {json.dumps(seen)}")
        checks[f"{model}: at most {arguments.rpm} requests in any 60 s"] = seen["peak_requests"] <= arguments.rpm
        checks[f"{model}: at most {arguments.tpm} tokens in any 60 s"] = seen["peak_tokens"] <= arguments.tpm
    first, last, end = memory.between(0.1, 0.4), memory.between(0.7, 0.99), memory.between(0.99, 1.0)
    print(
        f"resident memory, peak in MB: {first:.0f} at 10 to 40 % of the time, {last:.0f} at 70 to 99 %, {end:.0f} then"
    )
    checks["memory flat while it asks: within 10 %"] = last <= first * 1.10
    for what, holds in checks.items():
        print(f"{'holds' if holds else 'FAILS'}: {what}")
    return not all(checks.values())


if __name__ == "__main__":
    sys.exit(main())
