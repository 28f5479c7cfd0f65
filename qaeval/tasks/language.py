"""Which language is spoken? The reference is the label ``language``, a code: ``zh``, ``yue``, ``en`` ...

All varieties of Chinese but Cantonese are ``zh``; a dialect tells its language (四川话: zh). Where there is a closed
set, the input ``choices`` names it.
"""

from __future__ import annotations

from qaeval.tasks._speaker import alone
from qaeval.types import Prompt

PROMPTS = (
    Prompt("zh", "这段音频里说的是什么语言?"),
    Prompt("en", "Which language is spoken in this audio?"),
    Prompt("zh-strict", "这段音频里说的是什么语言?只回答语言的名称。"),
    Prompt("en-strict", "Which language is spoken in this audio? Answer with the name of the language only."),
    Prompt("zh-closed", "这段音频里说的是下面哪种语言?只回答其中一种:{choices}"),
    Prompt("en-closed", "Which of these languages is spoken in this audio? Answer with one of them only: {choices}"),
)

TASK = alone("language", PROMPTS, "the language that is spoken")
