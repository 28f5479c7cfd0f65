"""Tempi in prose, in beats a minute: 每分钟120拍, 120 BPM, "the tempo is around 120"; or in words: 快板, Adagio, slow.

A number counts beside its unit (BPM, beats per minute, 每分钟…拍, ♩ =) or close behind the word tempo (速度, 节奏),
and between 20 and 400. A range is its middle, where neither end is more than a tenth away from it; a wider one tells
both its ends, and so no one tempo. Words tell one of three classes, in the order slow, medium, fast; the bounds are 76
and 120 beats a minute, those of Italian tempo marks on a metronome: up to Adagio; Andante and Moderato; from Allegro on
(other sources put them some beats elsewhere).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from qaeval.text.profiles import simplify

CLASSES = ("slow", "medium", "fast")
"""The words that a tempo can be, in their order."""

ANDANTE, ALLEGRO = 76.0, 120.0
"""Where medium and fast begin, in beats a minute."""

_SLOWEST, _FASTEST = 20.0, 400.0
_WIDEST = 0.1

_NUMERAL = re.compile(
    r"[零〇一二两三四五六七八九十百]{2,9}(?=\s?(?:拍|下|次|到|至|-|~|bpm))|(?<=分钟)[零〇一二两三四五六七八九十百]{2,9}"
)
_VALUES = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = r"\d{1,3}(?:\.\d{1,3})?"
_RANGE = rf"(?<!\d)(?<!\d[.,/:])(?:{_NUMBER}\s?(?:-|~|到|至|to)\s?)?{_NUMBER}(?![\d/:%]|\.\d)"
_BETWEEN = re.compile(rf"(?:\bbetween\s|介于|在)({_NUMBER})\s?(?:and|和|与)\s?(?={_NUMBER})")
_ABOUT = r"[^\d\n.。;；,，!?！？]{0,30}"
_UNIT = r"(?:bpm|b\.p\.m|beats?\s?(?:per|a|/)\s?min(?:ute)?|[拍次]子?\s?(?:/|每)\s?(?:分钟?|min))"
_NO_TEMPO = r"(?!\s?(?:秒|分钟?|小节|年代?|s\b|sec|min|bars?\b|measures?|hz|khz|db|th\b|st\b|ms))"
_TEMPO = re.compile(
    rf"""(?P<before>{_RANGE})\s?(?:左右)?的?\s?{_UNIT}
    |(?:\bbpm|每一?分钟?|♩|\bquarter\snotes?|\bcrotchets?|四分音符){_ABOUT}(?P<unit>{_RANGE})
    |(?:\btempo|\bpace|速度|节奏|拍速|节拍){_ABOUT}(?P<word>{_RANGE}){_NO_TEMPO}""",
    re.VERBOSE,
)
_BARE = re.compile(rf"\W*(?:大?约(?:为|是)?|about|around|approximately)?\s?({_RANGE})\s?(?:左右|拍)?\W*")

_CLAUSE = re.compile(r"[^,，。.;；\n!！?？、()（）]+")
_OF_TEMPO = re.compile(
    r"tempo|\bpaced?\b|\bspeed\b|\brhythm|节奏|速度|节拍|慢速|中速|快速|[慢快]拍"
    r"|\b(?:slow|fast)\s(?:[a-z]{1,12}\s){0,2}(?:songs?|pieces?|tracks?|tunes?|ballads?|music|blues|waltz(?:es)?)\b"
)
_TERMS = re.compile(
    r"(?P<medium>\b(?:andant(?:e|ino)|(?<!allegro\s)moderato|allegretto)\b|行板|中板|小快板|稍快板)"
    r"|(?P<slow>\b(?:largo|larghetto|lento|adagio|grave)\b|广板|慢板|柔板)"
    r"|(?P<fast>\b(?:allegro(?:\smoderato)?|vivace|vivo|presto|prestissimo)\b|快板|急板)"
)
_WORDS = re.compile(
    r"(?P<medium>\b(?:moderate|medium|mid)\b|\bmidtempo\b|中速|中等|适中|不快不慢|不紧不慢)|快慢"
    r"|(?P<slow>\b(?:slow|slower|leisurely|down[\s-]?tempo)\b|[慢缓])"
    r"|(?P<fast>\b(?:fast|faster|quick|rapid|brisk|lively|upbeat|up[\s-]?tempo)\b|[快急])"
)
_DENIED = re.compile(r"(?:不[是太很算]?|没有?|\bnot(?:\s(?:too|very|so))?\s|n't(?:\s(?:too|very|so))?\s)\Z")


def read_tempo(text: str, about_tempo: bool = False) -> tuple[str, ...]:
    """The tempi that a text tells: numbers as text, each once; where there is no number, the classes of its words.

    Several are several answers. In a text that is ``about_tempo`` and nothing else a bare number is one.

    >>> read_tempo("速度约为每分钟一百二十拍,4/4拍"), read_tempo("It has a tempo of 118-122 BPM.")
    (('120',), ('120',))
    >>> read_tempo("旋律优美,节奏舒缓"), read_tempo("3 minutes of music"), read_tempo("90", about_tempo=True)
    (('slow',), (), ('90',))
    """
    text = _plain(text)
    bare = _BARE.fullmatch(text) if about_tempo else None
    ranges = [bare[1]] if bare else [match[match.lastgroup or 0] for match in _TEMPO.finditer(text)]
    numbers = dict.fromkeys(f"{number:g}" for told in ranges for number in _numbers(told))
    return tuple(numbers or dict.fromkeys(_classes(text, about_tempo)))


def beats(value: str) -> float | None:
    """The beats a minute of a value of the label tempo; None where it is no one number.

    >>> beats("120.0"), beats("120 BPM"), beats("slow")
    (120.0, 120.0, None)
    """
    told = read_tempo(value, about_tempo=True)
    return float(told[0]) if len(told) == 1 and told[0] not in CLASSES else None


def tempo_class(value: str) -> str | None:
    """The class of a value of the label tempo, a number or words; None where it is no one class.

    >>> tempo_class("75.9"), tempo_class("76"), tempo_class("Allegro"), tempo_class("ternary")
    ('slow', 'medium', 'fast', None)
    """
    told = read_tempo(value, about_tempo=True)
    if len(told) != 1 or told[0] in CLASSES:
        return told[0] if len(told) == 1 else None
    number = float(told[0])
    return CLASSES[(number >= ANDANTE) + (number >= ALLEGRO)]


def _plain(text: str) -> str:
    text = simplify(unicodedata.normalize("NFKC", text)).casefold()
    text = re.sub(r"[^\S\n]+", " ", re.sub("[‐-―−~〜]", "-", text))
    text = _NUMERAL.sub(lambda match: _digits(match[0]), text)
    return _BETWEEN.sub(r"\1-", text)


def _digits(numeral: str) -> str:
    """A Chinese numeral below 1000 in digits; 一百二 is 120."""
    if not set(numeral) & {"十", "百"}:
        return "".join(str(_VALUES[char]) for char in numeral)
    value = last = unit = 0
    for char in numeral:
        if char in "十百":
            unit = 10 if char == "十" else 100
            value, last = value + (last or 1) * unit, 0
        else:
            last, unit = _VALUES[char], unit if char not in "零〇" else 10
    return str(value + last * (10 if unit == 100 else 1))


def _numbers(told: str) -> Iterator[float]:
    """The number of a range, or its ends where it is too wide to be one; none beyond what music has."""
    ends = [float(number) for number in re.findall(_NUMBER, told)]
    middle = sum(ends) / len(ends)
    for number in [middle] if max(abs(end - middle) for end in ends) <= _WIDEST * middle else ends:
        if _SLOWEST <= number <= _FASTEST:
            yield round(number, 3)


def _classes(text: str, about_tempo: bool) -> Iterator[str]:
    for clause in _CLAUSE.findall(text):
        words = [_TERMS, _WORDS] if about_tempo or _OF_TEMPO.search(clause) else [_TERMS]
        rest = clause
        for pattern in words:
            for match in pattern.finditer(rest):
                if match.lastgroup and not _DENIED.search(rest[max(0, match.start() - 12) : match.start()]):
                    yield match.lastgroup
            rest = pattern.sub(" ", rest)
