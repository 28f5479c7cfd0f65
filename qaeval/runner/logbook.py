"""What a user must know of a run afterwards: in ``run.log`` of its folder, in Python's logging, some on the terminal.

Lines are UTF-8 with UTC times, and no key is in them. Of one kind there is at most one line a second; the next one says
how many were left out.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from qaeval.redaction import redact

NAME = "run.log"
_EVERY_S = 1.0
_LONGEST = 1000  # characters of a line: what a server says may be a page
_LOG = logging.getLogger("qaeval.runner")
logging.getLogger("qaeval").addHandler(logging.NullHandler())  # a library prints no logs unless asked to


class Logbook:
    """Writes a run's log, from many threads. A disk that is full ends no run: then lines are missing."""

    def __init__(self, path: Path, show: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._show = show
        self._clock = clock
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}
        self._file = open(path, "a", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - until `close`

    def note(self, kind: str, text: str, level: int = logging.INFO) -> None:
        """One line; ``kind`` is what it is about, to be counted with others like it."""
        with self._lock:
            now = self._clock()
            if now - self._last.get(kind, -_EVERY_S) < _EVERY_S:
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
                return
            self._last[kind] = now
            more = self._left_out.pop(kind, 0)
            self._write(text + (f" (and {more} more like it before)" if more else ""), level)

    def tell(self, kind: str, text: str, level: int = logging.WARNING) -> None:
        """One line that the terminal shows too."""
        self.note(kind, text, level)
        if self._show:
            from tqdm.auto import tqdm

            with contextlib.suppress(OSError, ValueError):  # a terminal that has gone ends no run
                tqdm.write(_line(text))

    def _write(self, text: str, level: int) -> None:
        line = _line(text)
        _LOG.log(level, "%s", line)
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        with contextlib.suppress(OSError, ValueError):  # a full disk, or a reply that came after the end
            self._file.write(f"{at} {logging.getLevelName(level)} {line}\n")
            self._file.flush()

    def close(self) -> None:
        """Says what was left out since the last line of its kind, and closes the file."""
        with self._lock:
            for kind, count in self._left_out.items():
                self._write(f"{kind}: left out since its last line: {count} more like it", logging.INFO)
            self._left_out.clear()
            with contextlib.suppress(OSError):
                self._file.close()


def _line(text: str) -> str:
    """The text on one line, without keys."""
    line = " ".join(redact(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
