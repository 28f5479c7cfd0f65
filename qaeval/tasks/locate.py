"""When is something said or heard in the clip, each time that it is? The input ``query`` names it.

The reference's ``events`` are all the spans where the query occurs, in seconds; no events means that it does not occur.
All of them count: a question that asks for the first one only is another task, `qaeval.tasks.locate_first`, since what
is right depends on it. Times are read from prose (`qaeval.text.times.timespans`).

``zh`` is the question of the vendor's Qwen-Audio guide; it does not say whether once or each time, ``zh-all`` and
``en-all`` do. The ``-strict`` prompts say in which form to answer. ``qwen-audio-readme`` and ``qwen-audio-tutorial``
are the questions of the README and of TUTORIAL.md ("Grounding") of github.com/QwenLM/Qwen-Audio, the former there after
"what does the person say?". AIR-Bench's grounding offers four spans to choose from: that is the task ``answer``.
"""

from __future__ import annotations

from qaeval.metrics import (
    aas,
    offset_error,
    offset_error_median,
    offset_error_p90,
    onset_error,
    onset_error_median,
    onset_error_p90,
    onset_hit,
    presence,
    span_iou,
    span_recall,
)
from qaeval.text.times.timespans import read_spans
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("zh", '"{query}"出现在这段音频中的什么位置?'),
    Prompt("en", 'When does "{query}" occur in this audio?'),
    Prompt("zh-all", '"{query}"每次出现在这段音频中的什么时间?请列出每一次;如果没有出现,请说明没有出现。'),
    Prompt(
        "en-all", 'When does "{query}" occur in this audio? List each time that it does; if it does not occur, say so.'
    ),
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
    Prompt("qwen-audio-readme", 'Find the start time and end time of the word "{query}"'),
    Prompt("qwen-audio-tutorial", 'Find the word "{query}"'),
)

METRICS = (
    *(onset_error.METRIC, onset_error_median.METRIC, onset_error_p90.METRIC),
    *(offset_error.METRIC, offset_error_median.METRIC, offset_error_p90.METRIC),
    *(aas.METRIC, span_iou.METRIC, span_recall.METRIC, onset_hit.METRIC, presence.METRIC),
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
    metrics=METRICS,
    inputs=("query",),
    summary="when something is said or heard, each time, in seconds",
)
