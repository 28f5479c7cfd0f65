r"""Which option of a multiple-choice question a reply chooses, and by which rule. Nothing is guessed.

The rules, in the order in which they are tried; the first that finds an option decides:

``json``         an object with the key answer, choice, option, 答案, 选项 or 选择
``tag``          ``<answer>B</answer>`` or ``\boxed{B}``, the last one
``lone letter``  nothing but a letter: ``B``, ``(b)``, ``**B.**``, ``选项B``
``place``        the option of that place: the reply is "the second option", 第二个, or so, or states it ("I choose the
                 last one"; `qaeval.text.answers.places`)
``statement``    "the answer is B", "I choose B", "B is correct", 答案是B, 选B, B是正确的, or so of an option's text
                 (`qaeval.text.answers.statements`)
``start``        the reply begins with ``(B)``, ``B.`` or ``B)``, or a line that is ``B``, and no other line begins with
                 another letter
``last line``    the last line, or the last sentence behind one of several words, is nothing but a letter
``text``         the reply is an option's text, and nothing else
``contained``    exactly one option's text occurs in it, as whole words, where it is not denied, asked, said to be wrong
                 or only listed (`qaeval.text.answers.mentioned`)
``alias``        exactly one option occurs under another name, by a vocabulary that knows all options
                 (`qaeval.text.labels.vocabulary`); or the options are yes and no, and the reply begins with one of them
``end``          the reply ends with ``(B)`` or "option B", and what stands before names none (if another: ``conflict``)
``conflict``     a rule found several options, or a letter before another option's text: none is chosen
``unparsed``     no rule found any

What a piece of a reply stands for `qaeval.text.answers.options` tells: "A dog barks" and "C major" choose neither A nor
C.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from qaeval.text.answers.choices import Choice, compared
from qaeval.text.answers.mentioned import by_alias, contained, ended
from qaeval.text.answers.options import BARE, LONE, LONGEST, MARKS, SURE, Options, gives_reason
from qaeval.text.answers.places import by_place
from qaeval.text.answers.statements import stated
from qaeval.text.replies.told import json_in
from qaeval.text.replies.turns import own_words
from qaeval.text.replies.unwrap import unfenced

KEYS = ("answer", "choice", "option", "final_answer", "correct_answer", "答案", "选项", "选择")
"""The keys of a JSON object under which an answer is looked for."""

_STARTS = re.compile(
    rf"{MARKS}(?:[Oo]ption\s*|[Cc]hoice\s*|选项)?{MARKS}([A-Z])(?:[\])）】]+[.:：]?|[.．、。](?![A-Za-z]\.)|[:：]|\s+[–—-](?=\s))"
)
_BESIDE = re.compile(
    r"\A(?:I\s(?:think|guess|believe)|probably|most\slikely|likely|我(?:觉得|认为|猜)(?:应该)?是?)\s*"
    r"|[,，]?\s*(?:\b(?:I\s(?:think|guess|believe)|probably|(?:not|rather\sthan|instead\sof)\s[^\n]{1,40})|(?:而?不是|而非)[^\n]{1,40})"
    r"[.。!]?\Z",
    re.IGNORECASE,
)
"""What may stand beside a lone letter: "I think B", "B, not A"."""
_TAGGED = re.compile(r"<answer>([^<]{1,400})</answer>|\\boxed\{(?:\\text\{)?([^{}]{1,400})\}", re.IGNORECASE)
_LAST_SENTENCE = re.compile(r"(?:[^\W_]\s+[^\W_]{1,20}|[\u4e00-\u9fff]{2})[.。!！]\s*(\S{1,6})\Z")
_NARROW = {ord(letter) + 0xFEE0: letter for letter in string.ascii_letters}
_HEAD, _TAIL = 2_000, 10_000
"""Of a longer reply its first and its last characters are read: there an answer stands."""


class Chosen(NamedTuple):
    """The letter of the option that a reply chooses (``""``: none), and the rule that told."""

    letter: str
    rule: str


def choose(reply: str, choices: Sequence[Choice]) -> Chosen:
    """What a reply chooses.

    >>> from qaeval.text.answers.choices import read_choices
    >>> options = read_choices('["a dog", "a cat"]')
    >>> choose("It could be A, but I hear meowing, so the answer is (B).", options)
    Chosen(letter='B', rule='statement')
    >>> choose("A cat meows.", options), choose("I am not sure.", options)
    (Chosen(letter='B', rule='contained'), Chosen(letter='', rule='unparsed'))
    """
    text = unfenced(own_words(reply)).translate(_NARROW)
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    options = Options(choices)
    for rule, read in _RULES:
        if found := read(text, options):
            return Chosen(next(iter(found)), rule) if len(found) == 1 else Chosen("", "conflict")
    return Chosen("", "unparsed")


def without_thought(reply: str) -> str:
    """A reply without what a model thinks aloud before it.

    >>> without_thought("<think>Maybe A.</think> B")
    ' B'
    """
    return reply.rpartition("</think>")[2]


def given(reply: str) -> str | None:
    """What a reply gives as its answer in JSON or in a tag; None where there is neither.

    >>> given('{"answer": "a cat"}'), given("<answer> B </answer>"), given("B")
    ('a cat', 'B', None)
    """
    text = unfenced(own_words(reply))
    for read in (_in_json, _in_tag):
        if (found := read(text)) is not None:
            return found
    return None


def _json(text: str, options: Options) -> set[str]:
    return options.meant(_in_json(text) or "")


def _in_json(text: str) -> str | None:
    value: Any = json_in(text)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return value if isinstance(value, str) else None
    known = {str(name).strip().lower().replace(" ", "_"): item for name, item in value.items()}
    return next((str(known[name]) for name in KEYS if isinstance(known.get(name), str | int | float)), None)


def _tag(text: str, options: Options) -> set[str]:
    return options.meant(_in_tag(text) or "")


def _in_tag(text: str) -> str | None:
    found = [match[1] or match[2] for match in _TAGGED.finditer(text)]
    return found[-1].strip() if found else None


def _lone(text: str, options: Options) -> set[str]:
    bare = _BESIDE.sub("", text.strip()) if len(text) < LONGEST else ""
    return options.meant(bare) if LONE.fullmatch(bare) else set()


def _statement(text: str, options: Options) -> set[str]:
    return stated(text, options.meant)


def _start(text: str, options: Options) -> set[str]:
    lines = [match for line in text.splitlines() if (match := _STARTS.match(line)) and match[1] in options.texts]
    first, bare = _STARTS.match(text), BARE.match(text)
    if alone := _alone(text.splitlines(), options):
        return alone
    if first is None and bare and bare[1] in SURE and gives_reason(text, bare.end()):
        return options.meant(text.splitlines()[0])
    if first is None or first[1] not in options.texts or len({match[1] for match in lines}) > 1:
        return set()
    if first[0].rstrip()[-1] in ":：":  # "A: Hello!" may be someone who speaks
        return {first[1]} & options.leading(text[first.end() :])
    return options.meant(text.splitlines()[0])


def _alone(lines: Sequence[str], options: Options) -> set[str]:
    """The letters that are lines of their own, where the first line is one."""
    letters = [options.letter(match) if (match := LONE.fullmatch(line[:LONGEST])) else "" for line in lines]
    return {letter for letter in letters if letter} if letters and letters[0] else set()


def _last_line(text: str, options: Options) -> set[str]:
    line = text.rstrip().rpartition("\n")[2].strip()
    sentence = _LAST_SENTENCE.search(line)
    return _lone(line, options) or (_lone(sentence[1], options) if sentence else set())


def _text(text: str, options: Options) -> set[str]:
    return options.by_text.get(compared(text), set()) if len(text) < LONGEST else set()


_RULES: tuple[tuple[str, Callable[[str, Options], set[str]]], ...] = (
    ("json", _json),
    ("tag", _tag),
    ("lone letter", _lone),
    ("place", by_place),
    ("statement", _statement),
    ("start", _start),
    ("last line", _last_line),
    ("text", _text),
    ("contained", contained),
    ("alias", by_alias),
    ("end", ended),
)
