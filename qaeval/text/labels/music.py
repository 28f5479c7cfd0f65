"""What a reply says of music: instruments, genres and moods by their vocabularies, its keys and its tempi.

A reply in parts (``风格：古典``, ``**Key:** C major``, JSON, ``<|instrument|>guitar``) is read part by part: what
stands under the name of an attribute is its answer. Prose is read as a whole, but for what the music is only compared
with ("similar to jazz", 推荐 ...). An attribute that is not told is left out; a part whose words no vocabulary has
tells `OTHER`, and one that says that there is none (``乐器：无``) tells no value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from qaeval.text.labels.keys import canonical_key, read_keys
from qaeval.text.labels.listing import without_options
from qaeval.text.labels.tempi import read_tempo
from qaeval.text.labels.vocabulary import OTHER, find_vocabulary
from qaeval.text.replies.told import json_in
from qaeval.text.replies.turns import own_words

NAMED = ("instrument", "genre", "mood")
"""The attributes that have a vocabulary and may have several values."""

_NAMES = {
    "instrument": r"instruments?(?:\(s\))?(?:\sused)?|instrumentation|乐器(?:编制|组成|构成|配置|使用)?|配器",
    "tempo": r"tempo|bpm|speed|节奏(?:速度)?|速度|拍速|节拍",
    "key": r"key(?:\ssignature)?|tonality|调性|调式|调号|(?<![大小])调",
    "genre": r"genres?(?:\(s\))?|styles?|风格|流派|曲风|类型|体裁",
    "mood": r"moods?|emotions?|atmosphere|themes?|feelings?|情绪|情感|氛围|心情|意境",
}
_ANY = "|".join(_NAMES.values())
_HEADER = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join(f'(?P<{name}>{form})' for name, form in _NAMES.items())})"
    rf"(?:\s?[/&、和与及]\s?(?:{_ANY}))?(?:\stags?|标签)?(?:\s?[（(][^)）:：\n]{{0,20}}[)）])?[\s*_\"']{{0,4}}[:：]",
    re.IGNORECASE,
)
_END = re.compile(r"[。;；]|\n")
_SPECIAL = re.compile(r"<\|(\w{1,20})\|>")
_ITEM = re.compile(r"[^,，、;；/|\n]+")
_NONE = re.compile(r"(?:无|没有|none|no|nil|null)(?:\s?乐器|\sinstruments?|\sdetected)?", re.IGNORECASE)
_UNKNOWN = re.compile(
    r"(?:未知|不详|不确定|不明确?|无法\S{0,8}|难以\S{0,8}|unknown|unclear|n/?a|uncertain|-+)?", re.IGNORECASE
)
_LONGEST_LIST = 1000
_STRIPPED = " \n\t*_\"'“”.。-•[]"
_COMPARES = (
    r"(?:\bsimilar\b|\bresembl|\brecommend|\breminiscent\b|\bremind|\bmight\s(?:also\s)?(?:like|enjoy)"
    r"|[类相]似|推荐|联想|[让使]人想起)"
)
_COMPARISON = re.compile(
    rf"[与和跟][^,，。\n]{{0,12}}?[类相]似的?"
    rf"|{_COMPARES}[^.。!！?？\n]*?(?=\bbut\b|\bhowever\b|但|不过|然而|[.。!！?？\n]|\Z)",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(rf"[^\S\n]*(?:(?:some|other|pieces|music)\s)*{_COMPARES}", re.IGNORECASE)


def read_music(reply: str, among: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    r"""The attributes that a reply tells, as labels: instrument, tempo, key, genre and mood.

    ``among`` are the names of a closed set: of the attributes that they belong to, nothing else is looked for.

    >>> read_music("这是一首钢琴曲,C大调,每分钟约120拍,风格偏古典,给人平静的感觉。")
    {'instrument': ('piano',), 'tempo': ('120',), 'key': ('C major',), 'genre': ('classical',), 'mood': ('calm',)}
    >>> read_music("Genre: hip-hop\nKey: F#m\nInstruments: none")
    {'instrument': (), 'key': ('F# minor',), 'genre': ('hip hop',)}
    """
    reply = without_options(_SPECIAL.sub(r"\n\1: ", own_words(reply)), tuple(among))
    parts, rest = _parts(reply)
    rest, whole = _without_comparisons(rest), _without_comparisons(reply)
    told = {name: _of_part(name, part, whole, among) for name, part in parts.items()}
    for name in _NAMES:
        if name not in parts:
            told[name] = _of_prose(name, rest, among) or _of_prose(name, whole, among) or None
    return {name: values for name in _NAMES if (values := told[name]) is not None}


def _parts(reply: str) -> tuple[dict[str, str], str]:
    """What stands under the name of each attribute, and the rest of the reply."""
    value = json_in(reply)
    if isinstance(value, dict) and (parts := dict(_members(value))):
        return parts, ""
    text = unicodedata.normalize("NFKC", reply)
    headers = list(_HEADER.finditer(text))
    found: dict[str, list[str]] = {}
    rest, at = [], 0
    lasts = [*(header.start() for header in headers[1:]), len(text)]
    for header, last in zip(headers, lasts, strict=False):
        end = _end(text, header.end(), last)
        found.setdefault(header.lastgroup or "", []).append(text[header.end() : end])
        rest.append(text[at : header.start()])
        at = end
    return {name: "\n".join(parts) for name, parts in found.items()}, "\n".join((*rest, text[at:]))


def _end(text: str, start: int, last: int) -> int:
    """Where a part ends: with its line or sentence, or, where its line is empty, before the next empty line."""
    line = text.find("\n", start, last)
    if line >= 0 and not text[start:line].strip(_STRIPPED):
        gap = text.find("\n\n", line + 1, last)
        return gap if gap >= 0 else last
    stop = _END.search(text, start, last)
    return stop.start() if stop else last


def _members(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        header = re.search(rf"{_HEADER.pattern}\Z", key.strip().replace("_", " ") + ":", re.IGNORECASE)
        if header:
            items = item if isinstance(item, list) else [item]
            yield header.lastgroup or "", "\n".join(str(each) for each in items if each is not None)


def _of_part(name: str, text: str, whole: str, among: Collection[str]) -> tuple[str, ...] | None:
    """What a part tells of its attribute: None where it does not know, none where it says that there is none.

    A tempo or key that it does not tell ("节奏:4/4拍") may stand elsewhere in the ``whole`` reply.
    """
    plain = text.strip(_STRIPPED)
    if _UNKNOWN.fullmatch(plain):
        return None
    if name == "tempo":
        return read_tempo(plain, about_tempo=True) or read_tempo(whole) or None
    if name == "key":
        key = canonical_key(plain)
        return (key,) if key else read_keys(plain) or read_keys(whole) or None
    if _NONE.fullmatch(plain):
        return ()
    return _closed(name, _named(name, plain) or (OTHER,), among)


def _of_prose(name: str, text: str, among: Collection[str]) -> tuple[str, ...]:
    if name in ("tempo", "key"):
        return read_tempo(text) if name == "tempo" else read_keys(text)
    is_list = len(text) <= _LONGEST_LIST and all(len(item.split()) <= 3 for item in _ITEM.findall(text))
    return _closed(name, _named(name, text) if is_list else find_vocabulary(name).read(text), among)


def _named(name: str, text: str) -> tuple[str, ...]:
    """The labels that a list tells: those that are read in it as in prose, and items that are names as a whole."""
    vocabulary = find_vocabulary(name)
    items = (vocabulary.canonical(item.strip(_STRIPPED)) for item in _ITEM.findall(text))
    return tuple(dict.fromkeys((*vocabulary.read(text), *(item for item in items if item))))


def _closed(name: str, values: tuple[str, ...], among: Collection[str]) -> tuple[str, ...]:
    """The values as members of a closed set, each as itself or what it is under; `OTHER` where none is in it.

    Where one member is under another (of GTZAN's genres metal under rock), the nearest counts alone.
    """
    vocabulary = find_vocabulary(name)
    closed = {label for choice in among if (label := vocabulary.canonical(choice))}
    if not closed or not values:
        return values
    members = (({value} | vocabulary.ancestors(value)) & closed for value in values)
    nearest = (found.difference(*map(vocabulary.ancestors, found)) for found in members)
    return tuple(dict.fromkeys(name for found in nearest for name in sorted(found))) or (OTHER,)


def _without_comparisons(text: str) -> str:
    """Without what is said of other music: from "similar", "recommend" ... to the end of the sentence or to "but".

    Of a paragraph that begins so, nothing is left.
    """
    kept = (_COMPARISON.sub(" ", part) for part in text.split("\n") if not _OF_OTHERS.match(part))
    return "\n".join(kept)
