"""What a reply affirms: its text without what it denies, and whether it begins with yes or no."""

from __future__ import annotations

import re

from qaeval.text.answers.choices import compared
from qaeval.text.replies.told import denied, key

YES = {"yes", "true", "correct", "right", "是", "是的", "对", "对的", "正确", "有", "会", "能", "可以"}
NO = {
    "no",
    "false",
    "incorrect",
    "wrong",
    "否",
    "不",
    "不是",
    "不对",
    "错",
    "错误",
    "没有",
    "无",
    "不会",
    "不能",
    "不可以",
}
_FIRST = re.compile(
    r"(yes|true|correct|right|no|false|incorrect|wrong|[是对有会能](?:的)?|正确|可以|否|不[是对会能]?|不可以|错误?|没有|无)"
    r"(?=[\s,，.。!！;；:：]|\Z)(?!\s(?:or|and)\s)"
)


def affirmed(text: str) -> str:
    """A text without what it denies.

    >>> affirmed("It is not a dog, it is a cat.")
    'it is not , it is a cat.'
    """
    text, kept, end = key(text), [], 0
    for start, stop in denied(text):
        kept.append(text[end : max(start, end)])
        end = max(end, stop)
    return " ".join([*kept, text[end:]])


def polarity(text: str, alone: bool = False) -> bool | None:
    """Whether a text begins with yes (True) or no (False); with ``alone``, whether it is nothing but that.

    >>> polarity("Yes, there are two."), polarity("没有。"), polarity("Two."), polarity("yes, two", alone=True)
    (True, False, None, None)
    """
    first = _FIRST.match(key(text))
    if first is None or (alone and compared(text) not in YES | NO):
        return None
    return first[1].removesuffix("的") in YES
