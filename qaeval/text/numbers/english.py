"""English numbers in words, written with digits: cardinals, ordinals, decades, fractions, decimals, amounts, percent.

Words are lower case without punctuation. What may be no number is left alone: "oh" and "o" but between digits, "point"
after a determiner ("at this point five people"), "and" but within a number ("a hundred and five"), plural "ones".

Convention: as OpenAI's English normaliser writes numbers (two thousand twenty four: 2024; nineteen eighty four: 1984;
five five: 55; twenty first: 21st; two dollars and five cents: $2.05). Unlike there, "a hundred" is 100, "half a
million" 500000, "one third" 1/3, and "one hundred and two hundred" 100 and 200.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_NAMES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_SMALL = {name: str(value) for value, name in enumerate(f"{_NAMES} seventeen eighteen nineteen".split(), 1)}
_ONES = {name: digits for name, digits in _SMALL.items() if len(digits) == 1}
_TENS = {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80"}
_TENS["ninety"] = "90"
_IRREGULAR = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_IRREGULAR["twelve"] = "twelfth"
_ENDINGS = {"first": "st", "second": "nd", "third": "rd"}
_ORDINALS = {_IRREGULAR.get(name, f"{name}th"): digits for name, digits in _SMALL.items()}
_ORDINAL_TENS = {f"{name[:-1]}ieth": digits for name, digits in _TENS.items()}
_DECADES = {f"{name[:-1]}ies": digits for name, digits in _TENS.items()}
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "quadrillion": 15}
_SCALES["quintillion"] = 18
_ENDED_SCALES = {f"{name}th": (size, "th") for name, size in _SCALES.items()}
_ENDED_SCALES |= {f"{name}s": (size, "s") for name, size in _SCALES.items()}
_ALL_SCALES = _SCALES.keys() | _ENDED_SCALES.keys()
_PARTS = {name: digits for name, digits in _ORDINALS.items() if digits in tuple("3456789") or digits == "10"}
_PARTS |= {"half": "2", "quarter": "4"}
_SEVERAL_PARTS = {f"{name}s": digits for name, digits in _PARTS.items()} | {"halves": "2"}
_SIGNS = {"minus": "-", "negative": "-", "plus": "+", "positive": "+"}
_CURRENCIES = {"dollar": "$", "euro": "€", "pound": "£", "cent": "¢"}
_CURRENCIES |= {f"{name}s": symbol for name, symbol in _CURRENCIES.items()}
_ZEROS = ("zero", "oh", "o")
_REPEATS = {"double": 2, "triple": 3}
_DETERMINERS = frozenset(
    ("a", "an", "the", "this", "that", "what", "which", "every", "each", "any", "some", "no", "one")
)
_DETERMINERS |= {"my", "your", "his", "her", "its", "our", "their"}

NUMBER_WORDS = frozenset(
    _SMALL.keys() | _TENS.keys() | _ORDINALS.keys() | _ORDINAL_TENS.keys() | _DECADES.keys() | _SCALES.keys()
    | {name for name, (_, ending) in _ENDED_SCALES.items() if ending == "th"} | {"zero", "double", "triple"}
)  # fmt: skip
"""Where none of these occurs, and no digit, there is no number."""

BESIDE_NUMBERS = frozenset(
    _SIGNS.keys()
    | _CURRENCIES.keys()
    | _ALL_SCALES
    | _PARTS.keys()
    | _SEVERAL_PARTS.keys()
    | {"point", "per", "percent"}
)
"""What can make another number of the digits beside it."""

_BEGINNINGS = NUMBER_WORDS | _SIGNS.keys() | _REPEATS.keys() | {"point", "half", "a", "an"}

_FIGURES = re.compile(r"([-+]?[$£€¥¢]?)(\d+)(?:\.(\d+))?")
_CENTS = re.compile(r"\$0+\.(\d\d)")
_LONGEST = 12
"""Zeros in a row that are looked at."""

_NUMERIC = re.compile(r"[-+]?[$£€¥¢]?\d")


class Said(NamedTuple):
    """Digits (of a decimal number with a point), the index of the next word, and an ending (st, nd, rd, th, s)."""

    digits: str
    end: int
    ending: str = ""


def read(words: Sequence[str]) -> list[str]:
    """The words with their numbers in digits.

    >>> " ".join(read("one oh one ways to pay two point five million dollars at this point".split()))
    '101 ways to pay $2500000 at this point'
    """
    written: list[str] = []
    at, after_number = 0, False
    while at < len(words):
        word = words[at]
        begins = word in _BEGINNINGS or word[0] < "a" or word[0] in "£€¥¢"
        found = _term(words, at, after_number) if begins else None
        text, at = found or (word, at + 1)
        written.append(text)
        after_number = found is not None and text[-1].isdecimal()
    return written


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _term(words: Sequence[str], at: int, after_number: bool) -> tuple[str, int] | None:
    """A number with its sign and unit; None where none begins."""
    word, sign = words[at], ""
    if word in _SIGNS:
        if after_number:
            return None
        sign, at = _SIGNS[word], at + 1
    elif word == "second" and after_number:
        return None
    number = _number(words, at)
    if number is None:
        return None
    text, end = _with_unit(words, number)
    return None if sign and text[0] in "+-" else (sign + text, end)


def _number(words: Sequence[str], at: int) -> Said | None:
    word = _word(words, at)
    if _NUMERIC.match(word):
        return _figures(words, at)
    if word == "point":
        found = None if at and words[at - 1] in _DETERMINERS else _decimals(words, at + 1)
        return found and _scaled(words, Said(f"0.{found.digits}", found.end))
    if word == "half":
        scale = at + 1 + (_word(words, at + 1) == "a")
        return _scaled(words, Said("0.5", scale)) if _word(words, scale) in _SCALES else None
    if word in ("a", "an"):
        return _continued(words, _multiplied(words, Said("1", at + 1))) if _word(words, at + 1) in _SCALES else None
    found = _fraction(words, at) or _whole(words, at)
    return found if found is None or found.ending else _continued(words, found)


def _figures(words: Sequence[str], at: int) -> Said:
    """What is in digits already."""
    match = _FIGURES.fullmatch(words[at])
    if match and (scaled := _scaled(words, Said(words[at].lstrip("-+$£€¥¢"), at + 1))).end > at + 1:
        return scaled._replace(digits=match[1] + scaled.digits)
    return _fraction(words, at) or Said(words[at], at + 1)


def _small(words: Sequence[str], at: int) -> Said | None:
    """1 to 99, one or two words."""
    word = _word(words, at)
    if word in _SMALL:
        return Said(_SMALL[word], at + 1)
    if word in _TENS:
        after = _word(words, at + 1)
        if after in _ONES:
            return Said(_TENS[word][0] + _ONES[after], at + 2)
        if after in _ORDINALS and len(_ORDINALS[after]) == 1:
            return Said(_TENS[word][0] + _ORDINALS[after], at + 2, _ENDINGS.get(after, "th"))
        return Said(_TENS[word], at + 1)
    if word in _ORDINALS:
        return Said(_ORDINALS[word], at + 1, _ENDINGS.get(word, "th"))
    if word in _ORDINAL_TENS:
        return Said(_ORDINAL_TENS[word], at + 1, "th")
    return Said(_DECADES[word], at + 1, "s") if word in _DECADES else None


def _whole(words: Sequence[str], at: int) -> Said | None:
    """An integer, whether its parts are multiplied (two thousand five) or said after each other (twenty oh five)."""
    word = _word(words, at)
    if word in _SCALES or _ENDED_SCALES.get(word, (0, ""))[1] == "th":
        return _multiplied(words, Said("1", at))
    if word == "zero" or word in _REPEATS:
        return _spelled(words, Said("", at))
    part = _small(words, at)
    if part is None or part.ending:
        return part
    return _multiplied(words, part) if _word(words, part.end) in _ALL_SCALES else _spelled(words, part)


def _group(words: Sequence[str], part: Said) -> Said:
    """Up to hundreds: the part, "hundred" and what is added to it, unless that is itself a number of hundreds."""
    size, ending = _ENDED_SCALES.get(_word(words, part.end), (0, ""))
    if size == 2:
        return Said(f"{part.digits}00", part.end + 1, ending)
    if _word(words, part.end) != "hundred":
        return part
    start = part.end + 1
    rest = _small(words, start + (_word(words, start) == "and"))
    if rest is None or _word(words, rest.end) in ("hundred", "hundreds", "hundredth") or rest.ending == "s":
        return Said(f"{part.digits}00", start)
    return Said(str(int(part.digits) * 100 + int(rest.digits)), rest.end, rest.ending)


def _multiplied(words: Sequence[str], part: Said) -> Said:
    total, last = 0, 99
    group = _group(words, part)
    while True:
        name = _word(words, group.end)
        size, ending = (_SCALES[name], "") if name in _SCALES else _ENDED_SCALES.get(name, (0, ""))
        if group.ending or size < 3 or size >= last:
            return Said(str(total + int(group.digits)), group.end, group.ending)
        total, last, end = total + int(group.digits) * 10**size, size, group.end + 1
        rest = None if ending else _small(words, end + (_word(words, end) == "and"))
        following = rest and _group(words, rest)
        if following is None or following.ending == "s" or _size(words, following.end) >= last:
            return Said(str(total), end, ending)
        group = following


def _size(words: Sequence[str], at: int) -> int:
    name = _word(words, at)
    return _SCALES.get(name) or _ENDED_SCALES.get(name, (0, ""))[0]


def _spelled(words: Sequence[str], part: Said) -> Said | None:
    """Parts below 100 that are said after each other."""
    digits, end, ending = [part.digits], part.end, ""
    while not ending and (following := _next_part(words, end)):
        digits.append(following.digits)
        _, end, ending = following
    said = "".join(digits)
    return Said(said, end, ending) if said else None


def _next_part(words: Sequence[str], at: int) -> Said | None:
    if _is_zero(words, at):
        return Said("0", at + 1)
    word, after = _word(words, at), _word(words, at + 1)
    if word in _REPEATS:
        digit = _ONES.get(after) or ("0" if after in _ZEROS else "")
        return Said(digit * _REPEATS[word], at + 2) if digit else None
    part = _small(words, at)
    if part is None or _word(words, part.end) in _ALL_SCALES or _fraction(words, at):
        return None
    joins = not part.ending or word in _DECADES or part.end > at + 1  # nineteen nineties, nineteen eighty fourth
    return part if joins else None


def _is_zero(words: Sequence[str], at: int) -> bool:
    """Zero, or "oh" and "o" if they lead to another digit."""
    for place in range(at, at + _LONGEST):
        word = _word(words, place)
        if word == "zero" or (word in _ONES and place > at):
            return True
        if word not in _ZEROS:
            break
    return False


def _decimals(words: Sequence[str], at: int) -> Said | None:
    """What follows "point"."""
    if _word(words, at).isdecimal():
        return Said(words[at], at + 1)
    digits: list[str] = []
    while True:
        part = Said("0", at + 1) if _is_zero(words, at) else _small(words, at)
        if part is None or part.ending:
            return Said("".join(digits), at) if digits else None
        digits.append(part.digits)
        at = part.end


def _continued(words: Sequence[str], said: Said | None) -> Said | None:
    """Decimals, "and a half", and a scale after them."""
    if said is None or said.ending or "/" in said.digits:
        return said
    if _word(words, said.end) == "point" and (found := _decimals(words, said.end + 1)):
        return _scaled(words, Said(f"{said.digits}.{found.digits}", found.end))
    if [*words[said.end : said.end + 3]] == ["and", "a", "half"]:
        return _scaled(words, Said(f"{said.digits}.5", said.end + 3))
    return said


def _scaled(words: Sequence[str], said: Said) -> Said:
    """2.5 million, 5 hundred thousand: the point moves to the right."""
    size, end = 0, said.end
    while (name := _word(words, end)) in _SCALES and (not size or (size == 2 and name != "hundred")):
        size, end = size + _SCALES[name], end + 1
    if not size:
        return said
    whole, _, parts = said.digits.partition(".")
    moved, rest = f"{whole}{parts[:size].ljust(size, '0')}".lstrip("0"), parts[size:].rstrip("0")
    return Said((moved or "0") + (f".{rest}" if rest else ""), end)


def _fraction(words: Sequence[str], at: int) -> Said | None:
    """One third, 2 thirds."""
    word = _word(words, at)
    digit = _ONES.get(word) or (word if len(word) == 1 and word in "123456789" else "")
    below = (_PARTS if digit == "1" else _SEVERAL_PARTS).get(_word(words, at + 1)) if digit else None
    return Said(f"{digit}/{below}", at + 2) if below else None


def _with_unit(words: Sequence[str], number: Said) -> tuple[str, int]:
    text, end, ending = number
    if ending or "/" in text or not text[-1].isdecimal():
        return text + ending, end
    if _word(words, end) == "percent":
        return f"{text}%", end + 1
    if [*words[end : end + 2]] == ["per", "cent"]:
        return f"{text}%", end + 2
    sign, text = (text[0], text[1:]) if text[0] in "-+" else ("", text)
    while symbol := _CURRENCIES.get(_word(words, end)):  # said twice: $5 dollars
        if text[0] in "$£€¥¢" and text[0] != symbol:
            break
        text, end = symbol + text.removeprefix(symbol), end + 1
    if text[0] in "$£€" and "." not in text:
        text, end = _with_cents(words, text, end)
    if text[0] in "$£€¥" and text.endswith(".00"):
        text = text[:-3]
    cents = _CENTS.fullmatch(text)
    return sign + (f"¢{int(cents[1])}" if cents and int(cents[1]) else text), end


def _with_cents(words: Sequence[str], text: str, end: int) -> tuple[str, int]:
    """Two dollars and five cents."""
    start = end + (_word(words, end) == "and")
    word = _word(words, start)
    if word[:1] == "¢" and word[1:].isdecimal() and len(word) < 4:
        return f"{text}.{word[1:]:0>2}", start + 1
    cents = Said(word, start + 1) if word.isdecimal() else _small(words, start)
    if cents and not cents.ending and len(cents.digits) < 3 and _word(words, cents.end) in ("cent", "cents"):
        return f"{text}.{cents.digits:0>2}", cents.end + 1
    return text, end
