"""Which sounds a reply names, open or out of a closed set, by the vocabulary ``sound`` (AudioSet's ontology and ours).

A reply that is nothing but names is read name by name, any other as prose (`qaeval.text.labels.vocabulary`). Then,
since one sound has many names, of what is told is left out

1. what goes without saying where another label is told: of "a dog is barking" Bark (the vocabulary's ``implied``),
2. what another told label is under: of "an animal, a dog" Animal (not in a closed set, whose members are rivals),
3. what only describes a recording (noise, echo, silence), where a sound is told.

Of a closed set the members are looked for, and each label under one counts as that one, unless another told label is
its source (`Vocabulary.members`): "a wolf howls" names no dog. A member that no vocabulary
has is found by its own words. Two members that are names of one label are one class.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from importlib import resources

from qaeval.text.labels.attributes import options
from qaeval.text.labels.listing import without_options
from qaeval.text.labels.vocabulary import OTHER, Label, Vocabulary, find_vocabulary
from qaeval.text.replies.denial import denied
from qaeval.text.replies.refusals import declines, refuses
from qaeval.text.replies.told import key, told
from qaeval.text.replies.turns import own_words
from qaeval.text.times.absence import says_nothing

SILENCE = "Silence"
SHORT = 80
"""An answer to an open question of at most so many characters, in which no label is found, names something else."""

_LONGEST_NAME = 60
_PARTS = 4
"""Commas that a display name of AudioSet may have, and one: "Rodents, rats, mice" is one name."""
_BETWEEN = re.compile(r"\s*[,，、;；|\n]\s*")
_EDGE = re.compile(r"\A[\s\d.)）:：]*|[\s.。!！]*\Z")
_NOTHING = re.compile(
    r"""(?:没有?|未)(?:能|有|被)?(?:听到|听见|检测到|检测出|发现|出现|识别出)?(?:任何|什么|明显|清晰|可识别|可辨别|具体|特定|特别|的)*
     (?:声音|声响|响声|动静|音频内容)|听不[到见](?:任何|什么)?声音
    |\bno\s(?:\w{1,14}\s){0,3}(?:sounds?|noises?|audio)\b|\bnothing\b
    |(?:\bnot|n't|\bcannot)\s(?:hear|detect|contain|have|find|identify)\s(?:any\s(?:\w{1,14}\s){0,2}(?:sounds?|noises?)|anything)\b""",
    re.VERBOSE,
)
_UNKNOWN = re.compile(r"未知|不明|听不清|unknown|unclear|unidentif|uncertain|not sure|don't know")
_SORRY = re.compile(
    r"\W*(?:非常|很|十分)?(?:抱歉|对不起)|\W*(?:i'm |i am )?(?:very |so )?sorry|\W*as an ai\b", re.IGNORECASE
)


def read_sounds(reply: str, choices: Sequence[str] = ()) -> tuple[str, ...] | None:
    """The sounds that a reply names; none where it says that there is no sound, and None where it does not tell.

    ``choices`` are the names of a closed set. `OTHER` is what an answer names that is not in the set, or, where the
    question was open, in no vocabulary and short. What is denied, asked or quoted as speech is not named.

    >>> read_sounds("这段音频里有狗叫声和雨声。"), read_sounds("A dog is barking."), read_sounds("没有任何声音。")
    (('Dog', 'Rain'), ('Dog',), ())
    >>> read_sounds("狗在叫。", ["cat", "dog"]), read_sounds("It rains.", ["cat", "dog"]), read_sounds("不知道")
    (('Dog',), ('(other)',), None)
    """
    reply = without_options(own_words(reply), choices) if choices else own_words(reply)
    said = told(reply)
    if not said or (_SORRY.match(reply) and refuses(reply)):
        return None
    vocabulary, among = _closed(tuple(choices)) if choices else (find_vocabulary("sound"), None)
    found = _listed(said, vocabulary) or vocabulary.read(reply)
    names = plainest(found, among)
    if plainest(found) == (SILENCE,) and SILENCE not in (among or ()):
        return ()
    if names:
        return names
    if says_nothing(said) or _NOTHING.search(said):
        return ()
    if _UNKNOWN.search(said) or declines(reply) or denied(said):
        return None
    return (OTHER,) if choices or len(said) <= SHORT else None


def plainest(names: Iterable[str], among: Collection[str] | None = None) -> tuple[str, ...]:
    """Labels, as the members of a set that they count as, without those that the others make needless, in their order.

    >>> plainest(["Animal", "Dog", "Bark", "Echo"]), plainest(["Animal", "Bark"]), plainest(["Bark"], ["Animal", "Cat"])
    (('Dog',), ('Bark',), ('Animal',))
    """
    sounds, names = find_vocabulary("sound"), dict.fromkeys(names)
    implied = {name for name, others in _implied().items() if name in names and not others.isdisjoint(names)}
    counts_as = {name: (name,) for name in names} if among is None else sounds.members(names, among)
    kept = [member for name in names if name in (among or ()) or name not in implied for member in counts_as[name]]
    above = {ancestor for name in kept for ancestor in sounds.ancestors(name)} if among is None else set()
    exact = [name for name in dict.fromkeys(kept) if name not in above]
    return tuple([name for name in exact if name not in sounds.labels or not sounds.labels[name].yields] or exact)


def choice_names(choices: str) -> tuple[str, ...]:
    r"""The names of a closed set as inputs["choices"] holds it: with commas between, one a line, lettered, or in JSON.

    >>> choice_names("dog, rain") == choice_names("A. dog\nB. rain") == choice_names('["dog", "rain"]')
    True
    """
    text = choices.strip()
    return options(text) if "\n" in text or text.startswith("[") else split_names(text)


@functools.lru_cache(256)
def split_names(text: str) -> tuple[str, ...]:
    """The names in a list, in its order: a display name of AudioSet that has commas of its own is one name.

    >>> split_names("dog, Male speech, man speaking, sea_waves")
    ('dog', 'Male speech, man speaking', 'sea_waves')
    """
    pieces = [piece for piece in _BETWEEN.split(text.strip()) if piece]
    found, place = [], 0
    while place < len(pieces):
        parts = (pieces[place : place + count] for count in range(_PARTS, 1, -1))
        name = next((several for several in parts if _is_one(several)), pieces[place : place + 1])
        found.append(", ".join(name))
        place += len(name)
    return tuple(found)


def _is_one(pieces: Sequence[str]) -> bool:
    """Whether names with commas between them are one: a label's own, or any that are not names of several labels."""
    canonical, joined = find_vocabulary("sound").canonical, ", ".join(pieces)
    label = canonical(joined)
    return label is not None and (key(label) == key(joined) or len({*map(canonical, pieces)} - {None}) < 2)


def _listed(said: str, vocabulary: Vocabulary) -> list[str]:
    """The labels of what is nothing but a list of names; none of anything else."""
    lines = [_EDGE.sub("", line) for line in said.splitlines()]
    if any(len(piece) > _LONGEST_NAME for line in lines for piece in _BETWEEN.split(line)):
        return []
    names = [vocabulary.canonical(_EDGE.sub("", name)) for name in split_names("\n".join(lines))]
    if None in names:
        return []
    return [name for name in names if name]


@functools.lru_cache(64)
def _closed(choices: tuple[str, ...]) -> tuple[Vocabulary, frozenset[str]]:
    """The members' labels, and the vocabulary in which the members' own words are names in prose as well."""
    sounds = find_vocabulary("sound")
    own: dict[str, str] = {}
    members = {choice: sounds.canonical(choice) or own.setdefault(key(choice), choice) for choice in choices}
    among = frozenset(members.values())
    labels: dict[str, Label] = {}
    for choice, name in members.items():
        if plainest(sounds.read(f"= {choice} ="), among) != (name,):  # among other words it is not read
            label = labels.get(name) or sounds.labels.get(name) or Label(name, ())
            labels[name] = label._replace(aliases=(*label.aliases, choice))
    return dataclasses.replace(sounds, labels={**sounds.labels, **labels}) if labels else sounds, among


@functools.cache
def _implied() -> dict[str, frozenset[str]]:
    text = (resources.files("qaeval.text.labels") / "vocabularies" / "sound.toml").read_text("utf-8")
    return {name: frozenset(others) for name, others in tomllib.loads(text)["implied"].items()}
