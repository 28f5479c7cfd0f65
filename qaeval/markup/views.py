"""What is shown of one clip, as plain values and escaped fragments; ``clip.html`` lays them out."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Said:
    """What one model replied to a question. ``side`` is A, B or empty; ``raw`` None when the service gave no reply."""

    model: str
    side: str
    outcome: str
    shown: Markup
    raw: str | None
    facts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Question:
    """One task and prompt about a clip; ``reference`` None when it has no text (then the timeline shows it)."""

    task: str
    facts: list[str]
    reference: Markup | None
    timeline: Markup
    answers: list[Said]
    others: list[Said]


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip with its player and questions."""

    id: str
    anchor: str
    player: Markup
    facts: list[str]
    questions: list[Question]
