"""From what a model replies to what it says was said: ``这段音频说的是:'欢迎使用阿里云'。`` is 欢迎使用阿里云.

Only forms that begin at the first character of the reply are taken off, each by a named rule, and what a prefix or
quotation marks enclose is never unwrapped again. So a clip that itself says "这段音频说的是" or "I'm sorry", and
apostrophes or quotations inside a transcript, stay whole; where a form could be part of what is said, it stays.

Rules, in the order in which they are tried (``fence+json`` means one inside the other):

``think``   what a model thinks before it answers: ``<think>...</think>``
``turns``   the prompt as a turn of a user's before the answer, and the turns that a model makes up after it
``fence``   a markdown code fence around the whole reply
``tokens``  special tokens of speech models (``<|zh|>``, ``<|0.54|>``), a header ``language Chinese<asr_text>``, and
            what a model writes past the end of its turn (after ``<|im_end|>``, or from a line ``Human:`` on)
``tag``     one element around the whole reply: ``<transcription>...</transcription>``
``json``    an object with a text-like key (text, transcript, transcription, content, 文本, 转写 ...), or a list of them
``prefix``  an introduction in Chinese or English (with or without quotation marks and what follows them) or a heading
``silence`` the statement, and nothing else, that nothing is said in the audio: the text is empty
``lines``   a time stamp or the number of a speaker before every line: ``[00:02] Speaker 1: ...``; subtitles
``quotes``  quotation marks around the whole reply, which occur nowhere inside
``markdown`` emphasis around the whole reply, or a block quote
``""``      none of them: the reply is the text
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from qaeval.text.replies.beginnings import ENGLISH_FORM, ENGLISH_LETTERS, OTHER_FORM, OTHER_LETTERS
from qaeval.text.replies.cues import without_cues
from qaeval.text.replies.introductions import (
    CHINESE,
    ENGLISH,
    POLITE,
    SILENCE,
    SPEAKERS,
    UNMARKED,
    as_simplified,
    without_remarks,
)
from qaeval.text.replies.quotations import MARKS, after_colon, quoted, quotes
from qaeval.text.replies.turns import answer_to_the_prompt, without_later_turns

_THOUGHT = "</think>"
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)\n?```", re.DOTALL)
_SPECIAL = re.compile(r"<\|[^|<>\n]{1,30}\|>|</?(?:asr_text|s)>")
_HEADER = re.compile(r"language\s+[\w, -]{2,40}?<asr_text>", re.IGNORECASE)
_PAST = re.compile(r"<\|(?:im_end|endoftext|im_start)\|>|\n[^\S\n]*+Human\s*:")
_ELEMENTS = "transcription|transcript|text|asr_text|answer|speech|content|output|result"
_TAG = re.compile(rf"<({_ELEMENTS})(?:\s[^<>\n]{{1,80}})?>(.*)</\1>[.。]?", re.DOTALL | re.IGNORECASE)
_KEYS = (
    "transcription", "transcript", "text", "asr_text", "content", "speech", "result", "segments",
    "transcribed_text", "audio_transcription", "文本", "文字", "转写", "转录", "内容", "原文", "原始内容",
    "转写文本", "转写结果", "转录文本", "转录内容", "识别结果", "文字内容", "语音内容", "说话内容",
)  # fmt: skip
_DEPTH = 3
_RULED = re.compile(r"\A-{3,}\s*\n\s*|\n[ \t]*-{3,}\Z")
_HEADING = re.compile(r"【([^【】\n]{1,12})】\s*")
_BRACKETS = tuple("[(（【*♪♫🎵🎶")
_UNOPENED = re.compile(r"[^*]+(\*{1,3})")
_EMPHASIS = re.compile(r"(\*{1,3}|_{2}|`)(?=\S)([^*_`]+)(?<=\S)\1")


class Unwrapped(NamedTuple):
    """What a reply says, and the rule that found it (``""``: the reply itself)."""

    text: str
    rule: str


def unwrap(reply: str) -> Unwrapped:
    """The words that a reply reports, without what the model says about them.

    >>> unwrap("这段音频的原始内容是:'这是一封信',说话者为男性,年龄大约30岁。")
    Unwrapped(text='这是一封信', rule='prefix')
    >>> unwrap("The audio says: 'it's Mister Quilter's'.")
    Unwrapped(text="it's Mister Quilter's", rule='prefix')
    >>> unwrap("这段音频说的是什么")
    Unwrapped(text='这段音频说的是什么', rule='')
    """
    text = reply.strip()
    # Most replies are the transcript alone: no rule can apply to one that begins like none of the forms.
    first = text[:1]
    if (
        (first in ENGLISH_LETTERS and ENGLISH_FORM.match(text))
        or (first in OTHER_LETTERS and OTHER_FORM.match(text))
        or not first.isalpha()
        or "<" in text
        or "\n" in text
    ):
        return _unwrapped(text)
    return Unwrapped(text, "")


def _unwrapped(text: str) -> Unwrapped:
    rules = []
    for rule, strip in _OUTER if "\n" in text else _OUTER_OF_A_LINE:
        inner = strip(text)
        if inner is not None:
            text = inner.strip()
            rules.append(rule)
    for rule, strip in _FORMS:
        inner = strip(text)
        if inner is not None:
            text = inner.strip()
            rules.append(rule)
            break
    return Unwrapped(text, "+".join(rules))


def unfenced(reply: str) -> str:
    r"""A reply without white space, what was thought before it, and a markdown code fence around it.

    >>> unfenced("```json\n[1, 2]\n```"), unfenced("<think>Hm.</think>\n\n[1, 2]")
    ('[1, 2]', '[1, 2]')
    """
    text = reply.strip()
    for strip in (_thought, _fence):
        inner = strip(text)
        text = text if inner is None else inner.strip()
    return text


def _thought(text: str) -> str | None:
    """What follows a thought; the template of some models has its opening tag, so that the reply lacks it."""
    return text.partition(_THOUGHT)[2] if _THOUGHT in text else None


def _fence(text: str) -> str | None:
    match = _FENCE.fullmatch(text) if text.startswith("```") else None
    return match[1] if match else None


def _tokens(text: str) -> str | None:
    if "<" not in text and "Human" not in text:
        return None
    past = _PAST.search(text, 1)
    rest = text[: past.start()] if past else text
    rest = _SPECIAL.sub(" ", _HEADER.sub(" ", rest))
    return rest if rest != text else None


def _tag(text: str) -> str | None:
    match = _TAG.fullmatch(text) if text.startswith("<") else None
    return match[2] if match else None


def _json(text: str) -> str | None:
    if not text.startswith(("{", "[")):
        return None
    try:
        return _told(json.loads(text), _DEPTH)
    except (ValueError, RecursionError):
        # As Python prints it.
        return _json(text.replace("'", '"')) if "'" in text and '"' not in text else None


def _told(value: Any, depth: int) -> str | None:
    """The text of an object, or of each in a list, with a space between."""
    if isinstance(value, list) and value and depth:
        texts = [_told(one, depth - 1) if isinstance(one, dict) else None for one in value]
        return None if None in texts else " ".join(map(str, texts))
    if not isinstance(value, dict):
        return None
    found = {str(key).strip().lower(): item for key, item in value.items()}
    item = next((found[key] for key in _KEYS if key in found), ...)
    if item is None:  # null: nothing is told
        return ""
    return item if isinstance(item, str) else (_told(item, depth - 1) if depth else None)


def _silence(text: str) -> str | None:
    return "" if SILENCE.fullmatch(as_simplified(text)) else None


def _prefix(text: str) -> str | None:
    if text.startswith("【"):
        text = _HEADING.sub(r"\1：", text, count=1)
    polite = POLITE.match(text)
    start = polite.end() if polite else 0
    in_english = text[start : start + 1].isascii()
    form = text if in_english else as_simplified(text)
    for pattern in ENGLISH if in_english else CHINESE:
        match = pattern.match(form, start)
        body = text[match.end() :] if match else ""
        if match and body[:1] in MARKS:
            inner = quoted(body)
            return after_colon(body) if inner is None and match["colon"] else inner
        if match and (match["colon"] or (text[0] in "*#" and "\n" in text[: match.end()])):
            return _introduced(body)
    if in_english and (match := UNMARKED.match(text, start)):
        return text[match.end() :]
    match = SPEAKERS.match(form, start)
    body = text[match.end() :] if match else ""
    return quoted(body, to_the_end=True) if body[:1] in MARKS else None


def _introduced(body: str) -> str:
    """What stands after a colon or under a heading, without quotation marks."""
    body = _RULED.sub("", body)
    if body[:1] in _BRACKETS and SILENCE.fullmatch(body):
        return ""
    said = without_remarks(body)
    for candidate in (body,) if said == body else (body, said):
        for strip in (_fence, _json, _tag, without_cues, _markdown):
            if (inner := strip(candidate)) is not None:
                return inner if strip is not _fence or (told := _json(inner.strip())) is None else told
    return said[: -len(stars[1])] if (stars := _UNOPENED.fullmatch(said)) else said


def _markdown(text: str) -> str | None:
    if match := _EMPHASIS.fullmatch(text):
        return match[2]
    if not text.startswith(">"):
        return None
    lines = text.splitlines()
    quote = all(line.startswith(">") or not line.strip() for line in lines)
    return "\n".join(line.lstrip("> ") for line in lines) if quote else None


_OUTER_OF_A_LINE = (("think", _thought), ("tokens", _tokens))
_OUTER = (
    ("think", _thought),
    ("turns", answer_to_the_prompt),
    ("fence", _fence),
    ("tokens", _tokens),
    ("turns", without_later_turns),
)
_FORMS = (
    ("tag", _tag),
    ("json", _json),
    ("prefix", _prefix),
    ("silence", _silence),
    ("lines", without_cues),
    ("quotes", quotes),
    ("markdown", _markdown),
)
