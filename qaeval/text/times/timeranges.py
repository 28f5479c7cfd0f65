"""Which times of a plain sentence are the two ends of one span, and which stand alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qaeval.text.times.moments import MARK, Time, times

_CONNECTS = re.compile(
    r"至|到|~|-|から|\b(?:to|until|till|through|bis|hasta|fino|jusqu)\b|结束|停|止|\bend(?:s|ing)?\b|\boffset\b|\bfinish"
    r"|\bstop"
)
_ENDS = re.compile(r"\s?(?:左右|处|时|的时候)?(?:结束|终止|停止|截止|消失|止|ends?\b)")
_SEPARATES = re.compile(r"从|再|又|另|其次|第二次|接着|\b(?:from|again|next|onset|starts?|starting|begins?)\b|开始于")
_FROM = re.compile(r"(?:\b(?:from|between)|[从在])\s*第?\Z")
_STARTS = re.compile(
    r"(?:\b(?:start|onset|begin)\w{0,4}(?:\stime)?|(?:开始|起始)(?:时间)?)[\s:*=]{0,6}(?:at|is|在|于|为|是)?\s?第?\Z"
)
_BETWEEN = re.compile(r"\bbetween\s(?:\w{1,14}\s){0,2}\Z")
_WORD_OF_RANGE = re.compile(r"\b(?:from|to)\b|[从到至]")
_LETTER = re.compile(r"[^\W\d_]")
_OPENS = re.compile(r"\s?(?:左右|处)?\s?\(\s?(?:即|也就是|或|约|=|~|i\.e\.,?|or|about)?\s?\Z")
_LENGTH = re.compile(rf"{MARK}([\d.]+){MARK}")
_LASTING_FROM = re.compile(
    rf"{MARK}([\d.]+){MARK},?\s(?:starting|beginning)\s(?:from|at)\s(?:(?:the|about|around)\s)*\Z"
)
_FARTHEST = 40


class Span(NamedTuple):
    """Two times in seconds, the first not the later one, and where in the sentence they stand."""

    onset: float
    offset: float
    start: int
    end: int


def spans(sentence: str) -> Iterator[Span]:
    """Ranges, times with a length, and times alone as spans without length; in the order of the sentence.

    >>> [span[:2] for span in spans("from 1.5 s to 2 s, and at 3 s")]
    [(1.5, 2.0), (3.0, 3.0)]
    """
    found, i = _not_restated(sentence, times(sentence)), 0
    alone = len(found) == 2 and not _LETTER.search(_WORD_OF_RANGE.sub("", sentence))
    unit_told = any(time.has_unit for time in found)
    while i < len(found):
        first, second = found[i], found[i + 1] if i + 1 < len(found) else None
        if second and _is_range(sentence, first, second, alone, unit_told):
            onset, offset = sorted((first.seconds, second.seconds))
            yield Span(onset, offset, first.start, second.end)
            i += 2
        else:
            if first.has_unit:
                until = min(second.start if second else len(sentence), first.end + _FARTHEST)
                yield _lasting(sentence, first, until)
            i += 1


def _lasting(sentence: str, time: Time, until: int) -> Span:
    """From a time on, for as long as is said before ``until``."""
    length = _LENGTH.search(sentence, time.end, until)
    if length is None and (before := _LASTING_FROM.search(sentence, max(0, time.start - _FARTHEST), time.start)):
        return Span(time.seconds, round(time.seconds + float(before[1]), 9), before.start(), time.end)
    if length is None or _SEPARATES.search(sentence, time.end, length.start()):
        return Span(time.seconds, time.seconds, time.start, time.end)
    return Span(time.seconds, round(time.seconds + float(length[1]), 9), time.start, length.end())


def _not_restated(sentence: str, found: Sequence[Time]) -> list[Time]:
    """Without what stands in parentheses after a time and says it again, or the length of the two before."""
    kept: list[Time] = []
    for time in found:
        if not (kept and sentence[time.end : time.end + 1] == ")" and _says_again(sentence, kept, time)):
            kept.append(time)
    return kept


def _says_again(sentence: str, before: Sequence[Time], time: Time) -> bool:
    last = before[-1]
    gap = sentence[last.end : time.start]
    if len(gap) > _FARTHEST or not _OPENS.match(gap):
        return False
    length = last.seconds - before[-2].seconds if len(before) > 1 else -1.0
    return abs(time.seconds - last.seconds) < 1 or abs(time.seconds - length) < 0.011


def _is_range(sentence: str, first: Time, second: Time, alone: bool, unit_told: bool) -> bool:
    """Whether two times in a row are the ends of one span.

    ``alone``: nothing else stands in the sentence; ``unit_told``: one of its times has a unit.
    """
    before, after = sentence[max(0, first.start - 40) : first.start], sentence[second.end : second.end + 12]
    gap = sentence[first.end : second.start].strip()
    if before.rstrip()[-1:] in ("[", "(") and gap in {",", "~", "-"} and after.lstrip()[:1] in {"]", ")"}:
        return True
    if sentence.startswith("<|", first.start):  # <|0.54|>word<|0.98|>
        return sentence.startswith("<|", second.start)
    if gap in {"and", "and the", "和", "与", "、"}:
        joined = bool(_BETWEEN.search(before)) or after.lstrip().startswith("之间")
    else:
        joined = (
            len(gap) <= _FARTHEST and not _SEPARATES.search(gap) and bool(_CONNECTS.search(gap) or _ENDS.match(after))
        )
    decimals = "." in sentence[first.start : first.end] and "." in sentence[second.start : second.end]
    told = (_FROM.search(before.rstrip()) and unit_told) or _STARTS.search(before)  # "from 1 to 2 and from 3 to 4 s"
    return joined and bool(first.has_unit or second.has_unit or decimals or alone or told)
