"""English integers in words: two thousand twenty four, nineteen eighty four, double oh seven; and simple fractions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qaeval.text.numbers.english_words import (
    ALL_SCALES,
    DECADES,
    ENDED_SCALES,
    ENDINGS,
    ONES,
    ORDINAL_TENS,
    ORDINALS,
    PARTS,
    REPEATS,
    SCALES,
    SEVERAL_PARTS,
    SMALL,
    TENS,
    ZEROS,
)

_LONGEST = 12
"""Zeros in a row that are looked at."""


class Said(NamedTuple):
    """Digits (of a decimal number with a point), the index of the next word, and an ending (st, nd, rd, th, s)."""

    digits: str
    end: int
    ending: str = ""


def word_at(words: Sequence[str], at: int) -> str:
    """The word there, ``""`` after the last."""
    return words[at] if at < len(words) else ""


def small(words: Sequence[str], at: int) -> Said | None:
    """1 to 99, one or two words."""
    word = word_at(words, at)
    if word in SMALL:
        return Said(SMALL[word], at + 1)
    if word in TENS:
        after = word_at(words, at + 1)
        if after in ONES:
            return Said(TENS[word][0] + ONES[after], at + 2)
        if after in ORDINALS and len(ORDINALS[after]) == 1:
            return Said(TENS[word][0] + ORDINALS[after], at + 2, ENDINGS.get(after, "th"))
        return Said(TENS[word], at + 1)
    if word in ORDINALS:
        return Said(ORDINALS[word], at + 1, ENDINGS.get(word, "th"))
    if word in ORDINAL_TENS:
        return Said(ORDINAL_TENS[word], at + 1, "th")
    return Said(DECADES[word], at + 1, "s") if word in DECADES else None


def whole(words: Sequence[str], at: int) -> Said | None:
    """An integer, whether its parts are multiplied (two thousand five) or said after each other (twenty oh five)."""
    word = word_at(words, at)
    if word in SCALES or ENDED_SCALES.get(word, (0, ""))[1] == "th":
        return multiplied(words, Said("1", at))
    if word == "zero" or word in REPEATS:
        return _spelled(words, Said("", at))
    part = small(words, at)
    if part is None or part.ending:
        return part
    return multiplied(words, part) if word_at(words, part.end) in ALL_SCALES else _spelled(words, part)


def _group(words: Sequence[str], part: Said) -> Said:
    """Up to hundreds: the part, "hundred" and what is added to it, unless that is itself a number of hundreds."""
    size, ending = ENDED_SCALES.get(word_at(words, part.end), (0, ""))
    if size == 2:
        return Said(f"{part.digits}00", part.end + 1, ending)
    if word_at(words, part.end) != "hundred":
        return part
    start = part.end + 1
    rest = small(words, start + (word_at(words, start) == "and"))
    if rest is None or word_at(words, rest.end) in ("hundred", "hundreds", "hundredth") or rest.ending == "s":
        return Said(f"{part.digits}00", start)
    return Said(str(int(part.digits) * 100 + int(rest.digits)), rest.end, rest.ending)


def multiplied(words: Sequence[str], part: Said) -> Said:
    """What begins with this part and goes on with hundreds, thousands, millions, each smaller than the one before."""
    total, last = 0, 99
    group = _group(words, part)
    while True:
        name = word_at(words, group.end)
        size, ending = (SCALES[name], "") if name in SCALES else ENDED_SCALES.get(name, (0, ""))
        if group.ending or size < 3 or size >= last:
            return Said(str(total + int(group.digits)), group.end, group.ending)
        total, last, end = total + int(group.digits) * 10**size, size, group.end + 1
        rest = None if ending else small(words, end + (word_at(words, end) == "and"))
        following = rest and _group(words, rest)
        if following is None or following.ending == "s" or _size(words, following.end) >= last:
            return Said(str(total), end, ending)
        group = following


def _size(words: Sequence[str], at: int) -> int:
    name = word_at(words, at)
    return SCALES.get(name) or ENDED_SCALES.get(name, (0, ""))[0]


def _spelled(words: Sequence[str], part: Said) -> Said | None:
    """Parts below 100 that are said after each other."""
    digits, end, ending = [part.digits], part.end, ""
    while not ending and (following := _next_part(words, end)):
        digits.append(following.digits)
        _, end, ending = following
    said = "".join(digits)
    return Said(said, end, ending) if said else None


def _next_part(words: Sequence[str], at: int) -> Said | None:
    if is_zero(words, at):
        return Said("0", at + 1)
    word, after = word_at(words, at), word_at(words, at + 1)
    if word in REPEATS:
        digit = ONES.get(after) or ("0" if after in ZEROS else "")
        return Said(digit * REPEATS[word], at + 2) if digit else None
    part = small(words, at)
    if part is None or word_at(words, part.end) in ALL_SCALES or fraction(words, at):
        return None
    joins = not part.ending or word in DECADES or part.end > at + 1  # nineteen nineties, nineteen eighty fourth
    return part if joins else None


def is_zero(words: Sequence[str], at: int) -> bool:
    """Zero, or "oh" and "o" if they lead to another digit."""
    for place in range(at, at + _LONGEST):
        word = word_at(words, place)
        if word == "zero" or (word in ONES and place > at):
            return True
        if word not in ZEROS:
            break
    return False


def fraction(words: Sequence[str], at: int) -> Said | None:
    """One third, 2 thirds."""
    word = word_at(words, at)
    digit = ONES.get(word) or (word if len(word) == 1 and word in "123456789" else "")
    below = (PARTS if digit == "1" else SEVERAL_PARTS).get(word_at(words, at + 1)) if digit else None
    return Said(f"{digit}/{below}", at + 2) if below else None
