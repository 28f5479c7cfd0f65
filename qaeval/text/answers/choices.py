"""The options of a multiple-choice question, as inputs["choices"] holds them, and the same question in other orders.

The form is one option a line behind its letter, as it is to be shown to the model, since a prompt's place is filled
with what the input says, word for word::

    A. A dog barking
    B. A cat

`lettered` writes it. ``(A) a dog``, ``A) a dog`` and ``A、狗`` are read too. Other lines, and a JSON list of texts, are
lettered in their order when they are read; the model then sees no letters.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import string
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from qaeval.errors import DatasetError
from qaeval.text.normalising.cleaning import drop_symbols, fold
from qaeval.text.profiles import simplify
from qaeval.types import Dataset, Sample

LETTERS = string.ascii_uppercase
_LINE = re.compile(r"[(（\[]?([A-Z])(?:[)）\]][.:：、]?|[.．:：、,，])\s*(.*\S)")
_ARTICLE = re.compile(r"\A(?:an?|the) (?=.)")


class Choice(NamedTuple):
    """One option: the letter that stands for it, and its text."""

    letter: str
    text: str


def lettered(texts: Iterable[str], form: str = "A. ") -> str:
    r"""The options as inputs["choices"] holds them; ``form`` shows how the letter A and what follows it are written.

    Raises `DatasetError` for fewer than two options, more than 26, or one that is empty or has several lines.

    >>> lettered(["a dog", "a cat"]), lettered(["狗", "猫"], "(A) ")
    ('A. a dog\nB. a cat', '(A) 狗\n(B) 猫')
    """
    before, _, after = form.partition("A")
    lines = [f"{before}{choice.letter}{after}{choice.text}" for choice in _choices(list(texts))]
    return "\n".join(lines)


def _choices(texts: Sequence[str]) -> tuple[Choice, ...]:
    if not 2 <= len(texts) <= len(LETTERS):
        raise DatasetError(f"choices: expected 2 to {len(LETTERS)} options, seen {len(texts)}")
    if strange := [text for text in texts if not text.strip() or len(text.strip().splitlines()) > 1]:
        raise DatasetError(f"choices: expected one line of text an option, seen {strange[0]!r:.80}")
    return tuple(Choice(letter, text.strip()) for letter, text in zip(LETTERS, texts, strict=False))


@functools.lru_cache(1 << 12)
def read_choices(text: str) -> tuple[Choice, ...]:
    r"""The options that inputs["choices"] holds.

    Raises `DatasetError` for fewer than two, more than 26, or an empty one.

    >>> read_choices("A. a dog\nB. a cat")
    (Choice(letter='A', text='a dog'), Choice(letter='B', text='a cat'))
    >>> read_choices('["a dog", "a cat"]') == read_choices("a dog\na cat") == read_choices("A. a dog\nB. a cat")
    True
    """
    listed = _json_list(text)
    if listed is not None:
        return _choices(listed)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [_LINE.fullmatch(line) for line in lines]
    if all(found) and [match[1] for match in found if match] == list(LETTERS[: len(found)]):
        return _choices([match[2] for match in found if match])
    return _choices(lines)


def _json_list(text: str) -> list[str] | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


@functools.lru_cache(1 << 14)
def compared(text: str, article: bool = False) -> str:
    """The form in which the texts of options are compared: no case, width, script or punctuation.

    An English article at the start goes too, unless it is to stay (``article``).

    >>> compared("The Dog's bark."), compared("「狗吠聲」"), compared("A dog", article=True)
    ("dog's bark", '狗吠声', 'a dog')
    """
    plain = drop_symbols(simplify(fold(text)), apostrophes=True)
    return plain if article else _ARTICLE.sub("", plain)


def letter_of(answer: str, choices: Sequence[Choice]) -> str:
    """The letter of a true answer that a dataset gives as an option's text (or as its letter).

    Raises `DatasetError` when it is none of them, or several.

    >>> letter_of("A cat.", read_choices('["a dog", "a cat"]'))
    'B'
    """
    by_text = [choice.letter for choice in choices if compared(choice.text) == compared(answer)]
    found = by_text or [choice.letter for choice in choices if choice.letter == answer.strip()]
    if len(found) != 1:
        told = ", ".join(f"{choice.letter}. {choice.text}" for choice in choices)
        raise DatasetError(
            f"answer {answer!r}: expected exactly one of the options, {told}; it is {len(found)} of them"
        )
    return found[0]


def rotated(samples: Iterable[Sample], form: str = "A. ") -> Dataset:
    r"""Each multiple-choice sample once for each turn of its options: as they are, in the order B, C, D, A, and so on.

    Every option stands in every place once, so that a model which prefers a place gains nothing by it; models are known
    to be sensitive to the order (arXiv 2510.04584). An id gets ``~`` and the rotation. Meta gets ``question``, the id
    of the sample, and ``rotation``, 0 for the order as it was: accuracy by ``rotation`` shows how much the order
    matters, and a question counts as known only if it is right in all rotations ("circular evaluation", MMBench,
    arXiv 2307.06281): the least ``num`` of ``choice_accuracy`` by model and question. ``form`` as in `lettered`.

    Rotate what is to be asked and no more: a run's ``limit`` would take single rotations.

    Raises `DatasetError`, when the samples are read, for one without choices or without one true answer.

    >>> from qaeval.types import Annotation
    >>> clip = Sample("a", "a.wav", Annotation(labels={"answer": ("A",)}), {}, {"choices": "A. dog\nB. cat"})
    >>> [(turn.id, turn.inputs["choices"], turn.reference.labels["answer"]) for turn in rotated([clip])]
    [('a~0', 'A. dog\nB. cat', ('A',)), ('a~1', 'A. cat\nB. dog', ('B',))]
    """
    name = f"{getattr(samples, 'name', 'samples')}, options rotated"
    digest = (lambda: samples.fingerprint) if isinstance(samples, Dataset) else str
    return Dataset(name, lambda: (turn for sample in samples for turn in _rotations(sample, form)), digest)


def _rotations(sample: Sample, form: str) -> Iterator[Sample]:
    try:
        choices = read_choices(sample.inputs.get("choices", ""))
        (answer,) = sample.reference.labels.get("answer", ())
        right = LETTERS.index(letter_of(answer, choices))
    except (DatasetError, ValueError) as error:
        raise DatasetError(
            f"sample {sample.id!r} cannot be rotated: expected choices and one answer; {error}"
        ) from None
    if taken := {"question", "rotation"} & sample.meta.keys():
        raise DatasetError(f"sample {sample.id!r}: meta {', '.join(sorted(taken))} is there already; rename it")
    texts = [choice.text for choice in choices]
    for turn in range(len(choices)):
        labels = {**sample.reference.labels, "answer": (LETTERS[(right - turn) % len(choices)],)}
        yield dataclasses.replace(
            sample,
            id=f"{sample.id}~{turn}",
            reference=dataclasses.replace(sample.reference, labels=labels),
            meta={**sample.meta, "question": sample.id, "rotation": turn},
            inputs={**sample.inputs, "choices": lettered(texts[turn:] + texts[:turn], form)},
        )
