"""Times of day in French, Italian, Spanish and German: 10:30, dix heures et demie, halb elf."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from qaeval.text.normalising.european_numbers import Reader
from qaeval.text.normalising.european_words import Words

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")

Ways = tuple[int, Iterable[str]]
"""Where a place ends (an index among the words), and its forms."""


class _Way(NamedTuple):
    """A way to say a minute: the words before and after an hour, which may be the next one."""

    before: tuple[str, ...]
    is_next: bool
    after: tuple[str, ...]
    minute: int


class Times:
    """Finds times in texts of one language."""

    def __init__(self, words: Words, reader: Reader) -> None:
        self.reader = reader
        self.joints = words.hours
        self.is_german = "uhr" in words.hours
        ways = [_way(way, minute) for minute, ways in words.times.items() for way in ways]
        self.ways = sorted(ways, key=lambda way: -len(way.before) - len(way.after))
        self.firsts = frozenset(way.before[0] for way in self.ways if way.before)

    def find(self, words: Sequence[str], at: int) -> Ways | None:
        """A time that begins here."""
        if match := _CLOCK.fullmatch(words[at]):
            return at + 1 + (self.is_german and there(words, at + 1, ("uhr",))), self.forms(
                int(match[1]), int(match[2])
            )
        if words[at] not in self.firsts:
            found = self._with_minutes(words, at)
            if found:
                return found
        for way in self.ways:
            hour = self._below(words, at + len(way.before), 25) if there(words, at, way.before) else None
            if hour and there(words, hour[1], way.after):
                return hour[1] + len(way.after), self.forms(_before(hour[0]) if way.is_next else hour[0], way.minute)
        return None

    def _with_minutes(self, words: Sequence[str], at: int) -> Ways | None:
        """Ten hours thirty."""
        hour = self._below(words, at, 25)
        if hour is None or not any(there(words, hour[1], (joint,)) for joint in self.joints):
            return None
        minute = self._below(words, hour[1] + 1, 60)
        return (minute[1], self.forms(hour[0], minute[0])) if minute else None

    def _below(self, words: Sequence[str], at: int, limit: int) -> tuple[int, int] | None:
        number = self.reader.number(words, at)
        if number is None or len(number.digits) > 2 or int(number.digits) >= limit:
            return None
        return int(number.digits), number.end

    def forms(self, hour: int, minute: int) -> Iterator[str]:
        """The ways to write and to say it."""
        yield f"{hour}:{minute:02}"
        if self.is_german:
            yield f"{hour}:{minute:02} uhr"
        for way in self.ways:
            if way.minute == minute:
                named = self._named(hour % 12 + 1 if way.is_next else hour)
                yield from (" ".join([*way.before, said, *way.after]) for said in named)
        if minute:
            yield from (
                f"{said} {joint} {after}"
                for said in self._named(hour)
                for joint in self.joints
                for after in self._named(minute)
            )

    def _named(self, number: int) -> list[str]:
        return [str(number), *self.reader.said(str(number))]


def _way(way: str, minute: int) -> _Way:
    before, which, after = re.split(r"\{(\w+)\}", way)
    return _Way(tuple(before.split()), which == "next", tuple(after.split()), minute)


def _before(hour: int) -> int:
    return (hour - 2) % 12 + 1


def there(words: Sequence[str], at: int, wanted: Sequence[str]) -> bool:
    """Whether these words stand there."""
    return tuple(words[at : at + len(wanted)]) == tuple(wanted)
