"""Who speaks, and how: gender, age, language, dialect or accent, emotion and intent, in one question.

A sample is scored for the attributes that its reference has: ``gender`` (male, female), ``age`` (years: ``30``,
``30-39``), ``language`` (a code), ``dialect`` (a path: 西南官话/重庆话), ``accent``, ``emotion``, ``intent``. How
replies are read, and what is told by what, says `qaeval.text.labels.attributes`; the names are those of
`qaeval.text.labels.vocabulary`. Where there is a closed set of intents, the input ``choices`` names it.

``zh`` is the question of the vendor's Qwen-Audio guide, ``en`` the same in English; they ask for the words as well, so
the reply is scored by `qaeval.tasks.transcribe`, too. The ``-strict`` prompts ask for JSON and for the intent. There is
a task for each attribute alone.
"""

from __future__ import annotations

from qaeval.tasks._speaker import metrics_of
from qaeval.text.labels.attributes import ATTRIBUTES, read_attributes
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt(
        "zh",
        "这段音频里说了什么?说话者是男是女?大致什么年龄?用的是什么语言或方言?听起来什么情绪?",
        also=("transcribe",),
    ),
    Prompt(
        "en",
        "What is said in this audio? Is the speaker male or female? About how old? Which language or dialect is used? "
        "What emotion do you hear?",
        also=("transcribe",),
    ),
    Prompt(
        "zh-strict",
        '请分析这段音频的说话者,只输出一个JSON对象,不要解释。键为:"text"(逐字转写),"gender"("男"或"女"),"age"(年龄,一个'
        '数字),"language"(语言),"dialect"(方言,如"西南官话-重庆话";没有则为"普通话"),"accent"(口音),"emotion"(情绪,'
        '一个词),"intent"(说话意图)。不知道的填null。',
        also=("transcribe",),
    ),
    Prompt(
        "en-strict",
        'Describe the speaker of this audio. Output only one JSON object, without explanation, with the keys "text" '
        '(what is said, word for word), "gender" ("male" or "female"), "age" (in years, one number), "language", '
        '"dialect" (of Chinese, such as "Southwestern Mandarin, Chongqing"), "accent", "emotion" (one word) and '
        '"intent" (what the speaker wants). Use null for what cannot be told.',
        also=("transcribe",),
    ),
)


def parse(text: str, sample: Sample) -> Annotation:
    """The attributes that the reply tells.

    >>> parse("说话者为男性,年龄大约30岁,使用西南官话-重庆话。听起来情绪平静。", Sample("a", "a.wav")).labels["dialect"]
    ('西南官话/重庆话',)
    """
    return Annotation(labels=read_attributes(text, choices={"intent": sample.inputs.get("choices", "")}))


TASK = Task(
    name="speaker",
    needs=("|".join(ATTRIBUTES),),
    prompts=PROMPTS,
    parse=parse,
    metrics=tuple(metric for attribute in ATTRIBUTES for metric in metrics_of(attribute)),
    options=("choices",),
    summary="the speaker's gender, age, language, dialect or accent, emotion and intent",
)
