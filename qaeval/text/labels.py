"""Labels in prose: which names of a vocabulary a text mentions, under any of their aliases in Chinese and English.

A vocabulary is a TOML file in ``vocabularies``, named like the attribute that it is of (gender, emotion, sound ...)::

    version = "1"            # raised by every change that can change a score
    source = "where the names come from, and their licence"
    lenient = "lineage"      # related: one is the other's ancestor; "top": equal up to the first "/"; "": only equal

    [labels]
    "Dog" = { zh = ["狗", "犬"], en = ["dogs"], parents = ["Domestic animals, pets"] }
    "西南官话/重庆话" = { zh = ["重庆话"], en = ["Chongqing dialect"] }

The canonical name is an alias of itself. An alias belongs to one label.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import NamedTuple

from qaeval import registry

OTHER = "(other)"
"""Stands for what was named but is in no vocabulary."""


class Label(NamedTuple):
    """A canonical name, its aliases, and the canonical names of its parents."""

    name: str
    aliases: tuple[str, ...]
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The names that an attribute can have. ``version`` is part of what a score rests on."""

    name: str
    version: str
    labels: Mapping[str, Label] = field(repr=False)
    lenient: str = ""

    def canonical(self, value: str) -> str | None:
        """The label that a value is a name of, as a whole; None when it is none.

        >>> find_vocabulary("gender").canonical("女性")
        'female'
        """
        return self._by_alias.get(folded(value))

    def read(self, text: str, among: Collection[str] | None = None) -> tuple[str, ...]:
        """The labels that a text mentions, each once, in the order of their first mention.

        ``among`` are the canonical names that are to be looked for (default: all).

        >>> find_vocabulary("gender").read("说话者为男性,年龄大约30岁")
        ('male',)
        """
        found = (self._by_alias[match[0].replace(" ", " ")] for match in self._pattern.finditer(folded(text)))
        return tuple(dict.fromkeys(name for name in found if among is None or name in among))

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
        found: set[str] = set()
        todo = list(self.labels[name].parents) if name in self.labels else []
        while todo:
            if (parent := todo.pop()) not in found:
                found.add(parent)
                todo += self.labels[parent].parents if parent in self.labels else ()
        return frozenset(found)

    @functools.cached_property
    def _by_alias(self) -> dict[str, str]:
        return {folded(alias): label.name for label in self.labels.values() for alias in (label.name, *label.aliases)}

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        aliases = sorted(self._by_alias, key=len, reverse=True)
        return re.compile(
            "|".join(rf"(?<![a-z]){re.escape(a)}(?![a-z])" if a.isascii() else re.escape(a) for a in aliases)
        )


def folded(text: str) -> str:
    """One width, case and white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@functools.cache
def find_vocabulary(name: str) -> Vocabulary:
    """The vocabulary of an attribute. Raises `UnknownNameError` with the nearest names."""
    folder = resources.files("qaeval.text") / "vocabularies"
    known = sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    if name not in known:
        raise registry.unknown("vocabulary", name, known)
    data = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    labels = {
        label: Label(label, (*entry.get("zh", ()), *entry.get("en", ())), tuple(entry.get("parents", ())))
        for label, entry in data["labels"].items()
    }
    return Vocabulary(name, data["version"], labels, data.get("lenient", ""))
