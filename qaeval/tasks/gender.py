"""Is the speaker male or female? The reference is the label ``gender``.

All names are in ``qaeval/text/labels/vocabularies/gender.toml``; Common Voice's ``male_masculine`` and ``F`` are among
them.
"""

from __future__ import annotations

from qaeval.tasks._speaker import alone
from qaeval.types import Prompt

PROMPTS = (
    Prompt("zh", "这段音频的说话者是男是女?"),
    Prompt("en", "Is the speaker of this audio male or female?"),
    Prompt("zh-strict", "这段音频的说话者是男性还是女性?只回答“男性”或“女性”。"),
    Prompt("en-strict", 'Is the speaker of this audio male or female? Answer "male" or "female" only.'),
)

TASK = alone("gender", PROMPTS, "whether the speaker is male or female")
