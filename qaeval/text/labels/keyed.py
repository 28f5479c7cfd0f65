"""Values under keys: ``{"gender": "male"}``, ``Gender: male``, 性别：男, in JSON, lists and sentences."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from qaeval.text.replies.told import json_in, key
from qaeval.text.replies.unwrap import unwrap

_OR = r"(?: ?(?:/|or|and|&|[或与和及]) ?(?:dialects?|accents?|方言|口音))?"
_KEYS = {
    "gender": "gender|sex|性别",
    "age": "(?:approximate |estimated )?age(?: group| range)?|年龄(?:段|范围)?|年纪",
    "language": rf"(?:(?:spoken )?languages?|语言|语种){_OR}",
    "dialect": rf"(?:dialects?|方言){_OR}",
    "accent": "accents?|口音",
    "emotion": "emotions?|emotional (?:state|tone)|mood|tone|sentiment|情绪|情感|语气|心情",
    "intent": "intent(?:ion)?s?|purpose|意图|目的",
    "text": "(?:original |spoken )?(?:content|text)|transcript(?:ion)?|words"
    "|(?:原始|说话|音频|语音)?内容|文本|原文|转写|转录",
}
"""What a key may be called under which the value of an attribute stands, or the transcript."""

_OWNER = (
    "(?:(?:the )?speaker(?:'s)? |(?:说话者|说话人|讲话者)的?)?"
    "(?:(?:primary|main|dominant|overall|predicted) |(?:主要|整体|总体)的?)?"
)
_IS_KEY = re.compile(_OWNER + "(?:" + "|".join(f"(?P<{name}>{names})" for name, names in _KEYS.items()) + ")")
_KEYED = re.compile(
    rf"(?:\A|(?<=[\n,，;；。.、(（]))\s{{0,8}}(?:(?:[-*•#]|\d{{1,2}}[.)、])\s{{0,4}}){{0,3}}\**"
    rf"(?P<key>{_OWNER}(?:{'|'.join(_KEYS.values())}))(?:\s?[(（][^()（）\n]{{0,30}}[)）])?\**\s?[:：]\**",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\n|[。;；]|\.(?=\s|\Z)")
_LINE = re.compile(r"\n")
_COMMA = re.compile(r"[,，]")
_MOST = 10_000


def keyed(reply: str) -> tuple[list[tuple[str, str]], str]:
    r"""The attribute and the value of each key in a reply, and the prose beside them; nothing of the transcript.

    >>> keyed("内容：我是女人\n性别：男，听起来平静")
    ([('gender', '男，听起来平静')], '\n听起来平静')
    >>> keyed('{"speaker": {"Gender": "M", "age": 30}}')
    ([('gender', 'M'), ('age', '30')], '')
    >>> keyed('{"gender": {"male": 0.9, "female": 0.1}, "age": 30}')
    ([('age', '30')], 'male: 0.9, female: 0.1')
    """
    value = json_in(reply)
    found = [] if value is None else list(_pairs(value))
    pairs = [pair for pair in found if pair[0]]
    if pairs or _scores(value):
        return pairs, "\n".join(said for attribute, said in found if not attribute)
    return _sections(_without_transcript(reply.strip()))


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    """The attributes in JSON, in any depth, the outer ones first; names with their scores under no attribute."""
    todo = [value]
    for item in todo:
        if scores := _scores(item):
            yield "", scores
        for name, held in item.items() if isinstance(item, dict) else [("", held) for held in item]:
            attribute = _attribute(name)
            plain = isinstance(held, list) and all(isinstance(each, str) for each in held)
            if attribute and (plain or (isinstance(held, str | int | float) and not isinstance(held, bool))):
                if attribute != "text":
                    yield attribute, ", ".join(held) if isinstance(held, list) else str(held)
            elif isinstance(held, dict | list) and len(todo) < _MOST:
                todo.append(held)


def _scores(held: Any) -> str:
    """An object of names with their scores as prose; "" where it is none.

    >>> _scores({"happy": 0.1, "sad": 0.9})
    'happy: 0.1, sad: 0.9'
    """
    if not isinstance(held, dict) or len(held) < 2 or any(type(score) not in (int, float) for score in held.values()):
        return ""
    return ", ".join(f"{name}: {score}" + ".0" * isinstance(score, int) for name, score in held.items())


def _attribute(name: str) -> str:
    match = _IS_KEY.fullmatch(key(name))
    return (match.lastgroup or "") if match else ""


def _without_transcript(reply: str) -> str:
    """What stands beside the words that a reply introduces as those that are said; all of it where there are none."""
    said = unwrap(reply)
    if "prefix" not in said.rule or not said.text or "\n" in said.text or _KEYED.search(said.text):
        return reply
    before, _, after = reply.partition(said.text)
    return f"{before}\n{after}"


def _sections(text: str) -> tuple[list[tuple[str, str]], str]:
    """A value goes on to the next key, the end of its line or sentence or a comma; a transcript to the next key."""
    pairs, prose, end = [], [], 0
    matches = list(_KEYED.finditer(text))
    for match, after in itertools.zip_longest(matches, matches[1:]):
        attribute = _attribute(match["key"])
        prose.append(text[end : match.start()])
        if attribute == "text" and after:
            end = after.start()
            continue
        stop = (_LINE if attribute == "text" else _ENDS).search(
            text, match.end(), after.start() if after else len(text)
        )
        close = stop.start() if stop else after.start() if after else len(text)
        value = text[match.end() : close]
        if attribute == "text":
            end = close
        else:
            pairs.append((attribute, value.strip()))
            comma = _COMMA.search(value)
            end = match.end() + comma.end() if comma else close
    return pairs, "".join((*prose, "\n", text[end:]))
