"""Single times in prose: finds them in a sentence that `qaeval.text.times.timeprose` made plain."""

from __future__ import annotations

import re
from typing import NamedTuple

LATEST = 1e6
"""Later times (seconds) are not believed to be times."""

MARK = "\ue011"
"""Stands on both sides of a length in seconds (see `qaeval.text.times.durations`)."""

NUMBER = r"\d{1,7}(?:\.\d{1,9})?"
SECONDS = r"(?:秒钟?|s(?:ec(?:ond)?s?)?(?![a-z]))"
MINUTES = r"(?:分钟?|min(?:ute)?s?(?![a-z]))"
MILLISECONDS = r"(?:毫秒|ms(?![a-z])|milliseconds?)"
UNIT = rf"(?:{MILLISECONDS}|{MINUTES}|{SECONDS})"

_SIXTY = r"[0-5]?\d"
_TIME = re.compile(
    rf"""(?P<clock>(?<![\d.])(?<!\d:)\d{{1,2}}(?::{_SIXTY}){{1,2}}(?:\.\d{{1,9}})?(?!\d|:\d|\s?[ap]\.?m\b))
    |<\|(?P<token>{NUMBER})\|>
    |(?P<minutes>{NUMBER})\s?{MINUTES}\s?(?:零|and\s)?(?:(?P<rest>{NUMBER})\s?{SECONDS})?
    |(?P<split>\d{{1,7}})秒(?P<decimals>\d{{1,3}})(?:(?P<thousandths>\s?(?:毫秒|ms))|(?!\d|\.\d|\s?[秒分]))
    |(?P<whole>{NUMBER})\s?{SECONDS}\s?(?:and\s)?(?P<thousands>\d{{1,3}})\s?{MILLISECONDS}
    |(?P<ms>{NUMBER})\s?{MILLISECONDS}
    |(?<![\d.])(?P<s>{NUMBER}|\.\d{{1,9}})\s?{SECONDS}
    |(?<![a-z\d_.{MARK}-])(?<!\d:)(?P<bare>{NUMBER})(?![a-z\d_%{MARK}]|[.:]\d)
    |(?<=[\d分秒s]-)(?P<end>{NUMBER})(?![a-z\d_%]|[.:]\d)""",
    re.VERBOSE,
)


class Time(NamedTuple):
    """A time in seconds, whether a unit (or a clock's colon) makes it one, and where in the sentence it stands."""

    seconds: float
    has_unit: bool
    start: int
    end: int


def times(sentence: str) -> list[Time]:
    """The times and the bare numbers of a plain sentence, in order.

    >>> times("从1分20秒到 90.5")
    [Time(seconds=80.0, has_unit=True, start=1, end=6), Time(seconds=90.5, has_unit=False, start=8, end=12)]
    """
    found = []
    for match in _TIME.finditer(sentence):
        seconds, has_unit = _seconds(match)
        if seconds <= LATEST:
            found.append(Time(seconds, has_unit, match.start(), match.end()))
    return found


def _seconds(match: re.Match[str]) -> tuple[float, bool]:
    """The seconds that a match of ``_TIME`` means, and whether they have a unit."""
    got = match.groupdict()
    if got["clock"]:
        seconds = 0.0
        for part in got["clock"].split(":"):
            seconds = seconds * 60 + float(part)
    elif got["minutes"]:
        seconds = float(got["minutes"]) * 60 + float(got["rest"] or 0)
    elif got["split"]:
        decimals = got["decimals"].rjust(3, "0") if got["thousandths"] else got["decimals"]
        seconds = float(f"{got['split']}.{decimals}")
    elif got["whole"]:
        seconds = float(got["whole"]) + float(got["thousands"]) / 1000
    elif got["ms"]:
        seconds = float(got["ms"]) / 1000
    else:
        seconds = float(got["token"] or got["s"] or got["bare"] or got["end"])
    return round(seconds, 9), not (got["bare"] or got["end"])
