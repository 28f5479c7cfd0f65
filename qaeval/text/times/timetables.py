"""Markdown tables in a reply, as one mapping from heading to cell a row."""

from __future__ import annotations

import re

_RULE = re.compile(r":?-+:?")
_DECORATION = " \t*`_"


def tables(text: str) -> list[dict[str, str]]:
    r"""The rows of all tables, in order.

    >>> tables("| Start (s) | End (s) |\n|---|---|\n| 1.53 | 1.87 |")
    [{'Start (s)': '1.53', 'End (s)': '1.87'}]
    """
    found: list[dict[str, str]] = []
    heading: list[str] = []
    above: list[str] = []
    for line in text.splitlines():
        cells = _cells(line)
        if above and len(cells) > 1 and all(_RULE.fullmatch(cell) for cell in cells):
            heading = above
        elif len(cells) < 2:
            heading = []
        elif heading:
            found.append(dict(zip(heading, cells, strict=False)))
        above = cells
    return found


def _cells(line: str) -> list[str]:
    if "|" not in line:
        return []
    line = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip(_DECORATION) for cell in line.split("|")]
