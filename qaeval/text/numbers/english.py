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

from qaeval.text.numbers.english_integers import Said, fraction, is_zero, multiplied, small, whole, word_at
from qaeval.text.numbers.english_words import BEGINNINGS, CURRENCIES, DETERMINERS, SCALES, SIGNS

_FIGURES = re.compile(r"([-+]?[$£€¥¢]?)(\d+)(?:\.(\d+))?")
_CENTS = re.compile(r"\$0+\.(\d\d)")
_NUMERIC = re.compile(r"[-+]?[$£€¥¢]?\d")


def read(words: Sequence[str]) -> list[str]:
    """The words with their numbers in digits.

    >>> " ".join(read("one oh one ways to pay two point five million dollars at this point".split()))
    '101 ways to pay $2500000 at this point'
    """
    written: list[str] = []
    at, number_before = 0, -1
    for start in [at for at, word in enumerate(words) if word in BEGINNINGS or word[0] < "a" or word[0] in "£€¥¢"]:
        if start < at:
            continue
        found = _term(words, start, number_before == start)
        if found is None:
            continue
        written += words[at:start]
        written.append(found[0])
        at = found[1]
        number_before = at if found[0][-1].isdecimal() else -1
    return [*written, *words[at:]]


def _term(words: Sequence[str], at: int, after_number: bool) -> tuple[str, int] | None:
    """A number with its sign and unit; None where none begins."""
    word, sign = words[at], ""
    if word in SIGNS:
        if after_number:
            return None
        sign, at = SIGNS[word], at + 1
    elif word == "second" and after_number:
        return None
    number = _number(words, at)
    if number is None:
        return None
    text, end = _with_unit(words, number)
    return None if sign and text[0] in "+-" else (sign + text, end)


def _number(words: Sequence[str], at: int) -> Said | None:
    word = word_at(words, at)
    if _NUMERIC.match(word):
        return _figures(words, at)
    if word == "point":
        found = None if at and words[at - 1] in DETERMINERS else _decimals(words, at + 1)
        return found and _scaled(words, Said(f"0.{found.digits}", found.end))
    if word == "half":
        scale = at + 1 + (word_at(words, at + 1) == "a")
        return _scaled(words, Said("0.5", scale)) if word_at(words, scale) in SCALES else None
    if word in ("a", "an"):
        return _continued(words, multiplied(words, Said("1", at + 1))) if word_at(words, at + 1) in SCALES else None
    found = fraction(words, at) or whole(words, at)
    return found if found is None or found.ending else _continued(words, found)


def _figures(words: Sequence[str], at: int) -> Said:
    """What is in digits already."""
    match = _FIGURES.fullmatch(words[at])
    if match and (scaled := _scaled(words, Said(words[at].lstrip("-+$£€¥¢"), at + 1))).end > at + 1:
        return scaled._replace(digits=match[1] + scaled.digits)
    return fraction(words, at) or Said(words[at], at + 1)


def _decimals(words: Sequence[str], at: int) -> Said | None:
    """What follows "point"."""
    if word_at(words, at).isdecimal():
        return Said(words[at], at + 1)
    digits: list[str] = []
    while True:
        part = Said("0", at + 1) if is_zero(words, at) else small(words, at)
        if part is None or part.ending:
            return Said("".join(digits), at) if digits else None
        digits.append(part.digits)
        at = part.end


def _continued(words: Sequence[str], said: Said | None) -> Said | None:
    """Decimals, "and a half", and a scale after them."""
    if said is None or said.ending or "/" in said.digits:
        return said
    if word_at(words, said.end) == "point" and (found := _decimals(words, said.end + 1)):
        return _scaled(words, Said(f"{said.digits}.{found.digits}", found.end))
    if [*words[said.end : said.end + 3]] == ["and", "a", "half"]:
        return _scaled(words, Said(f"{said.digits}.5", said.end + 3))
    return said


def _scaled(words: Sequence[str], said: Said) -> Said:
    """2.5 million, 5 hundred thousand: the point moves to the right."""
    size, end = 0, said.end
    while (name := word_at(words, end)) in SCALES and (not size or (size == 2 and name != "hundred")):
        size, end = size + SCALES[name], end + 1
    if not size:
        return said
    units, _, parts = said.digits.partition(".")
    moved, rest = f"{units}{parts[:size].ljust(size, '0')}".lstrip("0"), parts[size:].rstrip("0")
    return Said((moved or "0") + (f".{rest}" if rest else ""), end)


def _with_unit(words: Sequence[str], number: Said) -> tuple[str, int]:
    text, end, ending = number
    if ending or "/" in text or not text[-1].isdecimal():
        return text + ending, end
    if word_at(words, end) == "percent":
        return f"{text}%", end + 1
    if [*words[end : end + 2]] == ["per", "cent"]:
        return f"{text}%", end + 2
    sign, text = (text[0], text[1:]) if text[0] in "-+" else ("", text)
    while symbol := CURRENCIES.get(word_at(words, end)):  # said twice: $5 dollars
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
    start = end + (word_at(words, end) == "and")
    word = word_at(words, start)
    if word[:1] == "¢" and word[1:].isdecimal() and len(word) < 4:
        return f"{text}.{word[1:]:0>2}", start + 1
    cents = Said(word, start + 1) if word.isdecimal() else small(words, start)
    if cents and not cents.ending and len(cents.digits) < 3 and word_at(words, cents.end) in ("cent", "cents"):
        return f"{text}.{cents.digits:0>2}", cents.end + 1
    return text, end
