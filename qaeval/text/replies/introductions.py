"""What models say around a transcript: the sentences that introduce one, state that nothing is said, or follow one.

Forms seen in replies of Qwen-Audio, Qwen2-Audio, Qwen2.5-Omni and Qwen3-ASR: the vendor's guide and model cards, the
tests of transformers, and issues of the projects that score them (QwenLM/Qwen2-Audio#25, QwenLM/Qwen2.5-Omni#97, #229
and #312, NVIDIA-NeMo/Automodel#2345, vllm-project/vllm#33410). All are looked for at the
start of a text, but for closing remarks (`without_remarks`).
"""

from __future__ import annotations

import re

from qaeval.text.normalising.simplified import simplify
from qaeval.text.replies.quotations import STOP

_FLAGS = re.IGNORECASE | re.VERBOSE
_POLITE = r"""(?:好的|您好|你好|当然(?:可以)?|没问题|嗯|哦|那|可以
    |根据[这该]?段?(?:音频|录音|语音)(?:的?内容)?
    |sure(?:\ thing)?|certainly|of\ course|absolutely|okay|ok|well|yes
    |based\ on\ (?:the|this)\ (?:audio|recording)(?:\ clip)?)"""
_PARTLY = r"""(?:(?:i(?:['’]m|\ am)\ (?:unable|not\ able)\ to|i\ can(?:no|['’])t|我(?:无法|不能))
    [^.。,，:：;；"“'‘\n]{1,60}[,，]\s*(?:but|however,?|但是?)\s*)"""
POLITE = re.compile(
    rf"[*\#>\s]*+(?:{_POLITE}\s*+[,，.。!！~～…]++\s*+){{0,2}}{_PARTLY}?(?:so\s+(?=the\s|this\s))?[*\#]*+", _FLAGS
)
"""What may stand before an introduction, also what cannot be told; it matches where there is nothing, too."""

_COLON = r"\s*+\**(?P<colon>[:：])?\**\s*+"
_IN_TONGUE = r"(?:是?用[一-鿿]{1,8}?(?:语|话|文))"
AUDIO = r"""(?:(?:(?:您|你|用户)所?(?:提供|上传|发送?)的)?[这该本此]?(?:一?[段个条句份])?的?(?:音频|语音|录音)
    (?:文件|片段)?(?:里面|里|中|当中|内)?
    (?:的人|说话者|说话人)?)"""
_NOUN = r"""(?:(?:原始|原|具体|完整|主要|逐字|文字|文本|语音|内容|说话|转录|转写|识别|普通话|[中英日粤][文语])的?){0,3}
    (?:内容|文本|文字版?|原文|转写|转录|结果|逐字稿)"""
_IS = r"(?:就?是|为|如下所示|如下)"
_CLIP = r"(?:audio|recording|clip|speech)(?:\s+(?:clip|file|recording|content))?"
_LANGUAGE = r"(?:english|mandarin(?:\ chinese)?|chinese|cantonese|japanese|french|italian|spanish|german)"
_OF = rf"""(?:\s+in\s+{_LANGUAGE})?(?:\s+(?:of|in|from|for)\s+(?:this|the|your)\s+(?:\w+\s+)?{_CLIP})?
    (?:\s+(?:that\s+)?you(?:\s+have|'ve)?\s+(?:provided|shared|uploaded|sent))?"""
_QUALITY = (
    rf"(?:original|full|complete|exact|verbatim|word[-\ ]for[-\ ]word|spoken|transcribed|audio|speech|text|{_LANGUAGE})"
)
_SAYS = r"""(?:says|said|states|is\s+saying|contains|reads)
    (?:\s+(?:is|was|the\s+(?:following\s+)?(?:sentence|phrase|words?|text|speech)|the\s+following))?"""
_JAPANESE = r"(?:以下は)?(?:この)?(?:音声|録音)?の?"
_FOLLOWS = r"(?:は(?:(?:以下|次)の(?:通り|とおり)です)?|です)?"

CHINESE = [
    re.compile(rf"(?:{forms}){_COLON}", _FLAGS)
    for forms in (
        rf"{AUDIO}{_IN_TONGUE}?所?(?:说|讲|表达|念|读)了?的?(?:内容|话)?{_IS}",
        rf"{AUDIO}{_IN_TONGUE}?的?{_NOUN}{_IS}?",
        rf"(?:以下|下面)(?:是|为){AUDIO}?的?{_NOUN}|(?:以下|下面)(?:是|为){AUDIO}|这是{AUDIO}的?{_NOUN}",
        rf"(?:[中英日粤][文语])?(?:语音)?(?:逐字)?(?:转录|转写|识别|转文字)的?(?:内容|文字|文本|结果)?{_IS}?",
        rf"(?:原始内容|文字内容|文本内容|语音内容|内容|原文|纯?文本|文字|逐字稿|说话的?内容){_IS}?",
        rf"(?:{AUDIO}|这[句段]话)(?:[说讲用]的)?(?:语言)?(?:是|为)?[一-鿿]{{0,6}}[语话文](?:混合|的)?[,，]\s*(?:其?{_NOUN}|说的){_IS}",
        rf"{_JAPANESE}(?:文字起こし|書き起こし)(?:内容|結果|テキスト)?{_FOLLOWS}|(?:この)?音声の内容{_FOLLOWS}",
        rf"(?:这|它|{AUDIO})是[一-鿿]{{0,10}}?(?:音频|语音|录音)[,，]\s*(?:其?{_NOUN}|说的){_IS}",
    )
]
ENGLISH = [
    re.compile(rf"(?:{forms}){_COLON}", _FLAGS)
    for forms in (
        rf"""(?:here(?:'s|\ is)\s+)?(?:the\s+|an?\s+)?(?:{_QUALITY}\s+){{0,3}}
        (?:contents?|transcription|transcript|text|json(?:\s+object)?
        |(?:words?|sentences?|phrases?)(?=\s+(?:spoken|of|in|are)))(?:\s+spoken)?(?:\s+\({_LANGUAGE}\))?{_OF}
        (?:\s+(?:is|are|was|reads|says))?
        (?:\s+as\s+follows)?""",
        rf"(?:the|this)\s+(?:(?:{_LANGUAGE}|transcribed)\s+)?{_CLIP}\s+(?:{_SAYS}|is|transcribes\s+(?:to|as)|(?:is\s+)?transcribed\s+verbatim\s+is),?",
        rf"""(?:(?:here(?:'s|\ is)\s+)?what|the\s+following)\s+(?:is|was)\s+(?:being\s+)?(?:said|spoken)
        \s+in\s+(?:the|this)\s+{_CLIP}(?:\s+is)?
        |here(?:'s|\ is)\s+what\s+(?:is\s+being\s+said|the\s+speaker\s+(?:says|said))
        |(?:here(?:'s|\ is)\s+)?what\s+i\s+(?:can\s+)?heard?(?:\s+(?:is|was))?
        |(?:the\s+)?original(?=\s*+\**[:：][^\n]*+\n)""",
        rf"""(?:the|this)\s+{_CLIP}\s+is\s+in\s+(?:a\s+)?\w+(?:\s+(?:chinese|voice|and\s+{_LANGUAGE}))?\s*(?:[,.]|\s+and|,\s+and)\s*
        (?:saying|(?:(?:it|the\s+speaker)\s+)?says|the\s+(?:\w+\s+)?content\s+is)""",
    )
]
"""Introductions, after `POLITE`: one counts if a colon (group ``colon``) or a quotation follows it."""

UNMARKED = re.compile(rf"(?:the|this)\s+{_LANGUAGE}\s+{_CLIP}\s+is\s+(?=(?-i:[A-Z])|[一-鿿])", _FLAGS)
"""An introduction with nothing after it but the beginning of a sentence: "The English audio is Go home"."""

_PERSON = r"(?:女性|男性|女士|男士|女声|男声|女人|男人|女孩|男孩)"
_SPEAKER = r"(?:speaker|person|voice|man|woman|boy|girl)"
_TELLS = rf"(?:says|asks|is\s+(?:saying|asking)|(?:seems|appears)\s+to\s+(?:be\s+saying|say))(?:\s+in\s+{_LANGUAGE})?,?"
_HERE = rf"\s+in\s+(?:the|this)\s+{_CLIP}"
SPEAKERS = re.compile(
    rf"""(?:
    (?:我(?:认为|觉得)|听起来)?(?:{AUDIO}|(?:该|这位)?(?:说话者|说话人|说话的人))(?:似乎|好像|可能|应该)?{_IN_TONGUE}?在?[说讲][的道了]?{_IS}?
    |在?{AUDIO}[,，]?(?:是|有)?(?:该|这位|一位|一个|的)?(?:说话者|说话人|{_PERSON}){_IN_TONGUE}?(?:正?在)?[说讲][的道了]?{_IS}?
    |我(?:听到|听见)的?(?:{AUDIO}[说讲])?的?(?:是|内容是)?
    |(?:i\s+(?:think|believe)\s+|it\s+sounds\s+like\s+)?
     (?:the|a|this)\s+(?:(?:male|female)\s+)?(?:(?:speaker|person|voice|audio)(?:,\s+an?\s+[\w\ ]{{1,24}},)?
      |{_SPEAKER}(?:{_HERE}|\s+speaking\s+(?:in\s+)?{_LANGUAGE}))\s+{_TELLS}
    |(?:the|a)\s+(?:speaker|person){_HERE}\s+{_TELLS}
    |(?:the|this)\s+{_CLIP}\s+(?:features|contains|has)\s+an?\s+(?:(?:male|female)\s+)?{_SPEAKER}\s+saying,?
    |i\s+heard?\s+(?:someone|the\s+speaker|an?\s+(?:(?:male|female)\s+)?{_SPEAKER})\s+say(?:ing)?,?
    |in\s+(?:the|this)\s+{_CLIP},\s+(?:someone|(?:the|a)\s+(?:(?:male|female)\s+)?{_SPEAKER})\s+
     (?:{_TELLS}|is\s+speaking\s+(?:in\s+)?{_LANGUAGE},?\s+saying,?)
    ){_COLON}""",
    _FLAGS,
)
"""A story may well go on like this, so these count only where a quotation follows and ends the reply."""

SILENCE = re.compile(
    rf"""(?:在?{AUDIO})[,，]?(?:并|似乎)?(?:没有|无|不包含|未包含)任?何?(?:人|可(?:识别|转写|辨认)的?|清晰的?)?
     (?:说话声?|讲话|语音|人声|声音|的?对话|说话的声音)(?:内容)?(?:[,，](?:只|仅)有[^,，。\n]{{1,12}})?[。.!！]?
    |(?:在?{AUDIO}[,，]?)?(?:未(?:检测|识别|听)|没有?(?:检测|识别))[到出](?:任何)?(?:语音|人声|说话声|说话的声音)(?:内容)?[。.!！]?
    |{AUDIO}(?:是(?:静音|空白|无声)的?|的?内容[为是]空)[。.!！]?
    |(?:there\s+is|there's|i\s+hear|i\s+(?:do\ not|don't)\s+hear\s+any)\s+(?:(?<=any\ )|no\s+)(?:\w+\s+)?
     (?:speech|talking|dialogue|spoken\s+(?:words|content)|one\s+(?:is\s+)?speaking)(?:\s+in\s+(?:the|this)\s+{_CLIP}|\s+to\s+transcribe)(?:,\s+(?:only|just)\s+[^,.\n]{{1,40}})?\.?
    |(?:there\s+are\s+no\s+words\s+(?:being\s+)?spoken|no\s+one\s+is\s+speaking|nothing\s+is\s+(?:being\s+)?said)
     \s+in\s+(?:the|this)\s+(?:audio|recording)(?:\s+(?:clip|file))?\.?
    |(?:the|this)\s+{_CLIP}\s+(?:contains\s+no|does\s+not\s+contain(?:\s+any)?)\s+(?:\w+\s+)?speech\.?
    |(?:the|this)\s+{_CLIP}\s+(?:contains\s+only|only\s+contains)\s+(?:\w+\s+)?(?:music|noise|silence)
     (?:,?\s+(?:and|with)\s+no\s+(?:\w+\s+)?speech)?\.?
    |(?:the|this)\s+{_CLIP}\s+is\s+(?:completely\s+|entirely\s+)?(?:silent|empty|inaudible|unintelligible)\.?
    |no\s+(?:speech|voice)(?:\s+(?:was|is))?\s+detected(?:\s+in\s+(?:the|this)\s+{_CLIP})?\.?
    |[\[(（【*]\s*(?:no\s+(?:\w+\s+)?speech(?:\s+detected)?|blank_?\s?audio|inaudible|unintelligible
     |(?:\w+\s+)?(?:silence|music|noise|applause|laughter)(?:\s+playing)?
     |无语音|无人声|静音|无人说话|听不清|音乐|噪音|噪声|掌声|笑声)\s*[\])）】*]
    |[♪♫🎵🎶\s]+""",
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
    |(?:请问)?[您你]?(?:是否)?需要我[^。.!！?？\n]{0,12}?(?:翻译|转写|总结|整理|分析|解释)[^。.!！?？\n]{0,16}
    |(?:would\s+you\s+like|do\s+you\s+want)\s+me\s+to\s+(?:translate|transcribe|summari[sz]e|explain|analy[sz]e)\b[^.!?\n]{0,60}
    )[。.!！?？~\s]*\Z""",
    _FLAGS,
)
_PARAGRAPH = re.compile(
    r"""\n[ \t]*\n\s*+(?:is\s+there\s+anything\s+else|would\s+you\s+like\s+(?:me\s+)?to\b
     |i\s+hope\s+(?:this|that)\s+helps?|if\s+you\s+(?:have|need|would|'d)\b|(?:please\s+)?let\s+me\s+know\b|please\s+note\b|[(*\[]{0,3}note\s?:
     |\*?[(（](?:the\s+)?(?:speaker|voice|background|说话)\b
     |[（(【*]{0,3}(?:注意?|备注|说明)\s?[:：]|希望[^,，。\n]{0,8}(?:有所?)?帮助|(?:请问)?(?:您|你)?还有(?:什么|其他)
     |(?:如果|如需|若)(?:您|你)?)[^\n]*\s*\Z""",
    _FLAGS,
)
TRANSLATION = re.compile(
    rf"\n[^\S\n]*+[*\#(（]{{0,4}}(?:(?:{_LANGUAGE}\s+)?translation|(?:[中英][文语])?(?:译文|翻译))[*]{{0,3}}\s?[:：)）]",
    _FLAGS,
)
"""The beginning of a line with a translation of what was transcribed before it."""

_SECTION = re.compile(r"\n[^\S\n]*+(?:\#{1,6}\s|【(?:说明|备注|注释?|翻译|译文|说话[人者])】)", _FLAGS)
"""The heading of what comes after a transcript."""

_CLOSES_LATE = 220
"""How far from the end of a reply a closing remark may begin, in characters."""


def without_remarks(body: str) -> str:
    """The text after an introduction, without quotation marks: what is said of the speaker, a closing remark go.

    >>> without_remarks("你好,说话者为男性"), without_remarks("你好。你要是还有啥想知道的，尽管问我哈。")
    ('你好', '你好。')
    """
    body = _ATTRIBUTES.split(body, maxsplit=1)[0]
    if "\n" in body and not body.startswith("#"):
        body = _SECTION.split(body, maxsplit=1)[0]
    return without_closing(TRANSLATION.split(body, maxsplit=1)[0] if "\n" in body else body)


def without_closing(body: str) -> str:
    r"""The text after an introduction without an offer or a note that closes a reply.

    Some count behind any sentence, others only as the second and last paragraph.

    >>> without_closing("Hi. Let me know if you need more."), without_closing("Hi.\n\nI hope this helps!")
    ('Hi.', 'Hi.')
    >>> without_closing("Hi. I hope this helps!")
    'Hi. I hope this helps!'
    """
    paragraph = body.find("\n\n")
    if paragraph >= 0 and (remark := _PARAGRAPH.match(body, paragraph)):
        body = body[: remark.start()]
    closing = _CLOSING.search(body, max(0, len(body) - _CLOSES_LATE))
    return body[: closing.start()] if closing else body


_LOCAL = str.maketrans("嘅係呢訊", "的是这频")  # Cantonese words, and 音訊, as audio is called in Taiwan
_TRADITIONAL = re.compile("[這錄頻訊內說講轉識聽檢沒無嘅係聲靜譯總]")


def as_simplified(text: str) -> str:
    """A text with the traditional (and Cantonese) characters of the forms as simplified ones; its length is the same.

    For one that has such a character among its first twelve; others stay as they are.

    >>> as_simplified("這段音頻說的是"), as_simplified("呢段錄音講嘅係")
    ('这段音频说的是', '这段录音讲的是')
    """
    if not _TRADITIONAL.search(text, 0, 12):
        return text
    simplified = simplify(text.translate(_LOCAL))
    return simplified if len(simplified) == len(text) else text
