"""What the tasks about a speaker share: how an attribute is scored, and a task that asks for one of them alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qaeval.metrics import (
    abstention,
    accuracy,
    age_band,
    age_error,
    age_kappa,
    age_within,
    balanced_accuracy,
    lenient_accuracy,
    macro_f1,
    majority_baseline,
    parent_accuracy,
)
from qaeval.text.labels.attributes import read_attribute
from qaeval.types import Annotation, Metric, Prompt, Sample, Task

_OF_CLASSES: tuple[Callable[[str], Metric], ...] = (accuracy.on, balanced_accuracy.on, macro_f1.on)
_BESIDE: tuple[Callable[[str], Metric], ...] = (majority_baseline.on, abstention.on)
_METRICS: dict[str, tuple[Callable[[str], Metric], ...]] = {
    "gender": _OF_CLASSES,
    "emotion": (*_OF_CLASSES, lenient_accuracy.on),
    "dialect": (accuracy.on, parent_accuracy.on, balanced_accuracy.on, macro_f1.on),
    "language": (accuracy.on, lenient_accuracy.on),
    "accent": _OF_CLASSES,
    "intent": (accuracy.on, macro_f1.on),
}


def metrics_of(attribute: str) -> tuple[Metric, ...]:
    """The metrics of an attribute, with the majority's accuracy and the share of abstentions beside them.

    >>> [metric.name for metric in metrics_of("age")]
    ['age_within', 'age_error', 'age_band', 'age_kappa', 'abstention']
    """
    if attribute == "age":
        return age_within.METRIC, age_error.METRIC, age_band.METRIC, age_kappa.METRIC, abstention.on("age")
    return tuple(on(attribute) for on in (*_METRICS[attribute], *_BESIDE))


def alone(attribute: str, prompts: Sequence[Prompt], summary: str) -> Task:
    """The task that asks for one attribute. The input ``choices``, where there is one, names the possible values."""

    def parse(text: str, sample: Sample) -> Annotation:
        return Annotation(labels=read_attribute(text, attribute, sample.inputs.get("choices", "")))

    return Task(
        name=attribute,
        needs=(attribute,),
        prompts=tuple(prompts),
        parse=parse,
        metrics=metrics_of(attribute),
        options=() if attribute in ("gender", "age") else ("choices",),
        summary=summary,
    )
