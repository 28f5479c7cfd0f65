"""Musical keys in prose, with English, Chinese and German names: C# minor, 升C小调, B-flat major, 降B大调, h-Moll.

A key is a tonic and major or minor: ``C major``, ``A minor``. Of enharmonic names the commoner is the canonical one (Db
major, C# minor). Ionian and Aeolian are major and minor; any other mode (D Dorian, C宫调) is `OTHER`: a key was told,
but none of the 24. A mode without a tonic ("in a minor key", 小调), a tonic without a mode ("in C", C调), a chord (C
major chord) and "a minor change" are no keys. In German names (B-Dur, h-Moll) B is B flat and H is B; else B is B.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from qaeval.text.labels.others import first_guesses
from qaeval.text.labels.vocabulary import OTHER
from qaeval.text.profiles import simplify
from qaeval.text.replies.denial import within

MAJOR = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")

_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_SHIFTS = dict.fromkeys(("#", "♯", "升", "sharp"), 1) | dict.fromkeys(("b", "♭", "降", "flat"), -1)
_GERMAN = {f"{name}{ending}": at + shift for name, at in _PITCHES.items() for ending, shift in (("is", 1), ("es", -1))}
_GERMAN |= _PITCHES | {"b": 10, "es": 3, "as": 8}
_MAJOR_MODES = {"major", "maj", "dur", "大调", "ionian", "伊奥尼亚"}
_MINOR_MODES = {"minor", "min", "m", "moll", "小调", "aeolian", "爱奥利亚"}

_ALONE = r"(?<![A-Za-z0-9#♯♭])"
_KEY = re.compile(
    rf"""{_ALONE}(?P<english>[A-Ha-h])(?P<english_shift>\s?[#♯♭]|b|[\s-]?(?i:sharp|flat)\b)?[\s-]{{0,3}}
     (?P<english_mode>(?i:major|minor|maj|min|ionian|aeolian|dorian|phrygian|lydian|mixolydian|locrian))(?![A-Za-z])
    |{_ALONE}(?P<german>(?i:[ac-h]is|[cdfgh]es|as|es|[a-h]))[\s-]{{0,3}}(?P<german_mode>(?i:dur|moll))(?![A-Za-z])
    |(?<![A-Za-z0-9])(?P<before>[#♯♭升降]|b(?=\s?[A-Ha-h]))?\s?(?P<chinese>[A-Ha-h])\s?(?P<after>[#♯♭b升降])?\s?
     (?:自然|和声|旋律)?(?P<chinese_mode>大调|小调|伊奥尼亚|爱奥利亚|多利亚|弗里几亚|(?:混合)?利底亚|洛克里亚|[宫商角徵羽]调)""",
    re.VERBOSE,
)
_SHORT = re.compile(
    r"(?P<english>[A-Ha-h])(?P<english_shift>[#♯♭b]|[\s-]?(?i:sharp|flat))?[\s:_-]?"
    r"(?P<english_mode>(?i:major|minor|maj|min)|m)"
)
_CHORD = re.compile(
    r"(?:\s?(?:,\s?(?:and|or)|,|、|/|-|and|or|to|和|与|到)\s?[A-H][#♯♭b]?(?:\s?(?:major|minor|大调|小调))?){0,8}\s?"
    r"(?:chords?|triads?|arpeggios?|third|sixth|seventh|[三七]?和弦)"
)
_DENIED = re.compile(r"(?:不是|并非|而非|\bnot(?: in)?|rather than|instead of)[\s\"']*\Z")
_RELATED = re.compile(
    r"(?:\b(?:relative|parallel)\s(?:major|minor)\b(?:\skey)?(?:\s(?:of|is))?|(?:关系|平行|同名)[大小]?调(?:是|为)?)[\s:,]*\Z",
    re.IGNORECASE,
)
"""Before a key that is named as another one's relative."""
_STARTS = re.compile(r"(?:\A|[.!?。\n])[\s\"'*-]*\Z")
_WORD_FOLLOWS = re.compile(r"\s(?!(?:and|or|with|at|throughout|scale|tonality|pentatonic|natural|harmonic)\b)[a-z]")


def read_keys(text: str) -> tuple[str, ...]:
    """The keys that a text tells, canonical, each once; `OTHER` where it tells only what is none of the 24.

    >>> read_keys("这首曲子是升C小调,速度为每分钟120拍"), read_keys("It is in A-flat major."), read_keys("h-Moll")
    (('C# minor',), ('Ab major',), ('B minor',))
    >>> read_keys("It has a minor key and a C major chord."), read_keys("D Dorian")
    ((), ('(other)',))
    """
    text = _plain(text)
    keys = list(_keys(text))
    guesses = first_guesses(text.lower())
    keys = [match for match in keys if not within(match.start(), guesses)] or keys
    keys = [match for match in keys if not _RELATED.search(text[max(0, match.start() - 30) : match.start()])] or keys
    found = dict.fromkeys(map(_name, keys))
    named = tuple(name for name in found if name != OTHER)
    return named or tuple(found)


def canonical_key(value: str) -> str | None:
    """The key that a value as a whole names, short forms such as ``Am`` among them; None when it is none of the 24.

    >>> canonical_key("a minor"), canonical_key("Gb major"), canonical_key("F#m"), canonical_key("C")
    ('A minor', 'F# major', 'F# minor', None)
    """
    text = _plain(value).strip(" .。,;*\"'")
    match = _SHORT.fullmatch(text) or _KEY.fullmatch(text)
    name = _name(match) if match else OTHER
    return None if name == OTHER else name


def tonic(key: str) -> tuple[int, str]:
    """The semitones above C (0 to 11) and the mode (major, minor) of a canonical key.

    >>> tonic("Bb minor")
    (10, 'minor')
    """
    name, mode = key.split()
    return (MAJOR if mode == "major" else MINOR).index(name), mode


def _plain(text: str) -> str:
    return re.sub("[‐-―−]", "-", simplify(unicodedata.normalize("NFKC", text)))


def _keys(text: str) -> Iterator[re.Match[str]]:
    """Where a text names a key that it does not deny."""
    for match in _KEY.finditer(text):
        denied = _DENIED.search(text[max(0, match.start() - 20) : match.start()])
        if not (denied or _is_article(match, text) or _CHORD.match(text, match.end())):
            yield match


def _is_article(match: re.Match[str], text: str) -> bool:
    """Whether the A of "A minor" is the article: "a minor key", "A minor change is heard"."""
    if match["english"] not in ("a", "A") or match["english_shift"]:
        return False
    begins = _STARTS.search(text[max(0, match.start() - 20) : match.start()])
    return match["english"] == "a" or bool(begins and _WORD_FOLLOWS.match(text, match.end()))


def _name(match: re.Match[str]) -> str:
    got = match.groupdict()
    kind = next(kind for kind in ("english", "german", "chinese") if got.get(kind))
    letter, mode = got[kind].lower(), got[f"{kind}_mode"].lower()
    names = MAJOR if mode in _MAJOR_MODES else MINOR if mode in _MINOR_MODES else None
    if names is None:
        return OTHER
    if kind == "german":
        pitch = _GERMAN[letter]
    else:
        signs = [got.get(sign) for sign in ("english_shift", "before", "after")]
        pitch = _PITCHES[letter] + sum(_SHIFTS[sign.strip(" -").lower()] for sign in signs if sign)
    return f"{names[pitch % 12]} {'major' if names is MAJOR else 'minor'}"
