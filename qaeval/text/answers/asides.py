"""What of a reply chooses nothing, though it names options: questions, what is wrong or less so."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qaeval.text.labels.others import first_guesses
from qaeval.text.replies.denial import outweighed
from qaeval.text.replies.told import SENTENCE

_CLAUSES = re.compile(
    r"(?<=[.,;:!?\n。，；：！？])|(?<=\s)(?=(?:but|while|whereas|and\sthe)\b)|(?=但|而)", re.IGNORECASE
)
_WRONG = re.compile(
    r"\b(?:is|are|was|were|(?:can|could|may|should)\sbe)(?:\s\w+ly)?\s(?:wrong|incorrect|false|unlikely|ruled\sout|eliminated|excluded)\b"
    r"|\b(?:is|are|was|were)(?:n['’]t|\snot)\s(?:the\s)?(?:correct|right|answer|option|choice|it)\b"
    r"|不(?:对|正确|合适)|不是(?:正确)?(?:答案|选项)|错误?的|错了|排除(?!法)",
    re.IGNORECASE,
)


def without_questions(text: str) -> str:
    """A text without its questions; all of it where it is nothing else.

    >>> without_questions("A dog or a cat? A dog."), without_questions("A dog?")
    (' A dog.', 'A dog?')
    """
    kept = "".join(part for part in SENTENCE.findall(text) if not part.rstrip().endswith(("?", "？")))
    return kept if any(map(str.isalnum, kept)) else text


def without_wrong(text: str) -> str:
    """A text without the clauses that say of what they name that it is wrong.

    >>> without_wrong("Rain is correct, the dog is wrong.")
    'Rain is correct,'
    """
    return "".join(part for part in _CLAUSES.split(text) if not _WRONG.search(part))


def without_outweighed(text: str) -> str:
    """A text without what it says to be so less than something else.

    >>> without_outweighed("less angry than sad")
    'less  than sad'
    """
    return _without(text, outweighed(text))


def without_guesses(text: str) -> str:
    """A text without what a sentence names before it concludes otherwise; all of it where it does not.

    >>> without_guesses("it could be a dog, but the rhythm suggests rain")
    'but the rhythm suggests rain'
    """
    return _without(text, first_guesses(text))


def _without(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    kept, end = "", 0
    for start, stop in stretches:
        kept, end = kept + text[end:start], stop
    return kept + text[end:]
