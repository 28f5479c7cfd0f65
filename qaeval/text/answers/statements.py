"""Where a reply states its answer: "the answer is B", "I choose B", "B is correct", 答案是B, 选B, B是正确的.

What is denied ("the answer is not A", 不选A), asked ("Is the answer A?"), only supposed ("if the answer is A") or
quoted as speech (he says "the answer is A") is no statement; of "not A but B" B is one. Reasoning may state an answer
on the way; what is marked as final ("final answer", 最终答案) outweighs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from qaeval.text.answers.asides import without_wrong
from qaeval.text.replies.told import without_speech

DENIES = re.compile(
    r"n['’]t\b|\b(?:not|never|cannot|no|none|neither|nor|without|wrong|incorrect|eliminat\w*|exclud\w*|rul(?:e|ed|ing)\sout)\b"
    r"|不(?![过仅])|别(?!人)|勿|非(?!常)|没(?!错)|未|无|排除|错误",
    re.IGNORECASE,
)
"""Words by which a clause denies something."""

_SENTENCE = re.compile(r"(?:[^。!！?？\n;；.]|\.(?!\s|\Z))*[。!！?？\n;；.]?")
_CLAUSE = re.compile(r"[,，:：]|\bbut\b|\bso\b|\band\b(?=\s(?:the|my|so|thus|I)\b)|\btherefore\b|但|所以|因此")
_SUPPOSED = re.compile(
    r"\b(?:if|whether|suppose|assuming|unless)\b|如果|假如|假设|[若倘]|要是|是否|是不是", re.IGNORECASE
)
_LETTER_ALONE = r"(?=(?:[Oo]ption\s|选项)?[(（*_\"'“]{0,3}[A-Z][)）*_\"'”]{0,3}[吧呢]?(?:\Z|[\s.,;!。，；！]))"
_FAR = 200
"""Characters before a statement in which it is denied or only supposed."""
_EARLIER = re.compile(r"\b(?:first|initial|original|earlier|previous)\s\Z", re.IGNORECASE)
_FINAL = re.compile(r"\bfinal\b|最终|最后", re.IGNORECASE)
_ANSWER = re.compile(
    r"""\b(?:answer|ans|choice|option)\b(?:\s(?:to|for|among|from|of)\s[^,.:?\n]{1,80}?)?[*_]*
     (?:\s+(?:is|was|(?:would|should|must|will|could|might|may)\s+be)(?!n't)
        (?:\s+(?:likely|probably|clearly|therefore|thus|most\s+likely))?
        \s*[:：]?|\s*[:：=])\s*+
    |\bI(?:\s+(?:would|will|therefore|also)|'d|'ll)?\s+(?:choose|chose|select|pick|go\s+(?:with|for)|opt\s+for|lean\s+(?:towards?|to))\s+
    |(?:答案|选择|选项|正确的)(?:应该?|应当|就|可能|最可能|大概|只能|显然)*(?:[是为]|选(?!项)|[:：=])+\s*+
    |答案】|选(?!项)择?[:：]?\s*+"""
    rf"""|(?:\bit(?:'s|\s+is|\s+must\s+be)\s+|\b(?:that|it)\s+would\s+be\s+|\bI(?:\s+would|'d)\s+say\s+
        |\b(?:therefore|thus|hence|so),?\s+|\bleaves\s+(?:us\s+with\s+|only\s+)?|(?:只?剩下?|留下)的?(?:只有|就?是)?|(?:[而能]|(?<!反)应|应该|确[定认]|最有?可能的?)是|所以是?|因此是?)(?-i:{_LETTER_ALONE})""",
    re.IGNORECASE | re.VERBOSE,
)  # what follows is the answer
_THERE = r"\b(?:[Tt]he\s)?\w{2,7}\s(?:option|choice|one)\b|第.{1,2}个?(?:选项|[项个])|最后一个?(?:选项|[项个])"
_RIGHT = re.compile(
    rf"""(?:(?<![A-Za-z0-9'’])(?:\(?([A-Z])\)?["'”’*]*)(?:选项|项)?|({_THERE}))
    (?:\s+(?:is|was|would\s+be|seems(?:\s+to\s+be)?)\s+(?:clearly\s+)?(?:the\s+)?
       (?:correct|right|best|most\s+(?:likely|appropriate|suitable|accurate)|closest)\b(?!-)
      |\s*(?:是|才是|为|最|更)*(?:正确|[对對]的?(?=[。，,；;！!]|\Z)|符合|合适|佳|有?可能的答案))""",
    re.VERBOSE,
)  # what stands before is the answer

_INSTEAD = re.compile(
    r"(?:\bnot\b[^.,;。；\n]{1,60}?,?\s*\bbut\s+(?:rather\s+)?|不是[^,，。；\n]{1,60}?(?:而|[,，]\s*)是\s*)"
    r"(?-i:(?=[(（*]{0,2}[A-Z][)）*]{0,2}(?:\Z|[,.;!。，；！])))",
    re.IGNORECASE,
)  # what follows is the answer


def stated(text: str, meant: Callable[[str], set[str]]) -> set[str]:
    """All that a reply states to be the answer; ``meant(piece)`` tells what a piece of it stands for.

    >>> stated("I thought the answer is A. Final answer: B.", lambda piece: {piece[0]} & {"A", "B"})
    {'B'}
    """
    found = list(_statements(without_wrong(without_speech(text)), meant))
    final = [letters for letters, is_final in found if is_final]
    return set().union(*(final or [letters for letters, _ in found]))


def _statements(text: str, meant: Callable[[str], set[str]]) -> Iterator[tuple[set[str], bool]]:
    sentences = [sentence for sentence in _SENTENCE.findall(text) if sentence.strip()]
    for sentence, following in zip(sentences, [*sentences[1:], ""], strict=False):
        if sentence.rstrip()[-1] in "?？":
            continue
        for match in _ANSWER.finditer(sentence):
            rest = sentence[match.end() : match.end() + _FAR].strip(" *_\n")
            if letters := _unless_denied(sentence, match, meant(rest or following[:_FAR])):
                yield letters, _FINAL.search(sentence, max(0, match.start() - _FAR), match.end()) is not None
        for match in _INSTEAD.finditer(sentence):
            if letters := meant(sentence[match.end() :]):
                yield letters, False
        for match in _RIGHT.finditer(sentence):
            if letters := _unless_denied(sentence, match, meant(match[1] or match[2])):
                yield letters, False


def _unless_denied(sentence: str, match: re.Match[str], letters: set[str]) -> set[str]:
    before = sentence[max(0, match.start() - _FAR) : match.start()]
    denied = DENIES.search(_CLAUSE.split(before)[-1]) or DENIES.search(match[0])
    if _EARLIER.search(before) and " was" in match[0].lower():  # "my first choice was A; now it is B"
        return set()
    return set() if denied or _SUPPOSED.search(before) else letters
