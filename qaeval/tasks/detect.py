"""Which sounds, or which of some words, are heard in the clip, and when is each of them?

The reference's ``events`` are all of them, with their labels and times in seconds; no events means that there are none.
The ``-closed`` prompts name the labels that there are, the input ``choices`` (commas between): where a sample has it,
only those are read in replies, whichever the prompt, and labels that are no sounds (words to be spotted) as they are
written. Events are read by `qaeval.text.events.eventlists`. The ``-strict`` and ``-closed`` prompts ask for a list in
JSON. The wordings are ours.
"""

from __future__ import annotations

from qaeval.metrics import (
    event_f1,
    event_lenient_f1,
    event_macro_f1,
    event_onset_f1,
    presence,
    segment_error_rate,
    segment_f1,
    segment_macro_f1,
)
from qaeval.text.events.eventlists import read_events
from qaeval.types import Annotation, Prompt, Sample, Task

_FORM_ZH = (
    "只输出一个JSON列表,每次出现为一项,形如"
    '{"label": "狗叫声", "onset": 0.52, "offset": 2.31}'
    ",时间以秒为单位,精确到百分之一秒;如果什么也没有,只输出[]。"
)
_FORM_EN = (
    "Output only a JSON list with one item each time that one is heard, such as "
    '{"label": "dog barking", "onset": 0.52, "offset": 2.31}'
    ", in seconds, to a hundredth; if there is none, output only []."
)

PROMPTS = (
    Prompt("zh", "这段音频中有哪些声音?每种声音分别从第几秒开始、到第几秒结束?"),
    Prompt("en", "Which sounds are heard in this audio, and from which second to which second is each of them?"),
    Prompt("zh-strict", f"请找出这段音频中的所有声音事件。{_FORM_ZH}"),
    Prompt("en-strict", f"Find all sound events in this audio. {_FORM_EN}"),
    Prompt("zh-closed", f"请在这段音频中找出以下各项:{{choices}}。只用这些名称。{_FORM_ZH}"),
    Prompt("en-closed", f"Find these in this audio, by these names only: {{choices}}. {_FORM_EN}"),
)


def parse(text: str, sample: Sample) -> Annotation:
    """The events that the reply names; unknown when it names no time and does not say that there are none.

    >>> parse("0.5-2.3 s: a dog", Sample("a", "a.wav")).events
    (Event(label='Dog', onset=0.5, offset=2.3),)
    """
    return Annotation(events=read_events(text, sample.inputs.get("choices", "")))


TASK = Task(
    name="detect",
    needs=("events",),
    prompts=PROMPTS,
    parse=parse,
    metrics=(
        *(event_f1.METRIC, event_onset_f1.METRIC, event_lenient_f1.METRIC, event_macro_f1.METRIC),
        *(segment_f1.METRIC, segment_macro_f1.METRIC, segment_error_rate.METRIC, presence.METRIC),
    ),
    options=("choices",),
    summary="which sounds or words are heard, and when, in seconds",
)
