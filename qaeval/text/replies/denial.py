"""What a text denies: 不是男性, "not a dog", "a cat rather than a dog", 没有狗叫.

For texts as `qaeval.text.replies.told.told` prepares them: folded, simplified, without quotations and questions.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter

# What says that the rest of its clause is not so ...
_NOT = re.compile(
    r"""(?P<exists>没有|没(?=听|出现|什么|任何|发现|检测)|未(?=听|检|发现|出现|见)|毫无(?!疑)
     |无(?![奈聊疑论关比助法数线意私锡声])|不带|不含|不包[含括]|不存在|缺[乏少]|听不[到见])
    |不(?:太|会|大|可能|应该?|一定)?(?:是|像|属于)|[并而绝]非|(?<![^,、\s(])非(?![常洲])|无法|难以|不[能可]|不确定|不清楚|不知道|不明确|[看听]不出
    |\b(?:not(?!\s(?:only|just|merely|simply|necessarily)\b)|no(?!\sdoubt\b)|never|neither|nor|without(?!\s(?:a\s)?doubt\b)
     |(?:rather|other)\sthan|as\sopposed\sto|instead\sof|unlike|lacks?|lacking|absence\sof|cannot|unable\sto|unclear|free\sof)\b
    |(?<=n)'t\b(?!\s(?:only|just)\b)""",
    re.VERBOSE,
)
# ... what ends that, and what says it of what stood before.
_LIST = r"(?!\s(?:(?!n?or\b)[a-z]{1,20}+\s?+){1,3}+(?:,\s(?:(?!n?or\b)[a-z]{1,20}+\s?+){1,3}+){0,6}+,?\s?n?or\b)"
_END = re.compile(
    rf"""[.。;；:：!！?？\n()（），]|,{_LIST}(?!\s?n?or\b)
    |而|却|但|不过|反而|只(?=有|是|听)|仅|就是|应该?是|(?<=[的话人性声])是
    |\b(?:but|rather(?!\sthan)|instead(?!\sof)|just|only|although|though|while|whereas|which|who|however|yet
     |and\s(?:then|there|it|he|she|they|the|consists?|contains?|features?|instead|only|just|sounds?|is))\b""",
    re.VERBOSE,
)
_OF = re.compile(r"(?<!明显)(?<!清晰)(?<!任何)(?<!特别)(?<!其他)(?<!其它)(?<!强烈)(?<!显著)(?<!具体)的")
_NOT_AFTER = re.compile(
    r"""(?:没有|并未|未被?|不)(?:被)?(?:出现|听到|听见|存在|检测到|提到)
    |\s(?:is|are|was|were|isn't|aren't|wasn't|weren't)(?:\snot)?\s(?:absent|missing)\b
    |\s(?:(?:is|are|was|were)(?:\snot|n't)|can(?:not|'t|\snot)\sbe)\s(?:\w+\s){0,2}(?:present|heard|audible|detected|there)\b
    |\s?[:：]\s?(?:no|none|absent|false|not|无|没有|否)\b
    |\s?\(\s?(?:not\s(?:present|heard|audible|detected)|absent|none|无|没有|未(?:出现|检测到|听到)|不存在)\s?\)""",
    re.VERBOSE,
)

_OUTWEIGHED = re.compile(
    r"""\bless\s(?P<less>[^.,;:!?\n]{1,40}?)\s(?:than|(?:and|but)\smore)\b
    |\bmore\s[^.,;:!?\n]{1,40}?\sthan\s(?P<than>[^.,;:!?\n]{1,40})
    |(?:多于|多过|胜过|大于)(?P<yu>[^.,;:!?。\n]{1,20})|(?<!相)比(?P<bi>[^.,;:!?。\n]{1,10}?)更
    |与其说是?(?P<qi>[^.,;:!?。\n]{1,20}),?\s?倒?不如""",
    re.VERBOSE | re.IGNORECASE,
)
COMPARES = re.compile(r"\bthan\b|\bless\b|多于|多过|胜过|大于|更", re.IGNORECASE)
"""Words of a comparison."""


def denied(text: str, names: Iterable[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """The stretches (start, end) of a text that `told` gave in which what is named is said not to be so, in order.

    ``names`` are stretches that are names, in which no word denies anything (the 无 of 无聊, bored); in order.

    >>> text = "not a dog but a cat"
    >>> [text[start:end] for start, end in denied(text)]
    [' a dog ']
    """
    ends = [match.start() for match in _END.finditer(text)]
    ofs = [match.start() for match in _OF.finditer(text)]
    named = list(names)
    found = []
    for match in _NOT.finditer(text):
        if not within(match.start(), named):
            stops = [ends, ofs] if match["exists"] else [ends]
            found.append((match.end(), min(_next(places, match.end(), len(text)) for places in stops)))
    for match in _NOT_AFTER.finditer(text):
        place = bisect_left(ends, match.start())
        found.append((ends[place - 1] + 1 if place else 0, match.start()))
    return _merged(found)


def outweighed(text: str) -> list[tuple[int, int]]:
    """The stretches of a text in which what is named is said to be so less than something else, in order.

    >>> [text[start:end] for text in ("less angry than sad", "more sad than angry") for start, end in outweighed(text)]
    ['angry', 'angry']
    """
    return [match.span(match.lastgroup or 0) for match in _OUTWEIGHED.finditer(text)]


def within(at: int, stretches: Sequence[tuple[int, int]]) -> bool:
    """Whether a place lies in one of the stretches, which are in order and apart.

    >>> within(3, [(0, 2), (3, 5)]), within(2, [(0, 2), (3, 5)])
    (True, False)
    """
    place = bisect_right(stretches, at, key=itemgetter(0))
    return place > 0 and at < stretches[place - 1][1]


def _next(places: Sequence[int], at: int, last: int) -> int:
    place = bisect_left(places, at)
    return places[place] if place < len(places) else last


def _merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    apart: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart
