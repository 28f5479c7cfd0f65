"""What does the speaker want? The reference is the label ``intent``.

Where there is a closed set, the input ``choices`` names it (commas between, or a list of options), the ``-closed``
prompts show it, and the reply is read for one of its names. Without it the intent is what the reply says that it is,
word for word: then `accuracy` asks for the same words, as can be expected of names only.
"""

from __future__ import annotations

from qaeval.tasks._speaker import alone
from qaeval.types import Prompt

PROMPTS = (
    Prompt("zh", "这段音频的说话者有什么意图?"),
    Prompt("en", "What is the intent of the speaker of this audio?"),
    Prompt("zh-strict", "这段音频的说话者有什么意图?只回答意图,不要解释。"),
    Prompt("en-strict", "What is the intent of the speaker of this audio? Answer with the intent only."),
    Prompt("zh-closed", "这段音频的说话者的意图是下面哪一个?只回答其中一个:{choices}"),
    Prompt("en-closed", "Which of these is the intent of the speaker? Answer with one of them only: {choices}"),
)

TASK = alone("intent", PROMPTS, "what the speaker wants")
