"""From a reply to the translation or the summary in it: 这段音频的英文翻译是:'Welcome'。 is Welcome.

As `qaeval.text.replies.unwrap` does it for transcripts: only what begins at the first character is taken off, and what
an introduction or quotation marks enclose is not unwrapped again. The rules, in their order:

``json``    an object with the key translation, translated_text, 译文, 翻译, or summary, abstract, 摘要, 总结 ...
``tag``     ``<translation>...</translation>``, ``<summary>...</summary>`` around the whole reply
``prefix``  an introduction (翻译结果如下:, "The English translation is:", 摘要:, "Summary:") before a colon or a
            quotation, or as a heading
else those of `unwrap`; ``""``: none of them, the reply is the text
"""

from __future__ import annotations

import re
from typing import Literal

from qaeval.text.replies.introductions import TRANSLATION, as_simplified, without_closing
from qaeval.text.replies.quotations import MARKS, after_colon, quoted
from qaeval.text.replies.told import json_in
from qaeval.text.replies.turns import own_words
from qaeval.text.replies.unwrap import Unwrapped, unfenced, unwrap

Kind = Literal["translation", "summary"]

_SURE = r"[*\#\s]*+(?:(?:好的|当然(?:可以)?|没问题|sure|certainly|of\ course|okay)\s*+[,，.。!！]\s*+)?[*\#]*+"
_END = r"[ \t]*+\**+(?:(?P<colon>[:：])\**+\s*+|\s*+(?=['\"‘“「『«])|(?P<line>\n)\s*+)"
_THIS = r"把?(?:(?:以下|下面)是)?(?:[这该此]?[段个条句份]?(?:音频|语音|录音|话|内容))?(?:的?(?:内容|原文))?的?"
_TONGUE = r"(?:[\u4e00-\u9fff]{1,4}[文语])?"
_OF = r"(?:\s+(?:of|for|in|into|from|to)\s+[^:\n'\"]{1,60}?)?(?:\s+(?:is|are|reads))?(?:\s+as\s+follows)?"
_FORMS = {
    "translation": (
        rf"{_THIS}{_TONGUE}的?(?:翻译|译文)(?:[成为]?{_TONGUE})(?:的?(?:结果|内容|文本))?(?:是|为|如下)?",
        rf"(?:here(?:'s|\ is)\s+)?(?:the\s+|an?\s+)?(?:[a-z]{{1,20}}\s+)?(?:translation|version){_OF}",
        r"""(?:(?:the|this)\s+)?(?:(?:audio|speech|speaker|recording|it|this|sentence)\s+)?(?:is\s+)?translate[sd]
        \s+(?:in)?to(?:\s+[a-z]{1,20})?(?:\s+(?:as|is))?""",
        r"the\s+(?:audio|speech|recording)\s+in\s+[a-z]{1,20}\s+(?:is|says)",
        r"in\s+[a-z]{1,20},?\s+(?:it|this|the\s+(?:audio|speaker|sentence))\s+(?:means|says|is)",
    ),
    "summary": (
        rf"{_THIS}(?:一句话|简要|主要|内容){{0,2}}的?(?:摘要|总结|概要|概括|小结|要点|(?<=主要)内容)(?:是|为|如下)?",
        rf"""(?:here(?:'s|\ is)\s+)?(?:the\s+|an?\s+)?(?:(?:brief|short|concise|one-sentence|key|main)\s+)?
        (?:summary|abstract|overview|points){_OF}""",
    ),
}
_PREFIXES = {
    kind: [re.compile(rf"{_SURE}(?:{form}){_END}", re.IGNORECASE | re.VERBOSE) for form in forms]
    for kind, forms in _FORMS.items()
}
_ORIGINAL = re.compile(
    r"[*\#\s]*+(?:original|source|transcript|transcription|原文|原始?内容|转写|转录|文本)(?:\s+text)?\**\s?[:：]",
    re.IGNORECASE,
)
_MEANS = re.compile(
    r"""(?<=['"’”」』])\s?[,，(（.。;；]?\s?(?:which\s(?:means|translates\s(?:in)?to)|means|的?意思是
     |(?:[中英日粤][文语])?的?(?:翻译|译文)[成为]?[\u4e00-\u9fff]{0,3}(?:[是为]|(?=[:：])))
    [:：,，]?\s?(?=['"‘“「『])""",
    re.IGNORECASE | re.VERBOSE,
)
_SAID = ("prefix", "quotes")
"""Rules that read the words that are spoken, where what they mean comes next."""

_KEYS = {
    "translation": ("translation", "translated_text", "target_text", "译文", "翻译", "翻译结果"),
    "summary": ("summary", "abstract", "摘要", "总结", "概要", "内容摘要"),
}
_TAGS = {kind: re.compile(rf"<({kind})>(.*)</\1>", re.DOTALL | re.IGNORECASE) for kind in _KEYS}


def rendered(reply: str, kind: Kind) -> Unwrapped:
    """The translation or summary that a reply gives, and the rule that found it.

    >>> rendered("The English translation is: 'Welcome to use it.'", "translation")
    Unwrapped(text='Welcome to use it.', rule='prefix')
    >>> rendered("The speaker talks about summaries.", "summary")
    Unwrapped(text='The speaker talks about summaries.', rule='')
    """
    text = unfenced(own_words(reply))
    for rule, read in (("json", _json), ("tag", _tag), ("prefix", _prefix)):
        if (inner := read(text, kind)) is not None:
            return Unwrapped(inner.strip(), rule)
    return unwrap(text)


def _json(text: str, kind: Kind) -> str | None:
    value = json_in(text) if text.startswith(("{", "[")) else None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return None
    found = {str(key).strip().lower(): item for key, item in value.items() if isinstance(item, str)}
    return next((found[key] for key in _KEYS[kind] if key in found), None)


def _tag(text: str, kind: Kind) -> str | None:
    match = _TAGS[kind].fullmatch(text)
    return match[2] if match else None


def _prefix(text: str, kind: Kind) -> str | None:
    form = as_simplified(text)
    if kind == "translation" and (inner := _after_the_original(text, form)) is not None:
        return inner
    for pattern in _PREFIXES[kind]:
        if (match := pattern.match(form)) is None or (match["line"] and text[0] not in "*#"):
            continue
        body = text[match.end() :]
        if body[:1] in MARKS and (inner := quoted(body)) is not None:
            return inner
        if match["colon"] or match["line"]:
            return after_colon(body) if body[:1] in MARKS else without_closing(body)
    return None


def _after_the_original(text: str, form: str) -> str | None:
    """The translation in a reply that gives the words that are spoken first."""
    if _ORIGINAL.match(form) and (line := TRANSLATION.search(form)):
        body = text[line.end() :].lstrip("* \t\n")
        inner = quoted(body) if body[:1] in MARKS else None
        return without_closing(body) if inner is None else inner
    means = _MEANS.search(form)
    return quoted(text[means.end() :]) if means and unwrap(text[: means.start()]).rule in _SAID else None
