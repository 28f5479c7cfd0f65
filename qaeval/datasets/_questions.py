"""Multiple-choice questions of published sets, as the task ``answer`` asks them: lettered options, and a letter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from qaeval.errors import DatasetError
from qaeval.text.answers.choices import Choice, letter_of, lettered, read_choices


def options(texts: Iterable[Any]) -> tuple[Choice, ...]:
    """The options of a question, each on one line, without letters of their own; empty ones at the end are none.

    >>> [choice.text for choice in options(["(A) Man", "(B) A  woman", None])]
    ['Man', 'A woman']
    """
    lines = [" ".join(str("" if text is None else text).split()) for text in texts]
    while lines and not lines[-1]:
        lines.pop()
    if not all(lines):
        raise DatasetError(f"choices: expected a text in each, seen {lines!r:.200}")
    return read_choices("\n".join(lines))


def right_letter(answer: Any, choices: tuple[Choice, ...], given: Iterable[Any] = ()) -> str:
    """The letter of the true answer: the option that is the same word for word, else as `letter_of` compares them.

    ``given`` are the options as they were written, with letters of their own perhaps. Raises `DatasetError` when the
    answer is none of them, or several.

    >>> right_letter("-5", options(["5", "-5"])), right_letter("(A) Man", options(["(A) Man", "(B) Child"]))
    ('B', 'A')
    """
    said = " ".join(str(answer).split())
    (plain,) = {choice.text for choice in _alone(said, choices)} or {said}
    same = [choice.letter for choice in choices if choice.text in (said, plain)]
    return same[0] if len(same) == 1 else letter_of(plain, choices)


def _alone(answer: str, choices: tuple[Choice, ...]) -> list[Choice]:
    """The option that an answer with its letter names: ``(A) Man``."""
    written = {f"{before}{c.letter}{after}{c.text}": c for c in choices for before, after in _FORMS}
    return [written[answer]] if answer in written else []


_FORMS = (("(", ") "), ("", ". "), ("", ") "), ("", ": "))


def asked(inputs: Mapping[str, str], answer: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    r"""Inputs with lettered choices, and the letter of the answer.

    >>> asked({"query": "Who?", "choices": '["(A) Man", "(B) Child"]'}, ("(B) Child",))
    ({'query': 'Who?', 'choices': 'A. Man\nB. Child'}, ('B',))
    """
    choices = listed(inputs["choices"])
    if len(answer) != 1:
        raise DatasetError(f"answer: expected one, seen {answer!r:.200}")
    shown = lettered(choice.text for choice in choices)
    return {**inputs, "choices": shown}, (right_letter(answer[0], choices),)


def listed(text: str) -> tuple[Choice, ...]:
    """The options that a text holds: a JSON list of them, or one a line."""
    try:
        value = json.loads(text) if text.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        value = None
    return options(value) if isinstance(value, list) else options(text.splitlines())


def question(query: Any, texts: Iterable[Any], answer: Any) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Inputs and labels of a question; without an answer (withheld ones of a test set) there is no label.

    Raises `DatasetError` for a question that is empty, options that cannot be asked, an answer that is none of them.
    """
    if not (isinstance(query, str) and query.strip()):
        raise DatasetError(f"expected a question, seen {query!r:.80}")
    choices = options(texts)
    inputs = {"query": query.strip(), "choices": lettered(choice.text for choice in choices)}
    told = answer is not None and str(answer).strip()
    return inputs, {"answer": (right_letter(answer, choices),)} if told else {}
