"""Voice chat: the clip is all that is said to the model, which is to answer the speaker.

There is no right answer to compare with, so any sample can be asked; whether an answer is good, people or a judge model
say (`qaeval.judge`). Without a judge there are checks of what can be told offline: `chat_answered`, `chat_language`,
`chat_echo`, `chat_length`. The clip's transcript (``text``) and language are used where the dataset has them; it may
also have a model answer, as the label ``response``, for a judge to see.

``voice`` has no text at all, as the vendor's Qwen-Audio guide shows it (语音聊天); ``voice-assistant`` adds the system
message of that guide's example. The models that answer to audio alone are in the catalogue (``voice_chat``).
"""

from __future__ import annotations

from qaeval.metrics import chat_answered, chat_echo, chat_language, chat_length
from qaeval.text.answers.choosing import without_thought
from qaeval.text.replies.refusals import refuses
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("voice", ""),
    Prompt("voice-assistant", "", system="You are a helpful assistant."),
)


def parse(text: str, sample: Sample) -> Annotation:
    """The answer; none where the reply is empty or says that the model cannot listen.

    >>> parse("你可以试试耳塞。", Sample("a", "a.wav")).labels
    {'response': ('你可以试试耳塞。',)}
    >>> parse("抱歉，我无法处理音频。", Sample("a", "a.wav")).labels
    {}
    """
    said = without_thought(text).strip()
    return Annotation(labels={} if not said or refuses(said) else {"response": (said,)})


TASK = Task(
    name="chat",
    needs=(),
    prompts=PROMPTS,
    parse=parse,
    metrics=(chat_answered.METRIC, chat_language.METRIC, chat_echo.METRIC, chat_length.METRIC),
    summary="voice chat: the speaker is answered, without any question in words",
)
