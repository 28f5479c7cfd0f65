"""What a request asks, whichever protocol it came by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from qaeval.emulator.clips import Clip
from qaeval.emulator.refusals import invalid
from qaeval.emulator.tokens import tokens
from qaeval.models.catalogue import Entry

TEMPLATE_TOKENS = 24
"""Tokens of a conversation besides its texts: in the vendor's example one short question has 33 of them in all."""


class Turn(NamedTuple):
    """One message: its text and its clips."""

    text: str
    clips: list[Clip]


@dataclass(frozen=True, slots=True)
class Question:
    """One request, read. ``text`` is that of the last turn, ``clips`` are those of all turns.

    ``incremental``: the frames of a stream are pieces, not the text so far.
    """

    entry: Entry
    text: str
    clips: tuple[Clip, ...] = field(repr=False)
    params: Mapping[str, Any]
    input_tokens: int
    audio_tokens: int
    stream: bool = False
    incremental: bool = False
    thinking: bool = False
    include_usage: bool = True

    @property
    def max_tokens(self) -> int | None:
        """The most tokens of the answer."""
        most: int | None = self.params.get("max_tokens", self.params.get("max_completion_tokens"))
        return self.entry.max_output if most is None else most

    @property
    def language(self) -> str:
        """The language that a recogniser was told, ``""`` when none."""
        return str(options(self.params.get("asr_options")).get("language") or "")


def question(entry: Entry, turns: Sequence[Turn], params: Mapping[str, Any], **how: bool) -> Question:
    """The question, once it has been checked. ``how`` are its last four fields. Raises `Refusal`."""
    if entry.stream == "must" and not how.get("stream"):
        raise invalid("This model only support stream mode, please enable the stream parameter to access the model.")
    clips = tuple(clip for turn in turns for clip in turn.clips)
    if not entry.audio.cuts and any(_is_too_long(entry, clip) for clip in clips):
        raise invalid("The audio is too long")
    options(params.get("asr_options"))
    _check(params, entry)
    input_tokens = TEMPLATE_TOKENS + sum(len(tokens(turn.text)) for turn in turns)
    audio_tokens = sum(entry.audio.tokens(clip.seconds) or 0 for clip in clips)
    if entry.max_input is not None and input_tokens + audio_tokens > entry.max_input:
        raise invalid(f"Range of input length should be [1, {entry.max_input}]")
    return Question(entry, turns[-1].text, clips, params, input_tokens, audio_tokens, **how)


def options(value: Any) -> Mapping[str, Any]:
    """A table of options, none where nothing is said. Raises `Refusal` for what is no table."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid("Required body invalid, please check the request body format.")
    return value


def annotated(asked: Question) -> dict[str, Any]:
    """What a recogniser's message has besides its text. The emotion is always the same: no engine here hears any."""
    if not asked.entry.asr_options:
        return {}
    language = {"language": asked.language} if asked.language else {}
    return {"annotations": [{"type": "audio_info", **language, "emotion": "neutral"}]}


def _is_too_long(entry: Entry, clip: Clip) -> bool:
    return entry.audio.seconds is not None and clip.seconds > entry.audio.seconds


def _check(params: Mapping[str, Any], entry: Entry) -> None:
    temperature, top_p = params.get("temperature"), params.get("top_p")
    if temperature is not None and not (_is_number(temperature) and 0 <= temperature < 2):
        raise invalid("Temperature should be in [0.0, 2.0)")
    if top_p is not None and not (_is_number(top_p) and 0 < top_p <= 1):
        raise invalid("Range of top_p should be (0.0, 1.0]")
    for name in ("max_tokens", "max_completion_tokens"):
        most = params.get(name)
        if most is not None and not (type(most) is int and 1 <= most <= (entry.max_output or most)):
            raise invalid(f"Range of {name} should be [1, {entry.max_output or 'the context'}]")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
