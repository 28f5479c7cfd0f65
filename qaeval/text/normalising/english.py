"""English in the profile ``qaeval-1``: contractions, titles, numbers and spelling are written in one way.

The contractions, titles and British spellings are those of OpenAI's published English normaliser (read from the package
whisper-normalizer); numbers are written in its manner (`qaeval.text.numbers.english`). Different on purpose:

* words in brackets and fillers ("um") stay: they may have been said;
* an apostrophe inside a word vanishes ("O'Brien" is ``obrien``, not ``0 brien``), as in "o'clock", "o clock";
* zeros at the head of a number stay ("zero zero seven" is ``007`` and not ``7``), for somebody said them;
* "cause" is ``because`` only where an apostrophe stands before it: a cause is another thing;
* letters that are spelled out are one word: "A P P", "A.P.P." are ``app``;
* "wi-fi", "e-mail", "hi-fi", "sci-fi", "lo-fi" are ``wifi`` ...; other hyphens separate words, as in "well-known";
* times keep their colon (10:30), ranges are ``3 to 5``, the day of a month is a plain number (may 5).
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence

from qaeval.text.normalising.cleaning import bare_but_apostrophes, fold
from qaeval.text.normalising.english_figures import MONTHS, tidy
from qaeval.text.normalising.english_places import places
from qaeval.text.normalising.variants import expand
from qaeval.text.numbers.english import read
from qaeval.text.numbers.english_words import BESIDE_NUMBERS, NUMBER_WORDS

_LOCK = threading.Lock()
_EASY = re.compile(r"(?:[ A-Za-z,.?!;:\"()'-]++|(?<!\S)[0-9]++(?=[,.?!;]?(?: |\Z)))*+")
_KEPT = "abcdefghijklmnopqrstuvwxyz0123456789'"
_LETTERS = bytes(ord(low) if (low := chr(byte).lower()) in _KEPT else 32 for byte in range(128)) + bytes(128)
_DIGIT = re.compile("[0-9]")
_ANY_DIGIT = re.compile(r"\d")
_DOTTED = re.compile(r"(?<![a-z0-9.])(?:[a-z]\.)+[a-z](?![a-z0-9])\.?")
_POINT = re.compile(r"\.(?<=[A-Za-z]\.)[A-Za-z]")
_APART = re.compile("'(?<=[^A-Za-z]')(?:[sdtmSDTM]|[lL]{2}|[vV][eE]|[rR][eE])(?![A-Za-z'])")
_AND = re.compile(r"(?<=\s)&(?=\s)")
_DETACHED = re.compile(r"(?<!\S)([a-z']+)\s+'(?=(?:s|d|ll|t|ve|m|re)(?!\S))")
_MARKED = re.compile("[\u00c0-\u024f\u1e00-\u1eff\u0300-\u036f]")
_LIGATURES = str.maketrans({"œ": "oe", "ø": "o", "æ": "ae", "đ": "d", "ð": "d", "þ": "th", "ł": "l"})

_COMPOUNDS = {("o", "clock"): "oclock", ("e", "mail"): "email", ("e", "mails"): "emails"}
_COMPOUNDS |= {(first, "fi"): f"{first}fi" for first in ("wi", "hi", "sci", "lo")}
_FIRSTS = {first for first, _ in _COMPOUNDS}
_SPELLED = frozenset("bcdefghjklmnopqrstuvwxyz")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_HALVES = {"1/2": ".5", "1/4": ".25", "3/4": ".75"}


class _Lists:
    """What the published normaliser knows of words."""

    def __init__(self) -> None:
        from whisper_normalizer.english import EnglishTextNormalizer

        published = EnglishTextNormalizer()
        plain = {key.replace(r"\b", ""): value.split() for key, value in published.replacers.items()}
        self.spelling: dict[str, str] = published.standardize_spellings.mapping
        self.whole = {word: said for word, said in plain.items() if word[0] != "'" and word not in ("n't", "cause")}
        self.endings = {
            ending: said[0] for ending, said in plain.items() if ending not in self.whole and len(said) == 1
        }
        self.endings.pop("cause", None)
        pairs = [(ending.split(), said[0]) for ending, said in plain.items() if " " in ending]
        self.pairs = {(ending, following): said for (ending, following), said in pairs}
        self.special = frozenset(self.whole) | NUMBER_WORDS | _FIRSTS | _SPELLED
        self.followers = frozenset(following for _, following in self.pairs)


@functools.cache
def _made() -> _Lists:
    return _Lists()


def _lists() -> _Lists:
    with _LOCK:
        return _made()


def normalise(text: str) -> str:
    """The one form of a text.

    >>> normalise("Mr. O'Brien's colour isn't worth twenty-one dollars, wi-fi!")
    'mister obrien is color is not worth $21 wifi'
    >>> normalise("One oh one ways to say oh my at this point and time: 3-5 P.M. on May 5th")
    '101 ways to say oh my at this point and time 3 to 5 pm on may 5'
    """
    lists = _lists()
    if not _EASY.fullmatch(text) or _is_hard(text):
        return normalise_any(text)
    words = text.encode("ascii").translate(_LETTERS).decode("ascii").split()
    digits = _DIGIT.search(text) is not None
    if digits or "'" in text or not lists.special.isdisjoint(words):
        words = _standard(words, lists, digits)
    return _spelled(words, lists)


def _is_hard(text: str) -> bool:
    """Whether an ending with an apostrophe stands apart from its word, or a point within a word."""
    return bool(("'" in text and _APART.search(text)) or ("." in text and _POINT.search(text)))


def normalise_any(text: str) -> str:
    """`normalise`, the long way."""
    text = _AND.sub("and", fold(text))
    if not text.isascii():
        text = _MARKED.sub(lambda letter: _unmarked(letter[0]), text).translate(_LIGATURES)
    if "." in text:
        text = _DOTTED.sub(lambda letters: letters[0].replace(".", "") + " ", text)
    text = tidy(text) if _DIGIT.search(text) else bare_but_apostrophes(text)
    lists = _lists()
    if "'" in text:
        text = _DETACHED.sub(r"\1'", text)
    words = _standard(text.split(), lists, _ANY_DIGIT.search(text) is not None)
    return _spelled(words, lists)


def _spelled(words: Sequence[str], lists: _Lists) -> str:
    """The words with American spelling; few texts have one that changes."""
    spelling = lists.spelling
    return " ".join(words if spelling.keys().isdisjoint(words) else [spelling.get(word, word) for word in words])


def variants(text: str, normalised: str | None = None) -> Iterator[str]:
    """Other forms of a text that mean the same, normalised: times, and digits said one by one.

    ``normalised`` is its one form, where that is known.

    >>> list(variants("Half past three")), list(variants("at 10:30"))
    (['3:30'], ['at 1030', 'at 10 30', 'at half past 10'])
    """
    normalised = normalised or normalise(text)
    forms = dict.fromkeys(expand(normalised, places(normalised)))
    return (form for form in forms if normalise(form) == form != normalised)


def _unmarked(letter: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if unicodedata.category(part) != "Mn")


def _standard(words: list[str], lists: _Lists, digits: bool) -> list[str]:
    for _ in range(4):  # a rule may feed an earlier one, seldom ("point billion"): go on until nothing changes
        before = words
        if not lists.whole.keys().isdisjoint(words) or "'" in "".join(words):
            words = _expanded(words, lists)
        joined = _compounds(words)
        digits = digits or not NUMBER_WORDS.isdisjoint(joined)
        if joined is words and not digits:
            break  # what is expanded stays so
        words = _dates(read(joined)) if digits else joined
        if words == before or _is_settled(words, lists):
            break
    return words


def _is_settled(words: Sequence[str], lists: _Lists) -> bool:
    """Whether no word is left that another pass could change."""
    return lists.special.isdisjoint(words) and BESIDE_NUMBERS.isdisjoint(words) and "¢" not in "".join(words)


def _expanded(words: Sequence[str], lists: _Lists) -> list[str]:
    expanded: list[str] = []
    done, whole = 0, lists.whole
    for at in [at for at, word in enumerate(words) if word in whole or "'" in word]:
        expanded += words[done:at]
        after = words[at + 1] if at + 1 < len(words) and words[at + 1] in lists.followers else ""
        expanded += whole.get(words[at]) or _expand(words[at], after)
        done = at + 1
    return [*expanded, *words[done:]]


@functools.lru_cache(1 << 14)
def _expand(word: str, after: str) -> list[str]:
    """A word with apostrophes."""
    lists = _lists()
    if word == "'cause" or word in lists.endings:
        return [lists.endings.get(word, "because")]
    said: list[str] = []
    word = word.strip("'")
    for _ in range(4):
        if word in lists.whole or "'" not in word:
            break
        ending = next((end for end in lists.endings if word.endswith(end) and word != end), "")
        said.insert(0, lists.pairs.get((ending, after)) or lists.endings.get(ending, ""))
        word, after = word.removesuffix(ending), ""
    word = word if word in lists.whole else word.replace("'", "")
    return [*lists.whole.get(word, [word] if word else []), *filter(None, said)]


def _compounds(words: list[str]) -> list[str]:
    """Words that are written apart, and letters that are spelled out, as one word."""
    if _SPELLED.isdisjoint(words) and _FIRSTS.isdisjoint(words):
        return words
    joined: list[str] = []
    at = 0
    while at < len(words):
        whole = _COMPOUNDS.get((words[at], words[at + 1])) if at + 1 < len(words) else None
        end = at + 2 if whole else _end_of_letters(words, at)
        joined.append(whole or "".join(words[at:end]))
        at = end
    return joined


def _end_of_letters(words: Sequence[str], at: int) -> int:
    """Two letters at least, three where "a" or "i" are among them, which are words; but "a m" after a number."""
    end = at
    while end < len(words) and len(words[end]) == 1 and "a" <= words[end] <= "z":
        end += 1
    letters = words[at:end]
    enough = len(letters) > 2 or (len(letters) == 2 and _SPELLED.issuperset(letters))
    forenoon = [*letters] == ["a", "m"] and at and words[at - 1][:1].isdecimal()
    return end if enough or forenoon else at + 1


def _dates(words: list[str]) -> list[str]:
    """May 5th as may 5, 2 1/2 as 2.5."""
    if not _MONTHS.isdisjoint(words):
        words = [_day(words, at) for at in range(len(words))]
    if _HALVES.keys().isdisjoint(words):
        return words
    written: list[str] = []
    for word in words:
        if word in _HALVES and written and written[-1].lstrip("$€£¥¢+-").isdecimal():
            written[-1] += _HALVES[word]
        else:
            written.append(word)
    return written


_MONTHS = frozenset(MONTHS)


def _day(words: Sequence[str], at: int) -> str:
    match = _DAY.fullmatch(words[at])
    if not match or int(match[1]) > 31:
        return words[at]
    around = [*words[max(0, at - 1) : at], *words[at + 1 : at + 2]]
    if [*words[at + 1 : at + 2]] == ["of"]:
        around += words[at + 2 : at + 3]
    return words[at] if _MONTHS.isdisjoint(around) else match[1]
