"""`import qaeval` against `import pandas`: fresh processes, in turn, medians."""

import statistics
import subprocess
import sys
import time

LIMIT = 0.1  # seconds above pandas


def seconds(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def main() -> int:
    seconds("import qaeval, pandas")  # warm the disk
    pairs = [(seconds("import qaeval"), seconds("import pandas")) for _ in range(7)]
    ours, pandas = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"import qaeval {ours:.2f} s, import pandas {pandas:.2f} s (bound: pandas + {LIMIT} s)")
    return ours > pandas + LIMIT


if __name__ == "__main__":
    sys.exit(main())
