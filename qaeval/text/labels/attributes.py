"""What a reply tells about a speaker: gender, age, language, dialect, accent, emotion, intent.

Read from prose, from lists (``Gender: male``, 性别：男) and from JSON. The transcript is never read: neither what
`qaeval.text.replies.unwrap` takes for one, nor what stands under a key such as ``text`` or 内容, nor quotations.

- Values are the canonical names of `qaeval.text.labels.vocabulary`, ages ``30`` or ``30-39``
  (`qaeval.text.labels.ages`).
- Under a key, a value that the vocabulary lacks is kept as it is told: an answer, and a wrong one. "unknown" is none.
- The language of a translation ("translated into English", 英文翻译是) is not the speaker's.
- A dialect names its language, where no language is told: 粤语 is yue, any other is zh. The reverse is not so.
- An accent of Chinese tells a dialect, too: 带有四川口音的普通话 is 西南官话/四川话, with the accent 四川.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from qaeval.text.labels.ages import age_label, read_ages
from qaeval.text.labels.keyed import keyed
from qaeval.text.labels.listing import without_options
from qaeval.text.labels.targets import without_targets
from qaeval.text.labels.vocabulary import Label, Vocabulary, find_vocabulary
from qaeval.text.replies.told import key
from qaeval.text.replies.turns import own_words

Told = dict[str, tuple[str, ...]]
ATTRIBUTES = ("gender", "age", "language", "dialect", "accent", "emotion", "intent")

_MAY_TELL = {"language": ("dialect", "accent"), "dialect": ("language", "accent"), "accent": ("dialect",)}
"""Of what a key asks for, what its value may tell as well, in words: "language: English with a French accent"."""

_UNKNOWN = re.compile(
    r"(?:抱歉|对不起|未知|不详|不明|无法|难以|不确定|不清楚|不知道|未提及|n/?a\b|null\b|(?:i'm )?sorry\b|i don't know\b"
    r"|(?:not (?:sure|known|specified|applicable|mentioned|clear)|cannot|can't)\b"
    r"|un(?:known|clear|certain|determined|able|specified)\b"
    r"|(?:i have )?no idea\b|(?:it's |it is )?(?:hard|difficult|impossible) to (?:say|tell|judge|know|determine)\b"
    r"|idk\b|dunno\b|不好说|说不[准清好]|[看听]不出)"
)
_NONE = re.compile(
    r"(?:无|没有|none|no)(?:明显|特别|特殊|noticeable|strong|particular|\s){0,4}的?(?:口音|方言|accent|dialect)?"
)
_INTENT = re.compile(
    r"(?:意图|目的)(?:可能|大概|应该|似乎)?(?:就?是|为|在于)\s?([^。;；\n]{1,200})"
    r"|\b(?:intent(?:ion)?|purpose|goal)\b(?: of [^.\n]{1,40}?)? (?:is|was|(?:seems|appears) to be) (?:to )?"
    r"([^.;\n]{1,200})",
    re.IGNORECASE,
)
_ACCENT_IS = re.compile(
    r"\baccent(?:\sof\s(?:the|this)\s\w{1,20})?\s(?:(?:clearly|likely|probably)\s)?(?:is|was|sounds|seems|appears|(?:may|might|could)\sbe)\s"
    r"([^.,;\n]{1,80}(?:,\s(?:not|but|rather|nor|or|more|specifically)\b[^.,;\n]{1,60}){0,2})"
    r"|口音(?:听起来|可能|应该|像)?(?:就?是|为|像|偏|属于)\s?([^。,，;；\n]{1,40})",
    re.IGNORECASE,
)
"""Where an accent is told by a bare name: "the accent is Australian", 口音是澳大利亚的."""
_FRAME = re.compile(
    r"\A\W*(?:(?:of|among(?:st)?|between|from|out of|given|[在从])\W*)?(?:(?:[之当]?中|里面?|来看)\W*)?"
    r"(?:(?:it|this|that|the\s(?:\w+\s){1,2}?|i\s(?:would\s)?(?:think|say|choose|pick)\s?)\s?(?:is|'s)?\s|(?:应该|我[选认觉为得]{1,2})?是\s?)?",
    re.IGNORECASE,
)
"""What stands around a bare value where a list of options was: "Of ..., this is australia", 在...中，是 ja."""
_EDGES = " \t\n\"'“”‘’「」*`.。,，!！"
_LETTER = re.compile(r"\s*[(（\[]?[A-Z][)）\].．:：、]{1,2}\s*(?=\S)")
_LONGEST = 60


def read_attributes(
    reply: str, attributes: Collection[str] = ATTRIBUTES, choices: Mapping[str, str] = MappingProxyType({})
) -> Told:
    """The attributes that a reply tells, of those that are asked for; one that it does not tell is not there.

    ``choices``: by attribute, the values that there are (`options`). An intent is any text without them.

    >>> reply = "这段音频说的是:'我是女人',说话者为男性,年龄大约30岁,使用西南官话-重庆话。听起来情绪平静。"
    >>> told = read_attributes(reply)
    >>> told["gender"], told["age"], told["language"], told["dialect"], told["emotion"]
    (('male',), ('30',), ('zh',), ('西南官话/重庆话',), ('neutral',))
    >>> read_attributes('{"gender": "F", "age": "thirties", "emotion": "unknown"}')
    {'gender': ('female',), 'age': ('30-39',)}
    """
    pairs, prose = keyed(own_words(reply))
    found: Told = {}
    beside: Told = {}
    for asked, said in pairs:
        values = _known(asked, said, choices.get(asked, ""))
        more = {name: _known(name, f"it is {said}", choices.get(name, "")) for name in _MAY_TELL.get(asked, ())}
        if values is None and not any(more.values()):
            values = _value(asked, said)
        if values is not None:
            found[asked] = tuple(dict.fromkeys((*found.get(asked, ()), *values)))
        beside = {name: each for name, each in more.items() if each} | beside
    found = beside | found
    for name in ATTRIBUTES:
        if name not in found and (values := _read(name, prose, choices.get(name, ""))):
            found[name] = values
    if "language" not in found and found.get("dialect"):
        codes = ("yue" if name.split("/")[0] == "粤语" else "zh" for name in found["dialect"])
        found["language"] = tuple(dict.fromkeys(codes))
    return {name: found[name] for name in ATTRIBUTES if name in found and name in attributes}


def read_attribute(reply: str, attribute: str, choices: str = "") -> Told:
    """The attribute that alone was asked for. A word or two that say something else are an answer, and a wrong one.

    >>> read_attribute("Male.", "gender"), read_attribute("Wistful.", "emotion"), read_attribute("I don't know", "age")
    ({'gender': ('male',)}, {'emotion': ('Wistful',)}, {})
    """
    found, reply = read_attributes(reply, (attribute,), {attribute: choices}), own_words(reply)
    if attribute not in found and _is_short(reply) and (values := _value(attribute, reply)) is not None:
        return {attribute: values}
    return found


def _is_short(reply: str) -> bool:
    words = reply.split()
    return len(words) <= 3 and len(reply.strip()) <= (_LONGEST if reply.isascii() else 8)


def _known(attribute: str, said: str, choices: str) -> tuple[str, ...] | None:
    """The values under a key that have a name; None where there are none."""
    bare = said.strip(_EDGES)
    return None if _UNKNOWN.match(key(bare)) else _read(attribute, bare, choices) or None


def _value(attribute: str, said: str) -> tuple[str, ...] | None:
    """What is told instead of a known value; None where it is that nothing is known."""
    bare = " ".join(said.strip(_EDGES).split())
    if not bare or attribute == "age" or _UNKNOWN.match(key(bare)):
        return None
    if attribute in ("dialect", "accent") and _NONE.fullmatch(key(bare)):
        return ()
    return (bare,) if len(bare) <= _LONGEST or attribute == "intent" else None


def _read(attribute: str, text: str, choices: str) -> tuple[str, ...]:
    """The values that a text tells, as prose or as a whole."""
    if attribute == "age":
        return tuple(map(age_label, read_ages(text)))
    names = options(choices) if choices else ()
    text, whole = without_options(text, names), text
    if attribute in ("language", "dialect"):
        text = without_targets(text)
    if attribute != "intent":
        known = find_vocabulary(attribute)
        among = [label for name in names if (label := known.canonical(name))]
        if len(among) == len(names):
            stated = _bare_accent(text) if attribute == "accent" else ()
            found = stated or known.read(text, among or None) or known.read(text)
            if not found and text != whole and known.canonical(rest := _FRAME.sub("", text).strip(_EDGES)):
                return known.read(rest, among)
            return found
    if names:
        return _closed(names).read(text) or _lettered(names, text)
    match = _INTENT.search(text)
    return ((match[1] or match[2]).strip(_EDGES),) if match else ()


def _bare_accent(text: str) -> tuple[str, ...]:
    """The accents that a text says an accent is, by their bare names."""
    told = (match[0] for match in _ACCENT_IS.finditer(text))
    return tuple(dict.fromkeys(name for piece in told for name in _bare_accents().read(piece)))


@functools.cache
def _bare_accents() -> Vocabulary:
    known = find_vocabulary("accent")
    labels = {name: label._replace(aliases=(*label.aliases, *label.codes)) for name, label in known.labels.items()}
    return dataclasses.replace(known, labels=labels, not_before=("speaker", "speaking", "learner"))


@functools.lru_cache(1 << 10)
def options(choices: str) -> tuple[str, ...]:
    r"""The values that there are, as inputs["choices"] holds them: names with commas between, or a list of options.

    >>> options("play music, set alarm") == options("A. play music\nB. set alarm") == ("play music", "set alarm")
    True
    """
    text = choices.strip()
    try:
        listed = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        listed = None
    if isinstance(listed, list) and all(isinstance(name, str) for name in listed):
        names = listed
    elif "\n" in text:
        lines = text.splitlines()
        names = [_LETTER.sub("", line) for line in lines] if all(map(_LETTER.match, lines)) else lines
    else:
        names = re.split("[,，、]", text)
    return tuple(name.strip() for name in names if name.strip())


@functools.lru_cache(256)
def _closed(names: tuple[str, ...]) -> Vocabulary:
    return Vocabulary("choices", "", {name: Label(name, ()) for name in names})


def _lettered(names: Sequence[str], text: str) -> tuple[str, ...]:
    """The option whose letter is all that is told."""
    match = re.fullmatch(r"\W{0,4}([A-Z])\W{0,4}", text.strip())
    place = ord(match[1]) - ord("A") if match else len(names)
    return (names[place],) if place < len(names) else ()
