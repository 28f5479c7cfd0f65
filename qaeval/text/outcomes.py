"""What kind of reply a model gave: ``empty``, ``refused``, ``looped``, ``off_language``, ``unparsed`` or ``answered``.

The first that applies, in this order. All are scored alike; the outcome stands beside the score and explains it.

``empty``
    Nothing but white space, or (for ``text``) an introduction with nothing in it.
``refused``
    The reply begins by saying that the model cannot listen, transcribe or answer ("抱歉，我无法识别这段音频",
    "I'm sorry, but I can't process audio"). Only where no introduction was unwrapped and no span or label was read: a
    clip that says "I'm sorry" or "我听不清你说什么" is not a refusal, so an apology alone is none either.
``looped``
    A unit of up to 50 tokens (Chinese characters, words; no punctuation) comes at least four times in a row and that
    stretch has at least 16 tokens: 嗯，然后呢，嗯，然后呢，嗯，然后呢 ... but not "no no no no".
``off_language``
    (For ``text``, where the language is known.) The text has at least ten letters and they are of another script: for
    zh and yue less than a tenth are Chinese characters, or more than a fifth are kana; for ja less than a tenth are
    kana or Chinese characters, or none is kana; for the others more than half are Chinese characters or kana. Two
    languages of one script are not told apart.
``unparsed``
    The field was not found in the reply.
``answered``
    None of these.
"""

from __future__ import annotations

import re

from qaeval.text.cleaning import drop_symbols, fold
from qaeval.text.tokens import count_cjk, mixed
from qaeval.text.unwrap import unwrap
from qaeval.types import Annotation

LONGEST_UNIT = 50
LEAST_REPEATS = 4
LEAST_STRETCH = 16

_SORRY_ZH = r"(?:(?:非常|很|十分)?(?:抱歉|对不起|遗憾|不好意思)[,，。!！ ]*)"
_I_ZH = r"(?:但?(?:我|作为[^,，。]{0,20}[,，]?我?|目前|当前|由于[^,，。]{0,30}[,，]我?)*(?:还|暂时|目前)?)"
_CANNOT_ZH = r"(?:无法|不能|没办法|没有办法|不支持|难以|没有能力|不具备)"
_TASK_ZH = r"(?:音频|语音|录音|声音|转录|转写|识别|人工智能|语言模型|(?:这个|该|您的|你的|此)(?:问题|请求|任务))"
_SORRY_EN = r"(?:(?:i(?:'m| am) (?:very |so )?sorry|sorry|i apologi[sz]e|apologies|unfortunately)[,.;! ]*(?:but )?)"
_CANNOT_EN = r"(?:can(?:no|')t|can not|could(?: not|n't)|(?: am|'m) (?:unable|not able) to|do(?:n't| not) have)"
_TASK_EN = (
    r"(?:audio|(?:the|this|any) (?:recording|speech)|transcri\w+|assist with (?:that|this)|language model"
    r"|(?:fulfil\w*|complete|answer) (?:that|this|your))"
)
_REFUSAL = re.compile(
    rf"{_SORRY_ZH}?{_I_ZH}{_CANNOT_ZH}[^,，。\n]{{0,20}}?{_TASK_ZH}"
    rf"|{_SORRY_EN}?(?:as an ai[^,.]{{0,40}}, )?i ?{_CANNOT_EN}\b[^.\n]{{0,60}}?\b{_TASK_EN}\b"
    rf"|as an ai (?:language )?(?:model|assistant)\b",
    re.IGNORECASE,
)
_KANA = re.compile("[\u3041-\u30fa\u30fc-\u30ff\uff66-\uff9f]")


def outcome(reply: str, annotation: Annotation, field: str, language: str = "") -> str:
    """The outcome of a reply for one field (``text``, ``events`` or a label), given what was parsed from it.

    >>> outcome("这段音频说的是:'I'm sorry'", Annotation(text="I'm sorry"), "text", "en")
    'answered'
    >>> outcome("抱歉，我无法识别这段音频。", Annotation(text="抱歉，我无法识别这段音频。"), "text", "zh")
    'refused'
    >>> outcome("The cat sat on the mat.", Annotation(text="The cat sat on the mat."), "text", "zh")
    'off_language'
    >>> outcome("I don't know.", Annotation(), "events")
    'unparsed'
    """
    text = (annotation.text or "") if field == "text" else reply
    if not reply.strip() or (field == "text" and not text.strip()):
        return "empty"
    trusted = bool(unwrap(reply).rule) if field == "text" else annotation.has(field)
    if not trusted and refuses(reply):
        return "refused"
    if loops(text):
        return "looped"
    if field == "text" and is_off_language(text, language):
        return "off_language"
    return "answered" if annotation.has(field) else "unparsed"


def refuses(reply: str) -> bool:
    """Whether a reply begins with a refusal; for replies that are not unwrapped.

    >>> refuses("I'm sorry, but I cannot transcribe the audio."), refuses("I'm sorry, I can't hear you.")
    (True, False)
    """
    return _REFUSAL.match(reply.strip().replace("’", "'")) is not None


def loops(text: str) -> bool:
    """Whether a stretch repeats itself: see the module's text for the rule.

    >>> loops("嗯，然后呢，" * 5), loops("no no no no")
    (True, False)
    """
    tokens = mixed(drop_symbols(fold(text)))
    # Such a stretch has at most a quarter of its tokens as distinct ones: most texts are done here.
    if len(tokens) - len(set(tokens)) < LEAST_STRETCH * (LEAST_REPEATS - 1) // LEAST_REPEATS:
        return False
    return any(_repeats(tokens, unit) for unit in range(1, min(LONGEST_UNIT, len(tokens) // LEAST_REPEATS) + 1))


def _repeats(tokens: list[str], unit: int) -> bool:
    needed, run = max(LEAST_STRETCH, LEAST_REPEATS * unit) - unit, 0
    for earlier, later in zip(tokens, tokens[unit:], strict=False):
        run = run + 1 if earlier == later else 0
        if run >= needed:
            return True
    return False


def is_off_language(text: str, language: str) -> bool:
    """Whether a text is in a script that its language is not written in: see the module's text for the rule.

    >>> is_off_language("これはペンです、ありがとう", "zh"), is_off_language("我用iPhone", "zh")
    (True, False)
    """
    letters = sum(map(str.isalpha, text))
    if not language or letters < 10:
        return False
    kana = len(_KANA.findall(text))
    chinese = count_cjk(text) - kana
    if language in ("zh", "yue"):
        return chinese < letters / 10 or kana > letters / 5
    if language == "ja":
        return kana + chinese < letters / 10 or kana == 0
    return kana + chinese > letters / 2
