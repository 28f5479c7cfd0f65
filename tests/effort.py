"""How much CPU something takes, however busy the machine is: for input on which a careless pattern takes minutes.

How fast things are is measured in benchmarks/performance; a bound of a test only tells linear from quadratic.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def effort(work: Callable[[], T]) -> tuple[float, T]:
    """The seconds of CPU that ``work`` takes this thread, and what it returns.

    Neither other threads count nor walks of the garbage collector through what other tests have left.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        started = time.thread_time()
        result = work()
        return time.thread_time() - started, result
    finally:
        if collecting:
            gc.enable()


def within(seconds: float, work: Callable[[], T], tries: int = 3) -> T:
    """What ``work`` returns; one of ``tries`` must take at most ``seconds`` of CPU.

    A processor that is shared is slower now and then; what is quadratic is slow each time.
    """
    taken = []
    for _ in range(tries):
        took, result = effort(work)
        if took < seconds:
            return result
        taken.append(round(took, 2))
    raise AssertionError(f"took {taken} s of CPU in {tries} tries; each above {seconds} s")
