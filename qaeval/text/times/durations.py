"""Numbers of seconds that say how long something is, and not when: taken out, or kept as the length of a span.

``持续0.34秒``, "lasts 0.3 s", "for 2 seconds" after a beginning tell where the end is, so they are kept as a length
(`qaeval.text.times.moments.MARK`). All others go: 前2秒, "within 2 s", "a 2-second pause", "the clip is 5 seconds
long".
"""

from __future__ import annotations

import re

from qaeval.text.times.moments import MARK, MINUTES, NUMBER, UNIT, times

_ABOUT_ZH = r"(?:大约|大概|约|仅|了|为|是|有|:|\s){0,4}"
_ABOUT_EN = r"(?:(?:about|around|approximately|roughly|just|only|for|the|first|last)\s){0,3}"
_CLOCK = r"(?<![\d:])\d{1,2}:\d\d(?:\.\d{1,9})?(?![\d:])"
_AMOUNT = rf"(?:(?:{NUMBER}\s?{MINUTES}\s?(?:and\s)?)?{NUMBER}\s?{UNIT}|{_CLOCK})"
_NO_RANGE = r"(?!\s?(?:-|~|to\b|until\b|[到至]))"
_LASTS = re.compile(
    rf"""(?:持续(?:时间)?{_ABOUT_ZH}|(?:时长|历时|长度){_ABOUT_ZH}
    |\b(?:for|last(?:s|ed|ing)?|duration(?:\sof|\sis|:)?|length(?:\sof|\sis|:)?)\s{_ABOUT_EN})
    (?P<length>{_AMOUNT}){_NO_RANGE}""",
    re.VERBOSE,
)
_OF_THE_CLIP = re.compile(r"(?:audio|clip|recording|file|track|音频|录音|语音|片段|文件)[^,.;:。\n]{0,10}\Z")
_OTHERS = re.compile(
    rf"""(?:长达|总长|总时长|全长|共计?){_ABOUT_ZH}{_AMOUNT}
    |(?:前|最后|最初|头)的?\s?{_AMOUNT}(?!\s?[到至~-])|{_AMOUNT}(?:[之以]?内|[之以]前)
    |(?:±|\+/-|每隔?|倒数第?|结[束尾]前{_ABOUT_ZH}|误差(?:在|不超过)?{_ABOUT_ZH}|\bevery\s|\bgive\sor\stake\s
     |\b(?:uncertainty|margin|error)\sof\s|\bat\s(?:least|most)\s){_ABOUT_EN}\s?{_AMOUNT}
    |(?:\b(?:less|more|longer|shorter)\sthan\s|不足|不到|超过|[多少]于){_AMOUNT}(?!\s?(?:into\b|处|时|左右|的))
    |{_AMOUNT}\sbefore\sthe\send\b
    |(?:音频|录音|片段)\s?(?:\(|是|为|有|长|总?共){_ABOUT_ZH}{_AMOUNT}{_NO_RANGE}
    |\b(?:audio|clip|recording)\s?(?:\(|is\s|was\s){_ABOUT_EN}{_AMOUNT}{_NO_RANGE}
    |(?:停顿|间隔|静音|沉默|停了){_ABOUT_ZH}{_AMOUNT}|{_AMOUNT}的?(?:停顿|间隔|静音|沉默)
    |\b(?:first|last|final|initial|opening|in|within|before|takes?|took)\s{_ABOUT_EN}
     {_AMOUNT}{_NO_RANGE}
    |\b(?:audio|clip|recording)\sof\s{_AMOUNT}
    |(?:{_AMOUNT}|{NUMBER}-{UNIT})(?:\s?(?:long\b|in\s(?:length|duration)|长)|的(?:音频|录音|语音|片段)
     |[\s-](?:\w{{1,12}}\s)?(?:audio|clip|recording|pause|silence|gap|break|delay)\b)""",
    re.VERBOSE,
)


def without_durations(text: str) -> str:
    """A plain text without durations, those that may be the length of a span between two `MARK`.

    >>> without_durations("从1.53秒开始,持续约0.34秒,前2秒").replace(MARK, "|")
    '从1.53秒开始,|0.34|, '
    """
    return _OTHERS.sub(" ", _LASTS.sub(_kept, text))


def _kept(match: re.Match[str]) -> str:
    if _OF_THE_CLIP.search(match.string, max(0, match.start() - 24), match.start()):
        return " "
    found = times(match["length"])
    return f"{MARK}{found[0].seconds:.9g}{MARK}" if len(found) == 1 and found[0].seconds < 1e5 else " "
