"""When is something said or heard in the clip for the first time? The input ``query`` names it.

As `qaeval.tasks.locate`, on the same samples, but the question asks for one occurrence, and one is scored: the earliest
span of the reference against the earliest that the reply names. A query that does not occur is to be said not to.
"""

from __future__ import annotations

from qaeval.metrics._spans import of_first
from qaeval.tasks.locate import METRICS, parse
from qaeval.types import Prompt, Task

PROMPTS = (
    Prompt("zh", '"{query}"第一次出现在这段音频中的什么时间?'),
    Prompt("en", 'When does "{query}" occur in this audio for the first time?'),
    Prompt(
        "zh-strict",
        '"{query}"在这段音频中第一次出现时,从第几秒开始、到第几秒结束?请精确到百分之一秒,'
        "只回答“从第X秒到第Y秒”;如果没有出现,只回答“没有出现”。",
    ),
    Prompt(
        "en-strict",
        'From which second to which second does "{query}" occur in this audio for the first time? Answer only "from X '
        's to Y s", to a hundredth of a second; if it does not occur, answer only: it does not occur.',
    ),
)

TASK = Task(
    name="locate_first",
    needs=("events",),
    prompts=PROMPTS,
    parse=parse,
    metrics=tuple(map(of_first, METRICS)),
    inputs=("query",),
    summary="when something is said or heard for the first time, in seconds",
)
