"""The options that a reply names in prose: by their texts, under other names, and by a letter at its end.

Not named is what is denied, asked, said to be wrong, said to be so less than another, or only listed
(`qaeval.text.answers.asides`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from qaeval.errors import UnknownNameError
from qaeval.text.answers.affirming import NO, YES, affirmed, polarity
from qaeval.text.answers.asides import without_guesses, without_outweighed, without_questions, without_wrong
from qaeval.text.answers.choices import compared
from qaeval.text.answers.options import LONGEST, Options
from qaeval.text.answers.statements import DENIES
from qaeval.text.labels.listing import without_options
from qaeval.text.labels.sounds import plainest
from qaeval.text.labels.vocabulary import Vocabulary, find_vocabulary
from qaeval.text.replies.denial import COMPARES
from qaeval.text.replies.told import denied, key, without_speech

_VOCABULARIES = ("gender", "emotion", "language", "instrument", "genre", "mood", "sound")
_ENDING = re.compile(
    r"(?:(?<![a-z])[(\[]\s*(?:option\s|选项)?\s*([a-z])\s*[)\]]|(?:\boption\s|选项)\s*([a-z]))[\s.。!*]*\Z",
    re.IGNORECASE,
)
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS_ZH = "二三四五六七八九十"
_COUNT = re.compile(
    rf"\b(?P<en>{'|'.join(_NUMBERS)})\s(?:\w+\s)?(?:people|persons|speakers|voices|individuals|participants|instruments|times|sounds)\b"
    rf"|(?<![第{_NUMBERS_ZH}])(?P<zh>[{_NUMBERS_ZH}两])(?:[个位名]?(?:不同的?)?(?:人|说话[者人]|发言人|声音)|次|种(?:乐器|声音))"
)
"""A number of what is counted as a whole: "two people", 三个人, and not "two men and a woman"."""
_OR = re.compile(r"(?:\b(?:or|and)|[或和])\s*\Z")


def contained(text: str, options: Options) -> set[str]:
    """The options whose texts occur in a reply, and the letter that it ends with."""
    if any(DENIES.search(option) or option.strip().lower() in YES for option in options.raw):
        return set()
    text = without_options(without_guesses(without_wrong(without_questions(text))), tuple(options.by_text))
    if not any(COMPARES.search(option) for option in options.raw):  # "more sad than angry"
        text = without_outweighed(text)
    found = options.contained(compared(affirmed(text)))
    if len(found) > 1:
        found = options.contained(compared(affirmed(without_speech(text)))) or found
    found = {letter for letter in found if len(options.texts[letter]) > 1 or options.texts[letter].isascii()}
    return found and found | ended(text, options)


def by_alias(text: str, options: Options) -> set[str]:
    """The options that occur in a reply under other names, and the letter that it ends with."""
    found = _aliased(without_wrong(without_questions(text)), options)
    return found and found | ended(text, options)


def _aliased(text: str, options: Options) -> set[str]:
    said = options.by_text.keys()
    if said <= YES | NO and said & YES and said & NO:
        return _polar(text, options)
    if all(text.isdecimal() for text in said):
        return {letter for number in _counts(text) for letter in options.by_text.get(number, ())}
    named = _named(tuple(options.raw))
    if named is None:
        return set()
    letters = dict(zip(named[1], options.texts, strict=True))
    return {letters[name] for name in _read(named[0], text, letters)}


def _counts(text: str) -> Iterator[str]:
    """The numbers that a text tells in words, as digits."""
    for match in _COUNT.finditer(affirmed(text)):
        place = _NUMBERS.index(match["en"]) if match["en"] else _NUMBERS_ZH.index(match["zh"].replace("两", "二"))
        yield str(place + 2)


@functools.lru_cache(1 << 10)
def _named(texts: Sequence[str]) -> tuple[Vocabulary, tuple[str, ...]] | None:
    """The vocabulary that has a name of its own for each of the options, and these names."""
    for vocabulary in _known_vocabularies():
        names = tuple(name for text in texts if (name := vocabulary.canonical(text)))
        if len(set(names)) == len(texts):
            return vocabulary, names
    return None


def _read(vocabulary: Vocabulary, text: str, among: Collection[str]) -> Iterable[str]:
    return plainest(vocabulary.read(text), among) if vocabulary.name == "sound" else vocabulary.read(text, among)


def _polar(text: str, options: Options) -> set[str]:
    yes = polarity(text)
    alike = set() if yes is None else YES if yes else NO
    return {letter for text, letters in options.by_text.items() if text in alike for letter in letters}


def ended(text: str, options: Options) -> set[str]:
    """The option whose letter a reply ends with: "(B)", "option B"; none where that is denied, or one of several."""
    said = key(without_questions(text))
    ending = _ENDING.search(said, max(0, len(said) - LONGEST))
    if ending is None or _OR.search(said, max(0, ending.start() - 8), ending.start()):
        return set()
    if any(start <= ending.start() <= stop for start, stop in denied(said)):
        return set()
    return {(ending[1] or ending[2]).upper()} & options.texts.keys()


def _known_vocabularies() -> Iterator[Vocabulary]:
    for name in _VOCABULARIES:
        try:
            yield find_vocabulary(name)
        except UnknownNameError:
            continue
