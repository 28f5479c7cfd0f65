"""Times in prose: ``"阿里" 从第1.53秒开始出现,至第1.87秒结束。`` is the span from 1.53 to 1.87 seconds.

How a reply is read, clause by clause:

* Numbers inside quotation marks, the query itself, durations ("持续0.34秒", "for 2 seconds", "lasts 0.3 s") and
  ordinals without a unit are no times.
* Times are ``1.53秒``, ``第1.53秒``, ``1秒53``, ``1分20秒``, ``1 min 20 s``, ``00:01.53``, ``80毫秒``, ``80 ms``,
  ``1.53 s``, ``second 1.53``, ``一点五三秒``, ``<|1.53|>``. A number without a unit counts in a range whose other end
  has one ("2-3 s"), in brackets (``[1.53, 1.87]``), where both ends have a decimal point ("from 1.53 to 1.87"), or
  where nothing but the range is said ("2-3").
* Two times with a word of ranging between them (至, 到, ~, -, to, until, 结束, "and ends at" ...) are a span, whichever
  comes first; a time alone is a span of no length.
* A sentence that says that nothing was found ("没有出现", "not present") gives no span. If all that is left is such
  sentences, the answer is the empty tuple; if there is neither a time nor such a sentence, there is no answer (None).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from qaeval.text.unwrap import unwrap
from qaeval.types import Event

_LATEST = 1e6
_QUOTED = re.compile(
    r"\"[^\"\n]{0,80}\"|“[^”\n]{0,80}”|「[^」\n]{0,80}」|『[^』\n]{0,80}』|‘[^’\n]{0,80}’|`[^`\n]{0,80}`|《[^》\n]{0,80}》"
    r"|(?<![^\W_])'[^'\n]{0,80}'(?![^\W_])"
)
_SENTENCES = re.compile(r"[。!?;\n]+|\.(?=\s|\Z)")

_NUMBER = r"\d{1,7}(?:\.\d{1,9})?"
_SECONDS = r"(?:秒钟?|s(?:ec(?:ond)?s?)?(?![a-z]))"
_MINUTES = r"(?:分钟?|min(?:ute)?s?(?![a-z]))"
_MILLISECONDS = r"(?:毫秒|ms(?![a-z])|milliseconds?)"
_UNIT = rf"(?:{_MILLISECONDS}|{_MINUTES}|{_SECONDS})"
_TIME = re.compile(
    rf"""(?P<clock>(?<![\d:.])\d{{1,2}}(?::\d{{1,2}}){{1,2}}(?:\.\d{{1,9}})?(?![\d:]))
    |<\|(?P<token>{_NUMBER})\|>
    |(?P<minutes>{_NUMBER})\s?{_MINUTES}\s?(?:零|and\s)?(?:(?P<rest>{_NUMBER})\s?{_SECONDS})?
    |(?P<split>\d{{1,7}})秒(?P<decimals>\d{{1,3}})(?:(?P<thousandths>\s?(?:毫秒|ms))|(?!\d|\.\d|\s?[秒分]))
    |(?P<ms>{_NUMBER})\s?{_MILLISECONDS}
    |(?<![\d.])(?P<s>{_NUMBER}|\.\d{{1,9}})\s?{_SECONDS}
    |(?<![a-z\d_.:-])(?P<bare>{_NUMBER})(?![a-z\d_:%]|\.\d)
    |(?<=[\d分秒s]-)(?P<end>{_NUMBER})(?![a-z\d_:%]|\.\d)""",
    re.VERBOSE,
)
_SECOND_BEFORE = re.compile(rf"(?<!\d)(?<!\d\s)\bseconds?\s({_NUMBER})(?!\s?sec)")
_ABOUT = r"(?:大约|大概|约|仅|了|为|是|有|:|\s){0,4}"
_DURATION = re.compile(
    rf"""(?:持续|时长|历时|长达|总长|全长|共计?|长度)(?:时间)?{_ABOUT}{_NUMBER}\s?{_UNIT}
    |\b(?:for|last(?:s|ed|ing)?|duration(?:\sof|\sis|:)?|length(?:\sof|\sis|:)?)\s(?:(?:about|around|only|for)\s){{0,3}}
     {_NUMBER}\s?{_UNIT}(?!\s?(?:-|~|to\b|until\b))
    |{_NUMBER}[\s-]?{_UNIT}(?:\s?(?:long\b|in\s(?:length|duration)|长)|的(?:音频|录音|语音|片段)
     |[\s-](?:audio|clip|recording))""",
    re.VERBOSE,
)
_CONNECTS = re.compile(
    r"至|到|~|-|\bto\b|\buntil\b|\btill\b|\bthrough\b|结束|终止|停止|截止|\bend(?:s|ing)?\b|\boffset\b|\bfinish|\bstop"
)
_ENDS = re.compile(r"\s?(?:左右|处|时|的时候)?(?:结束|终止|停止|截止)")
_SEPARATES = re.compile(r"从|再|又|另|其次|第二次|接着|\b(?:from|again|next|onset|starts?|starting|begins?)\b|开始于")
_HEARD = re.compile(r"[听提遇看感收达找测]到|等到|到处")
_ABSENT = re.compile(
    r"""(?:没有?|未|并未|不曾|从未)(?:能|有|在|被|再|曾)?[^,。]{0,20}?
     (?:出现|提到|提及|听到|听见|找到|检测到|检测出|发现|包含|说到|说出|存在|这个词|该词)
    |不(?:存在|包含|含有|在(?:这段|该)?音频)
    |(?:\bnot|\bnever|n't)\s(?:\w{1,12}\s){0,2}?
     (?:present|found|mentioned|heard|appear|occur|said|spoken|contain|include|detected)
    |\bno\s(?:\w{1,12}\s){0,2}?(?:occurrences?|mention|instances?|such\sword)|\babsent\b""",
    re.VERBOSE,
)
_NUMERAL = re.compile(
    r"[零〇一二两三四五六七八九十百]{1,12}(?:点[零〇一二两三四五六七八九]{1,6})?(?=\s?(?:秒|分|毫秒))"
)
_COUNTS = re.compile(r"[\d零〇一二两三四五六七八九十百]")
_VALUES = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


class _Time(NamedTuple):
    seconds: float
    has_unit: bool
    start: int
    end: int


def read_spans(reply: str, query: str = "") -> tuple[Event, ...] | None:
    """The spans (seconds) that a reply names, labelled with the query, in the order in which they are told.

    ``()`` when the reply says that there is none, ``None`` when it says neither. Ends told before beginnings are
    put in order.

    >>> read_spans('"阿里" 从第1.53秒开始出现,至第1.87秒结束。', "阿里")
    (Event(label='阿里', onset=1.53, offset=1.87),)
    >>> read_spans("It is said between 2 and 3.5 seconds, and again from 0:07 to 0:08.", "it")
    (Event(label='it', onset=2.0, offset=3.5), Event(label='it', onset=7.0, offset=8.0))
    >>> read_spans('"阿里" 没有在这段音频中出现。'), read_spans("我不知道。")
    ((), None)
    """
    text = reply.strip() if "<|" in reply else unwrap(reply).text
    listed = _listed(text)
    if listed is not None:
        return tuple(Event(query, *sorted(pair)) for pair in listed)
    spans: list[Event] = []
    absent = False
    for sentence in _SENTENCES.split(_plain(text, query)):
        if _ABSENT.search(sentence):
            absent = True
        else:
            spans.extend(Event(query, *sorted(pair)) for pair in _pairs(_HEARD.sub(" ", sentence)))
    return tuple(spans) if spans else () if absent else None


def _plain(text: str, query: str) -> str:
    """Without quotations, the query and durations; one width, case, dash and white space; numerals as digits."""
    text = _QUOTED.sub(" ", text)
    if _COUNTS.search(query) and not query.isnumeric():  # "3号线", which does not stand within "第3秒"
        text = text.replace(query, " ")
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = re.sub("[‐-―−〜]", "~", text)
    text = re.sub(r"[^\S\n]+", " ", text)
    text = _NUMERAL.sub(lambda match: _digits(match[0]), text)
    text = _DURATION.sub(" ", text) if "<|" not in text else text
    return _SECOND_BEFORE.sub(r"\1s", text)


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


def _times(sentence: str) -> list[_Time]:
    found = []
    for match in _TIME.finditer(sentence):
        seconds, has_unit = _seconds(match)
        if seconds <= _LATEST:
            found.append(_Time(seconds, has_unit, match.start(), match.end()))
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


def _pairs(sentence: str) -> Iterator[tuple[float, float]]:
    """Ranges, and times alone as ranges of no length."""
    times, i = _times(sentence), 0
    alone = len(times) == 2 and not re.search(r"[^\W\d_]", re.sub(r"\b(?:from|to)\b|[从到至]", "", sentence))
    while i < len(times):
        first, second = times[i], times[i + 1] if i + 1 < len(times) else None
        if second and _is_range(sentence, first, second, alone):
            yield first.seconds, second.seconds
            i += 2
        else:
            if first.has_unit:
                yield first.seconds, first.seconds
            i += 1


def _is_range(sentence: str, first: _Time, second: _Time, alone: bool) -> bool:
    """Whether two times in a row are the ends of one span; ``alone``: nothing else stands in the sentence."""
    before, after = sentence[max(0, first.start - 12) : first.start].rstrip(), sentence[second.end : second.end + 12]
    gap = sentence[first.end : second.start].strip()
    if before[-1:] in ("[", "(") and gap in {",", "~", "-"} and after.lstrip()[:1] in {"]", ")"}:
        return True
    if sentence.startswith("<|", first.start):  # <|0.54|>word<|0.98|>
        return sentence.startswith("<|", second.start)
    if gap in {"and", "和", "与", "、"}:
        joined = before.endswith("between") or after.lstrip().startswith("之间")
    else:
        joined = len(gap) <= 40 and not _SEPARATES.search(gap) and bool(_CONNECTS.search(gap) or _ENDS.match(after))
    decimals = "." in sentence[first.start : first.end] and "." in sentence[second.start : second.end]
    return joined and (first.has_unit or second.has_unit or decimals or alone)


def _listed(text: str) -> list[tuple[float, float]] | None:
    """Spans from JSON: pairs of numbers, or objects with onset and offset (start and end); None if it is not that."""
    if not text.startswith(("[", "{")):
        return None
    try:
        value = json.loads(text)
        if isinstance(value, dict) and len(value) == 1:
            (value,) = value.values()
        single = isinstance(value, dict) or (value and not isinstance(value[0], list | dict))
        pairs = [_pair(item) for item in ([value] if single else value)]
    except (ValueError, TypeError, KeyError, StopIteration, RecursionError):
        return None
    return pairs if all(0 <= seconds <= _LATEST for pair in pairs for seconds in pair) else None


def _pair(item: Any) -> tuple[float, float]:
    if isinstance(item, dict):
        keys = {str(key).lower().removesuffix("_time").removesuffix("time"): value for key, value in item.items()}
        onset = next(keys[key] for key in ("onset", "start", "begin", "from", "开始") if key in keys)
        offset = next(keys[key] for key in ("offset", "end", "stop", "to", "结束") if key in keys)
        return float(onset), float(offset)
    onset, offset = item
    return float(onset), float(offset)
