"""With which accent is spoken? The reference is the label ``accent``: ``us``, ``england``, ``indian``, 四川 ...

The names are in ``qaeval/text/labels/vocabularies/accent.toml``: those of Common Voice, of English and of Chinese by
province, and of other first languages.
"""

from __future__ import annotations

from qaeval.tasks._speaker import alone
from qaeval.types import Prompt

PROMPTS = (
    Prompt("zh", "这段音频的说话者带有什么口音?"),
    Prompt("en", "What accent does the speaker of this audio have?"),
    Prompt("zh-strict", "这段音频的说话者带有什么口音?只回答口音的名称,如“四川口音”“英式口音”。"),
    Prompt(
        "en-strict",
        "What accent does the speaker of this audio have? Answer with its name only, such as “British accent”.",
    ),
    Prompt("zh-closed", "这段音频的说话者带有下面哪种口音?只回答其中一种:{choices}"),
    Prompt("en-closed", "Which of these accents does the speaker have? Answer with one of them only: {choices}"),
)

TASK = alone("accent", PROMPTS, "the accent of the speaker")
