"""From a sample, a task and a prompt to the request that a model gets."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from qaeval import fitting
from qaeval.fitting import ClipInfo
from qaeval.languages import language_name
from qaeval.types import Message, Model, Prompt, Request, Sample, Task

_PLACE = re.compile(r"\{(\w+)\}")


class Asked(NamedTuple):
    """A request, by which prompt it came to be, why it cannot be asked (``""``: it can), and which part it is of."""

    prompt: Prompt
    request: Request
    problem: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What each sample is asked: every prompt of every task, ``repeats`` times, with the same sampling ``params``.

    ``fit`` is how clips that a model would cut or refuse are asked; see `qaeval.fitting`. ``readers`` are the tasks, by
    name, that read replies to prompts which ask for them ``also``. Raises `UnknownNameError` for an unknown ``fit``.
    """

    tasks: Sequence[tuple[Task, Sequence[Prompt]]]
    repeats: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    fit: str = "refuse"
    readers: Mapping[str, Task] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fitting.checked(self.fit)

    def requests(self, sample: Sample, model: Model, info: ClipInfo | None = None) -> Iterator[Asked]:
        """The requests of one sample to one model, made as they are needed.

        ``info`` is what the clip holds, None where that is not known: then it is asked as it is.
        """
        way = fitting.way(info, sample.language, model, self.fit)
        for task, prompts in self.tasks:
            if fits(sample, task):
                for prompt in prompts:
                    here = way if prompt.audio or not model.reads_prompt else fitting.Way()
                    problem = (_problem(sample, prompt) if model.reads_prompt else "") or here.problem
                    for repeat in range(self.repeats):
                        request = make(sample, task, prompt, model, self.params, repeat)
                        for part, each in enumerate(_parts(request, here, model)):
                            yield Asked(prompt, each, problem, part)

    def read_by(self, sample: Sample, asked: Asked) -> Iterator[str]:
        """The tasks that the reply is scored by: the one that asked, and those that its prompt asks for as well.

        Engines that read no prompt answer the task alone.
        """
        yield asked.request.task
        if asked.request.reads_prompt and asked.prompt.also:
            own = {task.name for task, prompts in self.tasks if asked.prompt in prompts}  # these ask it themselves
            for name in asked.prompt.also:
                if name not in own and name in self.readers and fits(sample, self.readers[name]):
                    yield name


def _parts(request: Request, way: fitting.Way, model: Model) -> Iterator[Request]:
    """The request for each part of the clip."""
    for span in model.parts(request) if model.parts else way.parts:
        yield dataclasses.replace(request, span=span, fitting=way.recipe) if span or way.recipe else request


def fits(sample: Sample, task: Task) -> bool:
    """Whether the sample has the reference fields and the inputs that the task needs.

    >>> from qaeval.types import Annotation
    >>> task = Task("t", ("gender|age",), (), lambda text, sample: Annotation(), ())
    >>> fits(Sample("a", "a.wav", Annotation(labels={"age": ("30",)})), task), fits(Sample("b", "b.wav"), task)
    (True, False)
    """
    return all(any(map(sample.reference.has, need.split("|"))) for need in task.needs) and all(
        sample.inputs.get(name) for name in task.inputs
    )


def places(prompt: Prompt) -> list[str]:
    """The names of the places in a prompt that inputs fill, each once."""
    return list(dict.fromkeys(_PLACE.findall(prompt.system + prompt.text)))


def missing(sample: Sample, prompt: Prompt) -> list[str]:
    """The inputs that the prompt has places for and the sample lacks.

    >>> missing(Sample("a", "a.wav", inputs={"query": "x"}), Prompt("en", "Is {query} in {place}?"))
    ['place']
    """
    known = _filling(sample)
    return [name for name in places(prompt) if name not in known]


def _filling(sample: Sample) -> dict[str, str]:
    """What fills the places: the sample's inputs, and ``language``, its English name, unless an input is called so."""
    named = {"language": language_name(sample.language)} if sample.language else {}
    return named | dict(sample.inputs)


def _problem(sample: Sample, prompt: Prompt) -> str:
    if not (lacking := missing(sample, prompt)):
        return ""
    return (
        f"sample {sample.id!r} lacks the inputs that the prompt {prompt.name!r} has places for: {', '.join(lacking)}; "
        f"it has: {', '.join(sorted(sample.inputs)) or 'none'}"
    )


def make(sample: Sample, task: Task, prompt: Prompt, model: Model, params: Mapping[str, Any], repeat: int) -> Request:
    """One request. What the sample says fills the prompt's places, as plain text.

    Of the sample's inputs it has those that the task declares: so that what the others say makes no other question.
    """
    messages = [Message("user", fill(prompt.text, sample), with_audio=prompt.audio)]
    if prompt.system:
        messages.insert(0, Message("system", fill(prompt.system, sample)))
    return Request(
        model=model.name,
        audio=sample.audio,
        messages=tuple(messages),
        params=params,
        repeat=repeat,
        task=task.name,
        inputs={name: sample.inputs[name] for name in (*task.inputs, *task.options) if name in sample.inputs},
        language=sample.language,
        endpoint=model.endpoint,
        reads_prompt=model.reads_prompt,
    )


def fill(template: str, sample: Sample) -> str:
    """The wording with its ``{places}`` filled from the sample's inputs, in one pass: what an input says stays.

    ``{language}`` is the English name of the sample's language. A place that nothing fills stays as it is.

    >>> fill('When is "{query}" said?', Sample("a", "a.wav", inputs={"query": "{x}"}))
    'When is "{x}" said?'
    >>> fill("Transcribe the {language} audio into text.", Sample("a", "a.wav", meta={"language": "yue"}))
    'Transcribe the Cantonese audio into text.'
    """
    known = _filling(sample)
    return _PLACE.sub(lambda place: str(known.get(place.group(1), place.group())), template)
