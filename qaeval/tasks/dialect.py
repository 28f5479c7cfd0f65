"""Which dialect of Chinese is spoken? The reference is the label ``dialect``, a path: 西南官话/重庆话, 粤语/广州话.

The tree is in ``qaeval/text/labels/vocabularies/dialect.toml``; a value may be any name in it (``Southwestern``,
四川话). `accuracy` asks for the very label, `parent_accuracy` for its group (西南官话) alone; where the references are
groups, as in KeSpeech, the second is the one to read. An accent of Mandarin tells the dialect that it comes from.
"""

from __future__ import annotations

from qaeval.tasks._speaker import alone
from qaeval.types import Prompt

PROMPTS = (
    Prompt("zh", "这段音频里说的是什么方言?"),
    Prompt("en", "Which dialect of Chinese is spoken in this audio?"),
    Prompt("zh-strict", "这段音频里说的是什么方言?只回答方言的名称,如“西南官话-重庆话”;没有方言则回答“普通话”。"),
    Prompt(
        "en-strict",
        "Which dialect of Chinese is spoken in this audio? Answer with its name only, such as “Sichuan dialect”; if it "
        "is none, answer “Standard Mandarin”.",
    ),
    Prompt("zh-closed", "这段音频里说的是下面哪种方言?只回答其中一种:{choices}"),
    Prompt("en-closed", "Which of these dialects is spoken in this audio? Answer with one of them only: {choices}"),
)

TASK = alone("dialect", PROMPTS, "the dialect of Chinese that is spoken")
