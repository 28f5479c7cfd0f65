"""A question, its wordings, and how its replies are read and scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field as member

from qaeval.types.annotations import Annotation
from qaeval.types.digests import digest
from qaeval.types.metrics import Metric
from qaeval.types.samples import Sample


@dataclass(frozen=True, slots=True)
class Prompt:
    """A wording, with ``{query}``-like places that a sample's inputs fill. Its id changes when its wording does.

    ``also`` names other tasks whose question it asks as well: the reply is scored by them too. ``audio`` is false where
    the clip is not sent.

    >>> asked = Prompt("en", 'When is "{query}" said?')
    >>> asked.id
    'en@f7be2369'
    """

    name: str
    text: str = ""
    system: str = ""
    also: tuple[str, ...] = ()
    audio: bool = True

    @property
    def id(self) -> str:
        """``name@hash`` of the wording.

        >>> Prompt("en", "What is said?").id == Prompt("en", "What's said?").id
        False
        """
        return f"{self.name}@{digest([self.text, self.system])[:8]}"


@dataclass(frozen=True, slots=True)
class Task:
    """A question and how its replies are read and scored.

    ``needs`` names the reference fields a dataset must have (``gender|age``: at least one of the two), ``inputs`` the
    sample inputs that every prompt uses, ``options`` those that a prompt or an engine may use where a sample has them,
    ``prompts`` the wordings (the first is the default), ``parse(text, sample)`` reads a reply into an `Annotation`.

    >>> from qaeval.metrics import wer
    >>> caption = Task(
    ...     "caption",
    ...     needs=("text",),
    ...     prompts=(Prompt("en", "Describe this audio."),),
    ...     parse=lambda text, sample: Annotation(text=text.strip()),
    ...     metrics=(wer.METRIC,),
    ... )
    >>> caption.parse(" A dog barks. ", Sample("a", "a.wav")).text
    'A dog barks.'
    """

    name: str
    needs: tuple[str, ...]
    prompts: tuple[Prompt, ...]
    parse: Callable[[str, Sample], Annotation] = member(repr=False)
    metrics: tuple[Metric, ...]
    inputs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    summary: str = ""
