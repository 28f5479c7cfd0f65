"""Times of words, sentences and speakers in files of one event a line: CTM, STM, RTTM, and Kaldi's segments.

Sources: CTM and STM as NIST's SCTK describes them (doc/infmts), RTTM as appendix A of NIST's RT-09 evaluation plan
does; segments as Kaldi's "Data preparation" does. Channels are kept apart, as tiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from qaeval.datasets._events import event
from qaeval.datasets._lines import TextFile, lines
from qaeval.datasets._textgrid import Tiers
from qaeval.errors import DatasetError, QaevalError
from qaeval.types import Event

IGNORED = "IGNORE_TIME_SEGMENT_IN_SCORING"
NONE = "<NA>"


class Timed(NamedTuple):
    """One line: the clip and tier that it belongs to, and its event."""

    clip: str
    tier: str
    event: Event


def read_lines(file: TextFile, read: Callable[[str], Timed | None], encoding: str | None = None) -> dict[str, Tiers]:
    """The tiers of each clip of a file, their events in the order of time; comments (``;;``) are passed over.

    Raises `DatasetError` naming file and line.
    """
    found: dict[str, dict[str, list[Event]]] = {}
    for number, line in enumerate(lines(file, encoding), 1):
        if not line.strip() or line.startswith(";;"):
            continue
        try:
            timed = read(line)
        except QaevalError as error:
            raise DatasetError(f"{file}, line {number}: {error}") from None
        if timed is not None:
            found.setdefault(timed.clip, {}).setdefault(timed.tier, []).append(timed.event)
    return {clip: {tier: in_time(events) for tier, events in tiers.items()} for clip, tiers in found.items()}


def in_time(events: Sequence[Event]) -> tuple[Event, ...]:
    """Events by onset, then offset."""
    return tuple(sorted(events, key=lambda event: (event.onset, event.offset)))


def ctm(line: str) -> Timed:
    """A line of a CTM: clip, channel, beginning and length in seconds, a word and, maybe, how sure it is.

    >>> ctm("sw02001 A 0.50 0.25 hello 0.98")
    Timed(clip='sw02001', tier='A', event=Event(label='hello', onset=0.5, offset=0.75))
    """
    clip, channel, onset, length, word, *_ = _fields(line, 5, "clip, channel, begin, duration, word")
    if onset == length == "*":
        raise DatasetError(f"alternatives ({word[:20]}) are not read: which of them is said is not known")
    return Timed(clip, channel, lasting(word, onset, length))


def stm(line: str) -> Timed | None:
    """A line of an STM: clip, channel, speaker, beginning and end in seconds, a label, maybe, and what is said.

    Nothing for parts that are not to be scored, or without words.

    >>> stm("sw02001 A speaker1 0.50 2.25 <o,f0> hello there").event
    Event(label='hello there', onset=0.5, offset=2.25)
    """
    clip, channel, _, onset, offset, *rest = _fields(line, 5, "clip, channel, speaker, begin, end, text", 6)
    said = rest[0].strip() if rest else ""
    if said.startswith("<"):
        said = said.partition(">")[2].strip()
    if not said or IGNORED.casefold() in said.casefold():
        return None
    return Timed(clip, channel, event(said, onset, offset))


def rttm(line: str) -> Timed | None:
    """A line of an RTTM: type, clip, channel, beginning and length in seconds, word, subtype, speaker ...

    The tier is the type; of SPEAKER the label is the speaker, of LEXEME the word, of others the subtype. Nothing for a
    line without times (SPKR-INFO).

    >>> rttm("SPEAKER meeting 1 130.43 2.35 <NA> <NA> juliet <NA> <NA>")
    Timed(clip='meeting', tier='SPEAKER', event=Event(label='juliet', onset=130.43, offset=132.78))
    """
    kind, clip, _, onset, length, word, subtype, speaker, *_ = _fields(line, 8, "the nine or ten fields of an RTTM")
    if onset == NONE:
        return None
    label = {"SPEAKER": speaker, "LEXEME": word}.get(kind, subtype)
    return Timed(clip, kind, lasting(kind if label == NONE else label, onset, length))


def segments(texts: dict[str, str]) -> Callable[[str], Timed]:
    """Reads lines of Kaldi's segments: utterance, recording, beginning and end in seconds; the texts by utterance."""

    def read(line: str) -> Timed:
        utterance, recording, onset, offset, *_ = _fields(line, 4, "utterance, recording, begin, end")
        if utterance not in texts:
            raise DatasetError(f"the utterance {utterance[:60]!r} is not in the file text")
        return Timed(recording, "utterances", event(texts[utterance], onset, offset))

    return read


def lasting(label: str, onset: str, length: str) -> Event:
    """An event of a beginning and a length in seconds; to the microsecond, since sums of decimals are not exact."""
    begin, lasts = event(label, onset, onset), event(label, "0", length)
    return Event(begin.label, begin.onset, round(begin.onset + lasts.offset, 6))


def _fields(line: str, least: int, expected: str, most: int = 0) -> list[str]:
    fields = line.split(maxsplit=most - 1 if most else -1)
    if len(fields) < least:
        raise DatasetError(f"expected {expected}, seen {len(fields)} fields; it begins with {line[:60].rstrip()!r}")
    return fields


def kaldi_texts(file: TextFile) -> Iterator[tuple[str, str]]:
    """The utterances of Kaldi's file text, and what they say."""
    for line in lines(file):
        key, _, text = line.strip().partition(" ")
        if key:
            yield key, text.strip()
