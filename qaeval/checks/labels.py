"""What is odd about a sample's labels and options: those that no reply could ever be read as, and so be scored.

A question's options are read as the task ``answer`` reads them, those of another attribute (``sound``, ``emotion`` ...)
as `qaeval.text.labels.attributes.options` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from qaeval.errors import DatasetError, UnknownNameError
from qaeval.text.answers.choices import Choice, compared, read_choices
from qaeval.text.labels.ages import read_ages
from qaeval.text.labels.attributes import options
from qaeval.text.labels.keys import canonical_key
from qaeval.text.labels.tempi import beats
from qaeval.text.labels.vocabulary import find_vocabulary
from qaeval.types import Sample

Finding = tuple[str, str]

_READ: dict[str, tuple[Callable[[str], object], str]] = {
    "age": (read_ages, "years, such as 30, 30-39 or thirties"),
    "key": (canonical_key, "one of the 24 keys, such as A minor or Gb major"),
    "tempo": (beats, "beats a minute, one number from 20 to 400"),
}
"""The attributes that a reader understands, and what it takes."""
_ONE: dict[str, Callable[[str], str]] = {"age": str.casefold, "key": lambda value: canonical_key(value) or value}
"""Attributes of which no metric scores several values, and when two of them are the same."""


def label_problems(sample: Sample) -> Iterator[Finding]:
    r"""What is odd about labels and options, each with what was expected.

    >>> from qaeval.types import Annotation
    >>> asked = {"query": "What barks?", "choices": "A. a dog\nB. a cat"}
    >>> list(label_problems(Sample("a", "a.wav", Annotation(labels={"answer": ("C",)}), {}, asked)))
    [('unknown label', "answer 'C' is none of the options; expected a letter from A to B, or the text of one")]
    """
    choices, labels = sample.inputs.get("choices", ""), sample.reference.labels
    if choices and ("answer" in labels or ("query" in sample.inputs and not labels)):
        yield from _of_question(choices, labels.get("answer", ()))
    elif choices and len(set(options(choices))) < 2:
        yield "bad choices", f"choices: expected at least 2 names to choose from, seen {choices!r:.60}"
    for attribute, values in labels.items():
        if attribute != "answer" or not choices:
            yield from _of_values(attribute, values, choices)


def _of_question(text: str, answers: Sequence[str]) -> Iterator[Finding]:
    try:
        choices = read_choices(text)
    except DatasetError as error:
        lines = "a line each, such as A. a dog, or a JSON list of texts"
        yield "bad choices", f"{error} in {text!r:.60}; expected {lines}"
        return
    for one, other in combinations(choices, 2):
        if compared(one.text) == compared(other.text):
            yield "bad choices", f"choices: {one.letter} and {other.letter} are the same, {one.text!r:.40}"
    if len(answers) > 1:
        yield (
            "unknown label",
            f"{len(answers)} answers, {', '.join(answers)!r:.60}; expected one of a question's options",
        )
    for answer in answers:
        if not _is_option(answer, choices):
            told = f"expected a letter from A to {choices[-1].letter}, or the text of one"
            yield "unknown label", f"answer {answer!r:.60} is none of the options; {told}"


def _is_option(answer: str, choices: Sequence[Choice]) -> bool:
    said = compared(answer)
    return any(answer.strip() == choice.letter or said == compared(choice.text) for choice in choices)


def _of_values(attribute: str, values: Sequence[str], choices: str) -> Iterator[Finding]:
    for value in values:
        if not value.strip():
            yield "unknown label", f"a value of {attribute} is empty"
        elif expected := _lacks(attribute, value, choices):
            told = f"{attribute} {value!r:.60} is nothing that replies can be read as"
            yield "unknown label", f"{told}; expected {expected}"
    if (same := _ONE.get(attribute)) and len(set(map(same, values))) > 1:
        yield "unknown label", f"{len(values)} values of {attribute}, {', '.join(values)!r:.60}; expected one"


@lru_cache(1 << 14)
def _lacks(attribute: str, value: str, choices: str) -> str:
    """What was expected instead of a value; ``""`` where it is one that replies can be read as."""
    if choices and value in options(choices):
        return ""
    if attribute in _READ:
        read, expected = _READ[attribute]
        return "" if read(value) else expected
    try:
        known = find_vocabulary(attribute)
    except UnknownNameError:
        return ""  # it is free text
    if known.canonical(value) is not None:
        return ""
    shown = ", ".join(list(known.labels)[:3])
    return f"one of {len(known.labels)} names, such as {shown}"
