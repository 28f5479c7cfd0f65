"""What is odd about a reference: an empty text, another script, events past the end ...; its labels: see `labels`.

Each finding is a problem (a word or two that can be counted) and a reason. The bounds are those that references of
published corpora pass: reading aloud takes 4 to 7 Chinese characters or 10 to 20 letters a second.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from qaeval.checks.labels import Finding, label_problems
from qaeval.types import Event, Sample

MOST_PER_SECOND = {"unspaced": 14, "": 35}
LEAST_PER_SECOND = {"unspaced": 0.3, "": 0.6}
"""Letters and digits a second; ``unspaced``: languages whose characters are syllables or words."""
LONG_ENOUGH_S = 5.0
"""A shorter clip is never too slow: one word in it is speech enough."""
BEYOND_S, OVERLAP_S = 0.1, 0.02
"""Times of events are rounded: by so much they may pass the end, or each other."""

_UNSPACED = {"zh", "yue", "nan", "wuu", "hak", "ja"}
_WRITTEN = {
    "zh yue wuu hak": "CJK IDEOGRAPHIC",
    "ja": "CJK IDEOGRAPHIC HIRAGANA KATAKANA KATAKANA-HIRAGANA HALFWIDTH",
    "ko": "HANGUL CJK",
    "en fr it es de pt nl pl tr vi id sv ca kr tw": "LATIN",  # Kanuri and Twi: no codes of Korea and Taiwan
    "ru uk be bg": "CYRILLIC",
    "ar fa ur": "ARABIC",
    "el": "GREEK",
    "he": "HEBREW",
    "hi": "DEVANAGARI",
    "th": "THAI",
}
_SCRIPTS = {code: frozenset(scripts.split()) for codes, scripts in _WRITTEN.items() for code in codes.split()}
"""How Unicode's names of the letters begin that a language is written in."""
_FEW_LETTERS, _FOREIGN = 3, 0.2

_ODD = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters, but for tab and ends of lines
    "\u200b\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"  # invisible ones, those that change the direction
    "\ud800-\udfff\ufff9-\uffff\ue000-\uf8ff\U000f0000-\U0010ffff]"  # no characters, or nobody's; U+FFFD: one was lost
)

_NOTHING = {"nan", "NaN", "<NA>", "N/A", "#N/A", "NULL", "null", "None", "undefined"}
"""What becomes of a missing text on its way through tables."""
_WINDOWS = {ord(character): byte for byte in range(128, 160) for character in bytes([byte]).decode("cp1252", "ignore")}
"""The characters that Windows' Latin has where ISO's has controls."""


def reference_problems(sample: Sample, seconds: float | None) -> Iterator[Finding]:
    """What is odd about a sample's reference; ``seconds`` is the length of its clip, None where it is not known.

    >>> from qaeval.types import Annotation
    >>> list(reference_problems(Sample("a", "a.wav", Annotation(text=" ")), 2.0))
    [('empty text', 'the text is empty')]
    """
    reference = sample.reference
    if reference.text is not None:
        yield from _of_text(reference.text, sample.language, seconds)
    yield from label_problems(sample)
    if reference.events is not None:
        yield from _of_events(reference.events, seconds)
        yield from _of_query(sample)


def _of_text(text: str, language: str, seconds: float | None) -> Iterator[Finding]:
    if not text.strip():
        yield "empty text", "the text is empty"
        return
    if text.strip() in _NOTHING:
        yield "empty text", f"the text is {text.strip()!r}, which programs write where there is none"
        return
    if odd := _ODD.search(text):
        name = unicodedata.name(odd[0], "a character without a name")
        yield "odd characters", f"the text has {name} (U+{ord(odd[0]):04X}) at character {odd.start() + 1}"
    if meant := _meant(text):
        yield "wrong encoding", f"the text {text!r:.60} was decoded wrongly and may be {meant!r:.60}"
    elif reason := _other_script(text, language):
        yield "other script", reason
    if seconds:
        yield from _of_pace(text, language, seconds)


def _meant(text: str) -> str:
    """What UTF-8 was taken for Windows' or ISO's Latin: ``dÃ©jÃ `` for déjà; ``""`` where that is not so."""
    if text.isascii():
        return ""
    try:
        return text.translate(_WINDOWS).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return ""


@lru_cache(1 << 14)
def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0]


def _other_script(text: str, language: str) -> str:
    scripts = _SCRIPTS.get(language)
    if scripts is None or (text.isascii() and scripts == {"LATIN"}):
        return ""
    found = Counter(_script(character) for character in text if character.isalpha())
    letters = found.total()
    own = sum(found[script] for script in scripts)
    foreign = letters - own - (0 if "LATIN" in scripts else found["LATIN"])
    if letters < _FEW_LETTERS or (own and foreign <= _FOREIGN * letters):
        return ""
    seen = ", ".join(f"{script.lower()} {count}" for script, count in found.most_common(3))
    return f"the language is {language}, the letters of {text!r:.60} are {seen}"


def _of_pace(text: str, language: str, seconds: float) -> Iterator[Finding]:
    kind = "unspaced" if language in _UNSPACED else ""
    count = sum(map(str.isalnum, text))
    pace, most, least = count / seconds, MOST_PER_SECOND[kind], LEAST_PER_SECOND[kind]
    told = f"{count} letters in {seconds:.3g} s are {pace:.3g} a second"
    if pace > most:
        yield "too fast", f"{told}, expected at most {most}: the clip is cut off, or the text is another one"
    elif pace < least and seconds >= LONG_ENOUGH_S:
        yield "too slow", f"{told}, expected at least {least}: the text is cut off, or another one"


def _of_events(events: tuple[Event, ...], seconds: float | None) -> Iterator[Finding]:
    for event in events:
        if not event.label.strip():
            yield "odd event", f"the event from {event.onset:g} to {event.offset:g} s has no label"
        if event.onset == event.offset:
            yield "odd event", f"{event.label!r:.40} at {event.onset:g} s lasts no time"
        if seconds is not None and event.offset > seconds + BEYOND_S:
            yield "event past the end", f"{event.label!r:.40} ends at {event.offset:g} s, the clip at {seconds:.3f} s"
    by_label: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: (event.onset, event.offset)):
        by_label.setdefault(event.label, []).append(event)
    for label, same in by_label.items():
        for one, other in pairwise(same):
            if other.onset < one.offset - OVERLAP_S:
                spans = f"{one.onset:g} to {one.offset:g} s and {other.onset:g} to {other.offset:g} s"
                yield "overlapping events", f"{label!r:.40} is there twice at once: {spans}"


def _of_query(sample: Sample) -> Iterator[Finding]:
    query, text, events = sample.inputs.get("query", ""), sample.reference.text, sample.reference.events
    if not query or not text:
        return
    occurs = _occurs(query, text)
    if events and not occurs:
        yield "query not in text", f"{query!r:.40} has events, and does not occur in {text!r:.60}"
    elif not events and occurs:
        yield "query in text", f"{query!r:.40} has no events, and occurs in {text!r:.60}"


def _occurs(query: str, text: str) -> bool:
    """Whether the words stand in the text, whatever the case, width and punctuation.

    >>> _occurs("Pause", "wait, PAUSE!"), _occurs("cat", "concatenate"), _occurs("阿里", "我在阿里工作")
    (True, False, True)
    """
    words, said = _words(query), _words(text)
    if any(character.isascii() and character.isalnum() for character in words):
        return f" {words} " in f" {said} "
    return words.replace(" ", "") in said.replace(" ", "")


def _words(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join("".join(c if c.isalnum() or c == "'" else " " for c in folded).split())
