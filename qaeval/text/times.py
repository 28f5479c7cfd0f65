"""Single times in prose: finds them in a clause, and tells durations, numerals and other numbers from them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

LATEST = 1e6
"""Later times (seconds) are not believed to be times."""

QUERY = "\ue000"
"""Stands for the quoted query in a text that `plain` gives."""

_QUOTED = re.compile(
    r"\"[^\"\n]{0,80}\"|“[^”\n]{0,80}”|「[^」\n]{0,80}」|『[^』\n]{0,80}』|‘[^’\n]{0,80}’|`[^`\n]{0,80}`|《[^》\n]{0,80}》"
    r"|(?<![^\W_])'[^'\n]{0,80}'(?![^\W_])"
)
_NUMBER = r"\d{1,7}(?:\.\d{1,9})?"
_SECONDS = r"(?:秒钟?|s(?:ec(?:ond)?s?)?(?![a-z]))"
_MINUTES = r"(?:分钟?|min(?:ute)?s?(?![a-z]))"
_MILLISECONDS = r"(?:毫秒|ms(?![a-z])|milliseconds?)"
_UNIT = rf"(?:{_MILLISECONDS}|{_MINUTES}|{_SECONDS})"
_TIME = re.compile(
    rf"""(?P<clock>(?<![\d.])(?<!\d:)\d{{1,2}}(?::\d{{1,2}}){{1,2}}(?:\.\d{{1,9}})?(?![\d:]|\s?[ap]\.?m\b))
    |<\|(?P<token>{_NUMBER})\|>
    |(?P<minutes>{_NUMBER})\s?{_MINUTES}\s?(?:零|and\s)?(?:(?P<rest>{_NUMBER})\s?{_SECONDS})?
    |(?P<split>\d{{1,7}})秒(?P<decimals>\d{{1,3}})(?:(?P<thousandths>\s?(?:毫秒|ms))|(?!\d|\.\d|\s?[秒分]))
    |(?P<ms>{_NUMBER})\s?{_MILLISECONDS}
    |(?<![\d.])(?P<s>{_NUMBER}|\.\d{{1,9}})\s?{_SECONDS}
    |(?<![a-z\d_.-])(?<!\d:)(?P<bare>{_NUMBER})(?![a-z\d_:%]|\.\d)
    |(?<=[\d分秒s]-)(?P<end>{_NUMBER})(?![a-z\d_:%]|\.\d)""",
    re.VERBOSE,
)
_CLOCK_COMMA = re.compile(r"(\d:\d\d),(\d{3})(?!\d)")  # of subtitles: 00:00:01,530
_SECOND_BEFORE = re.compile(rf"(?<!\d)(?<!\d\s)\bseconds?\s({_NUMBER})(?!\s?sec)")
_SECOND_MARK = re.compile(rf"({_NUMBER})-(?={_UNIT}\s(?:mark|point))")
# Units that stand once, after the last of several numbers: "1530-1870 ms", "at 1.5, 3 and 5 seconds".
_RANGE = re.compile(rf"(?<![\d.:])({_NUMBER})(?=\s?(?:-|~|to\b|到|至)\s?{_NUMBER}\s?({_MILLISECONDS}|{_MINUTES}))")
_SERIES = re.compile(
    rf"(?:\bat|在|于|:)\s?(?:about\s|around\s|大?约)?({_NUMBER}(?:\s?[,、]\s?{_NUMBER}){{0,20}}\s?,?\s?(?:and|or|和|与|及|或|、)\s?)"
    rf"(?={_NUMBER}\s?({_UNIT}))"
)
_ABOUT = r"(?:大约|大概|约|仅|了|为|是|有|:|\s){0,4}"
_DURATION = re.compile(
    rf"""(?:持续|时长|历时|长达|总长|全长|共计?|长度)(?:时间)?{_ABOUT}{_NUMBER}\s?{_UNIT}
    |(?:前|最后|最初|头)的?\s?{_NUMBER}\s?{_UNIT}(?!\s?[到至~-])|{_NUMBER}\s?{_UNIT}(?:[之以]?内|[之以]前)
    |\b(?:for|last(?:s|ed|ing)?|duration(?:\sof|\sis|:)?|length(?:\sof|\sis|:)?)\s(?:(?:about|around|only|for)\s){{0,3}}
     {_NUMBER}\s?{_UNIT}(?!\s?(?:-|~|to\b|until\b))
    |\b(?:first|last|final|initial|opening|in|within|before)\s(?:(?:about|around|just|only|the|first|last)\s){{0,3}}
     {_NUMBER}\s?{_UNIT}(?!\s?(?:-|~|to\b|until\b))
    |\b(?:audio|clip|recording)\sof\s{_NUMBER}\s?{_UNIT}
    |{_NUMBER}[\s-]?{_UNIT}(?:\s?(?:long\b|in\s(?:length|duration)|长)|的(?:音频|录音|语音|片段)
     |[\s-](?:audio|clip|recording))""",
    re.VERBOSE,
)
_NUMERAL = re.compile(
    r"[零〇一二两三四五六七八九十百]{1,12}(?:点[零〇一二两三四五六七八九]{1,6})?(?=\s?(?:秒|分|毫秒|[到至~-]\s?[零〇一二两三四五六七八九十百]{1,12}(?:点[零〇一二两三四五六七八九]{1,6})?\s?秒))"
    r"|(?<=秒)[零〇一二三四五六七八九]{1,3}(?=\s?(?:[到至,。~、-]|\Z|处|左右|之间|开始|结束|出现))"
)
_HALF = re.compile(r"(?<![\d.])(\d+)秒半")
_COUNTS = re.compile(r"[\d零〇一二两三四五六七八九十百]")
_VALUES = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


class Time(NamedTuple):
    """A time in seconds, whether a unit (or a clock's colon) makes it one, and where in the clause it stands."""

    seconds: float
    has_unit: bool
    start: int
    end: int


def plain(text: str, query: str = "") -> str:
    """Without quotations and durations; one width, case, dash and white space; numerals as digits, each with its unit.

    A quotation of the query is `QUERY`.

    >>> plain("“阿里”在 ２～３ 秒，持续 1 秒", "阿里").replace(QUERY, "Q")
    ' Q 在 2~3 秒, '
    """
    bare = query.strip().casefold()
    text = _QUOTED.sub(lambda match: f" {QUERY} " if match[0][1:-1].strip().casefold() == bare != "" else " ", text)
    if _COUNTS.search(query) and not query.isnumeric():  # "3号线", which does not stand within "第3秒"
        text = text.replace(query, " ")
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = re.sub("[‐-―−〜→]", "~", text)
    text = re.sub(r"[^\S\n]+", " ", text)
    text = _CLOCK_COMMA.sub(r"\1.\2", text)
    text = _HALF.sub(r"\1.5秒", _NUMERAL.sub(lambda match: _digits(match[0]), text))
    text = _DURATION.sub(" ", text) if "<|" not in text else text
    text = _SECOND_MARK.sub(r"\1 ", _SECOND_BEFORE.sub(r"\1s", text))
    text = _RANGE.sub(lambda match: f"{match[1]}{match[2]}", text)
    return _SERIES.sub(lambda match: re.sub(_NUMBER, lambda number: f"{number[0]}{match[2]}", match[0]), text)


def _digits(numeral: str) -> str:
    """A Chinese numeral below 1000 in digits: 二十三点五 is 23.5."""
    whole, _, decimals = numeral.partition("点")
    if set(whole) & {"十", "百"}:
        value = last = 0
        for char in whole:
            unit = {"十": 10, "百": 100}.get(char, 0)
            value, last = (value + (last or 1) * unit, 0) if unit else (value, _VALUES[char])
        digits = str(value + last)
    else:
        digits = "".join(str(_VALUES[char]) for char in whole)
    return digits + ("." + "".join(str(_VALUES[char]) for char in decimals) if decimals else "")


def times(clause: str) -> list[Time]:
    """The times and the bare numbers of a clause that `plain` made, in order.

    >>> times("从1分20秒到 90.5")
    [Time(seconds=80.0, has_unit=True, start=1, end=6), Time(seconds=90.5, has_unit=False, start=8, end=12)]
    """
    found = []
    for match in _TIME.finditer(clause):
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
    elif got["ms"]:
        seconds = float(got["ms"]) / 1000
    else:
        seconds = float(got["token"] or got["s"] or got["bare"] or got["end"])
    return round(seconds, 9), not (got["bare"] or got["end"])
