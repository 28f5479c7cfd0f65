"""What a model is asked about a clip, and the hashes by which a question and its reply are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field as member
from typing import Any, Literal

from qaeval.types.digests import digest
from qaeval.types.samples import Audio


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation. ``with_audio`` puts the clip before the text of this turn.

    >>> Message("user", "What is said?", with_audio=True)
    Message(role='user', text='What is said?', with_audio=True)
    """

    role: Literal["system", "user", "assistant"]
    text: str = ""
    with_audio: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one model about one clip.

    ``span`` is the (onset, offset) in seconds of the part of the clip that is sent, ``None`` for all of it. ``repeat``
    counts from 0. ``endpoint`` is the kind of endpoint, ``fitting`` the version of the recipe that fits audio to it.
    ``reads_prompt`` is false for engines that answer the task itself; they get ``task``, ``inputs`` and ``language``.

    >>> import dataclasses
    >>> asked = Request("mine", Audio("a.wav", sha256="0" * 64), (Message("user", "What is said?", with_audio=True),))
    >>> cooler, other = dataclasses.replace(asked, params={"temperature": 0}), dataclasses.replace(asked, model="other")
    >>> len(asked.key), asked.key == cooler.key, asked.key == other.key, asked.question == other.question
    (32, False, False, True)
    """

    model: str
    audio: Audio
    messages: tuple[Message, ...] = ()
    params: Mapping[str, Any] = member(default_factory=dict)
    span: tuple[float, float] | None = None
    repeat: int = 0
    task: str = ""
    inputs: Mapping[str, str] = member(default_factory=dict)
    language: str = ""
    endpoint: str = ""
    fitting: str = ""
    reads_prompt: bool = True

    @property
    def question(self) -> str:
        """Hash (32 hex digits) of all that can change the answer, but for the model."""
        return digest(self._asked())

    @property
    def key(self) -> str:
        """Hash (32 hex digits) of all that can change the answer: the identity of a reply, for ever.

        Never part of it: the sample's id, the name of the task or prompt, a path or a URL.
        """
        return digest([self.model, self.endpoint, self.fitting, *self._asked()])

    def _asked(self) -> list[Any]:
        if self.reads_prompt:
            wording: Any = [[m.role, m.text, m.with_audio] for m in self.messages]
        else:
            context = [m.text for m in self.messages if m.role == "system"] if self.endpoint else []
            wording = [self.task, dict(self.inputs), self.language, *context]  # a service's recogniser hears of it
        return [self.audio.sha256, wording, dict(self.params), self.span, self.repeat]
