"""How old is the speaker? The reference is the label ``age``: years (``30``), a range (``30-39``) or ``thirties``.

What words such as 中年 or "elderly" mean in years says `qaeval.text.labels.ages`.
"""

from __future__ import annotations

from qaeval.tasks._speaker import alone
from qaeval.types import Prompt

PROMPTS = (
    Prompt("zh", "这段音频的说话者大致什么年龄?"),
    Prompt("en", "About how old is the speaker of this audio?"),
    Prompt("zh-strict", "这段音频的说话者大约多少岁?只回答一个数字。"),
    Prompt("en-strict", "About how old, in years, is the speaker of this audio? Answer with one number only."),
)

TASK = alone("age", PROMPTS, "how old the speaker is, in years")
