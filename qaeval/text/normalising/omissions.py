"""What a profile may leave out of normalised texts: erhua and fillers. Neither is left out unless its name says so."""

from __future__ import annotations

import re

from qaeval.text.normalising.cleaning import squeeze

# Where 儿 is a syllable of its own: child, son, daughter, and names.
_SYLLABLES = (
    "儿子|儿女|儿童|儿歌|儿科|儿媳|儿孙|儿时|儿戏|儿郎|儿茶|儿皇帝|女儿|婴儿|幼儿|孤儿|少儿|胎儿|健儿|宠儿|弃儿|患儿|男儿|小儿|产儿|托儿|育儿|妻儿"
    "|侄儿|孙儿|乳儿|新生儿|双生儿|私生儿|混血儿|畸形儿|弄潮儿|幸运儿|流浪儿|生儿育女|养儿防老|正儿八经|吊儿郎当|台儿庄|鹿儿岛"
)
_ERHUA = re.compile(f"({_SYLLABLES})|(?<=[\u4e00-\u9fff])儿")
_SINGLE = re.compile("[呃啊嗯]")
_JAPANESE = re.compile("えーっと|えーと|ええと|えっと")
_WORDS = {
    "en": "um umm uh uhm hm hmm mm mmm mhm",
    "fr": "euh heu",
    "de": "äh ähm öh",
    "it": "ehm",
    "es": "ehm",
}
_FILLERS = {language: frozenset(words.split()) for language, words in _WORDS.items()}


def without_erhua(text: str, language: str) -> str:
    """A normalised text in Chinese without the 儿 that only colours the syllable before it.

    >>> without_erhua("小孩儿和女儿在这儿玩儿", "zh")
    '小孩和女儿在这玩'
    """
    if language not in ("zh", "yue") or "儿" not in text:
        return text
    before = ""
    while text != before:
        before, text = text, _ERHUA.sub(lambda match: match[1] or "", text)
    return text


def without_fillers(text: str, language: str) -> str:
    """A normalised text without the sounds of hesitation: 呃, 啊, 嗯; um, uh, hmm; euh; äh, ähm; ehm; えーと.

    >>> without_fillers("嗯今天啊天气好", "zh"), without_fillers("um i see uh", "en")
    ('今天天气好', 'i see')
    """
    if language in ("zh", "yue"):
        return squeeze(_SINGLE.sub("", text))
    if language == "ja":
        return squeeze(_JAPANESE.sub("", text))
    fillers = _FILLERS.get(language, frozenset())
    return " ".join(word for word in text.split() if word not in fillers)
