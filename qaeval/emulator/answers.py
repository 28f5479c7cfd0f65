"""Answers in prose, from an engine on this machine.

The last turn's text is compared with the prompts of our tasks, so that an engine that reads no prompt knows what is
asked; any other text is taken for a wish to have the clip transcribed, and no text for voice chat. The engine hears the
last clip of the conversation, and of that what the service would hear.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qaeval.emulator.tokens import tokens
from qaeval.text.replies.unwrap import unwrap
from qaeval.types import Audio, Failure, Message, Model, Request

if TYPE_CHECKING:
    from qaeval.emulator.questions import Question

_PLACE = re.compile(r"\{(\w+)\}")
CHAT = "我听完了。"
NO_AUDIO = "请提供一段音频。"
THOUGHT = "先听一遍音频,再回答用户的问题。"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, in tokens; ``thought`` comes before it; ``finish_reason`` is ``stop`` or ``length``."""

    tokens: tuple[str, ...]
    thought: tuple[str, ...] = ()
    finish_reason: str = "stop"

    @property
    def text(self) -> str:
        """The answer without the thought."""
        return "".join(self.tokens)

    @property
    def output_tokens(self) -> int:
        """Tokens of the thought and the answer."""
        return len(self.thought) + len(self.tokens)


def answer(question: Question, engine: Model) -> Answer:
    """The engine's answer, cut at the most tokens that were asked for. Blocking.

    Raises what the engine raises: `AudioError`, `TransientError` or `ModelError`.
    """
    said = tokens(_said(question, engine) if question.clips else NO_AUDIO)
    thought = tuple(tokens(THOUGHT)) if question.thinking else ()
    most = question.max_tokens
    if most is not None and len(said) > most:
        return Answer(tuple(said[:most]), thought, "length")
    return Answer(tuple(said), thought)


def _said(question: Question, engine: Model) -> str:
    said = _heard(question, engine)
    if question.entry.asr_options:
        return unwrap(said).text  # a recogniser answers with nothing but the words
    return f"{CHAT}{said}" if _is_chat(question) else said


def _is_chat(question: Question) -> bool:
    entry = question.entry
    return not question.text.strip() and (entry.voice_chat or entry.protocol == "openai")


def _heard(question: Question, engine: Model) -> str:
    request = _request(question, engine)
    if reason := engine.refuses(request):
        request = replace(request, task="transcribe", inputs={})
        if engine.refuses(request):
            return _sorry(Failure("skipped", reason))
    assert engine.ask is not None  # `engines.py` takes no model that must be prepared
    reply = engine.ask(request)
    if isinstance(reply, str):
        return reply
    return reply.text if reply.error is None and reply.text is not None else _sorry(reply.error)


def _sorry(failure: Failure | None) -> str:
    return f"抱歉,我无法回答:{failure.reason if failure else ''}"


def _request(question: Question, engine: Model) -> Request:
    clip, entry = question.clips[-1], question.entry
    task, inputs = known_question(question.text)
    most = entry.audio.seconds if entry.audio.cuts else None
    return Request(
        engine.name,
        Audio(clip.content, f"clip {clip.sha256[:8]}", clip.sha256),
        (Message("user", question.text, with_audio=True),),
        params=question.params,
        span=(0.0, most) if most is not None and clip.seconds > most else None,
        task=task,
        inputs=inputs,
        language=question.language,
        reads_prompt=engine.reads_prompt,
    )


def known_question(text: str) -> tuple[str, dict[str, str]]:
    """The task whose wording a text has, and what fills its places; else ``transcribe``.

    >>> known_question('When does "Alice" occur in this audio?')
    ('locate', {'query': 'Alice'})
    >>> known_question("Tell me more.")
    ('transcribe', {})
    """
    text = text.strip()
    for before, after, pattern, task in _wordings():
        if text.startswith(before) and text.endswith(after) and (found := pattern.fullmatch(text)):
            return task, found.groupdict()
    return "transcribe", {}


@functools.cache
def _wordings() -> list[tuple[str, str, re.Pattern[str], str]]:
    """Of each prompt of ours what stands before its places and what behind, its pattern, and its task.

    Texts that do not end as a pattern does are never put to it: it would try each place of each of its places.
    """
    from qaeval import tasks

    asked = [(prompt.text, name) for name in tasks.names() for prompt in tasks.find(name).prompts if prompt.audio]
    prompts = [(text, name) for text, name in asked if _PLACE.sub("", text).strip()]  # "{query}" alone is any text
    prompts.sort(key=lambda item: -len(_PLACE.sub("", item[0])))  # the most particular wording first
    parts = [(_PLACE.split(text.strip()), text, task) for text, task in prompts]
    return [(pieces[0], pieces[-1], _pattern(text), task) for pieces, text, task in parts]


def _pattern(template: str) -> re.Pattern[str]:
    """Matches the template with anything in its places; a place that comes twice must be filled alike."""
    seen: set[str] = set()
    parts = []
    for index, part in enumerate(_PLACE.split(template.strip())):
        if index % 2 == 0:
            parts.append(re.escape(part))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.+?)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
