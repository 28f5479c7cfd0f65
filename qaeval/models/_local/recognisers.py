"""What the local speech recognisers share: what they can be asked, and how what they heard becomes an answer."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qaeval import audio
from qaeval.errors import DatasetError
from qaeval.languages import language_code
from qaeval.models import prose
from qaeval.models._local.words import Word, occurrences
from qaeval.types import Request

if TYPE_CHECKING:
    import numpy as np

RATE = 16_000  # Hz, mono: what these engines were trained on
TASKS = ("transcribe", "locate", "locate_first")
TIMED = ("locate", "locate_first")
_ENGLISH = ("英语", "英文", "anglais", "inglese", "inglés", "englisch", "英語")


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine made of a clip: its transcript, the words with their times, and what it said about them."""

    text: str
    words: tuple[Word, ...] = ()
    raw: Any = None


def refusal(request: Request, name: str, languages: Collection[str], translates: bool = False) -> str:
    """Why the engine ``name``, which knows ``languages``, cannot answer; ``""`` when it can.

    A clip of unknown language (``""``) is tried. An engine that ``translates`` does so into English.

    >>> from qaeval.types import Audio
    >>> refusal(Request("x", Audio("a.wav"), task="transcribe", language="yue"), "sphinx/en-us", ["en"])
    "sphinx/en-us knows only en, not the language 'yue'"
    >>> refusal(Request("x", Audio("a.wav"), task="transcribe"), "sphinx/en-us", ["en"])
    ''
    """
    tasks = (*TASKS, "translate") if translates else TASKS
    if request.task not in tasks:
        return f"{name} is a speech recogniser: it does {' and '.join(tasks)}, not the task {request.task!r}"
    if request.task == "translate" and not is_english(target := request.inputs.get("target_language", "")):
        return f"{name} translates into English only, not into {target!r} (the input 'target_language')"
    if request.task in TIMED and not request.inputs.get("query"):
        return f"{name} needs the input 'query' for the task {request.task!r}"
    if request.language and request.language not in languages:
        known = f"only {', '.join(sorted(languages))}" if len(languages) < 9 else f"{len(languages)} languages"
        return f"{name} knows {known}, not the language {request.language!r}"
    return ""


def is_english(language: str) -> bool:
    """Whether a language's name or code, as a prompt has it, is that of English.

    >>> [is_english(name) for name in ("English", "en-US", "英语", "zh", "Klingon (late)")]
    [True, True, True, False, False]
    """
    try:
        return language.strip().lower() in _ENGLISH or language_code(language) == "en"
    except DatasetError:
        return False


def waveform(request: Request) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The part of the clip that the request is about: float32 (frames,) at 16 kHz. Raises `AudioError`."""
    onset, offset = request.span or (0.0, None)
    samples: np.ndarray[Any, np.dtype[np.float32]]
    (samples,) = audio.decode(request.audio, rate=RATE, mono=True, onset=onset, offset=offset).samples
    return samples


def answer(request: Request, heard: Heard) -> str:
    """The reply in prose. Times count from the start of the part that was heard."""
    if request.task == "transcribe":
        return prose.said(heard.text)
    if request.task == "translate":
        return prose.translated(heard.text)
    query = request.inputs["query"]
    spans = occurrences(heard.words, query)
    if request.task == "locate_first":
        spans = spans[:1]
    return prose.found(query, spans) if spans else prose.absent(query)


def cores() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
