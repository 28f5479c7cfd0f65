"""The verdict or the rating in a judge's reply. What is not in one of the asked forms is not read, and never guessed.

The last line counts: JSON (``{"verdict": "1"}``), ``Verdict: 1``, 结论:1, or ``[[1]]``. If it holds none, all forms in
the reply count, and must agree: a judge quotes what it judges, and that may hold a verdict too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Literal, TypeVar

from qaeval.text.answers.choosing import without_thought
from qaeval.text.replies.unwrap import unfenced

Verdict = Literal["first", "second", "tie"]
Value = TypeVar("Value")

_VERDICTS: dict[str, Verdict] = {
    **dict.fromkeys(("1", "a", "first", "answer 1", "回答1", "第一个"), "first"),
    **dict.fromkeys(("2", "b", "second", "answer 2", "回答2", "第二个"), "second"),
    **dict.fromkeys(("tie", "c", "both", "equal", "平局", "平"), "tie"),
}
_KEYS = ("verdict", "rating", "score", "结论", "评分")
_OBJECT = re.compile(r"\{[^{}]{1,4000}\}")
_WORDS = [
    re.compile(
        r"^[\s*_#]*(?:final\s+)?(?:verdict|rating|score|结论|评分)[*_]*\s*[:：]\s*[*_\"“]*([^\n*_\"”]{1,24}?)[*_\"”]*\s*[.。]?\s*$",
        re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(r"\[\[([^\[\]\n]{1,24})\]\]"),
]
_RATING = re.compile(r"(\d{1,3}(?:\.\d)?)(?:\s*(?:/\s*10|分))?")


def read_verdict(reply: str) -> Verdict | None:
    r"""Which of two answers a judge prefers; None where the reply does not say it in an asked form, or says several.

    >>> read_verdict('Answer 1 is wrong.\n{"verdict": "2"}'), read_verdict("结论:平局"), read_verdict("The second one.")
    ('second', 'tie', None)
    """
    return _agreed(reply, lambda value: _VERDICTS.get(value.strip().lower()))


def read_rating(reply: str, least: int = 1, most: int = 10) -> float | None:
    """The rating that a judge gives; None where it gives none, several, or one off the scale.

    >>> read_rating('{"rating": 7}'), read_rating("Rating: 8/10"), read_rating('{"rating": 11}'), read_rating("good")
    (7.0, 8.0, None, None)
    """

    def value(text: str) -> float | None:
        found = _RATING.fullmatch(text.strip())
        return float(found[1]) if found and least <= float(found[1]) <= most else None

    return _agreed(reply, value)


def _agreed(reply: str, value: Callable[[str], Value | None]) -> Value | None:
    """What the last line says, else what all of the reply's forms say alike; None for what is no such value."""
    text = unfenced(without_thought(reply))
    for part in (text.rpartition("\n")[2], text):
        if told := [*_in_json(part), *(match[1] for form in _WORDS for match in form.finditer(part))]:
            values = {value(each) for each in told}
            return values.pop() if len(values) == 1 else None
    return None


def _in_json(text: str) -> Iterator[str]:
    for match in _OBJECT.finditer(text):
        try:
            told = json.loads(match[0])
        except (ValueError, RecursionError):
            continue
        yield from (str(told[key]) for key in _KEYS if isinstance(told.get(key), str | int | float))
