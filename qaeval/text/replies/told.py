"""What a reply tells in its own words: not what it quotes, asks, denies or thinks aloud.

``told`` prepares a reply for `qaeval.text.labels.vocabulary`; what is denied in it finds `qaeval.text.replies.denial`.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from qaeval.text.normalising.simplified import simplify
from qaeval.text.replies.denial import denied as denied, within as within
from qaeval.text.replies.turns import own_words
from qaeval.text.replies.unwrap import unfenced

OPENS, CLOSES = "\ue000", "\ue001"
"""Stand around a quotation that may be a label, in what `told` gives."""

_DASHES = re.compile(r"(?<=[^\W\d_])[-_‐-―−]+(?=[^\W_])")
_SPACES = re.compile(r"[^\S\n]+")
_TAGS = re.compile(r"</?[^<>\n]{1,40}>")
_MARKDOWN = re.compile(r"[*|]+|(?m:^\s{0,8}(?:#+|[-•])\s)")
_QUOTED = re.compile(
    r'"[^"\n]*+"|“[^“”\n]*+”|「[^「」\n]*+」|『[^『』\n]*+』|«[^«»\n]*+»|《[^《》\n]*+》'
    r"|(?<![A-Za-z0-9])(?:'(?:[^'\n]|(?<=[A-Za-z])'(?=[A-Za-z]))*+'|‘(?:[^‘’\n]|(?<=[A-Za-z])’(?=[A-Za-z]))*+’)"
    r"(?![A-Za-z])"
)
_LONGEST_LABEL = 60
_SPOKEN = re.compile(
    r"""(?:说的?|讲的?|道|念|唱|喊|问|回答|表示|提到|内容|原文|原话|文本|文字|转[写录]|台词|歌词|[句词字]|话
    |\b(?:says?|said|saying|speaks?|spoken|ask(?:s|ed)?|shout(?:s|ed|ing)?|utter(?:s|ed)?|sings?|repl(?:y|ies|ied)
     |repeat(?:s|ed|ing)?|mention(?:s|ed|ing)?|content|transcript|transcription|text|words?|phrases?|sentences?|line
     |lyrics?|quote|(?:speaker|voice|man|woman|boy|girl|person)(?=\s?[:,]))(?:\s(?:of|in|from)[a-z\s]{1,30})?)
    \s?(?:is|are|was|reads?|as\sfollows|[是为有]|如下)?[\s:：,，]*\Z""",
    re.VERBOSE | re.IGNORECASE,
)
SENTENCE = re.compile(r"[^。.;!！?？\n]*[。.;!！?？\n]?")
_ASKS = re.compile(
    r"什么|哪|谁|吗|呢|是不是|有没有|还是|是男是女|多大|\b(?:what|which|who|whose|how|when|where|why|do|does|did|is|are"
    r"|was|were|can|could|would|should|shall|may|will|anything|or)\b"
)
_TEXT_KEYS = {
    "text", "transcript", "transcription", "content", "words", "lyrics", "speech", "sentence", "asr_text",
    "文本", "文字", "转写", "转录", "内容", "原文", "原始内容", "歌词", "说话内容", "语音内容",
}  # fmt: skip
_MOST_VALUES = 10_000


def key(text: str) -> str:
    """The form in which names are compared: one width, case, script (simplified) and white space, no dashes.

    >>> key("Middle-Aged"), key("lan_yin"), key("雙 簧管")
    ('middle aged', 'lan yin', '双 簧管')
    """
    return " ".join(_same(text).split())


def _same(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _SPACES.sub(" ", simplify(_DASHES.sub(" ", text)))


@functools.lru_cache(256)
def told(reply: str) -> str:
    r"""A reply as `key` would have it, line by line, without its quotations, questions, thoughts, tags and markdown.

    Of JSON the values are left, one a line. A quotation that is short and not introduced as speech may be a label: it
    stays, between `OPENS` and `CLOSES`.

    >>> told("Content: 'I am a Woman', the **speaker** is male. Anything else?")
    'content: , the speaker is male.'
    >>> told('{"gender": "male", "age": 30, "text": "a woman"}')
    'male\n30'
    """
    reply = own_words(reply)
    value = json_in(reply)
    if value is not None:
        return _same("\n".join(_values(value))).strip()
    kept = _MARKDOWN.sub(" ", _TAGS.sub(" ", _without_quotations(reply.replace("`", '"'))))
    told = "".join(sentence for sentence in SENTENCE.findall(_same(kept)) if not _asks(sentence))
    return _SPACES.sub(" ", told).strip()


def _asks(sentence: str) -> bool:
    return sentence[-1:] in {"?", "？"} and _ASKS.search(sentence) is not None


def _without_quotations(text: str) -> str:
    def kept(match: re.Match[str]) -> str:
        if match.end() - match.start() > _LONGEST_LABEL or match[0][0] == "《" or _is_speech(text, match):
            return " "
        return f"{OPENS}{match[0][1:-1]}{CLOSES}"

    return _QUOTED.sub(kept, text.replace(OPENS, " ").replace(CLOSES, " "))


def without_speech(text: str) -> str:
    """A text without the quotations that it introduces as speech.

    >>> without_speech("He says 'it is A', the answer is 'B'.")
    "He says  , the answer is 'B'."
    """
    return _QUOTED.sub(lambda match: " " if _is_speech(text, match) else match[0], text)


def _is_speech(text: str, quotation: re.Match[str]) -> bool:
    return _SPOKEN.search(text[max(0, quotation.start() - 48) : quotation.start()]) is not None


def json_in(reply: str) -> Any:
    """The JSON object or list that a reply is, or that begins in it; None where there is none.

    >>> json_in('Here you are: {"age": 30}. Bye'), json_in("[laughs] Hi")
    ({'age': 30}, None)
    """
    text = unfenced(reply)
    starts = {text.find("{"), text.find("[")} - {-1}
    for start in sorted(starts):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict | list) and value and not all(type(item) in (int, float) for item in value):
            return value
    return None


def _values(value: Any) -> Iterator[str]:
    """The texts and numbers of JSON, in their order, but for transcripts; the key where the value is true."""
    todo, seen = [value], 0
    while todo and (seen := seen + 1) < _MOST_VALUES:
        item = todo.pop()
        if isinstance(item, dict):
            held = [key if child is True else child for key, child in item.items() if key.lower() not in _TEXT_KEYS]
            todo += reversed(held)
        elif isinstance(item, list):
            todo += reversed(item)
        elif isinstance(item, str | int | float) and not isinstance(item, bool):
            yield str(item)
