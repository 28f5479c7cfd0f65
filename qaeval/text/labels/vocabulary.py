"""Labels in prose: which names of a vocabulary a text tells, under any of their aliases in Chinese and English.

A vocabulary is a TOML file in ``vocabularies``, named like the attribute that it is of (gender, emotion, sound ...)::

    version = "1"            # raised by every change that can change a score
    source = "where the names come from, and their licence"
    lenient = "lineage"      # related: one is the other's ancestor; "top": equal up to the first "/"; "": only equal
    single = true            # the attribute has one value, see `Vocabulary.read`; default false
    coded = true             # the canonical names are codes (zh, en), and never read in prose; default false
    forms = ["{}话", "{} dialect"]   # how names in prose are made of the stems below, in their script
    about = ["口音", "speaks"]       # where a sentence with such a word tells a label, only such sentences count
    not_before = ["accent"]  # a name before one of these is none: a French accent is not the language
    ignored = ["儿女"]       # words that hold a name and mean something else

    [labels]
    "Dog" = { zh = ["狗", "犬"], en = ["canine"], parents = ["Domestic animals, pets"] }
    "西南官话/重庆话" = { zh = ["渝语"], stems = ["重庆", "Chongqing"] }
    "普通话" = { en = ["standard Mandarin"], yields = true }
    "male" = { zh = ["男"], en = ["man"], codes = ["m"] }

The canonical name is an alias of itself. ``zh`` and ``en`` are read in prose (English ones in the plural, too),
``stems`` only in one of the forms, ``codes`` never; all of them are names as a whole value. Where another label is
told, one that ``yields`` is none. A path (西南官话/重庆话) is under its beginning (西南官话). An alias belongs to one
label.
"""

from __future__ import annotations

import functools
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, NamedTuple

from qaeval import registry
from qaeval.errors import QaevalError
from qaeval.text.labels.aliases import Aliases, plural
from qaeval.text.labels.mentions import Reader
from qaeval.text.replies.told import key, told

OTHER = "(other)"
"""Stands for what was named but is in no vocabulary."""


class Label(NamedTuple):
    """A canonical name, its aliases in prose, its parents, what else is it as a whole value, and if it yields."""

    name: str
    aliases: tuple[str, ...]
    parents: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    yields: bool = False


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The names that an attribute can have. ``version`` is part of what a score rests on; the rest: see the module."""

    name: str
    version: str
    labels: Mapping[str, Label] = field(repr=False)
    lenient: str = ""
    single: bool = field(default=False, repr=False)
    coded: bool = field(default=False, repr=False)
    about: tuple[str, ...] = field(default=(), repr=False)
    not_before: tuple[str, ...] = field(default=(), repr=False)
    ignored: tuple[str, ...] = field(default=(), repr=False)

    def canonical(self, value: str) -> str | None:
        """The label that a value is a name of, as a whole; None when it is none.

        >>> [find_vocabulary("gender").canonical(value) for value in ("女性", "F", "male_masculine", "30")]
        ['female', 'female', 'male', None]
        """
        return self._values.get(key(value))

    def read(self, text: str, among: Collection[str] | None = None) -> tuple[str, ...]:
        """The labels that a text tells, each once, in the order of their first mention.

        The longest name counts. Not told is what is denied (不是男性, not a dog, rather than), asked, or quoted as
        speech (`qaeval.text.replies.told`). Of "male or female" both are told. Where the attribute has one value
        (``single``), the more exact of two answers counts (西南官话, 重庆话: the second) and the plainer ("calm,
        slightly sad": the first); what is left then are several answers.

        ``among`` are the canonical names that are to be looked for (default: all); see `members`.

        >>> gender = find_vocabulary("gender")
        >>> gender.read("说话者不是男性,而是女性。"), gender.read("two men's voices"), gender.read("'我是女人'")
        (('female',), ('male',), ())
        """
        names = dict.fromkeys(self._reader.read(told(text)))
        if among is not None:
            members = self.members(names, among)
            names = dict.fromkeys(name for label in names for name in members[label])
        return tuple(self._exact(names) if self.single else names)

    def members(self, names: Iterable[str], among: Collection[str]) -> dict[str, tuple[str, ...]]:
        """What each of the labels that a text tells counts as in a closed set: itself, else the members above it.

        Of members that are one above the other the lower counts; of those that are not, the ones that are told
        themselves, else all: which of them is meant is not told. A label that is under another told one, and that one
        is not of the set, is that one's: a wolf's howl is no dog's, though AudioSet has howls under both. So no member
        is told by its sibling.

        >>> sounds = find_vocabulary("sound")
        >>> sounds.members(["Howl"], ["Dog", "Cat"]), sounds.members(["Canidae, dogs, wolves", "Howl"], ["Dog", "Cat"])
        ({'Howl': ('Dog',)}, {'Canidae, dogs, wolves': (), 'Howl': ()})
        """
        told = dict.fromkeys(names)
        outside = {name for name in told if name not in among and not self.ancestors(name).intersection(among)}
        counts = {name: (name,) if name in among else self._over(name, among, outside) for name in told}
        return {name: tuple(each for each in members if each in told) or members for name, members in counts.items()}

    def _over(self, name: str, among: Collection[str], outside: Collection[str]) -> tuple[str, ...]:
        """The lowest members above a label, but for those that share it with a told label outside of the set."""
        above = self.ancestors(name)
        found, owners = above.intersection(among), above.intersection(outside)
        over = {ancestor for member in found for ancestor in self.ancestors(member)}
        return tuple(sorted(member for member in found - over if owners <= self.ancestors(member)))

    def related(self, reference: str, hypothesis: str) -> bool:
        """Whether two labels are the same or, as ``lenient`` says, near enough."""
        if reference == hypothesis:
            return True
        if self.lenient == "top":
            return reference.split("/")[0] == hypothesis.split("/")[0]
        if self.lenient == "lineage":
            return hypothesis in self.ancestors(reference) or reference in self.ancestors(hypothesis)
        return False

    def ancestors(self, name: str) -> frozenset[str]:
        """The labels above one, up to the top; none for an unknown one."""
        return frozenset(self._above(name))

    def _above(self, name: str) -> list[str]:
        """The ancestors of a label, the nearest first."""
        found: dict[str, None] = {}
        level = [name]
        while level := [parent for label in level for parent in self._parents(label) if parent not in found]:
            found.update(dict.fromkeys(level))
        return list(found)

    def _parents(self, name: str) -> tuple[str, ...]:
        if name not in self.labels:
            return ()
        path = name.rpartition("/")[0]
        return (*((path,) if path in self.labels else ()), *self.labels[name].parents)

    def _exact(self, names: Collection[str]) -> list[str]:
        """Without the labels that another one is under, and those that yield to any other."""
        above = {ancestor for name in names for ancestor in self.ancestors(name)}
        exact = [name for name in names if name not in above]
        return [name for name in exact if not self.labels[name].yields] or exact

    @functools.cached_property
    def _values(self) -> dict[str, str]:
        """The label of every name that a whole value can be, English ones in the plural, too."""
        names = self._names(lambda label: (label.name, *label.aliases, *label.codes))
        return {plural(name): label for name, label in names.items()} | names

    @functools.cached_property
    def _reader(self) -> Reader:
        names = self._names(lambda label: label.aliases if self.coded else (label.name, *label.aliases))
        names |= {key(word): "" for word in self.ignored}
        return Reader(Aliases(names, self.not_before), self._values, self.about, self.single)

    def _names(self, of: Callable[[Label], Iterable[str]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for label in self.labels.values():
            for name in map(key, of(label)):
                if found.setdefault(name, label.name) != label.name:
                    raise QaevalError(
                        f"vocabulary {self.name!r}: {name!r} is a name of both {found[name]!r} and {label.name!r}; "
                        "expected one label for each name"
                    )
        return found


def folded(text: str) -> str:
    """One width, case and white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@functools.cache
def find_vocabulary(name: str) -> Vocabulary:
    """The vocabulary of an attribute. Raises `UnknownNameError` with the nearest names."""
    folder = resources.files("qaeval.text.labels") / "vocabularies"
    known = sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    if name not in known:
        raise registry.unknown("vocabulary", name, known)
    data = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    return Vocabulary(
        name,
        data["version"],
        {label: _label(label, entry, data.get("forms", ())) for label, entry in data["labels"].items()},
        data.get("lenient", ""),
        data.get("single", False),
        data.get("coded", False),
        tuple(data.get("about", ())),
        tuple(data.get("not_before", ())),
        tuple(data.get("ignored", ())),
    )


def _label(name: str, entry: Mapping[str, Any], forms: Iterable[str]) -> Label:
    stems = entry.get("stems", ())
    made = [form.replace("{}", stem) for stem in stems for form in forms if stem.isascii() == form.isascii()]
    return Label(
        name,
        (*entry.get("zh", ()), *entry.get("en", ()), *made),
        tuple(entry.get("parents", ())),
        (*stems, *entry.get("codes", ())),
        entry.get("yields", False),
    )
