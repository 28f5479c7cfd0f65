"""The emulator in a process of its own, with answers that cost it nothing: what the benchmarks ask."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def emulated(*arguments: object) -> Iterator[str]:
    """Its base URL; ``arguments`` are those of ``qaeval emulate``. It ends with the block."""
    command = [sys.executable, "-m", "qaeval", "emulate", "--engine", "canned", "--port", "0", *map(str, arguments)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield next(word for word in server.stdout.readline().split() if word.startswith("http://"))
    finally:
        server.terminate()
        server.wait()
