"""Languages that a reply names as those of a translation: "translated into English", 英文翻译是. No one speaks them."""

from __future__ import annotations

import functools
import re

from qaeval.text.labels.vocabulary import find_vocabulary

_BEFORE = (
    r"\btranslat(?:e|es|ed|ing|ion|ions)\b[^.;\n]{0,60}?\b(?:into|to|in)\s|\btranslations?\s?[(:]\s?"
    r"|\bmean(?:s|ing)?\b[^.;\n]{0,80}?\bin\s|翻译?[成为到作]|译[成为作]|翻译\s?[(（:：]\s?"
)
_AFTER = (
    r"\s(?:translations?|meaning|equivalent)\b|翻译(?![成为过到自])|译文|译作|(?:的)?释义|意思|含义"
    r"|来?[说讲](?:就是|是|即)|来?(?:表达|解释)"
)
_MEANS = r",?\s(?:it|this|that|which)\s(?:means|translates|would\sbe|says|is)\b"
_HINTS = re.compile(r"translat|mean|equivalent|译|翻成|释义|意思|含义|[说讲][就是即]|表达|解释", re.IGNORECASE)


def without_targets(text: str) -> str:
    """A text without the languages of translations.

    "这段日语的翻译" and "translated from Japanese" name what is translated: they stay.

    >>> without_targets("这段中文的英文翻译是:'Hi'"), without_targets("It is French, and means 'hello' in English.")
    ("这段中文的翻译是:'Hi'", "It is French, and means 'hello' in .")
    """
    return _pattern().sub(lambda match: match["before"] or "", text) if _HINTS.search(text) else text


@functools.cache
def _pattern() -> re.Pattern[str]:
    labels = find_vocabulary("language").labels.values()
    names = "|".join(sorted({re.escape(name) for label in labels for name in label.aliases}, key=len, reverse=True))
    name = rf"(?<![A-Za-z])(?:{names})(?![A-Za-z])"
    return re.compile(
        rf"(?P<before>{_BEFORE}){name}|(?<![这那][句段个]){name}(?={_AFTER})|\bin\s{name}(?={_MEANS})", re.IGNORECASE
    )
