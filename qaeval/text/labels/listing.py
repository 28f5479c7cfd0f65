"""The options that a reply only repeats: "Of the options dog, cat and rain, this is rain", 在狗叫、猫叫中，是猫叫.

A list of options is left out of what is read where it is called one ("the options are", 选项有). It is, too, where it
is introduced as one ("among", "of ..." at the beginning of a sentence, 在...中) or has the whole of a set of four or
more, but only if one of its members is named again behind it, since "among the sounds of rain and wind a man speaks"
lists what is heard. "I hear a dog and a cat. The dog is loud" lists nothing of the kind.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence

from qaeval.text.replies.told import key

_OPTIONS = r"(?:options?|choices?|candidates?|alternatives)"
_SORTS = (
    r"(?:labels?|class(?:es)?|categor(?:y|ies)|list|types?|emotions?|genres?|languages?|accents?|dialects?|intents?"
    r"|instruments?|moods?|sounds?)"
)
_GIVEN = (
    r"(?:(?:following|given|possible|listed|provided|available|above|these|those|\d{1,2}"
    r"|two|three|four|five|six|seven|eight|nine|ten)\s){1,3}"
)
_SENTENCE = re.compile(
    rf"(?:\A|(?<=[.。\n]))[ \t]{{0,4}}(?:(?:the\s)?(?:\w{{1,12}}\s)?{_OPTIONS}\b[^.。\n]{{0,40}}?"
    r"(?:\b(?:are|include)\b|[:：])"
    r"|选项(?:有|是|为|包括|[:：]))[^.。\n]*[.。\n](?=\s{0,9}\S)",
    re.IGNORECASE,
)
"""A sentence that lists what there is to choose from, before another one."""
_CALLED = re.compile(
    rf"(?:\b{_OPTIONS}|{_GIVEN}{_SORTS}(?:\sof\s\w+)?)\b(?:\s(?:are|include|of|is))?\W{{0,4}}\Z"
    r"|(?<!正确)(?<!最佳)(?:选项|候选|可选的?)\w{0,4}\W{0,3}\Z",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    rf"(?:\b(?:among(?:st)?|between|out\sof|from|given|considering)|(?:\A|[.。!\n])\s?of)(?:\sall)?(?:\sthe)?"
    rf"\s?(?:{_GIVEN})?{_SORTS}?\W{{0,4}}\Z"
    r"|\b(?:class|categori)es\s(?:are|include)\W{0,4}\Z|[在从]\W{0,2}\Z",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"\W{0,3}(?:这[^,，。\n]{0,8}|等?\w{0,4})?(?:[之当]?中|里面?|之间|来看)")
_SEPARATOR = (
    r"[\"'”’`]?\s?(?:[,，、/|;；]\s?(?:(?:and|or|以及|还有|[和或])\s?)?|\s(?:and|or)\s|以及|还有|[和或与及])"
    r"\s?[\"'“‘`]?"
)
_LETTER = r"(?:(?<![A-Za-z])[(（\[]?[A-Z][)）\].．:：、]{1,2}\s?)?"
"""Of a lettered option: "A. dog"."""
_SOME = 4
"""So many members are all of a set that no reply names without listing it."""


def without_options(reply: str, names: Sequence[str] = ()) -> str:
    """A reply without what it only lists as the options; ``names`` are those of a closed set.

    >>> without_options("Among dog, cat: cat", ["dog", "cat"]), without_options("The options are a, b. It is b.")
    ('Among : cat', ' It is b.')
    >>> without_options("I hear a dog and a cat; the dog is loud.", ["dog", "cat"])
    'I hear a dog and a cat; the dog is loud.'
    """
    reply = _SENTENCE.sub(" ", reply)
    if len(names) < 2:
        return reply
    item, run = _patterns(tuple(names))
    kept, end = "", 0
    for match in run.finditer(reply):
        if _is_list(reply, match, {key(name) for name in item.findall(match[0])}, len(names)):
            kept, end = kept + reply[end : match.start()], match.end()
    return kept + reply[end:]


def _is_list(reply: str, run: re.Match[str], listed: Collection[str], size: int) -> bool:
    before, after = reply[max(0, run.start() - 60) : run.start()], key(reply[run.end() :])
    if len(listed) < 2 or not any(map(str.isalnum, after)):
        return False
    if _CALLED.search(before):
        return True
    introduced = _INTRODUCED.search(before)
    if introduced and introduced[0][0] in "在从" and not _WITHIN.match(reply, run.end()):
        introduced = None
    return bool(introduced or len(listed) >= max(_SOME, size)) and any(name in after for name in listed)


@functools.lru_cache(256)
def _patterns(names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One of the names, and several of them in a row; they may be written with blanks, dashes or underscores."""
    forms = (re.sub(r"(?:\\?[ _-])+", r"[\\s_-]", re.escape(name)) for name in sorted(names, key=len, reverse=True))
    item = rf"(?<![A-Za-z])(?:{'|'.join(forms)})(?![A-Za-z])"
    listed = rf"{_LETTER}(?:(?<![A-Za-z])(?:an?|the)\s)?{item}"
    return re.compile(item, re.IGNORECASE), re.compile(rf"{listed}(?:{_SEPARATOR}{listed})+", re.IGNORECASE)
