"""What the clip is about, in short. The reference's label ``summary`` has one or more summaries, each as good.

The transcript is another field, ``text``, so that one sample can hold both. Replies are unwrapped
(`qaeval.text.replies.renderings`). ROUGE-L measures shared words in order, not truth: for that a judge
(`qaeval.judge`).
"""

from __future__ import annotations

from qaeval.metrics import length_error, rouge_l
from qaeval.text.replies.refusals import refuses
from qaeval.text.replies.renderings import rendered
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("zh", "请概括这段音频的主要内容。"),
    Prompt("en", "Summarize what this audio is about."),
    Prompt("zh-strict", "请用一句话概括这段音频的主要内容,使用音频里的语言。只输出这句话,不要加标题或说明。"),
    Prompt(
        "en-strict",
        "Summarize what this audio is about in one sentence, in the language that is spoken. Output only this "
        "sentence: no heading, no explanation.",
    ),
)


def parse(text: str, sample: Sample) -> Annotation:
    """The summary that the reply gives; none where it is empty or declines.

    >>> parse("摘要:两个人在谈天气。", Sample("a", "a.wav")).labels
    {'summary': ('两个人在谈天气。',)}
    """
    said, rule = rendered(text, "summary")
    declines = not rule and refuses(text) and not any(map(refuses, sample.reference.labels.get("summary", ())))
    return Annotation(labels={} if declines or not said else {"summary": (said,)})


TASK = Task(
    name="summarize",
    needs=("summary",),
    prompts=PROMPTS,
    parse=parse,
    metrics=(rouge_l.on("summary"), length_error.on("summary")),
    summary="what the clip is about, in short",
)
