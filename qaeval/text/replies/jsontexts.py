"""JSON in a reply: all of it, in a code fence, or somewhere in its prose; also as Python prints it, or cut off."""

from __future__ import annotations

import json
import re
from typing import Any

from qaeval.text.replies.unwrap import unfenced

_FENCED = re.compile(r"```(?:\w{1,12})?[ \t]*\n([^`]*)```")
_OPENS = re.compile(r"\{|\[(?=\s{0,9}[\[{])")
_ATTEMPTS = 20
_DECODER = json.JSONDecoder()


def json_values(reply: str) -> list[Any]:
    """The values, in order; where the whole reply is one, that alone.

    In prose those are objects, and lists of objects or of lists.

    >>> json_values("Here: {'start': 1} and [[2, 3]]"), json_values('[{"a": 1}, {"a": 2'), json_values("[1] no")
    ([{'start': 1}, [[2, 3]]], [{'a': 1}], [])
    """
    text = unfenced(reply)
    if text.startswith(("[", "{")) and (whole := _loaded(text)) is not None:
        return [whole]
    fenced = [value for match in _FENCED.finditer(reply) if (value := _loaded(match[1].strip())) is not None]
    return fenced or _embedded(text)


def _embedded(text: str) -> list[Any]:
    """The values in prose; after some failures the rest is taken to hold none."""
    found: list[Any] = []
    place, failures, forms = 0, 0, _forms(text)
    while failures < _ATTEMPTS and (match := _OPENS.search(text, place)):
        for form in forms:
            try:
                value, place = _DECODER.raw_decode(form, match.start())
                found.append(value)
                break
            except (ValueError, RecursionError):
                continue
        else:
            place, failures = match.end(), failures + 1
    return found or _cut_off(text)


def _cut_off(text: str) -> list[Any]:
    """What is whole of a list or an object that has no end."""
    start = _OPENS.search(text)
    whole = max(text.rfind("}"), text.rfind("]"))
    if start is None:
        return []
    bodies = [text[start.start() :], text[start.start() : whole + 1]]
    tried = (_loaded(body + end) for body in bodies if body for end in ("]", "}", "}]", "]}"))
    return [value for value in tried if value is not None][:1]


def _loaded(text: str) -> Any:
    """The value of a JSON text, also with Python's quotation marks; None where it is none."""
    for form in _forms(text):
        try:
            return json.loads(form)
        except (ValueError, RecursionError):
            continue
    return None


def _forms(text: str) -> tuple[str, ...]:
    """A text as it is and, where it has none of the marks of JSON, with those of Python as such."""
    return (text, text.replace("'", '"')) if "'" in text and '"' not in text else (text,)
