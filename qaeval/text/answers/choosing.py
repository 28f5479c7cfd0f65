r"""Which option of a multiple-choice question a reply chooses, and by which rule. Nothing is guessed.

The rules, in the order in which they are tried; the first that finds an option decides:

``json``         an object with the key answer, choice, option, 答案, 选项 or 选择
``tag``          ``<answer>B</answer>`` or ``\boxed{B}``, the last one
``lone letter``  nothing but a letter: ``B``, ``(b)``, ``**B.**``, ``选项B``
``statement``    "the answer is B", "I choose B", "B is correct", 答案是B, 选B, B是正确的, or so of an option's text
                 (`qaeval.text.answers.statements`)
``start``        the reply begins with ``(B)``, ``B.`` or ``B)``, and no other line begins with another letter
``last line``    the last line is nothing but a letter
``text``         the reply is an option's text, and nothing else
``contained``    exactly one option's text occurs in it, as whole words, where it is not denied
``alias``        exactly one option occurs under another name, by a vocabulary that knows all options
                 (`qaeval.text.labels.vocabulary`); or the options are yes and no, and the reply begins with one of them
``conflict``     a rule found several options, or a letter before another option's text: none is chosen
``unparsed``     no rule found any

What a piece of a reply stands for `qaeval.text.answers.options` tells: "A dog barks" and "C major" choose neither A nor
C.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from qaeval.errors import UnknownNameError
from qaeval.text.answers.affirming import NO, YES, affirmed, polarity
from qaeval.text.answers.choices import Choice, compared
from qaeval.text.answers.options import BARE, LONE, LONGEST, MARKS, SURE, Options, gives_reason
from qaeval.text.answers.statements import DENIES, stated
from qaeval.text.labels.vocabulary import Vocabulary, find_vocabulary
from qaeval.text.replies.told import json_in
from qaeval.text.replies.unwrap import unfenced

KEYS = ("answer", "choice", "option", "final_answer", "correct_answer", "答案", "选项", "选择")
"""The keys of a JSON object under which an answer is looked for."""

_STARTS = re.compile(
    rf"{MARKS}(?:[Oo]ption\s*|[Cc]hoice\s*|选项)?{MARKS}([A-Z])(?:[\])）】]+[.:：]?|[.．、。](?![A-Za-z]\.)|[:：]|\s+[–—-](?=\s))"
)
_TAGGED = re.compile(r"<answer>([^<]{1,400})</answer>|\\boxed\{(?:\\text\{)?([^{}]{1,400})\}", re.IGNORECASE)
_NARROW = {ord(letter) + 0xFEE0: letter for letter in string.ascii_letters}
_HEAD, _TAIL = 2_000, 10_000
"""Of a longer reply its first and its last characters are read: there an answer stands."""
_VOCABULARIES = ("gender", "emotion", "language", "instrument", "genre", "mood", "sound")


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
    text = unfenced(without_thought(reply)).translate(_NARROW)
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
    text = unfenced(without_thought(reply))
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
    return options.meant(text) if len(text) < LONGEST and LONE.fullmatch(text) else set()


def _statement(text: str, options: Options) -> set[str]:
    return stated(text, options.meant)


def _start(text: str, options: Options) -> set[str]:
    lines = [match for line in text.splitlines() if (match := _STARTS.match(line)) and match[1] in options.texts]
    first, bare = _STARTS.match(text), BARE.match(text)
    if first is None and bare and bare[1] in SURE and gives_reason(text, bare.end()):
        return options.meant(text.splitlines()[0])
    if first is None or first[1] not in options.texts or len({match[1] for match in lines}) > 1:
        return set()
    if first[0].rstrip()[-1] in ":：":  # "A: Hello!" may be someone who speaks
        return {first[1]} & options.leading(text[first.end() :])
    return options.meant(text.splitlines()[0])


def _last_line(text: str, options: Options) -> set[str]:
    return _lone(text.rstrip().rpartition("\n")[2].strip(), options)


def _text(text: str, options: Options) -> set[str]:
    return options.by_text.get(compared(text), set()) if len(text) < LONGEST else set()


def _contained(text: str, options: Options) -> set[str]:
    if any(DENIES.search(option) or option.strip().lower() in YES for option in options.raw):
        return set()
    found = options.contained(compared(affirmed(text)))
    return {letter for letter in found if len(options.texts[letter]) > 1 or options.texts[letter].isascii()}


def _alias(text: str, options: Options) -> set[str]:
    said = options.by_text.keys()
    if said <= YES | NO and said & YES and said & NO:
        return _polar(text, options)
    for vocabulary in _known_vocabularies():
        names = {option: vocabulary.canonical(option) for option in options.raw}
        if None not in names.values() and len(set(names.values())) == len(options.texts):
            among = {name: letter for name, letter in zip(names.values(), options.texts, strict=True) if name}
            return {among[name] for name in vocabulary.read(text, among)}
    return set()


def _polar(text: str, options: Options) -> set[str]:
    yes = polarity(text)
    alike = set() if yes is None else YES if yes else NO
    return {letter for text, letters in options.by_text.items() if text in alike for letter in letters}


def _known_vocabularies() -> Iterator[Vocabulary]:
    for name in _VOCABULARIES:
        try:
            yield find_vocabulary(name)
        except UnknownNameError:
            continue


_RULES: tuple[tuple[str, Callable[[str, Options], set[str]]], ...] = (
    ("json", _json),
    ("tag", _tag),
    ("lone letter", _lone),
    ("statement", _statement),
    ("start", _start),
    ("last line", _last_line),
    ("text", _text),
    ("contained", _contained),
    ("alias", _alias),
)
