"""What emotion is heard? The reference is the label ``emotion``.

The names are in ``qaeval/text/labels/vocabularies/emotion.toml``; calm (平静) is neutral. Where a dataset has a closed
set, the input ``choices`` names it (``neutral, joy, surprise, anger, sadness, disgust, fear`` of MELD), the ``-closed``
prompts show it, and what is told counts as the member that it is or is under (annoyed: angry).

``qwen2-audio-eval`` is the prompt of Qwen2-Audio's published evaluation on MELD (its meld_eval.jsonl, as
Kimi-Audio-Evalkit cites it).
"""

from __future__ import annotations

from qaeval.tasks._speaker import alone
from qaeval.types import Prompt

PROMPTS = (
    Prompt("zh", "这段音频的说话者听起来什么情绪?"),
    Prompt("en", "What emotion does the speaker of this audio express?"),
    Prompt("zh-strict", "这段音频的说话者听起来什么情绪?只回答一个词,如:中性、高兴、悲伤、愤怒、恐惧、厌恶、惊讶。"),
    Prompt(
        "en-strict",
        "What emotion does the speaker of this audio express? Answer with one word only, such as neutral, happy, sad, "
        "angry, fearful, disgusted, surprised.",
    ),
    Prompt("zh-closed", "这段音频的说话者听起来是下面哪种情绪?只回答其中一种:{choices}"),
    Prompt("en-closed", "Which of these emotions does the speaker express? Answer with one of them only: {choices}"),
    Prompt("qwen2-audio-eval", "Recognize the emotion with keywords in English:"),
)

TASK = alone("emotion", PROMPTS, "the emotion that the speaker expresses")
