"""Makes prose plain before times are read in it: one width, case and dash, digits for words, a unit for each number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from qaeval.text.times.durations import without_durations
from qaeval.text.times.moments import MILLISECONDS, MINUTES, NUMBER, UNIT
from qaeval.text.times.timewords import digits

QUERY = "\ue010"
"""Stands for the quoted query in a text that `plain` gives."""

_QUOTED = re.compile(
    r"\"[^\"\n]{0,80}\"|“[^”\n]{0,80}”|「[^」\n]{0,80}」|『[^』\n]{0,80}』|‘[^’\n]{0,80}’|《[^》\n]{0,80}》"
    r"|(?<![^\W_])'[^'\n]{0,80}'(?![^\W_])"
)
_COUNTS = re.compile(r"[\d零〇一二两三四五六七八九十百]")
_PRIMES = re.compile(r"(?<![\d.])(\d{1,3})['′’]\s?(\d{1,2}(?:\.\d{1,9})?)(?:[\"″”]|''|′′)")  # 1'20"
_ENDS_TAG = re.compile(r"<(start|onset|begin|end|offset|stop)(?:_?time)?>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][\w-]{0,20}>")
_SIMPLIFIED = str.maketrans(
    "沒現聽說從開結間處鐘點兩後這個詞並續時長總頭檢測發聲為約來於終錄頻語區",
    "没现听说从开结间处钟点两后这个词并续时长总头检测发声为约来于终录频语区",
)
_STEPS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[‐-―−〜→]|(?<=[\ds秒])\s?(?:\.\.\.?|…)\s?(?=\d)", "~"),
        (r"[^\S\n]+", " "),
        (r"(?<=[a-z])_(?=[a-z])", " "),
        (rf"\b(start|begin|onset|end|offset)(?:\stime)?\sms\s?[=:]\s?({NUMBER})", r"\1 \2 ms"),
        (r"(\d:\d\d),(\d{3})(?!\d)", r"\1.\2"),  # of subtitles: 00:00:01,530
        (rf"(?<![\d.,])(\d{{1,3}}),(\d{{3}})(?=\s?{MILLISECONDS})", r"\1\2"),
        (rf"(?<![\d.,\[(])(?<![\d.,\[(] )(\d{{1,3}}),(\d{{1,2}})(?=\s?{UNIT})", r"\1.\2"),  # 1,5 s
        (r"\s?\((?:start(?:s|ing)?|onset|begin(?:s|ning)?|开始|起始?)\)", " "),
        (r"\s?\((?:ends?|ending|offset|结束|止)\)", " ends"),
        (r"(?<![a-z\d])(\d{1,3})m\s?(\d{1,2}(?:\.\d{1,9})?)s(?![a-z])", r"\1分\2秒"),
        (r"从(?:音频|录音|片段)?的?(?:一开始|最?开头|开始|起始)处?(?=\s?[到至~])", "从0秒"),
        (r"\bfrom\sthe\s(?:very\s)?(?:beginning|start)(?:\sof\sthe\s(?:audio|clip|recording))?"
         r"(?=\s(?:to|until|till|through)\b)", "from 0 s"),
    )
)  # fmt: skip
_LAST_STEPS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<![a-z\d])(\d{1,7})(?:st|nd|rd|th)"
         r"(?=\sseconds?\b|\s(?:to|and|or|through|until)\s(?:the\s)?\d{1,7}(?:st|nd|rd|th)\sseconds?\b)", r"\1"),
        (rf"(?<!\d)(?<!\d\s)\bseconds?\s({NUMBER})(?!\s?sec)", r"\1s"),
        (rf"({NUMBER})-(?={UNIT}\s(?:marks?|points?|and|to|or)\b)", r"\1 "),
    )
)  # fmt: skip
# Units that stand once, after the last of several numbers: "1530-1870 ms", "at 1.5, 3 and 5 seconds".
_RANGE = re.compile(rf"(?<![\d.:])({NUMBER})(?=\s?(?:-|~|to\b|到|至)\s?{NUMBER}\s?({MILLISECONDS}|{MINUTES})(?!\s?\d))")
_SERIES = re.compile(
    rf"(?:\bat|在|于|:)\s?(?:about\s|around\s|大?约)?({NUMBER}(?:\s?[,、]\s?{NUMBER}){{0,20}}\s?,?\s?(?:and|or|和|与|及|或|、)\s?)"
    rf"(?={NUMBER}\s?({UNIT}))"
)
_TO = rf"{NUMBER}\s?(?:-|~|to\b|到|至)\s?{NUMBER}"
_RANGES = re.compile(rf"(?<![\d.:])((?:{_TO}\s?[,、;]?\s?(?:(?:and|和|与|及|以及)\s?)?){{1,20}})(?={_TO}\s?({UNIT}))")


def plain(text: str, query: str = "", quotations: bool = False) -> str:
    r"""Without quotations; one width, case, dash and white space; words as digits, each number with its unit.

    A quotation of the query is `QUERY`, as is the query after "no" or 没有. With ``quotations`` those without a number
    stay. Durations go, or become lengths (`qaeval.text.times.durations`).

    >>> plain("“阿里”在 ２～３ 秒，持续 1 秒", "阿里").replace(QUERY, "Q")
    ' Q 在 2~3 秒,\ue0111\ue011'
    """
    text = _PRIMES.sub(r"\1分\2秒", text.replace("`", " "))
    text = _TAG.sub(" ", _ENDS_TAG.sub(r" \1 ", text)) if "</" in text else text
    text = _without_quotations(text, query, quotations)
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").translate(_SIMPLIFIED)
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    text = digits(text)
    text = without_durations(text) if "<|" not in text else text
    for pattern, replacement in _LAST_STEPS:
        text = pattern.sub(replacement, text)
    text = _RANGE.sub(lambda match: f"{match[1]}{match[2]}", text)
    for pattern in (_SERIES, _RANGES):
        text = pattern.sub(lambda match: re.sub(NUMBER, lambda number: f"{number[0]}{match[2]}", match[0]), text)
    return text


def unquoted(text: str, names: Collection[str]) -> str:
    """A text in which a quotation that is one of some names, in lower case, is that name and no quotation.

    >>> unquoted('The word "Open" is "said"', {"open"})
    'The word  Open  is "said"'
    """
    return _QUOTED.sub(
        lambda match: f" {match[0][1:-1]} " if match[0][1:-1].strip().casefold() in names else match[0], text
    )


def _without_quotations(text: str, query: str, quotations: bool) -> str:
    bare = query.strip().casefold()

    def told(match: re.Match[str]) -> str:
        if match[0][1:-1].strip().casefold() == bare != "":
            return f" {QUERY} "
        return match[0] if quotations and not _COUNTS.search(match[0]) else " "

    text = _QUOTED.sub(told, text)
    if bare:
        text = re.sub(rf"((?:[没沒]有|\bno)\s?){re.escape(bare)}", rf"\1{QUERY}", text, flags=re.IGNORECASE)
    if _COUNTS.search(query) and not query.isnumeric():  # "3号线", which does not stand within "第3秒"
        text = text.replace(query, " ")
    return text
