"""The sentences in which `control/majority` tells a label: the parsers of the tasks read the same value in them."""

from __future__ import annotations

import json
from collections.abc import Sequence

_NAMES = {
    "gender": "性别", "age": "年龄", "language": "语言", "dialect": "方言", "accent": "口音", "emotion": "情绪",
    "intent": "意图", "instrument": "乐器", "tempo": "速度", "key": "调性", "genre": "风格",
    "mood": "情绪",
}  # fmt: skip


def told(attribute: str, values: Sequence[str]) -> str:
    """A line that tells the values of a label; no values: that there are none.

    >>> print(told("gender", ["male"]), told("instrument", ["piano", "drums"]), told("genre", []), told("note", ["a4"]))
    性别:male 乐器:piano、drums 风格:无 a4
    """
    said = "、".join(values) or ("没有声音" if attribute == "sound" else "无")
    return f"{_NAMES[attribute]}:{said}" if attribute in _NAMES else said


def counted(attribute: str, number: float) -> str:
    """A line that tells an age in years or a tempo in beats a minute.

    >>> print(counted("age", 30), counted("tempo", 127.5))
    年龄:大约30岁 速度:每分钟127.5拍
    """
    return f"{_NAMES[attribute]}:" + (
        f"大约{round(number)}岁" if attribute == "age" else f"每分钟{round(number, 3):g}拍"
    )


def answered(text: str, is_letter: bool) -> str:
    """The answer to a question: the letter of an option, or words.

    >>> print(answered("B", is_letter=True), answered("two dogs", is_letter=False))
    答案是B 答案是:two dogs
    """
    return f"答案是{text}" if is_letter else f"答案是:{text}"


def rendered(attribute: str, text: str) -> str:
    """A translation or a summary.

    >>> print(rendered("translation", "Welcome."), rendered("summary", "两人谈天气。"))
    翻译:'Welcome.' 摘要:'两人谈天气。'
    """
    return f"{'翻译' if attribute == 'translation' else '摘要'}:'{text}'"


def heard(label: str, onset: float, offset: float) -> str:
    """An event as the detection task asks for it; times in seconds.

    >>> heard("Dog", 0.5, 2)
    '[{"label": "Dog", "onset": 0.50, "offset": 2.00}]'
    """
    return f'[{{"label": {json.dumps(label, ensure_ascii=False)}, "onset": {onset:.2f}, "offset": {offset:.2f}}}]'


def heard_nothing() -> str:
    """That there is no event.

    >>> heard_nothing()
    '[]'
    """
    return "[]"
