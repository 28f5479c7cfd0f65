"""Ages in prose, in years: 大约30岁, 三十多岁, 30到40岁, "in her mid-twenties", "a 30-year-old man", 中年, "elderly".

An age is a pair (low, high) of whole years, both included. What the forms mean:

===============================================  =====================================================================
30岁, 大约30岁, 30岁左右, 二十来岁, about 30      the number
30多岁, 三十几岁, in his thirties, 30s            30 to 39; teens 13 to 19, 十几岁 10 to 19
early / mid / late thirties; 30出头               30 to 33, 34 to 36, 37 to 39; 30 to 33
三四十岁; 十七八岁                                30 to 49; 17 to 18
over 60, 60岁以上; under 18, 不到18岁             20 years to that side: 60 to 79; 0 to 17
婴儿, infant, baby                                0 to 1 (MeSH: birth to 23 months)
儿童, 小孩, child, toddler, little girl           2 to 12 (MeSH: Child, Preschool and Child)
青少年, 少年, teenager, adolescent                13 to 19 (the numerals that end in -teen; MeSH has 13 to 18)
青年, 年轻, young                                 18 to 39 (young adulthood as E. Erikson's stages have it)
中年, middle-aged                                 40 to 59 (from there to old age); 中青年 18 to 59, 中老年 40 to 79
老年, 老人, elderly, senior, old                  60 to 79 (old from 60: the UN, and China's law on the elderly, art. 2)
===============================================  =====================================================================

Such words have no exact range in any language: these are conventions, 20 years wide where no source says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from qaeval.text.labels.numerals import digits
from qaeval.text.labels.others import RELATIVE, RELATIVE_ZH
from qaeval.text.replies.told import CLOSES, OPENS, denied, told, within

Age = tuple[int, int]
OLDEST = 120
OPEN = 20
"""How many years an open end reaches."""

_N = r"(?<![\d.])\d{1,3}(?![\d%]|\.\d)"
_OLD = r"(?:周?岁|[-\s]?(?:years?|yrs?)[-\s](?:old|of\sage)\b|[-\s]?y/?o\b)"
_YEARS = rf"(?:{_OLD}|\s?(?:years|yrs)\b)"
_TO = r"\s?岁?\s?(?:到|至|[-~–—,、]|\b(?:to|or|and)\b|或者?)\s?"
_SAID = r"""(?:(?:年龄|年纪|岁数|\bage[ds]?\b)(?:[\s:：~(]|大约|大概|大致|约莫?|可能|应该|估计|[看听]起来|[在为是]|介于
    |阶?段|范围|\b(?:of|is|was|be|about|around|approximately|roughly|between|estimated|to|at|range|group)\b){0,14})"""
_DECADE = r"(?:(?:twen|thir|fou?r|fif|six|seven|eigh|nine)ties|(?<!the\s)(?<!\d)[1-9]0'?s)\b"
_PART = r"(?:\b(?:early|mid|middle|late)(?:\s?(?:to|-|/)\s?(?:mid|middle|late))?[-\s]?)"
_LESS = (
    r"(?:不到|不足|不会?超过|不大于|最多|未满|不满|小于|低于"
    r"|\b(?:under|below|younger\sthan|less\sthan|at\smost|(?:no|not)\s(?:older|more)\sthan)\b)\s?(?:the\sage\sof\s)?"
)
_MORE = (
    r"(?:(?<!不)(?<!不会)超过|(?<!不)大于|高于|至少"
    r"|\b(?:over|above|older\sthan|more\sthan|at\sleast)\b)\s?(?:the\sage\sof\s)?"
)
_STAGES: dict[Age, str] = {
    (0, 1): r"婴儿|婴孩|宝宝|\b(?:infants?|baby|babies|newborn)\b",
    (2, 12): r"""幼儿|儿童|小孩子?|孩子|孩童|童[声音]|[男女]童|小[男女]孩|小朋友
        |\b(?:child|children|kids?|toddlers?|preschoolers?|childlike|(?:little|young)\s(?:boy|girl)s?)\b""",
    (13, 19): r"青少年|少[年女男]|\b(?:teens?|teenagers?|teenaged?|adolescents?)\b",
    (18, 59): r"中青年|\byoung(?:\sadult)?\sto\smiddle[\s-]aged?\b",
    (40, 79): r"中老年|\bmiddle[\s-]aged?\sto\s(?:older|elderly|old|senior)\b",
    (18, 39): r"青年|年轻(?!时|的时候|一些的?时)|青壮年|\b(?:young(?:er)?|youth|youthful)\b",
    (40, 59): r"中年|\bmiddle[\s-]aged?\b",
    (
        60,
        79,
    ): r"""老年|老人|老者|老[爷太]|老大[爷妈]|老[伯婆奶]|高龄|年迈|\b(?:elderly|seniors?|old\sage|(?:older|old|aged)
        \s(?:man|men|woman|women|lady|ladies|gentleman|persons?|people|adults?|male|female|voice|speaker))\b
        |(?:^|(?:\b(?:is|are|be|seems?|appears?|sounds?|looks?|feels?|quite|very|rather|fairly|relatively)|[:,;])\s)
        old(?=\s?(?:$|[.,;!?)\n]|(?:and|but|with|to\sme|stage)\b))|\bold(?=,\s(?:male|female|man|woman)\b)""",
}
_DASH = re.compile("[‐-―−～]")
_OF_THING = re.compile(
    r"\b(?:the|this|an?|its)\s(?!(?:speaker|voice|m[ae]n|wom[ae]n|person|male|female|lady|gentleman|guy|narrator|singer|tone)\b)"
    r"[a-z]+\s(?:(?:of|quality)\s?[a-z]*\s)?\Z|录音\w{0,4}\Z"
)
"""Before "is old": what is no person."""


def _exact(numbers: Sequence[int], text: str) -> Age:
    return numbers[0], numbers[0]


def _range(numbers: Sequence[int], text: str) -> Age:
    low, high = sorted(numbers[:2])
    return low, high + 9 if re.search("[多几余]", text) and high % 10 == 0 else high


def _decade(numbers: Sequence[int], text: str) -> Age:
    low = numbers[-1]
    if "出头" in text:
        return low, low + 3
    return (low + 5 if "好几" in text else low), (low + 9 if low % 10 == 0 else low)


def _decades(numbers: Sequence[int], text: str) -> Age:
    """Thirties, mid to late 30s, late twenties to early thirties."""
    ends: list[int] = []
    for piece in re.finditer(rf"(?P<part>{_PART}?)\s?(?P<name>{_DECADE})", text):
        name = piece["name"]
        tens = int(name[0]) * 10 if name[0].isdigit() else _TENS[name[:3]]
        parts = [part for part in _PARTS if part in piece["part"]] or list(_PARTS)
        ends += [tens + years for part in parts for years in _PARTS[part]]
    return min(ends), max(ends)


_PARTS = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}
_TENS = {"twe": 20, "thi": 30, "for": 40, "fou": 40, "fif": 50, "six": 60, "sev": 70, "eig": 80, "nin": 90}
_RULES: list[tuple[str, Callable[[Sequence[int], str], Age]]] = [
    (rf"{_PART}?{_DECADE}(?:{_TO}(?:(?:his|her|their)\s)?{_PART}?{_DECADE})?", _decades),
    (
        rf"{_N}{_TO}{_N}\s?[多几余]?\s?{_YEARS}|{_SAID}{_N}{_TO}{_N}|\bages\s(?:of\s)?{_N}{_TO}{_N}|{_N}\s?-\s?{_N}\sage\s(?:range|group|bracket)\b",
        _range,
    ),
    (rf"{_N}(?:好几|[多几余])岁|{_N}岁?出头|{_N}[-\s]something\b", _decade),
    (
        rf"{_MORE}{_N}\s?{_YEARS}|\b(?:over|above)\s(?:the\s)?age\s(?:of\s)?{_N}|{_N}\+\s?{_YEARS}"
        rf"|{_N}{_YEARS}?\s?(?:及?以上|(?:and|or)\s(?:over|above|older)\b)|{_SAID}(?:{_MORE}{_N}|{_N}\+)",
        lambda numbers, text: (numbers[-1], numbers[-1] + OPEN - 1),
    ),
    (
        rf"{_LESS}{_N}\s?{_YEARS}|\b(?:under|below)\s(?:the\s)?age\s(?:of\s)?{_N}"
        rf"|{_N}{_YEARS}?\s?(?:及?以下|(?:and|or)\s(?:under|below|younger)\b)|{_SAID}{_LESS}{_N}",
        lambda numbers, text: (max(0, numbers[-1] - OPEN), max(0, numbers[-1] - 1)),
    ),
    (rf"{_N}\s?(?:个月大|months?[-\s]old\b)", lambda numbers, text: (numbers[0] // 12, numbers[0] // 12)),
    (
        rf"{_N}来?\s?{_OLD}|{_SAID}{_N}(?!\s?(?:秒|分|个|s\b|sec|min|好几|[多几余]|岁?出头|岁?及?以))|{_N}[-\s]?ish\b"
        rf"|\((?:(?:most\s)?(?:likely|probably)|perhaps|maybe|about|around|closer\sto|可能|大?约|更接近)\s?{_N}岁?(?=\))",
        _exact,
    ),
]
_NUMERIC = re.compile("|".join(f"(?P<r{i}>{rule})" for i, (rule, _) in enumerate(_RULES)), re.VERBOSE)
_WORDS = re.compile("|".join(f"(?P<w{i}>{words})" for i, words in enumerate(_STAGES.values())), re.VERBOSE)
_OF_ANOTHER = re.compile(
    rf"(?:\s?[-\s]?(?:years?|yrs?)[-\s]old)?(?:\s(?!(?:man|woman|boy|girl|male|female|and|or|who|speaker)\b)[a-z]{{1,12}})?\s{RELATIVE}s?\b"
    rf"|的?{RELATIVE_ZH}"
)
"""Behind an age: whose it is, where that is not the speaker (a 5-year-old son, 八十岁的奶奶)."""
_WHOSE = re.compile(r"(?:\b(?:his|her|their|my)\s|[他她我][们]?的?|自己的?)[^,，。.;\n]{0,12}\Z")
_ANOTHER_IS = re.compile(
    rf"\b(?:his|her|their|my)\s(?:[a-z]+\s)?{RELATIVE}(?:,?\swho)?\s(?:is|was|turned)\s(?:(?:about|around|now|already|over)\s){{0,2}}\Z"
    rf"|(?:自己|[他她我]们?)的?{RELATIVE_ZH}(?:今年|现在|已经?|都|快|有|是|大?约){{0,3}}\Z"
)
"""Before an age: whose it is (她的爷爷今年九十岁了, "her father is 80")."""
_VALUE = re.compile(
    r"(?:(?:about|around|approximately|roughly|circa|~|大?约|大概)\s?)?(\d{1,3})(?:\.0+)?"
    r"(?:\s?(?:-|~|to|到|至)\s?(\d{1,3}))?(?:左右|上下)?"
)
_BARE = re.compile(
    rf"""(?:(?:^|[,，;；\n(（]\s?|[:：]\s?(?=(?:about|around|roughly|approximately|probably|maybe|perhaps|大约|大概)\b)|(?:\b(?:sounds|seems|looks|appears|is|say|guess:?|be|man|woman|male|female|child|boy|girl)|'s)\s)
    (?P<near>(?:(?:of\s)?(?:between|about|around|approximately|roughly|maybe|perhaps|probably|possibly|likely|somewhere)|可能|大?约|大概)\s?){{0,3}})
    ({_N})(?:\s?(?:-|~|到|至|\b(?:to|or|(?<=\d\s)and)\b|或)\s?({_N}))?(?:\s?左右)?(?=\s?(?:[,，;；.。)）\n]|(?:who|speaking|and\s(?:sounds|seems|speaks|s?he))\b|$))""",
    re.VERBOSE,
)
"""A number that stands alone in a list ("male, 30, calm") or after "sounds about"; only where no age is told else."""
_QUOTATION = re.compile(f"{OPENS}([^{OPENS}{CLOSES}]*){CLOSES}")
_OPEN_VALUE = re.compile(
    r"(\d{1,3})\s?\+|(?:>=?|≥|over |above |超过)\s?(\d{1,3})|(?:<=?|≤|under |below |不到)\s?(\d{1,3})"
)


@lru_cache(1 << 12)
def read_ages(text: str) -> tuple[Age, ...]:
    """The ages that a text tells, in order; none when it tells none. What it quotes, asks or denies is not told.

    Numbers count before words (中年, about 45: 45), and one that stands alone ("male, 30, calm") where it is the only
    one; of two that overlap what they have in common. So several ages are several answers, or several speakers. A text
    that is a number or a range and no more is an age.

    >>> read_ages("年龄大约30岁"), read_ages("in her late twenties or early thirties"), read_ages("a middle-aged man")
    (((30, 30),), ((27, 33),), ((40, 59),))
    >>> read_ages("30"), read_ages("lasts 30 seconds"), read_ages("one is 30 years old, the other 50 years old")
    (((30, 30),), (), ((30, 30), (50, 50)))
    """
    clean = digits(_QUOTATION.sub(_if_age, _DASH.sub("-", told(text))))
    if value := _value(clean.strip(" \n.。")):
        return (value,)
    not_so = denied(clean)
    bare = [match for match in _BARE.finditer(clean) if not within(match.start(2), not_so)]
    for pattern in (_NUMERIC, _WORDS):
        matches = [match for match in pattern.finditer(clean) if not within(match.start(), not_so)]
        matches = [match for match in matches if not _is_of_another(clean, match)]
        if found := _common(filter(_possible, map(_age, matches))):
            return found
        if pattern is _NUMERIC and len(bare) == 1 and (value := _alone(bare[0])):
            return (value,)
    return ()


def _alone(bare: re.Match[str]) -> Age | None:
    """The age that a number, or a range, is that stands alone; None where it is none."""
    low, high = sorted((int(bare[2]), int(bare[3] or bare[2])))
    return (low, high) if low >= 2 and high <= OLDEST else None


def _is_of_another(text: str, age: re.Match[str]) -> bool:
    """Whether an age is said of a relative or a thing: his 80-year-old father, 他八十岁的奶奶, an old tape."""
    before = text[max(0, age.start() - 24) : age.start()]
    if age[0].endswith("old") and not re.search(r"\d", age[0]):
        return _OF_THING.search(before) is not None
    return bool(_ANOTHER_IS.search(before) or (_OF_ANOTHER.match(text, age.end()) and _WHOSE.search(before)))


def _if_age(quotation: re.Match[str]) -> str:
    """What is quoted, if it is an age and no more."""
    bare = digits(quotation[1]).strip(" .。").removeprefix("大约").removesuffix("左右")
    return bare if _value(bare) or _NUMERIC.fullmatch(bare) or _WORDS.fullmatch(bare) else " "


def _age(match: re.Match[str]) -> Age:
    kind = match.lastgroup or ""
    if kind.startswith("w"):
        return list(_STAGES)[int(kind[1:])]
    return _RULES[int(kind[1:])][1]([int(number) for number in re.findall(r"\d+", match[0])], match[0])


def _value(text: str) -> Age | None:
    """A number of years, or two, and no more."""
    if match := _VALUE.fullmatch(text):
        low, high = sorted((int(match[1]), int(match[2] or match[1])))
        return (low, high) if _possible((low, high)) else None
    if match := _OPEN_VALUE.fullmatch(text):
        more, less = match[1] or match[2], match[3]
        return (int(more), int(more) + OPEN - 1) if more else (max(0, int(less) - OPEN), max(0, int(less) - 1))
    return None


def _possible(age: Age) -> bool:
    return 0 <= age[0] <= age[1] <= OLDEST


def _common(ages: Iterable[Age]) -> tuple[Age, ...]:
    """Each age once; overlapping ones as what they have in common."""
    found: list[Age] = []
    for low, high in ages:
        place = next((i for i, (other, last) in enumerate(found) if low <= last and other <= high), len(found))
        common = (max(low, found[place][0]), min(high, found[place][1])) if place < len(found) else (low, high)
        found[place : place + 1] = [common]
    return tuple(found)


def age_label(age: Age) -> str:
    """An age as the value of a label: ``30``, ``30-39``.

    >>> age_label((30, 30)), age_label((30, 39))
    ('30', '30-39')
    """
    low, high = age
    return str(low) if low == high else f"{low}-{high}"
