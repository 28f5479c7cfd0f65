"""The sentences in which local engines answer: those that Qwen-Audio uses.

So the reply of an engine is unwrapped, parsed and scored by the same code as a reply of the service. The wording is
that of the examples in the vendor's Qwen-Audio guide; the sentences for several times and for none continue it.
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


def absent(query: str) -> str:
    """That ``query`` is not said.

    >>> print(absent("阿里"))
    "阿里" 没有在这段音频中出现。
    """
    return f'"{query}" 没有在这段音频中出现。'
