"""What is said, in another language: the input ``target_language`` names it, as it is to stand in the prompt.

"English", 英语 or a code (``en``). The reference's label ``translation`` has one or more translations, each of which is
right: the transcript is another field, ``text``, so that one sample can hold both. Replies are unwrapped
(`qaeval.text.replies.renderings`). A refusal translates nothing; it scores as an empty text does.

``qwen3-omni-eval`` is the prompt for speech translation in the README of QwenLM/Qwen3-Omni ("Setting for Evaluation");
its place {language} is filled with the English name of the language that is spoken.
"""

from __future__ import annotations

from qaeval.metrics import bleu, chrf
from qaeval.text.replies.refusals import refuses
from qaeval.text.replies.renderings import rendered
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("zh", "把这段音频里说的话翻译成{target_language}。"),
    Prompt("en", "Translate what is said in this audio into {target_language}."),
    Prompt("zh-strict", "请把这段音频里说的话翻译成{target_language}。只输出译文,不要加引号、说明或原文。"),
    Prompt(
        "en-strict",
        "Translate what is said in this audio into {target_language}. Output only the translation: no quotation marks, "
        "no explanation, not the original words.",
    ),
    Prompt(
        "qwen3-omni-eval",
        "Listen to the provided {language} speech and produce a translation in {target_language} text.",
    ),
)


def parse(text: str, sample: Sample) -> Annotation:
    """The translation that the reply gives; none where it is empty or declines.

    >>> parse("这段音频的英文翻译是:'Welcome.'", Sample("a", "a.wav", inputs={"target_language": "英语"})).labels
    {'translation': ('Welcome.',)}
    """
    said, rule = rendered(text, "translation")
    declines = not rule and refuses(text) and not any(map(refuses, sample.reference.labels.get("translation", ())))
    return Annotation(labels={} if declines or not said else {"translation": (said,)})


TASK = Task(
    name="translate",
    needs=("translation",),
    prompts=PROMPTS,
    parse=parse,
    metrics=(bleu.METRIC, chrf.METRIC),
    inputs=("target_language",),
    summary="what is said, in another language",
)
