"""The sentences in which local engines answer: those that Qwen-Audio uses.

So the reply of an engine is unwrapped, parsed and scored by the same code as a reply of the service. The wording is
that of the examples in the vendor's Qwen-Audio guide; the sentences for several times, for none and for sounds
continue it.
"""

from __future__ import annotations

from collections.abc import Sequence


def said(text: str) -> str:
    """The transcription of a clip; an empty text when no words were heard.

    >>> print(said("欢迎使用阿里云"), said(""))
    这段音频说的是:'欢迎使用阿里云' 这段音频说的是:''
    """
    return f"这段音频说的是:'{text}'"


def found(query: str, spans: Sequence[tuple[float, float]]) -> str:
    """When ``query`` is said: ``spans`` are (onset, offset) in seconds, at least one, in the order to be told.

    >>> print(found("阿里", [(1.53, 1.87)]))
    "阿里" 从第1.53秒开始出现,至第1.87秒结束。
    >>> print(found("阿里", [(1.53, 1.87), (4, 4.5)]))
    "阿里" 从第1.53秒开始出现,至第1.87秒结束;从第4.00秒开始出现,至第4.50秒结束。
    """
    times = ";".join(f"从第{onset:.2f}秒开始出现,至第{offset:.2f}秒结束" for onset, offset in spans)
    return f'"{query}" {times}。'


def translated(text: str) -> str:
    """What is said in a clip, in English; an empty text when no words were heard.

    >>> print(translated("Welcome to Alibaba Cloud."))
    这段音频的英文翻译是:'Welcome to Alibaba Cloud.'
    """
    return f"这段音频的英文翻译是:'{text}'"


def absent(query: str) -> str:
    """That ``query`` is not said.

    >>> print(absent("阿里"))
    "阿里" 没有在这段音频中出现。
    """
    return f'"{query}" 没有在这段音频中出现。'


def heard(sounds: Sequence[str]) -> str:
    """Which sounds are heard: their names, at least one, in the order to be told.

    >>> print(heard(["狗叫声"]), heard(["雨声", "风声"]))
    这段音频里有狗叫声。 这段音频里有雨声、风声。
    """
    return f"这段音频里有{'、'.join(sounds)}。"


def timed(sounds: Sequence[tuple[str, float, float]]) -> str:
    """When which sound is heard: (name, onset, offset) in seconds, at least one, in the order to be told.

    >>> print(timed([("狗叫声", 0.24, 1.2), ("雨声", 2, 5)]))
    狗叫声从第0.24秒开始出现,至第1.20秒结束;雨声从第2.00秒开始出现,至第5.00秒结束。
    """
    told = (f"{name}从第{onset:.2f}秒开始出现,至第{offset:.2f}秒结束" for name, onset, offset in sounds)
    return f"{';'.join(told)}。"


def silent() -> str:
    """That no sound is heard.

    >>> print(silent())
    这段音频里没有声音。
    """
    return "这段音频里没有声音。"
