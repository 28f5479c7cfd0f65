"""Whether a reply declines: it begins by saying that the model cannot listen, transcribe or do what was asked."""

from __future__ import annotations

import re

_SORRY_ZH = r"(?:(?:非常|很|十分)?(?:抱歉|对不起|遗憾|不好意思)[,，。!！ ]*)"
_I_ZH = r"(?:但?(?:我|作为[^,，。]{0,20}[,，]?我?|目前|当前|由于[^,，。]{0,30}[,，]我?){0,3}(?:还|暂时|目前)?)"
_CANNOT_ZH = r"(?:无法|不能|没办法|没有办法|不支持|难以|没有能力|不具备)"
_VERB_ZH = r"(?:处理|识别|听|访问|读取|打开|播放|获取|接收|理解|分析|解析|进行|转录|转写|辨认|提供|完成|满足)"
_TASK_ZH = r"(?:音频|语音|录音|转录|转写|识别|(?:这个|该|您的|你的|此)(?:请求|任务))"
_SORRY_EN = r"(?:(?:i(?:'m| am) (?:very |so )?sorry|sorry|i apologi[sz]e|apologies|unfortunately)[,.;! ]*(?:but )?)"
_CANNOT_EN = r"(?:can(?:no|')t|can not|could(?: not|n't)|(?: am|'m) (?:unable|not able) to|do(?:n't| not) have)"
_VERB_EN = (
    r"(?:process|listen|hear|access|transcribe|play|open|analy[sz]e|understand|interpret|handle|receive|recogni[sz]e"
    r"|provide)"
)
_TASK_EN = r"(?:audio|recordings?|transcri\w+)"
_REQUEST_EN = (
    r"(?:(?:assist|help)(?: you)? with (?:that|this|your)|(?:fulfil\w*|complete) (?:that|this|your) (?:request|task))"
)
_REFUSAL = re.compile(
    rf"{_SORRY_ZH}?{_I_ZH}{_CANNOT_ZH}[^,，。\n]{{0,10}}?{_VERB_ZH}[^,，。\n]{{0,14}}?{_TASK_ZH}"
    rf"|{_SORRY_ZH}?{_I_ZH}{_CANNOT_ZH}[^,，。\n]{{0,4}}(?:转录|转写|识别|辨认)[。!！\s]*\Z"
    rf"|{_SORRY_ZH}?{_I_ZH}(?:没有?|未)(?:能|有)?(?:接?收到|看到|检测到|找到)[^,，。\n]{{0,8}}(?:音频|录音)"
    rf"|{_SORRY_ZH}?{_I_ZH}听不[到见][^,，。\n]{{0,4}}音频"
    rf"|{_SORRY_ZH}?(?:这段|该|您的|你的)?(?:音频|录音)[^。\n]{{0,20}}[,，][^,，。\n]{{0,4}}{_CANNOT_ZH}[^,，。\n]{{0,4}}"
    rf"(?:转录|转写|识别)"
    rf"|{_SORRY_EN}?(?:as an ai[^,.]{{0,40}}, )?i ?{_CANNOT_EN}"
    rf"(?: {_REQUEST_EN}|\b[^.\n]{{0,40}}?\b{_VERB_EN}\b[^.\n]{{0,40}}?\b{_TASK_EN})\b"
    rf"|{_SORRY_EN}the (?:audio|recording|clip)\b[^.\n]{{0,40}}"
    rf"\b(?:not|too|unclear|unintelligible|inaudible|empty|silent)\b"
    rf"|as an ai (?:language )?(?:model|assistant), i\b",
    re.IGNORECASE,
)


_FIRST = frozenset("非很十抱对遗不但我作目当由还暂无没难未听这该您你音录iasuIASU\u0130\u0131\u017f")
"""The first characters of all forms of a refusal, as a pattern takes them that ignores case."""

_TELL_ZH = r"(?:判断|确定|识别|分辨|辨别|辨认|听出|听清|得知|确认|推断|判定|回答|给出|提供|看出)"
_TELL_EN = r"(?:determine|tell|identify|say|answer|infer|recogni[sz]e|judge|provide|know|hear|detect)"
_NOT_EASY = r"(?:(?:is|'s) (?:not possible|impossible|difficult|hard) to)"
_DECLINES = re.compile(
    rf"{_SORRY_ZH}?(?:[^,，。！!\n]{{0,24}}[,，]?)?(?:{_CANNOT_ZH}[^,，。\n]{{0,6}}?{_TELL_ZH}|[听看]不[出清])"
    rf"|{_SORRY_EN}?(?:as an ai[^,.]{{0,40}}, )?(?:i|we|it)? ?(?:{_CANNOT_EN}|cannot|unable to|{_NOT_EASY})"
    rf"\b[^.\n]{{0,20}}?\b{_TELL_EN}\b"
    rf"|[^.\n]{{0,40}}\b(?:not|n't) (?:provide|contain|have|include) (?:enough|sufficient|any) [^.\n]{{0,20}}"
    rf"to {_TELL_EN}\b",
    re.IGNORECASE,
)


def declines(reply: str) -> bool:
    """Whether a reply begins by saying that what was asked cannot be told; for what is not the words of a clip.

    >>> declines("无法判断说话者的年龄。"), declines("I can't determine the speaker's gender."), declines("我不知道")
    (True, True, False)
    """
    return _DECLINES.match(reply.strip().replace("’", "'")) is not None


def refuses(reply: str) -> bool:
    """Whether a reply begins with a refusal; for replies that are not unwrapped.

    >>> refuses("I'm sorry, but I cannot transcribe the audio."), refuses("I'm sorry, I can't hear you.")
    (True, False)
    """
    return may_refuse(reply) and _REFUSAL.match(reply.strip().replace("’", "'")) is not None


def may_refuse(reply: str) -> bool:
    """Whether a reply begins with a character that a refusal can begin with: a quick look before `refuses`.

    >>> may_refuse("I went home"), may_refuse("We went home")
    (True, False)
    """
    return reply[:1] in _FIRST or (reply[:1].isspace() and reply.lstrip()[:1] in _FIRST)
