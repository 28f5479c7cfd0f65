"""What the two protocols have in common: both modules, `native` and `compatible`, are such a `Dialect`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from qaeval.emulator.answers import Answer
from qaeval.emulator.clips import Place
from qaeval.emulator.questions import Question
from qaeval.emulator.refusals import Refusal
from qaeval.models.catalogue import Entry


class Dialect(Protocol):
    """How a protocol asks and is answered. ``headers`` have lower-case names, ``body`` is the JSON of a request."""

    def streams(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:
        """Whether the answer is to be a stream."""
        ...

    def check_model(self, entry: Entry) -> None:
        """Raises `Refusal` for a model that is not served here."""
        ...

    def read(self, entry: Entry, headers: Mapping[str, str], body: Mapping[str, Any], place: Place) -> Question:
        """The question of a request. Raises `Refusal`."""
        ...

    def whole(self, asked: Question, answer: Answer, request_id: str) -> dict[str, Any]:
        """The body of an answer that comes in one piece."""
        ...

    def frames(self, asked: Question, answer: Answer, request_id: str) -> Iterator[bytes]:
        """The frames of a stream."""
        ...

    def error(self, refusal: Refusal, request_id: str) -> dict[str, Any]:
        """The body of an error."""
        ...

    def refused_stream(self, refusal: Refusal, request_id: str) -> bytes | None:
        """An error as the whole of a stream, None where even then it is a plain body."""
        ...

    def error_frame(self, number: int, refusal: Refusal, request_id: str) -> bytes:
        """An error as frame ``number`` (from 1) of a stream."""
        ...
