"""Values of a column of meta that are one value written in several ways: they would be slices of their own."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from qaeval.types import Sample

MOST_VALUES, LONGEST, MOST_COLUMNS = 1000, 100, 100
"""A column of more values, or of longer ones (characters), is none to slice by. Further columns are not looked at."""
_APART = {"language", "duration"}


@dataclass(slots=True)
class _Spelling:
    """A value as it stands, the first sample that has it, and how many do."""

    value: str
    sample: str
    count: int = 0

    def __str__(self) -> str:
        return f"{self.value!r} ({self.count} sample{'s' if self.count > 1 else ''})"


class Columns:
    """Remembers the values of each column, sample after sample; None of a column that is none to slice by."""

    def __init__(self) -> None:
        self._columns: dict[str, dict[str, _Spelling] | None] = {}

    def add(self, sample: Sample) -> None:
        """Takes note of the texts in a sample's meta."""
        for column, value in sample.meta.items():
            if isinstance(value, str) and column not in _APART:
                self._add(column, value, sample.id)

    def _add(self, column: str, value: str, sample: str) -> None:
        if column not in self._columns and len(self._columns) >= MOST_COLUMNS:
            return
        known = self._columns.setdefault(column, {})
        if known is not None:
            known.setdefault(value, _Spelling(value, sample)).count += 1
            if len(value) > LONGEST or len(known) > MOST_VALUES:
                self._columns[column] = None

    def findings(self) -> dict[str, str]:
        """What is odd about each spelling but the commonest of a value, by the first sample that has it."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for column, known in self._columns.items():
            same: defaultdict[str, list[_Spelling]] = defaultdict(list)
            for spelling in (known or {}).values():
                same[_folded(spelling.value)].append(spelling)
            for spellings in same.values():
                common = max(spellings, key=lambda spelling: spelling.count)
                for rarer in spellings:
                    if rarer is not common:
                        found[rarer.sample].append(f"{column} {rarer} is {common} but for case or spaces")
        return {sample: "; ".join(told) for sample, told in found.items()}


def _folded(value: str) -> str:
    """What two spellings of one value have in common.

    >>> _folded(" New  York"), _folded("newyork")
    ('newyork', 'newyork')
    """
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())
