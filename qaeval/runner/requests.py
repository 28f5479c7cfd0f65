"""From a sample and a task's prompt to the request that a model gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qaeval.errors import DatasetError
from qaeval.types import Message, Model, Prompt, Request, Sample, Task

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What each sample is asked: every prompt of every task, ``repeats`` times, with the same sampling ``params``."""

    tasks: Sequence[tuple[Task, Sequence[Prompt]]]
    repeats: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)

    def requests(self, sample: Sample, model: Model) -> Iterator[tuple[Prompt, Request]]:
        """The requests of one sample to one model, made as they are needed."""
        for task, prompts in self.tasks:
            if fits(sample, task):
                for prompt in prompts:
                    for repeat in range(self.repeats):
                        yield prompt, make(sample, task, prompt, model, self.params, repeat)


def fits(sample: Sample, task: Task) -> bool:
    """Whether the sample has the reference fields and the inputs that the task needs."""
    return all(map(sample.reference.has, task.needs)) and all(sample.inputs.get(name) for name in task.inputs)


def make(sample: Sample, task: Task, prompt: Prompt, model: Model, params: Mapping[str, Any], repeat: int) -> Request:
    """One request. What the sample says fills the prompt's places, as plain text."""
    messages = [Message("user", fill(prompt.text, sample), with_audio=True)]
    if prompt.system:
        messages.insert(0, Message("system", fill(prompt.system, sample)))
    return Request(
        model=model.name,
        audio=sample.audio,
        messages=tuple(messages),
        params=params,
        repeat=repeat,
        task=task.name,
        inputs=sample.inputs,
        language=sample.language,
        endpoint=model.endpoint,
        reads_prompt=model.reads_prompt,
    )


def fill(template: str, sample: Sample) -> str:
    """The wording with its ``{places}`` filled from the sample's inputs, in one pass: what an input says stays.

    >>> fill('When is "{query}" said?', Sample("a", "a.wav", inputs={"query": "{x}"}))
    'When is "{x}" said?'
    """

    def value(place: re.Match[str]) -> str:
        name = place.group(1)
        if name not in sample.inputs:
            raise DatasetError(
                f"sample {sample.id!r}: the prompt {template!r} needs the input {name!r}; "
                f"seen: {', '.join(sorted(sample.inputs)) or 'none'}"
            )
        return str(sample.inputs[name])

    return _PLACE.sub(value, template)
