"""The labels that a text tells, of those whose names are known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from qaeval.text.labels.aliases import Aliases, Mention
from qaeval.text.labels.others import first_guesses, likened, main_ones, topics
from qaeval.text.replies.denial import denied, within
from qaeval.text.replies.told import CLOSES, OPENS, SENTENCE, key

_SLIGHTLY = re.compile(
    r"(?:[略稍微偏]|[有带一]一?[点些丝抹]儿?|几分)[微带显有为的着]{0,2}\s?\Z"
    r"|\b(?:slight(?:ly)?|somewhat|mildly|hints|traces"
    r"|an? (?:slight |faint |small )?(?:little(?: bit)?|bit|hint|touch|tinge|trace))"
    r"(?: of(?: an?)?)?\s\Z"
)
_NOT = re.compile(r"不(?:太|怎么|是很|那么|够|再|很|算)?\Z")
_BESIDE = re.compile(
    r"[,、/;.。!和与及且而又略微带有点些稍很较比非常的\s]|\b(?:and|but|with|an?|the|very|of|slightly|bit|hint)\b"
)
_QUOTATION = re.compile(f"{OPENS}([^{OPENS}{CLOSES}]*){CLOSES}")


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads the labels of one attribute in texts that `qaeval.text.replies.told.told` gave.

    ``names`` are those in prose (``""``: of nothing), ``values`` those of a whole value, all as
    `qaeval.text.replies.told.key` has them. ``about``: words of the sentences that count, where one of them tells a
    label. What is only talked about, or like what is told, or a first guess that the text then rejects, gives way;
    with ``single`` what is said to be so slightly, or less than another, and what `qaeval.text.labels.others` tells.
    """

    names: Aliases
    values: Mapping[str, str]
    about: Sequence[str] = ()
    single: bool = False

    def read(self, text: str) -> list[str]:
        """The labels in the order of their mentions.

        >>> reader = Reader(Aliases({"sad": "sad", "calm": "neutral"}), {"neu": "neutral"}, single=True)
        >>> reader.read("calm, slightly sad"), reader.read("not calm but sad"), reader.read("neu")
        (['neutral'], ['sad'], ['neutral'])
        """
        if OPENS in text:
            text = _QUOTATION.sub(self._if_label, text)
        if (label := self.values.get(text.strip(" \n.。!,;:()"))) is not None:
            return [label]
        found = self._meant(text)
        for aside in (first_guesses(text), topics(text), likened(text)) if len(found) > 1 else ():
            found = [mention for mention in found if not within(mention.start, aside)] or found
        if self.about and len(found) > 1:
            stretches = [match.span() for match in SENTENCE.finditer(text) if self._point.search(match[0])]
            found = [mention for mention in found if within(mention.start, stretches)] or found
        if self.single and len(found) > 1:
            found = [mention for mention in found if not _is_slight(text, mention)] or found
            found = main_ones(text, found)
        return [mention.label for mention in found]

    def _meant(self, text: str) -> list[Mention]:
        """The names in a text, but for those that are denied."""
        found = list(self.names.find(text))
        not_so = denied(text, [(mention.start, mention.end) for mention in found]) if found else []
        return [
            mention
            for mention in found
            if mention.label
            and not within(mention.start, not_so)
            and not _NOT.search(text[max(0, mention.start - 4) : mention.start])
        ]

    def _if_label(self, quotation: re.Match[str]) -> str:
        """What is quoted, if it is labels and no more."""
        rest, end = "", 0
        for mention in self.names.find(quotation[1]):
            rest, end = rest + quotation[1][end : mention.start], mention.end
        alone = end and not _BESIDE.sub("", rest + quotation[1][end:])
        return quotation[1] if alone or quotation[1].strip() in self.values else " "

    @cached_property
    def _point(self) -> re.Pattern[str]:
        return re.compile("|".join((r"\b" if word.isascii() else "") + re.escape(key(word)) for word in self.about))


def _is_slight(text: str, mention: Mention) -> bool:
    return _SLIGHTLY.search(text[max(0, mention.start - 28) : mention.start]) is not None
