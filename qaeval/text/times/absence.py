"""Clauses of a reply that deny: that something is heard at all, that it is at a certain time, that it comes again."""

from __future__ import annotations

import re

from qaeval.text.times.moments import times
from qaeval.text.times.timeprose import QUERY

_CLAUSES = re.compile(r"(,(?!\d)|\bbut\b|\band\snot\b|而是|而在|但是?)")
_AUDIO_EN = r"(?:any\s|the\s|an\s)?(?:audio|file|recording)"
_ABSENT = re.compile(
    rf"""(?:没有?|未|并未|不曾|从未)(?:能|有|在|被|再|曾)?[^,。]{{0,20}}?
     (?:出现|提到|提及|(?:听到|听见|找到|检测到|检测出|发现)(?!\s?(?:任何)?(?:音频|录音|文件))
     |包含|说|存在|这个词|该词|声音|人说话|声音事件)
    |没有\s?{QUERY}|出现(?:了|过)?\s?(?:0|零)\s?次
    |不(?:存在|包含|含有|在(?:这段|该)?音频)|[听找]不[到见](?!\s?(?:任何)?(?:音频|录音|文件|声音))
    |(?:\bnot|\bcannot|\bnever|n't)\s(?:\w{{1,12}}\s){{0,2}}?
     (?:present|found|mentioned|heard|audible|appear|occur|said|spoken|contain|include|detected|there\b|(?:come|show)\sup)
    |(?:\bnot|n't)\s(?:\w{{1,12}}\s)?in\s(?:the|this)\s(?:audio|clip|recording)
    |(?:\bcannot|\bnot|n't)\s(?:find|detect|locate)\b(?!\s{_AUDIO_EN})
    |\b(?:did|does|do)(?:\snot|n't)\s(?:hear|say|mention)\b(?!\s{_AUDIO_EN})
    |\bno\s{QUERY}|\b(?:0|zero)\stimes\b
    |\bno\s(?:\w{{1,12}}\s){{0,2}}(?:sounds?|signs?|traces?|evidence)\sof\s
    |\bno\s(?:\w{{1,12}}\s){{0,2}}(?:occurrences?|mention|instances?|such\sword)|\babsent\b
    |\bno\s(?:(?:sound|audio|audible|discernible|identifiable|distinct|detectable|specific|clear|notable)\s){{0,3}}
     (?:sounds?|events?)\s(?:in|within|during)\s
    |\bno\s(?:\w{{1,12}}\s){{0,3}}(?:sounds?|events?)\s(?:(?:is|are|was|were|can\sbe)\s)?(?:heard|detected|present|found)
    """,
    re.VERBOSE,
)
_NOT_THEN = re.compile(r"\bnot\s(?:at|from|between|around|until|before|after)\b|不是?(?:在|从)?第?\s?\d")
_AGAIN = re.compile(
    r"再|其[他它余]|别处|第二次|开头|结尾|之[前后]"
    r"|\b(?:again|else|anymore|more|further|other|elsewhere|twice|second)\b"
)
_NOTHING = re.compile(r"(?:没有|沒有|无|否|none|no|n/?a|not found|nothing|null)[\s.。!！]*", re.IGNORECASE)


def says_nothing(reply: str) -> bool:
    """Whether a whole reply is a word for none.

    >>> says_nothing("没有。"), says_nothing("None"), says_nothing("No idea.")
    (True, True, False)
    """
    return _NOTHING.fullmatch(reply.strip()) is not None


def without_denials(sentence: str) -> tuple[str, bool]:
    """A plain sentence without the clauses that deny, and whether one of them denies that anything was found.

    >>> without_denials("it is not at 1 s but from 2 s to 3 s"), without_denials("it does not occur")
    (('but from 2 s to 3 s', False), ('', True))
    """
    kept, absent = [], False
    for clause in _CLAUSES.split(sentence):
        if not _ABSENT.search(clause) and not _NOT_THEN.search(clause):
            kept.append(clause)
        elif not _AGAIN.search(clause) and not any(time.has_unit for time in times(clause)):
            absent = absent or not _NOT_THEN.search(clause)
    return "".join(kept), absent
