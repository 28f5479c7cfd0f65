"""A transcript with the times of its words, searched: which words or runs of characters occur, and when exactly.

Texts are compared as a profile normalises them, in units: words, or single characters where the language is written
without spaces. What is found counts only if its times are known, each time that it occurs: an occurrence that begins or
ends within what was timed as a whole ("from the", 阿里 in 阿里云), or that the transcript has and the times lack, makes
the word useless for a question, since the truth about it is not known.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qaeval.datasets.alignments import word_times
from qaeval.errors import UnsupportedLanguageError
from qaeval.text.tokens import UNSPACED, mixed, words
from qaeval.types import Event, Profile, Sample

Units = tuple[str, ...]

LONGEST_RUN = 4
"""Characters (or words in another script) of a query in a language without spaces."""
SHORTEST = {True: 2, False: 4}
"""Characters that a query has at least, without spaces and with them: shorter words sound like parts of others."""


@dataclass(frozen=True)
class Transcript:
    """The timed words of a sample in the order of time."""

    events: tuple[Event, ...]
    text: str
    language: str
    profile: Profile

    @classmethod
    def of(cls, sample: Sample, profile: Profile) -> Transcript | None:
        """Of a sample; None where no times are known."""
        events = word_times(sample)
        if events is None:
            return None
        ordered = tuple(sorted(events, key=lambda event: (event.onset, event.offset)))
        return cls(ordered, sample.reference.text or "", sample.language, profile)

    @property
    def unspaced(self) -> bool:
        """Whether the language is written without spaces; of an unknown one, whether most units are characters."""
        if self.language:
            return self.language in UNSPACED
        return bool(self.stream) and sum(map(len, self.stream)) < 1.5 * len(self.stream)

    @functools.cached_property
    def timed(self) -> tuple[tuple[Units, Event], ...]:
        """The units of each event; events that say nothing after normalisation are left out."""
        units = ((self.units(event.label), event) for event in self.events)
        return tuple((found, event) for found, event in units if found)

    @functools.cached_property
    def stream(self) -> Units:
        """The units of all events, one after the other."""
        return tuple(unit for units, _ in self.timed for unit in units)

    @functools.cached_property
    def told(self) -> Units:
        """The units of the transcript, nothing where there is none."""
        return self.units(self.text)

    def units(self, text: str) -> Units:
        """Words and characters of a text, normalised."""
        text = self._normalised(text)
        return tuple(mixed(text) if self.language in ("", *UNSPACED) else words(text))

    def _normalised(self, text: str) -> str:
        """By the rules of its script only, where the profile has none for the language."""
        try:
            return self.profile.normalise(text, self.language)
        except UnsupportedLanguageError:
            return self.profile.normalise(text, "")

    def candidates(self, min_length: int | None) -> dict[Units, str]:
        """What can be asked for, with the words for it: timed words, or where only characters are timed, runs of them.

        Of `LONGEST_RUN` units at most where there are no spaces; of at least ``min_length`` (None: `SHORTEST`).
        """
        least = SHORTEST[self.unspaced] if min_length is None else min_length
        most = LONGEST_RUN if self.unspaced else 1 << 10
        found: dict[Units, str] = {}
        for size in (1,) if not self.unspaced else (1, max(least, 1)):
            for units, query in self._runs(size):
                if least <= len("".join(units)) and len(units) <= most and query and '"' not in query:
                    found[units] = min(query, found.get(units, query))
            if found:
                return found
        return found

    def _runs(self, size: int) -> Iterator[tuple[Units, str]]:
        for first in range(len(self.timed) - size + 1):
            run = self.timed[first : first + size]
            units = tuple(unit for some, _ in run for unit in some)
            if size == 1 or (all(len("".join(some)) == 1 for some, _ in run) and self._together("".join(units))):
                yield units, _bare("".join(event.label for _, event in run))

    def _together(self, key: str) -> bool:
        """Whether the transcript, if there is one, has these characters with no mark or space between them."""
        return not self.text or key in self._normalised(self.text)

    def says(self, units: Units) -> bool:
        """Whether it occurs, by the times or by the transcript, be it within a longer word."""
        key = "".join(units)
        return any(key in said for said in self._joined)

    @functools.cached_property
    def _joined(self) -> tuple[str, str]:
        return "".join(self.stream), "".join(self.told)

    def times(self, units: Units, query: str) -> tuple[Event, ...] | None:
        """All its spans in seconds; None where not all are known, or it is part of another word, too."""
        places = _places(self.stream, self._where, units)
        if any(b - a < len(units) for a, b in itertools.pairwise(places)):
            return None
        spans = [(self._begins.get(place), self._ends.get(place + len(units))) for place in places]
        known = tuple(
            Event(query, onset, offset) for onset, offset in spans if onset is not None and offset is not None
        )
        if len(known) < len(places) or (self.told and len(_places(self.told, self._where_told, units)) != len(places)):
            return None
        return None if not self.unspaced and self._is_within(units) else known

    def _is_within(self, units: Units) -> bool:
        """Whether a single word is part of a longer one: art, start."""
        return len(units) == 1 and any(units[0] in word and units[0] != word for word in self._all_words)

    @functools.cached_property
    def _where(self) -> dict[str, list[int]]:
        return _index(self.stream)

    @functools.cached_property
    def _where_told(self) -> dict[str, list[int]]:
        return _index(self.told)

    @functools.cached_property
    def _all_words(self) -> frozenset[str]:
        return frozenset(self.stream + self.told)

    @functools.cached_property
    def _begins(self) -> dict[int, float]:
        return {place: event.onset for place, _, event in self._placed()}

    @functools.cached_property
    def _ends(self) -> dict[int, float]:
        return {end: event.offset for _, end, event in self._placed()}

    def _placed(self) -> Iterator[tuple[int, int, Event]]:
        place = 0
        for units, event in self.timed:
            yield place, place + len(units), event
            place += len(units)


def _index(stream: Units) -> dict[str, list[int]]:
    """Where each unit stands."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, unit in enumerate(stream):
        found[unit].append(place)
    return found


def _places(stream: Units, where: Mapping[str, list[int]], wanted: Units) -> list[int]:
    return [place for place in where.get(wanted[0], ()) if stream[place : place + len(wanted)] == wanted]


def _bare(query: str) -> str:
    """Without spaces and punctuation around it."""
    first, last = 0, len(query)
    while first < last and unicodedata.category(query[first])[0] in "PSZC":
        first += 1
    while first < last and unicodedata.category(query[last - 1])[0] in "PSZC":
        last -= 1
    return query[first:last]
