"""Whether a reply declines: it begins by saying that the model cannot listen, transcribe or do what was asked."""

from __future__ import annotations

import re

from qaeval.text.replies.introductions import as_simplified

_SORRY_ZH = r"(?:(?:您好|你好)[,，。!！ ]*)?(?:(?:非常|很|十分)?(?:抱歉|对不起|遗憾|不好意思)[,，。!！ ]*)"
_I_ZH = (
    r"(?:但?(?:我|作为[^,，。]{0,20}[,，]?我?|我只?是[^,，。]{0,20}(?:模型|助手|人工智能|[Aa][Ii])[,，]我?|目前|当前|现在"
    r"|由于[^,，。]{0,30}[,，]我?){0,3}(?:还|暂时|目前)?)"
)
_CANNOT_ZH = r"(?:无法|不能|没办法|没有办法|不支持|难以|没有能力|不具备)"
_VERB_ZH = (
    r"(?:处理|识别|听|访问|读取|打开|播放|获取|接收|理解|分析|解析|进行|转录|转写|辨认|提供|完成|满足"
    r"|翻译|总结|概括)"
)
_TASK_ZH = r"(?:音频|语音|录音|转录|转写|识别|(?:这个|该|您的|你的|此)(?:请求|任务))"
_SORRY_EN = (
    r"(?:(?:i(?:'m| am) (?:very |so )?(?:sorry|afraid)|sorry|i apologi[sz]e|apologies|unfortunately)[,.;! ]*(?:but )?)"
)
_CANNOT_EN = (
    r"(?:can(?:no|')t|can not|could(?: not|n't)|(?: am|'m)(?: currently)? (?:unable|not able) to"
    r"|(?:currently )?do(?:n't| not) have)"
)
_VERB_EN = (
    r"(?:process|listen|hear|access|transcribe|play|open|analy[sz]e|understand|interpret|handle|receive|recogni[sz]e"
    r"|provide|translate|summari[sz]e|make out)"
)
_TASK_EN = r"(?:audio|recordings?|transcri\w+)"
_REQUEST_EN = (
    r"(?:(?:assist|help)(?: you)? with (?:that|this|your)(?: (?:request|task|audio|transcription))?"
    r"(?=\s*(?:[.!?;]|\Z|,? ?(?:but|as|because)\b))|(?:fulfil\w*|complete) (?:that|this|your) (?:request|task))"
)
_AS_EN = r"(?:as an ai[^,.]{0,40}|as an? [^,.]{0,24}\b(?:ai|language model|assistant))"
_REFUSAL_ZH = re.compile(
    rf"""{_SORRY_ZH}?(?:{_I_ZH}(?:
     {_CANNOT_ZH}(?:[^,，。\n]{{0,10}}?{_VERB_ZH}[^,，。\n]{{0,14}}?{_TASK_ZH}|[^,，。\n]{{0,4}}(?:转录|转写|识别|辨认)[。!！\s]*\Z)
     |(?:没有?|未)(?:能|有)?(?:(?:接?收到|看到|检测到|找到)[^,，。\n]{{0,8}}|听到(?:任何|[您你]的))(?:音频|录音)
     |听不[到见清懂][^,，。\n]{{0,4}}音频)
    |(?:这段|该|您的|你的)?(?:音频|录音|语音)(?=文件|片段|质量|内容|声音|背景|模糊|[里中的太过很较比有不没存嘈噪杂我听无难,，])(?:
     (?:[^。\n]{{0,20}}[,，][^,，。\n]{{0,4}}|我){_CANNOT_ZH}[^,，。\n]{{0,4}}
     (?:转录|转写|识别|翻译|听清|(?:判断|确定|分辨)[^,，。\n]{{0,4}}[说讲])
     |(?:[^。\n]{{0,20}}[,，][^,，。\n]{{0,4}}|(?:的?(?:内容|声音|语音))?我?)(?:听不太?清楚?[^,，。你您他她\n]{{0,8}}|{_CANNOT_ZH}(?:转写|识别|听清))[。.!！\s]*\Z)
    |由于[^,，。\n]{{0,14}}(?:音频|录音|语音)[^,，。\n]{{0,14}}[,，]我?{_CANNOT_ZH}[^,，。\n]{{0,6}}
     (?:转录|转写|识别|听清)
    |[您你](?:好像|似乎)(?:还?没有?|未)(?:上传|提供)[^,，。\n]{{0,6}}(?:音频|录音)
    |请您?(?:提供|上传|发送?)[^,，。\n]{{0,10}}(?:音频|录音)[^,，。\n]{{0,6}}[,，][^。\n]{{0,16}}(?:转写|转录))
    |申し訳(?:あり|ござい)ません[^。\n]{{0,24}}(?:音声|録音|ファイル)[^。\n]{{0,8}}
     (?:処理|認識|再生|聞|聴|書き起こ|文字起こ|アクセス)[^。\n]{{0,14}}(?:できません|できない)""",
    re.VERBOSE,
)
_NO_AUDIO_EN = r"(?:an?|any|the|your) (?:audio|recording)"
_SEEMS_EN = r"it (?:seems|looks like|appears)(?: like| that)? "
_HERE_EN = r"(?: in (?:the|this|your) (?:audio|recording|clip))"
_WHAT_EN = (
    rf"what (?:(?:(?:is|is being) (?:said|spoken)|the (?:speaker|audio|recording) (?:is saying|says)){_HERE_EN}?"
    rf"|(?:was|was being) (?:said|spoken){_HERE_EN})"
)
_POOR_EN = (
    r"(?:the quality of )?(?:the|this) (?:audio|recording)(?: quality| file| clip| recording)?"
    r"(?: (?:is|was|seems) (?:\w+ )?(?:too [^.,\n]{1,30}|not [^.,\n]{1,20} enough) (?:for me )?to (?:be )?"
    r"(?:(?:transcrib|recogni[sz]|decipher)\w*|understand|understood|make out)"
    r"(?: it| accurately| clearly| reliably| what is said| the (?:speech|words|content))?(?=[.!]|\Z)"
    r"| (?:can ?not|can't|could(?: not|n't)) be (?:transcribed\b|(?:understood|recogni[sz]ed)(?=[.!]|\Z))"
    rf"|[^.\n]{{0,40}}\bi ?{_CANNOT_EN} (?:transcribe|make out (?:what|the words))\b)"
)
_REFUSAL_EN = re.compile(
    rf"(?:(?:hello|hi)[,.!] )?(?:{_SORRY_EN}?"
    rf"(?:(?:{_AS_EN}, )?i ?|i(?:'m| am) an ai\b[^,.]{{0,30}}?,? (?:and|so) )(?:{_CANNOT_EN}"
    rf"(?: {_REQUEST_EN}|\b[^.\n]{{0,40}}?\b{_VERB_EN}\b[^.\n]{{0,40}}?\b{_TASK_EN})\b"
    rf"|(?:did(?:n't| not)|have(?:n't| not)) receiv(?:e|ed) {_NO_AUDIO_EN}\b"
    rf"|(?:do(?:n't| not)|did(?:n't| not)|can(?:no|')t) (?:see|find) {_NO_AUDIO_EN} (?:file|clip|attached|provided)\b)"
    rf"|{_SORRY_EN}(?:the (?:(?:speech|voice|sound) (?:in|of|on) (?:the|this) )?(?:audio|recording|clip)"
    rf"\b[^.\n]{{0,40}}\b(?:not|too|unclear|unintelligible|inaudible|empty|silent)\b"
    rf"|i ?{_CANNOT_EN} (?:provide|share|reproduce)\b[^.\n]{{0,30}}\b(?:lyrics|copyrighted)\b)"
    rf"|{_SORRY_EN}?(?:i ?{_CANNOT_EN} transcribe (?:that|this|it|[^.\n]{{0,30}}(?:lyrics|copyrighted))\b"
    rf"|i can only (?:process|handle|work with) text\b"
    rf"|i ?{_CANNOT_EN} (?:make out|determine|tell|understand|decipher) {_WHAT_EN}[.!\s]*\Z"
    rf"|{_POOR_EN})"
    rf"|unable to (?:transcribe\b|{_VERB_EN} (?:the|this|your) (?:audio|recording)(?: file| clip)?(?=[.!:]|\Z))"
    rf"|as an ai (?:language )?(?:model|assistant), i\b"
    rf"|(?:{_SORRY_EN}|{_SEEMS_EN})(?:there(?: is|'s) )?no (?:audio|recording)(?: (?:file|clip))?(?: was| has been)? "
    rf"(?:attached|uploaded|provided)\b"
    rf"|{_SEEMS_EN}you (?:have|did)(?:n't| not) (?:upload|attach|provide|include|share)\w* {_NO_AUDIO_EN}"
    rf"|please (?:upload|provide|share|attach) (?:the|an?|your) (?:audio|recording)\b[^.\n]{{0,40}}\btranscri)",
    re.IGNORECASE | re.ASCII,
)
_FIRST_ZH = frozenset("非很十抱对遗不但我作目当现由还暂无没难未听这该您你音录语请申對遺當現還暫無沒難聽這錄語請")
_FIRST_EN = frozenset("iasuhpIASUHP")
_STARTS_EN = frozenset({
    *("i a", "i c", "i d", "i h", "i'm", "i’m", "i  ", "i '", "i ’", "ica", "ico", "icu", "ido", "idi", "iha"),
    *("it ", "as ", "sor", "unf", "una", "apo", "hel", "hi,", "hi.", "hi!", "ple"),
})  # fmt: skip
_STARTS_T = frozenset({"the au", "the re", "the qu", "this a", "this r"})
"""How all forms of a refusal begin: their first characters, and in English their first three, or six after T."""

_TELL_ZH = r"(?:判断|确定|识别|分辨|辨别|辨认|听出|听清|得知|确认|推断|判定|回答|给出|提供|看出)"
_TELL_EN = r"(?:determine|tell|identify|say|answer|infer|recogni[sz]e|judge|provide|know|hear|detect)"
_NOT_EASY = r"(?:(?:is|'s) (?:not possible|impossible|difficult|hard) to)"
_DECLINES = re.compile(
    rf"{_SORRY_ZH}?(?:[^,，。！!\n]{{0,24}}[,，]?)?(?:{_CANNOT_ZH}[^,，。\n]{{0,6}}?{_TELL_ZH}|[听看]不[出清])"
    rf"|{_SORRY_EN}?(?:as an ai[^,.]{{0,40}}, )?(?:i|we|it)? ?(?:{_CANNOT_EN}|cannot|unable to|{_NOT_EASY})"
    rf"\b[^.\n]{{0,20}}?\b{_TELL_EN}\b"
    rf"|[^.\n]{{0,40}}\b(?:not|n't) (?:provide|contain|have|include) (?:enough|sufficient|any) [^.\n]{{0,20}}"
    rf"to {_TELL_EN}\b"
    r"|[^.\n]{0,40}\b(?:can(?: ?not|'t)|could(?: not|n't)) be (?:reliably |accurately |confidently )?"
    r"(?:determin|identif|inferr|judg|recogni[sz]|establish|answer|told)"
    r"|[^.\n]{0,24}\b(?:not enough|insufficient) (?:information|evidence|context|clues)\b"
    r"|[^。\n]{0,16}(?:没有|缺乏|缺少)足够的?(?:信息|线索|依据)|[^。\n]{0,16}信息不足",
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
    if not may_refuse(reply):
        return False
    text = reply.strip()
    if text[0].isascii():
        return _REFUSAL_EN.match(text.replace("’", "'")) is not None
    return _REFUSAL_ZH.match(as_simplified(text)) is not None


def may_refuse(reply: str) -> bool:
    """Whether a reply begins as a refusal can: a quick look before `refuses`.

    >>> may_refuse("I can read"), may_refuse("I went home"), may_refuse("We went home")
    (True, False, False)
    """
    first = reply[:1]
    if first in _FIRST_EN:
        return reply[:3].lower() in _STARTS_EN
    if first in ("t", "T"):
        return reply[:6].lower() in _STARTS_T
    return first in _FIRST_ZH or (first.isspace() and may_refuse(reply.lstrip()))
