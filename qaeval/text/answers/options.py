"""The options of a question, as pieces of a reply are compared with them.

A letter counts only where it stands for an option: alone, with a mark behind it ("B.", "(B)"), before its option's own
text, or before a reason ("B because ..."); so "A dog" and "C major" are no letters. A letter and a text behind it that
are of two options are both meant, which is a conflict.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qaeval.text.answers.choices import Choice, compared

MARKS = r"""[\s*_"'“”‘’「」『』(（\[【<{}>\]】)）`$]*+"""
_LETTER = rf"{MARKS}(?:(?:option|choice)\s*:?\s*|选项)?{MARKS}([A-Za-z])(?![A-Za-z0-9]|['’][A-Za-z])"
LONE = re.compile(rf"{_LETTER}(?:选项|项|\s*option)?[吧呢啦哦呀]?{MARKS}[.。．,，;；:：!！]*{MARKS}", re.IGNORECASE)
_MARKED = re.compile(rf"{_LETTER}[ \t]*[\])）】}}>*_\"'”’」』.．:：、,，;；。!！—–-]+\s*", re.IGNORECASE)
BARE = re.compile(_LETTER, re.IGNORECASE)
_CAPITAL = _LETTER.replace("([A-Za-z])", "([A-Z])")
_ANOTHER = re.compile(rf"\s*(?:or|and|&|/|或者?|和|及|与|、|[,，])\s*{_CAPITAL}")
BECAUSE = re.compile(
    r"(?:[,，]\s*|\s+)(?:because|since|as|which|based|given|due|according|is|was|and|but)\b"
    r"|[,，]?\s*(?:选项|项|因为|由于)",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"""[\s*_)）"'”’]*(?:选项|项)?\s*(?:(?:is|was|seems|sounds)\s(?:\w+ly\s|also\s)?(?:not|wrong|incorrect|false|out|less|least
    |the\s(?:least|wrong)|unlikely|impossible|eliminated|excluded|ruled\sout)\b|(?:显然|也|是|被|可以?|应该?)*(?:不|错|排除))""",
    re.IGNORECASE | re.VERBOSE,
)
"""What follows a letter that is said not to be the answer: "C is wrong", "B is the least likely", B是错的."""
LONGEST = 400
"""Characters of a piece of a reply that are compared with the options."""
SURE = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
"""The letters that no sentence begins with as a word of one letter, but for A: "I was" is none."""
_WORD = "[0-9a-z\u00df-\u024f]"


class Options:
    """The options, as a piece of a reply is compared with them."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        self.texts = {choice.letter: compared(choice.text) for choice in choices}
        self.raw = [choice.text for choice in choices]
        self.by_text = _letters_by(self.texts)
        self.by_words = _letters_by({choice.letter: compared(choice.text, article=True) for choice in choices})

    def meant(self, piece: str) -> set[str]:
        """The letters that a piece of a reply stands for from its first word on; none, where it does for none."""
        piece = piece.strip()[:LONGEST]
        exact = self.by_words.get(compared(piece, article=True), set())
        if (lone := LONE.fullmatch(piece)) and (letter := self.letter(lone)):
            return {letter} | exact
        if exact:
            return exact
        if (bare := BARE.match(piece)) and (letter := self.letter(bare)):
            if (other := _ANOTHER.match(piece, bare.end())) and self.letter(other):
                return {letter, self.letter(other)}
            if (marked := _MARKED.match(piece)) and (bare[1].isupper() or "(" in marked[0]):
                named = self.leading(piece[marked.end() :])
                return {letter} if letter in named else {letter} | named
        named = self.leading(piece)
        if named or not bare or not letter or bare[1] not in SURE:
            return named
        told = self.leading(piece[bare.end() :]) == {letter} or gives_reason(piece, bare.end())
        return {letter} if told else set()

    def leading(self, piece: str) -> set[str]:
        """The letters of the longest text that a piece begins with."""
        said = compared(piece[:LONGEST])
        return next((self.by_text[text] for text in self._longest_first() if _begins(said, text)), set())

    def contained(self, said: str) -> set[str]:
        """The letters of the texts that occur in a text that was made comparable; a longer one hides those in it."""
        found: set[str] = set()
        for text in self._longest_first():
            said, count = _whole(text).subn(" | ", said)
            found |= self.by_text[text] if count else set()
        return found

    def _longest_first(self) -> list[str]:
        return sorted(self.by_text, key=len, reverse=True)

    def letter(self, match: re.Match[str]) -> str:
        """The option's letter that a pattern found, ``""`` where there is no such option."""
        return match[1].upper() if match[1].upper() in self.texts else ""


def gives_reason(text: str, at: int) -> bool:
    """Whether a letter that ends there is followed by a reason, and not by that it is wrong.

    >>> gives_reason("B because it barks", 1), gives_reason("B is wrong", 1)
    (True, False)
    """
    return BECAUSE.match(text, at) is not None and DENIED.match(text, at) is None


def _letters_by(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """The letters of each text that says something."""
    found: dict[str, set[str]] = {}
    for letter, text in texts.items():
        if text:
            found.setdefault(text, set()).add(letter)
    return found


def _begins(said: str, text: str) -> bool:
    return said.startswith(text) and _whole(text).match(said) is not None


def _whole(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!{_WORD}){re.escape(text)}(?!{_WORD})")
