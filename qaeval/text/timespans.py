"""Times in prose: ``"阿里" 从第1.53秒开始出现,至第1.87秒结束。`` is the span from 1.53 to 1.87 seconds.

How a reply is read, clause by clause:

* Numbers inside quotation marks, the query itself, durations ("持续0.34秒", "前2秒", "for 2 seconds", "lasts 0.3 s",
  "within 2 s") and ordinals without a unit are no times.
* Times are ``1.53秒``, ``第1.53秒``, ``1秒53``, ``1分20秒``, ``1 min 20 s``, ``00:01.53``, ``80毫秒``, ``80 ms``,
  ``1.53 s``, ``second 1.53``, ``一点五三秒``, ``<|1.53|>``. A number without a unit counts in a range or series whose
  last number has one ("2-3 s", "at 1.5, 3 and 5 s"), in brackets (``[1.53, 1.87]``), where both ends have a decimal
  point ("from 1.53 to 1.87"), or where nothing but the range is said ("2-3"). JSON is read too (`timelists`).
* Two times with a word of ranging between them (至, 到, ~, -, to, until, 结束, "and ends at" ...) are a span, whichever
  comes first, even where the second begins a sentence or line ("End: 1.87 s"); a time alone is a span of no length.
* A clause that denies a time or a further occurrence ("not at 1 s but", "之后没有再出现") is passed over. One that says
  that nothing was found ("没有出现", "not present") gives no span: if no time is told either, the answer is the empty
  tuple; if one is, the reply contradicts itself or tells of something else, and there is no answer (None). Nor is there
  one where neither a time nor such a clause is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qaeval.text.timelists import listed
from qaeval.text.times import QUERY, Time, plain, times
from qaeval.text.unwrap import unfenced, unwrap
from qaeval.types import Event

_LAST_ENDS = r"[\s\W]*(?:(?:the|it|and)\s|它?在?|并)?(?:结束|终止|停止|截止|end(?:s|ing)?\b|offset\b|stop|finish)"
_SENTENCES = re.compile(rf"(?:[。!?;\n]++|\.(?=\s|\Z)\n*+)(?!{_LAST_ENDS})")
_CLAUSES = re.compile(r"(,(?!\d)|\bbut\b|\band\snot\b|而是|而在|但是?)")
_CONNECTS = re.compile(
    r"至|到|~|-|\bto\b|\buntil\b|\btill\b|\bthrough\b|结束|停|止|\bend(?:s|ing)?\b|\boffset\b|\bfinish|\bstop"
)
_ENDS = re.compile(r"\s?(?:左右|处|时|的时候)?(?:结束|终止|停止|截止)")
_SEPARATES = re.compile(r"从|再|又|另|其次|第二次|接着|\b(?:from|again|next|onset|starts?|starting|begins?)\b|开始于")
_FROM = re.compile(r"(?:\b(?:from|between)|[从在])\s*第?\Z")
_HEARD = re.compile(r"[听提遇看感收达找测]到|等到|到处")
_ABSENT = re.compile(
    rf"""(?:没有?|未|并未|不曾|从未)(?:能|有|在|被|再|曾)?[^,。]{{0,20}}?
     (?:出现|提到|提及|(?:听到|听见|找到|检测到|检测出|发现)(?!\s?(?:任何)?(?:音频|录音|文件))|包含|说到|说出|存在|这个词|该词|声音|人说话)
    |没有\s?{QUERY}\s*\Z
    |不(?:存在|包含|含有|在(?:这段|该)?音频)
    |(?:\bnot|\bnever|n't)\s(?:\w{{1,12}}\s){{0,2}}?
     (?:present|found|mentioned|heard|appear|occur|said|spoken|contain|include|detected)
    |(?:\bcannot|\bnot|n't)\s(?:find|detect|locate)\b(?!\s(?:any\s|the\s|an\s)?(?:audio|file|recording))
    |\bno\s(?:\w{{1,12}}\s){{0,2}}?(?:occurrences?|mention|instances?|such\sword)|\babsent\b""",
    re.VERBOSE,
)
_NOT_THEN = re.compile(r"\bnot\s(?:at|from|between|around|until|before|after)\b|不是?(?:在|从)?第?\s?\d")
_AGAIN = re.compile(
    r"再|其[他它余]|别处|第二次|开头|结尾|之[前后]"
    r"|\b(?:again|else|anymore|more|further|other|elsewhere|twice|second)\b"
)


def read_spans(reply: str, query: str = "") -> tuple[Event, ...] | None:
    """The spans (seconds) that a reply names, labelled with the query, in the order in which they are told.

    ``()`` when the reply says that there is none, ``None`` when it says neither, or both. Ends told before beginnings
    are put in order.

    >>> read_spans('"阿里" 从第1.53秒开始出现,至第1.87秒结束。', "阿里")
    (Event(label='阿里', onset=1.53, offset=1.87),)
    >>> read_spans("It is said between 2 and 3.5 seconds, and again from 0:07 to 0:08.", "it")
    (Event(label='it', onset=2.0, offset=3.5), Event(label='it', onset=7.0, offset=8.0))
    >>> read_spans('"阿里" 没有在这段音频中出现。'), read_spans("我不知道。")
    ((), None)
    """
    pairs = listed(unfenced(reply))
    if pairs is not None:
        return tuple(Event(query, *sorted(pair)) for pair in pairs)
    text, rule = (reply.strip(), "") if "<|" in reply else unwrap(reply)
    spans: list[Event] = []
    absent = "silence" in rule
    for sentence in _SENTENCES.split(plain(text, query)):
        told, denied = _told(sentence)
        absent = absent or denied
        spans.extend(Event(query, *sorted(pair)) for pair in _pairs(_HEARD.sub(" ", told)))
    if spans and absent:
        return None
    return tuple(spans) if spans else () if absent else None


def _told(sentence: str) -> tuple[str, bool]:
    """A sentence without the clauses that deny something, and whether one of them denies that anything was found."""
    kept, absent = [], False
    for clause in _CLAUSES.split(sentence):
        if not _ABSENT.search(clause) and not _NOT_THEN.search(clause):
            kept.append(clause)
        elif not _AGAIN.search(clause) and not any(time.has_unit for time in times(clause)):
            absent = absent or not _NOT_THEN.search(clause)
    return "".join(kept), absent


def _pairs(sentence: str) -> Iterator[tuple[float, float]]:
    """Ranges, and times alone as ranges of no length."""
    found, i = times(sentence), 0
    alone = len(found) == 2 and not re.search(r"[^\W\d_]", re.sub(r"\b(?:from|to)\b|[从到至]", "", sentence))
    unit_told = any(time.has_unit for time in found)
    while i < len(found):
        first, second = found[i], found[i + 1] if i + 1 < len(found) else None
        if second and _is_range(sentence, first, second, alone, unit_told):
            yield first.seconds, second.seconds
            i += 2
        else:
            if first.has_unit:
                yield first.seconds, first.seconds
            i += 1


def _is_range(sentence: str, first: Time, second: Time, alone: bool, unit_told: bool) -> bool:
    """Whether two times in a row are the ends of one span.

    ``alone``: nothing else stands in the sentence; ``unit_told``: one of its times has a unit.
    """
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
    told = _FROM.search(before) and unit_told  # "from 1 to 2 and from 3 to 4 seconds"
    return joined and bool(first.has_unit or second.has_unit or decimals or alone or told)
