"""When is something said or heard in the clip? The input ``query`` names it.

The reference's ``events`` are all the spans where the query occurs, in seconds; no events means that it does not occur.
Times are read from prose (`qaeval.text.timespans`). ``zh`` is the question of the vendor's Qwen-Audio guide; the
``-strict`` prompts say in which form to answer.
"""

from __future__ import annotations

from qaeval.metrics import offset_error, onset_error, presence, span_iou
from qaeval.text.timespans import read_spans
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("zh", '"{query}"出现在这段音频中的什么位置?'),
    Prompt("en", 'When does "{query}" occur in this audio?'),
    Prompt(
        "zh-strict",
        '"{query}"在这段音频中从第几秒开始、到第几秒结束?请精确到百分之一秒,'
        "按“从第X秒到第Y秒”回答;如果出现多次,逐次列出;"
        "如果没有出现,只回答“没有出现”。",
    ),
    Prompt(
        "en-strict",
        'From which second to which second does "{query}" occur in this audio? Answer "from X s to Y s", to a '
        "hundredth of a second, once for each occurrence; if it does not occur, answer only: it does not occur.",
    ),
)


def parse(text: str, sample: Sample) -> Annotation:
    """The spans that the reply names; unknown events when it names none and does not say that there are none.

    >>> parse('"阿里" 从第1.53秒开始出现,至第1.87秒结束。', Sample("a", "a.wav", inputs={"query": "阿里"})).events
    (Event(label='阿里', onset=1.53, offset=1.87),)
    """
    return Annotation(events=read_spans(text, sample.inputs.get("query", "")))


TASK = Task(
    name="locate",
    needs=("events",),
    prompts=PROMPTS,
    parse=parse,
    metrics=(onset_error.METRIC, offset_error.METRIC, span_iou.METRIC, presence.METRIC),
    inputs=("query",),
    summary="when something is said or heard, in seconds",
)
