"""The option that a reply names by its place among the options: "the second option", "the last one", 第二个, 最后一项.

A place that says what it is of (option, choice, 选项, 项) is always the option's. One that does not ("the second one",
第二个, "option 2") may be of the sounds that are asked about: it counts only where no option's text counts anything.
"the second sound", 第二个声音 and 倒数第二个 are no places of options.
"""

from __future__ import annotations

import re

from qaeval.text.answers.options import MARKS, Options
from qaeval.text.answers.statements import stated

_ENGLISH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_CHINESE = "一二三四五六七八九十"
_WHICH = rf"(?:{'|'.join(_ENGLISH)}|\d{{1,2}}(?:st|nd|rd|th)|last)"
_PLACE = re.compile(
    rf"""{MARKS}(?:the\s+)?(?:(?P<of>{_WHICH})\s+(?:option|choice)\b|(?P<en>{_WHICH})\s+one\b)(?:\s+(?:listed|above))?
    |{MARKS}(?:(?P<zh_of>第(?:[{_CHINESE}]|\d{{1,2}})|最后一?)(?:个?选项|项(?!目))|(?P<zh>第(?:[{_CHINESE}]|\d{{1,2}})|最后一)个)
    |{MARKS}(?:option|choice|选项)\s*(?P<number>\d{{1,2}}|[{_CHINESE}])(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDS = re.compile(
    rf"{MARKS}(?:\Z|[.,，。;；:：!！–—-]|(?:because|since|as|which|based|given|due|according)\b|因为|由于)",
    re.IGNORECASE,
)
_OR = re.compile(r"[\s,，]*(?:(?:or|and|或者?|和)\b\s*(?:maybe\s+|perhaps\s+)?|或者?|和)", re.IGNORECASE)
_BEFORE = re.compile(
    r"\s*(?:I\s+(?:think|believe|guess)\s+)?(?:it(?:'s|\s+is)\s+)?(?:我(?:觉得|认为))?(?:(?:应该?)?是)?", re.IGNORECASE
)
_COUNTED = re.compile(
    rf"\b(?:{_WHICH}|one|two|three|four|five|both|former|latter)\b|\d|第|最后|[{_CHINESE}两]", re.IGNORECASE
)


def by_place(text: str, options: Options) -> set[str]:
    r"""The options that a reply chooses by their place: alone, before its text, or in a statement.

    >>> from qaeval.text.answers.choices import read_choices
    >>> animals = Options(read_choices("A. a dog\nB. a cat\nC. rain"))
    >>> by_place("The second option.", animals), by_place("我选最后一个。", animals), by_place("第二个声音", animals)
    ({'B'}, {'C'}, set())
    """
    if not _PLACE.search(text):
        return set()
    start = _BEFORE.match(text)
    at = start.end() if start else 0
    if (found := _PLACE.match(text, at)) and (letter := _letter(found, options)):
        rest = text[found.end() :].strip(" \t\n*_\"'”’)）.,，。:：;；!！–—-")
        if not rest:
            return {letter}
        if _ENDS.match(text, found.end()) and (named := options.leading(rest)):
            return {letter} | named
    told = stated(text, lambda piece: _placed(piece, options))
    return told and told | stated(text, options.meant)


def _placed(piece: str, options: Options) -> set[str]:
    """The letters of the places that a piece of a reply begins with."""
    letters: set[str] = set()
    while (found := _PLACE.match(piece)) and (letter := _letter(found, options)):
        letters, piece = letters | {letter}, piece[found.end() :]
        if _ENDS.match(piece):
            letters |= options.leading(piece.lstrip(" *_\"'”’)）,，:：–—-"))
        elif not (more := _OR.match(piece)):
            return set()
        else:
            piece = piece[more.end() :]
    return letters


def _letter(found: re.Match[str], options: Options) -> str:
    """The letter of the option at a place; ``""`` where there is none, or where the place may be of something else."""
    surely = found["of"] or found["zh_of"]
    said = (surely or found["en"] or found["zh"] or found["number"]).lower()
    if not surely and any(map(_COUNTED.search, options.raw)):
        return ""
    letters = list(options.texts)
    place = len(letters) if said[0] in "l最" else _number(said)
    return letters[place - 1] if 0 < place <= len(letters) else ""


def _number(said: str) -> int:
    if said in _ENGLISH:
        return _ENGLISH.index(said) + 1
    bare = said.strip("第stndrh")
    return int(bare) if bare.isdecimal() else _CHINESE.index(bare) + 1
