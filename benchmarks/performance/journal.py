"""Reading the finished keys of 1,000,000 replies against parsing the same file with pyarrow: medians of three."""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pyarrow import json as arrow

from qaeval.store import replies
from qaeval.types import Reply

REPLIES, LIMIT = 1_000_000, 1.5


def write(path: Path) -> None:
    raw = {"output": {"choices": [{"finish_reason": "stop", "message": {"content": [{"text": "欢迎使用阿里云"}]}}]}}
    reply = Reply(text="这段音频说的是:'欢迎使用阿里云'", key="KEY", question="q" * 32, model="m", raw=raw)
    record = json.loads(replies.to_line(reply))
    with open(path, "wb") as file:
        for n in range(REPLIES):
            file.write((json.dumps({**record, "key": f"{n:032x}"}, ensure_ascii=False) + "\n").encode())


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        write(path)
        arrow.read_json(path)  # warm the disk and the threads
        assert len(replies.finished(path.parent)) == REPLIES
        pairs = [(timed(lambda: replies.finished(path.parent)), timed(lambda: arrow.read_json(path))) for _ in range(3)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = ours / theirs
    print(f"finished keys of {REPLIES:,}: {ours:.2f} s; pyarrow {theirs:.2f} s; ratio {ratio:.2f} (bound {LIMIT})")
    return ratio > LIMIT


if __name__ == "__main__":
    sys.exit(main())
