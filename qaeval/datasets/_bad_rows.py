"""What becomes of rows that are not as they should be: an error, or passed over and told of."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Literal

from qaeval.errors import DatasetError, DatasetWarning

BadRows = Literal["error", "skip"] | Callable[[str, str], object]
"""``error`` raises at the first; ``skip`` passes over them, and warns; a function is called with the place of each
(``FILE, line N``) and what is wrong with it, in every pass."""


def check_bad_rows(bad_rows: BadRows) -> BadRows:
    """The value itself. Raises `DatasetError` when it is none of the three."""
    if bad_rows not in ("error", "skip") and not callable(bad_rows):
        raise DatasetError(f'bad_rows: expected "error" or "skip", seen {bad_rows!r}')
    return bad_rows


class Passed:
    """The bad rows of one pass over ``where``; ``hint`` is the end of an error about one."""

    def __init__(self, where: str, bad_rows: BadRows, hint: str = "") -> None:
        self._where, self._bad_rows, self._hint = where, bad_rows, hint
        self._count, self._first = 0, ""

    def take(self, place: str, error: Exception) -> None:
        """Raises `DatasetError` for a row, or passes over it."""
        if self._bad_rows == "error":
            raise DatasetError(f"{place}: {error}{self._hint}") from None
        if callable(self._bad_rows):
            self._bad_rows(place, str(error))
        self._count, self._first = self._count + 1, self._first or f"{place}: {error}"

    def end(self, made: int) -> None:
        """Warns of rows that were skipped. Raises `DatasetError` where none of all rows made a sample."""
        told = f"{self._count} rows were passed over, the first is {self._first}" if self._count else ""
        if told and self._bad_rows == "skip":
            warnings.warn(f"{self._where}: {told}", DatasetWarning, stacklevel=3)
        if not made:
            raise DatasetError(f"{self._where}: no clips in it{told and '; ' + told}")
