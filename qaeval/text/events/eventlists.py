"""Labelled events in a reply: which sounds, or words, are heard, and when.

Read from JSON and tables (`qaeval.text.times.timelists`), else from prose (`qaeval.text.events.eventprose`), in Chinese
and English. Labels are the canonical names of the vocabulary of sounds, the plainest of what is said of one sound
(`qaeval.text.labels.sounds`); with ``choices`` only those, and choices that are no sounds (words, say) as they are
written. An event whose label is none of them is kept: as it is told in JSON and tables, in prose as `OTHER`. A label
without a time is no event.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from qaeval.text.events.eventprose import join, read_sentence
from qaeval.text.labels.sounds import choice_names, plainest
from qaeval.text.labels.vocabulary import OTHER, Label, Vocabulary, find_vocabulary
from qaeval.text.replies.turns import own_words
from qaeval.text.replies.unwrap import unfenced
from qaeval.text.times.absence import says_nothing, without_denials
from qaeval.text.times.moments import MARK
from qaeval.text.times.timelists import listed
from qaeval.text.times.timeprose import plain, unquoted
from qaeval.text.times.timespans import HEARD, SENTENCES
from qaeval.types import Event

_COMMA = "\ue012"
"""Stands for a comma within a name."""

_EDGES = " \t.:;*#\"'“”‘’()[]-~"
_LONGEST = 60
_ARTICLE = re.compile(r"(?:(?:an?|the|some|sounds? of)\s+)+")
_SILENT = re.compile(
    r"\b(?:audio|clip|recording)\s(?:is|was|seems)\s(?:\w{1,12}\s)?silent\b|(?:音频|录音)(?:是|为|完全|全程)?静音"
)


def read_events(reply: str, choices: str = "") -> tuple[Event, ...] | None:
    """The events (seconds) that a reply names, each once, in the order in which they are told.

    ``choices``: the labels that there are, with commas between. ``()`` when the reply says that nothing is heard, None
    when it tells no time and does not say that.

    >>> read_events("狗叫声出现在0到2.1秒,随后3到5秒有汽车喇叭声。")
    (Event(label='Dog', onset=0.0, offset=2.1), Event(label='Vehicle horn, car horn, honking', onset=3.0, offset=5.0))
    >>> read_events("“阿里”从1.5秒到1.9秒", "阿里, 云"), read_events("No sound events are detected.")
    ((Event(label='阿里', onset=1.5, offset=1.9),), ())
    """
    names, reply = _names(choices), own_words(reply)
    items = listed(reply)
    if items is not None:
        return _events((names.whole(label) or _as_told(label), onset, offset) for label, onset, offset in items)
    if says_nothing(reply):
        return ()
    sentences, absent = [], False
    for sentence in SENTENCES.split(plain(unquoted(unfenced(reply), names.choices), quotations=True)):
        told, denied = without_denials(names.guarded(sentence))
        absent = absent or denied or _SILENT.search(sentence) is not None
        sentences.append(read_sentence(HEARD.sub(" ", told), names.read, names.is_name))
    found = _events((labels, span.onset, span.offset) for labels, span in join(sentences))
    return found or (() if absent else None)


def _as_told(label: str) -> tuple[str, ...]:
    bare = " ".join(label.split()).strip(_EDGES)
    return (bare,) if 0 < len(bare) <= _LONGEST else ()


def _events(told: Iterable[tuple[tuple[str, ...], float, float]]) -> tuple[Event, ...]:
    each = (Event(label, onset, offset) for labels, onset, offset in told for label in labels or (OTHER,))
    return tuple(dict.fromkeys(each))


@dataclass(frozen=True, eq=False)
class _Names:
    """The labels that are looked for: those of a vocabulary, or those that are among the choices."""

    vocabulary: Vocabulary
    among: frozenset[str] | None
    choices: frozenset[str]
    commas: re.Pattern[str]

    def guarded(self, text: str) -> str:
        """A text whose names with commas in them have none that would end a clause."""
        return self.commas.sub(lambda match: match[0].replace(",", _COMMA), text) if "," in text else text

    def read(self, text: str) -> tuple[str, ...]:
        """The labels that a part of a sentence tells."""
        return plainest(self.vocabulary.read(text.replace(MARK, " ").replace(_COMMA, ",")), self.among)

    def whole(self, text: str) -> tuple[str, ...]:
        """The labels of a text that is meant to be one."""
        return self._whole(text) or self.read(text)

    def is_name(self, text: str) -> bool:
        """Whether a text is one label and no more."""
        return bool(self._whole(text))

    def _whole(self, text: str) -> tuple[str, ...]:
        bare = text.replace(_COMMA, ",").strip(_EDGES)
        name = self.vocabulary.canonical(bare[match.end() :] if (match := _ARTICLE.match(bare)) else bare)
        return plainest([name] if name else [], self.among)


@functools.lru_cache(1 << 8)
def _names(choices: str) -> _Names:
    """The choices that the vocabulary of sounds has no name for are names by themselves, all are in prose."""
    sounds = find_vocabulary("sound")
    labels = dict(sounds.labels)
    named = [(sounds.canonical(choice) or choice, choice) for choice in choice_names(choices)]
    for name, choice in named:
        label = labels.get(name) or Label(name, ())
        labels[name] = label._replace(aliases=(*label.aliases, choice))
    commas = sorted((re.escape(name.casefold()) for name in labels if "," in name), key=len, reverse=True)
    among = frozenset(name for name, _ in named) if named else None
    written = frozenset(choice.casefold() for _, choice in named)
    return _Names(dataclasses.replace(sounds, labels=labels), among, written, re.compile("|".join(commas)))
