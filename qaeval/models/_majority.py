"""The commonest reference of a dataset, as an answer."""

from __future__ import annotations

import statistics
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from qaeval.models import prose
from qaeval.types import Failure, Reply, Request, Sample


@dataclass(slots=True)
class _Known:
    """What the references of one language say. Times are seconds."""

    texts: Counter[str] = field(default_factory=Counter)
    onsets: array[float] = field(default_factory=lambda: array("d"))
    offsets: array[float] = field(default_factory=lambda: array("d"))
    absent: int = 0

    def add(self, sample: Sample) -> None:
        reference = sample.reference
        if reference.text is not None:
            self.texts[reference.text.strip()] += 1
        if reference.events and sample.inputs.get("query"):
            first = min(reference.events, key=lambda event: event.onset)
            self.onsets.append(first.onset)
            self.offsets.append(first.offset)
        elif reference.events == () and sample.inputs.get("query"):
            self.absent += 1


class Majority:
    """Reads the references once, then answers every request with the commonest one of its language.

    >>> from qaeval.types import Annotation
    >>> samples = [Sample(i, f"{i}.wav", Annotation(text=text)) for i, text in zip("abc", ("no", "yes", "yes"))]
    >>> print(Majority(samples).ask(Request("control/majority", samples[0].audio, task="transcribe")).text)
    这段音频说的是:'yes'
    """

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._known: defaultdict[str, _Known] = defaultdict(_Known)
        for sample in samples:
            self._known[sample.language].add(sample)

    @staticmethod
    def refuses(request: Request) -> str:
        """Why it cannot answer, or ``""``."""
        known = request.task in ("transcribe", "locate")
        return "" if known else f"control/majority does transcribe and locate, not the task {request.task!r}"

    def ask(self, request: Request) -> Reply:
        """The commonest answer; ``skipped`` when no sample of the language has a reference for the task."""
        known = self._known.get(request.language, _Known())
        text = _commonest_text(known) if request.task == "transcribe" else _median_times(known, request)
        if text is None:
            reason = f"no sample of the language {request.language!r} has a reference for the task {request.task!r}"
            return Reply(error=Failure("skipped", reason), attempts=0)
        return Reply(text, served_model="control/majority")


def _commonest_text(known: _Known) -> str | None:
    if not known.texts:
        return None
    most = max(known.texts.values())
    return prose.said(min(text for text, count in known.texts.items() if count == most))


def _median_times(known: _Known, request: Request) -> str | None:
    query = request.inputs.get("query", "")
    if known.absent > len(known.onsets):
        return prose.absent(query)
    if not known.onsets:
        return None
    return prose.found(query, [(statistics.median(known.onsets), statistics.median(known.offsets))])
