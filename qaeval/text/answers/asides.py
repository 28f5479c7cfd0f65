"""What of a reply chooses nothing, though it names options: questions, what is wrong or less so, lists of options."""

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
    r"\b(?:is|are|was|were)(?:\s\w+ly)?\s(?:wrong|incorrect|false|unlikely|ruled\sout)\b"
    r"|\b(?:is|are|was|were)(?:n['’]t|\snot)\s(?:the\s)?(?:correct|right|answer|option|choice|it)\b"
    r"|不(?:对|正确|合适)|不是(?:正确)?(?:答案|选项)|错误?的|错了|排除",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"(?<![0-9a-z])(?:(?:options|choices|candidates)(?: \w+){0,2} (?:are|include|were)"
    r"|(?:among|between|out of|options|choices)(?: the)?"
    r"|(?:选项|候选)(?:中|里)?(?:有|是|包括|为)?|在)"
)
_WORD = "[0-9a-z\u00df-\u024f]"


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


def without_list(said: str, texts: Iterable[str]) -> str:
    """A comparable text without the options that it only lists: behind "the options are", "among", 选项有.

    >>> without_list("the choices are dog rain the sound is rain", ["dog", "rain"])
    'the  the sound is rain'
    """
    if not _LISTS.search(said):
        return said
    names = "|".join(sorted(map(re.escape, texts), key=len, reverse=True))
    item = re.compile(rf"\s*(?:(?:and|or)\s)?(?:[a-z]\s)?(?:an?\s|the\s)?[和或与及]?({names})(?!{_WORD})")
    kept, end = "", 0
    for match in _LISTS.finditer(said):
        listed: set[str] = set()
        at = match.end()
        while (found := item.match(said, at)) and found[1] not in listed:
            listed, at = listed | {found[1]}, found.end()
        if len(listed) > 1 and match.start() >= end:
            kept, end = kept + said[end : match.start()], at
    return kept + said[end:]
