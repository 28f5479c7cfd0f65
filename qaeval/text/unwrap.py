"""From what a model replies to what it says was said: ``这段音频说的是:'欢迎使用阿里云'。`` is 欢迎使用阿里云.

Only forms that begin at the first character of the reply are taken off, each by a named rule, and what a prefix or
quotation marks enclose is never unwrapped again. So a clip that itself says "这段音频说的是" or "I'm sorry", and
apostrophes or quotations inside a transcript, stay whole; where a form could be part of what is said, it stays.

Rules, in the order in which they are tried (``fence+json`` means one inside the other):

``fence``   a markdown code fence around the whole reply
``tokens``  special tokens of speech models at either end (``<|zh|>``), or a line ``language Chinese<asr_text>``
``tag``     one element around the whole reply: ``<transcription>...</transcription>``
``json``    an object with a text-like key (text, transcript, transcription, content, 文本, 转写 ...)
``silence`` the statement, and nothing else, that nothing is said in the audio: the text is empty
``prefix``  an introduction in Chinese or English (with or without quotation marks and trailing attributes) or a heading
``quotes``  quotation marks around the whole reply, which occur nowhere inside
``""``      none of them: the reply is the text
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from qaeval.text.quotations import MARKS, STOP, after_colon, quoted, quotes

_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)\n?```", re.DOTALL)
_TOKENS = re.compile(r"(?:<\|[^|<>\n]{1,30}\|>\s*+)+|language\s+[\w-]{2,20}\s*+<asr_text>", re.IGNORECASE)
_TOKEN_AT_END = re.compile(r"<\|[^|<>\n]{1,30}\|>\Z")
_ELEMENTS = "transcription|transcript|text|asr_text|answer|speech|content|output|result"
_TAG = re.compile(rf"<({_ELEMENTS})>(.*)</\1>", re.DOTALL | re.IGNORECASE)
_KEYS = (
    "transcription", "transcript", "text", "asr_text", "content", "speech", "result",
    "文本", "文字", "转写", "转录", "内容", "原文", "原始内容",
)  # fmt: skip

_SURE = r"[*\#\s]*+(?:(?:好的|您好|当然(?:可以)?|没问题|sure|certainly|of\ course|okay)\s*+[,，.。!！]\s*+)?[*\#]*+"
_COLON = r"\s*+\**(?P<colon>[:：])?\**\s*+"
_AUDIO = r"""(?:[这该本此]?(?:一?[段个条句份])?的?(?:音频|语音|录音)(?:文件|片段)?(?:里面|里|中|当中|内)?
    (?:的人|说话者|说话人)?)"""
_NOUN = r"""(?:(?:原始|原|具体|完整|主要|逐字|文字|文本|语音|转录|转写|识别)的?){0,3}
    (?:内容|文本|文字|原文|转写|转录|结果|逐字稿)"""
_IS = r"(?:是|为|如下所示|如下)"
_OF = r"""(?:\s+(?:of|in|from|for)\s+(?:this|the|your)\s+(?:\w+\s+)?(?:audio|recording|clip|speech)
    (?:\s+(?:clip|file|recording))?)?(?:\s+(?:that\s+)?you(?:\s+have|'ve)?\s+(?:provided|shared|uploaded|sent))?"""
_PREFIXES = [
    re.compile(rf"{_SURE}(?:{forms}){_COLON}", re.IGNORECASE | re.VERBOSE)
    for forms in (
        rf"{_AUDIO}所?(?:说|讲|表达)了?的?(?:内容|话)?{_IS}",
        rf"{_AUDIO}的?{_NOUN}{_IS}?",
        rf"(?:以下|下面)是{_AUDIO}?的?{_NOUN}",
        rf"(?:转录|转写|识别)的?(?:内容|文字|文本|结果)?{_IS}?",
        rf"(?:原始内容|文字内容|内容|原文|说话的?内容){_IS}?",
        rf"""(?:here(?:'s|\ is)\s+)?(?:the\s+|an?\s+)?(?:(?:original|full|exact|verbatim|spoken|audio|text)\s+){{0,2}}
        (?:content|transcription|transcript|transcribed\s+text|text){_OF}(?:\s+(?:is|reads|says))?(?:\s+as\s+follows)?""",
        r"""(?:the|this)\s+(?:audio|recording|clip)(?:\s+(?:clip|file|recording))?
        \s+(?:says|is\s+saying|contains|reads),?""",
        r"(?:the|this)\s+(?:audio|speech|recording)\s+is\s+in\s+\w+\s*,\s*saying",
        r"the\s+(?:english|chinese|mandarin|cantonese|japanese|french|italian|spanish|german)\s+audio\s+is",
    )
]
# A story may well go on like this, so these count only where a quotation follows and ends the reply.
_SPEAKERS = re.compile(
    rf"""{_SURE}(?:
    (?:{_AUDIO}(?:似乎|好像)?|(?:该|这位)?(?:说话者|说话人|说话的人))在?[说讲][的道了]?
    |在?{_AUDIO}[,，]?(?:该|这位|一位|一个)?(?:说话者|说话人|女性|男性|女士|男士|女声|男声|女人|男人)在?[说讲][的道了]?
    |我(?:听到|听见)的?(?:{_AUDIO}[说讲])?的?(?:是|内容是)?
    |(?:i\s+(?:think|believe)\s+|it\s+sounds\s+like\s+)?
     (?:the|a|this)\s+(?:(?:male|female)\s+)?(?:speaker|person|voice|audio)\s+(?:says|is\s+saying),?
    |in\s+(?:the|this)\s+(?:audio|recording|clip)(?:\s+clip)?,\s+
     (?:the|a)\s+(?:(?:male|female)\s+)?(?:speaker|person|voice|man|woman|boy|girl)\s+(?:says|is\s+saying),?
    ){_COLON}""",
    re.IGNORECASE | re.VERBOSE,
)
_SILENCE = re.compile(
    rf"""(?:在?{_AUDIO})[,，]?(?:并|似乎)?(?:没有|无|不包含|未包含)任?何?(?:人|可识别的?|清晰的?)?
     (?:说话|讲话|语音|人声|声音|说话声|的?对话|说话的声音)(?:内容)?[。.!！]?
    |(?:there\s+is|there's|i\s+hear)\s+no\s+(?:\w+\s+)?(?:speech|talking|spoken\s+words)\s+in\s+(?:the|this)
     \s+(?:audio|recording|clip)(?:\s+(?:clip|file))?\.?
    |(?:the|this)\s+(?:audio|recording|clip)(?:\s+(?:clip|file))?\s+(?:contains\s+no|does\s+not\s+contain\s+any)
     \s+(?:\w+\s+)?speech\.?
    |[\[(（【](?:no\s+speech|silence|无语音|无人声|静音|无人说话)[\])）】]""",
    re.IGNORECASE | re.VERBOSE,
)

_BARE_ATTRIBUTES = re.compile(
    rf"\s*+{STOP}\s*+(?:该|the\s+)?(?:说话者|说话人|speaker)(?:为|是|的|听|\s+is\b|\s+sounds\b|\s*[:：])",
    re.IGNORECASE,
)


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
    text, rules = reply.strip(), []
    for rule, strip in (("fence", _fence), ("tokens", _tokens)):
        inner = strip(text)
        if inner is not None:
            text = inner.strip()
            rules.append(rule)
    for rule, strip in (
        ("tag", _tag), ("json", _json), ("silence", _silence), ("prefix", _prefix), ("quotes", quotes)
    ):  # fmt: skip
        inner = strip(text)
        if inner is not None:
            text = inner.strip()
            rules.append(rule)
            break
    return Unwrapped(text, "+".join(rules))


def unfenced(reply: str) -> str:
    r"""A reply without white space and a markdown code fence around it.

    >>> unfenced("```json\n[1, 2]\n```")
    '[1, 2]'
    """
    text = reply.strip()
    inner = _fence(text)
    return text if inner is None else inner.strip()


def _fence(text: str) -> str | None:
    match = _FENCE.fullmatch(text)
    return match[1] if match else None


def _tokens(text: str) -> str | None:
    match = _TOKENS.match(text)
    rest = text[match.end() :] if match else text
    while end := _TOKEN_AT_END.search(rest, max(0, len(rest) - 40)):
        rest = rest[: end.start()].rstrip()
    return rest if rest != text else None


def _tag(text: str) -> str | None:
    match = _TAG.fullmatch(text)
    return match[2] if match else None


def _json(text: str) -> str | None:
    if not text.startswith(("{", "[")):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return None
    found = {str(key).strip().lower(): item for key, item in value.items() if isinstance(item, str)}
    return next((found[key] for key in _KEYS if key in found), None)


def _silence(text: str) -> str | None:
    return "" if _SILENCE.fullmatch(text) else None


def _prefix(text: str) -> str | None:
    for pattern in _PREFIXES:
        match = pattern.match(text)
        body = text[match.end() :] if match else ""
        if match and body[:1] in MARKS:
            inner = quoted(body)
            return after_colon(body) if inner is None and match["colon"] else inner
        if match and (match["colon"] or (text[0] in "*#" and "\n" in match[0])):
            fenced = _fence(body)
            return _BARE_ATTRIBUTES.split(body, maxsplit=1)[0] if fenced is None else fenced
    match = _SPEAKERS.match(text)
    body = text[match.end() :] if match else ""
    return quoted(body, to_the_end=True) if body[:1] in MARKS else None
