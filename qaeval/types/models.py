"""Something that answers requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field as member
from typing import Any

from qaeval.errors import QaevalError
from qaeval.types.limits import AudioLimits, Prices, RateLimits
from qaeval.types.replies import Reply
from qaeval.types.requests import Request
from qaeval.types.samples import Sample

Ask = Callable[[Request], Reply | str]
Span = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Model:
    """Something that answers: a name and a plain blocking function ``ask(request) -> Reply | str``.

    ``refuses(request)`` gives the reason why it cannot answer (a language, a task), or ``""``. ``concurrency`` is how
    many requests may be in flight at once. A control that must see all samples has ``prepare(samples) -> ask`` instead,
    called once a run with a function that iterates over them. ``parts(request)`` is how an old run asked about a clip:
    the spans, (None,) for all of it. ``facts`` are copied into run.json (never a secret).

    Models of a service have more: ``endpoint``, its kind (then the runner fits the audio, but for ``prepare``);
    ``host``, where audio goes (``""``: it stays on this machine); ``check()``, which raises `ModelError` before
    anything is read when the key is missing or wrong; ``hears``, ``rates``, ``prices``; ``max_output``, the most tokens
    of an answer; ``retired``, a sentence to be said before it is asked; ``script(request, "python" or "curl")``, its
    call to paste.

    An ``ask`` raises `AudioError` for a clip that cannot work, `qaeval.errors.TransientError` for what is worth
    another try, `qaeval.errors.ModelError` when the model cannot answer anything.

    Raises `QaevalError` unless there is exactly one of ``ask`` and ``prepare``.

    >>> import qaeval as qa
    >>> mine = Model("mine-2", lambda request: f"I hear {request.audio.name}.", concurrency=1)
    >>> mine.ask(Request("mine-2", qa.Audio("hello.wav")))
    'I hear hello.wav.'
    """

    name: str
    ask: Ask | None = member(default=None, repr=False)
    concurrency: int = 8
    reads_prompt: bool = True
    refuses: Callable[[Request], str] = member(default=lambda request: "", repr=False)
    prepare: Callable[[Callable[[], Iterator[Sample]]], Ask] | None = member(default=None, repr=False)
    parts: Callable[[Request], tuple[Span, ...]] | None = member(default=None, repr=False)
    endpoint: str = ""
    facts: Mapping[str, Any] = member(default_factory=dict)
    host: str = member(default="", repr=False)
    check: Callable[[], None] = member(default=lambda: None, repr=False)
    hears: AudioLimits = member(default=AudioLimits(), repr=False)
    rates: RateLimits = member(default=RateLimits(), repr=False)
    prices: Prices | None = member(default=None, repr=False)
    max_output: int = member(default=0, repr=False)
    retired: str = member(default="", repr=False)
    script: Callable[[Request, str], str] | None = member(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.ask is None) == (self.prepare is None):
            raise QaevalError(f"model {self.name!r} needs exactly one of ask and prepare")
