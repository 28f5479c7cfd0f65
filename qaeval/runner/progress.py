"""What a user sees of a run while it goes: a bar a model, with done / failed / left / tokens."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from qaeval.types import Reply


class Progress:
    """Counts the replies of one model, and shows them."""

    def __init__(self, name: str, show: bool) -> None:
        from tqdm.auto import tqdm

        notebook = "notebook" in tqdm.__mro__[1].__module__ or "notebook" in tqdm.__module__
        self.name = name
        self.done = self.failed = self.skipped = self.kept = self.shared = self.tokens = 0
        self.total: int | None = None
        self._lock = threading.Lock()
        hidden = not show if notebook else None if show else True  # None: shown on a terminal only
        self._bar: Any = tqdm(desc=name, unit=" asks", disable=hidden, dynamic_ncols=True)

    def expect(self, total: int) -> None:
        """Tells how many requests there are in all, once this is known."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            self.total = self._bar.total = total
            self._bar.refresh()

    def keep(self) -> None:
        """Counts one that has its reply from before."""
        self.kept += 1
        self._show()

    def share(self) -> None:
        """Counts one whose answer is that of another, since it asks the same of the same clip."""
        self.shared += 1
        self._show()

    def count(self, reply: Reply) -> None:
        """Counts one reply, or what there is instead."""
        with self._lock:
            if reply.error is None:
                self.done += 1
            elif reply.outcome == "skipped":
                self.skipped += 1
            else:
                self.failed += 1
            if isinstance(tokens := reply.usage.get("total_tokens"), int):
                self.tokens += tokens
        self._show()

    def _show(self) -> None:
        if not self._bar.disable:
            with self._lock, contextlib.suppress(OSError, ValueError):  # a terminal that has gone ends no run
                self._bar.set_postfix_str(self.counts(), refresh=False)
                self._bar.update()

    @property
    def left(self) -> int | None:
        """How many requests have no outcome yet; None while the dataset is still being read."""
        counted = self.kept + self.shared + self.done + self.skipped + self.failed
        return None if self.total is None else self.total - counted

    def counts(self) -> str:
        """What was counted so far, in words."""
        parts = [f"{self.done + self.kept} done"]
        parts += [f"{self.kept} of them before"] if self.kept else []
        parts += [f"{self.shared} as another of the same clip"] if self.shared else []
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.skipped} skipped"] if self.skipped else []
        parts += [f"{self.left} left"] if self.left else []
        parts += [f"{self.tokens} tokens"] if self.tokens else []
        return ", ".join(parts)

    def close(self) -> str:
        """Ends the bar; returns the counts as a line where no bar has shown them."""
        seen = not self._bar.disable
        with contextlib.suppress(OSError, ValueError):
            self._bar.close()
        return "" if seen else f"{self.name}: {self.counts()}"
