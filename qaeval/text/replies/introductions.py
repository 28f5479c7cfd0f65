"""What models say around a transcript: the sentences that introduce one, state that nothing is said, or follow one.

Forms seen in replies of Qwen-Audio, Qwen2-Audio, Qwen2.5-Omni and Qwen3-ASR: the vendor's guide and model cards, the
tests of transformers, and issues of the projects that score them (QwenLM/Qwen2-Audio#25, QwenLM/Qwen2.5-Omni#97, #229
and #312, NVIDIA-NeMo/Automodel#2345, vllm-project/vllm#33410). All are looked for at the
start of a text, but for closing remarks (`without_remarks`).
"""

from __future__ import annotations

import re

from qaeval.text.replies.quotations import STOP

_FLAGS = re.IGNORECASE | re.VERBOSE
_POLITE = r"""(?:好的|您好|你好|当然(?:可以)?|没问题|嗯|哦|那|可以
    |sure(?:\ thing)?|certainly|of\ course|absolutely|okay|ok|well|yes)"""
POLITE = re.compile(rf"[*\#>\s]*+(?:{_POLITE}\s*+[,，.。!！~～]\s*+){{0,2}}[*\#]*+", _FLAGS)
"""What may stand before an introduction; it matches where there is nothing, too."""

_COLON = r"\s*+\**(?P<colon>[:：])?\**\s*+"
_IN_TONGUE = r"(?:是?用[一-鿿]{1,8}?(?:语|话|文))"
AUDIO = r"""(?:[这该本此]?(?:一?[段个条句份])?的?(?:音频|语音|录音)(?:文件|片段)?(?:里面|里|中|当中|内)?
    (?:的人|说话者|说话人)?)"""
_NOUN = r"""(?:(?:原始|原|具体|完整|主要|逐字|文字|文本|语音|转录|转写|识别)的?){0,3}
    (?:内容|文本|文字|原文|转写|转录|结果|逐字稿)"""
_IS = r"(?:就?是|为|如下所示|如下)"
_CLIP = r"(?:audio|recording|clip|speech)(?:\s+(?:clip|file|recording|content))?"
_LANGUAGE = r"(?:english|mandarin(?:\ chinese)?|chinese|cantonese|japanese|french|italian|spanish|german)"
_OF = rf"""(?:\s+(?:of|in|from|for)\s+(?:this|the|your)\s+(?:\w+\s+)?{_CLIP})?
    (?:\s+(?:that\s+)?you(?:\s+have|'ve)?\s+(?:provided|shared|uploaded|sent))?"""
_QUALITY = rf"(?:original|full|complete|exact|verbatim|spoken|transcribed|audio|speech|text|{_LANGUAGE})"
_SAYS = r"(?:says|said|states|is\s+saying|contains|reads)(?:\s+(?:is|was|the\s+(?:sentence|phrase|words?)))?"

CHINESE = [
    re.compile(rf"(?:{forms}){_COLON}", _FLAGS)
    for forms in (
        rf"{AUDIO}{_IN_TONGUE}?所?(?:说|讲|表达|念|读)了?的?(?:内容|话)?{_IS}",
        rf"{AUDIO}{_IN_TONGUE}?的?{_NOUN}{_IS}?",
        rf"(?:以下|下面)(?:是|为){AUDIO}?的?{_NOUN}|(?:以下|下面)(?:是|为){AUDIO}",
        rf"(?:语音)?(?:转录|转写|识别)的?(?:内容|文字|文本|结果)?{_IS}?",
        rf"(?:原始内容|文字内容|文本内容|语音内容|内容|原文|文本|文字|说话的?内容){_IS}?",
        rf"(?:这|它)是[一-鿿]{{0,10}}?(?:音频|语音|录音)[,，]\s*(?:其?{_NOUN}|说的){_IS}",
    )
]
ENGLISH = [
    re.compile(rf"(?:{forms}){_COLON}", _FLAGS)
    for forms in (
        rf"""(?:here(?:'s|\ is)\s+)?(?:the\s+|an?\s+)?(?:{_QUALITY}\s+){{0,3}}
        (?:contents?|transcription|transcript|text|words(?=\s+(?:spoken|of|in|are)))(?:\s+spoken)?{_OF}(?:\s+(?:is|are|was|reads|says))?
        (?:\s+as\s+follows)?""",
        rf"(?:the|this)\s+(?:{_LANGUAGE}\s+)?{_CLIP}\s+(?:{_SAYS}|is|(?:is\s+)?transcribed\s+verbatim\s+is),?",
        rf"""(?:the|this)\s+{_CLIP}\s+is\s+in\s+\w+(?:\s+chinese)?\s*(?:,|\s+and|,\s+and)\s*
        (?:saying|(?:it\s+)?says|the\s+(?:\w+\s+)?content\s+is)""",
    )
]
"""Introductions, after `POLITE`: one counts if a colon (group ``colon``) or a quotation follows it."""

UNMARKED = re.compile(rf"(?:the|this)\s+{_LANGUAGE}\s+{_CLIP}\s+is\s+(?=(?-i:[A-Z])|[一-鿿])", _FLAGS)
"""An introduction with nothing after it but the beginning of a sentence: "The English audio is Go home"."""

_PERSON = r"(?:女性|男性|女士|男士|女声|男声|女人|男人|女孩|男孩)"
_SPEAKER = r"(?:speaker|person|voice|man|woman|boy|girl)"
_TELLS = rf"(?:says|is\s+saying)(?:\s+in\s+{_LANGUAGE})?,?"
SPEAKERS = re.compile(
    rf"""(?:
    (?:{AUDIO}(?:似乎|好像)?|(?:该|这位)?(?:说话者|说话人|说话的人)){_IN_TONGUE}?在?[说讲][的道了]?{_IS}?
    |在?{AUDIO}[,，]?(?:是|有)?(?:该|这位|一位|一个)?(?:说话者|说话人|{_PERSON}){_IN_TONGUE}?(?:正?在)?[说讲][的道了]?{_IS}?
    |我(?:听到|听见)的?(?:{AUDIO}[说讲])?的?(?:是|内容是)?
    |(?:i\s+(?:think|believe)\s+|it\s+sounds\s+like\s+)?
     (?:the|a|this)\s+(?:(?:male|female)\s+)?(?:speaker|person|voice|audio)\s+{_TELLS}
    |i\s+heard?\s+(?:someone|the\s+speaker|an?\s+(?:(?:male|female)\s+)?{_SPEAKER})\s+(?:say|saying),?
    |in\s+(?:the|this)\s+{_CLIP},\s+(?:the|a)\s+(?:(?:male|female)\s+)?{_SPEAKER}\s+{_TELLS}
    ){_COLON}""",
    _FLAGS,
)
"""A story may well go on like this, so these count only where a quotation follows and ends the reply."""

SILENCE = re.compile(
    rf"""(?:在?{AUDIO})[,，]?(?:并|似乎)?(?:没有|无|不包含|未包含)任?何?(?:人|可识别的?|清晰的?)?
     (?:说话|讲话|语音|人声|声音|说话声|的?对话|说话的声音)(?:内容)?[。.!！]?
    |(?:在?{AUDIO}[,，]?)?未(?:检测|识别|听)[到出](?:任何)?(?:语音|人声|说话声|说话的声音)(?:内容)?[。.!！]?
    |{AUDIO}是(?:静音|空白|无声)的?[。.!！]?
    |(?:there\s+is|there's|i\s+hear)\s+no\s+(?:\w+\s+)?(?:speech|talking|spoken\s+words)\s+in\s+(?:the|this)
     \s+{_CLIP}\.?
    |(?:the|this)\s+{_CLIP}\s+(?:contains\s+no|does\s+not\s+contain\s+any)\s+(?:\w+\s+)?speech\.?
    |(?:the|this)\s+{_CLIP}\s+is\s+(?:completely\s+|entirely\s+)?(?:silent|empty)\.?
    |no\s+(?:speech|voice)(?:\s+(?:was|is))?\s+detected(?:\s+in\s+(?:the|this)\s+{_CLIP})?\.?
    |[\[(（【]\s*(?:no\s+speech|silence|blank_?\s?audio|inaudible|unintelligible|music|noise|applause|laughter
     |无语音|无人声|静音|无人说话|听不清|音乐|噪音|噪声|掌声|笑声)\s*[\])）】]""",
    _FLAGS,
)
"""The statement that nothing is said, as the whole of a text."""

_ATTRIBUTES = re.compile(
    rf"\s*+{STOP}\s*+(?:该|the\s+)?(?:说话者|说话人|speaker)(?:为|是|的|听|\s+is\b|\s+sounds\b|\s*[:：])", re.IGNORECASE
)
_CLOSING = re.compile(
    r"""(?<=[.。!！?？~\n'"’”」』])\s*+(?:
    (?:如果|要是|若|(?:你|您)(?:要是|如果))(?:你|您)?(?:对[^。\n]{0,20}?)?(?:还|有|想)[^。.!！?？\n]{0,40}
     [,，][^。.!！?？\n]{0,16}(?:告诉我|问我?|跟我[说讲]|和我[说讲]|提问|提出|联系我)[^。.!！?？\n]{0,8}
    |(?:if\s+you\s+(?:have|need)\b[^.!?\n]{0,80},\s*)?(?:please\s+)?(?:feel\s+free\s+to\s+(?:ask|let\s+me\s+know)|let\s+me\s+know)
     \b[^.!?\n]{0,60}
    )[。.!！?？~\s]*\Z""",
    _FLAGS,
)
_CLOSES_LATE = 220
"""How far from the end of a reply a closing remark may begin, in characters."""


def without_remarks(body: str) -> str:
    """The text after an introduction, without quotation marks: what is said of the speaker, a closing remark go.

    >>> without_remarks("你好,说话者为男性"), without_remarks("你好。你要是还有啥想知道的，尽管问我哈。")
    ('你好', '你好。')
    """
    body = _ATTRIBUTES.split(body, maxsplit=1)[0]
    closing = _CLOSING.search(body, max(0, len(body) - _CLOSES_LATE))
    return body[: closing.start()] if closing else body
