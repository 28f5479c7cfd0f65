"""References that the metrics of their field cannot read, an age of "old" say: they have no rows, and that is told."""

from __future__ import annotations

import warnings
from typing import NamedTuple

from qaeval.errors import UnreadReferenceWarning
from qaeval.types import Metric, Sample


class _Seen(NamedTuple):
    """The metrics and the samples concerned, and what is said of one sample, the first that was come across."""

    metrics: dict[str, None]
    samples: dict[str, None]
    one: str


class Unread:
    """The samples whose reference a metric was given and gave no score for, by task and field.

    >>> from qaeval.metrics import find
    >>> from qaeval.types import Annotation
    >>> unread = Unread()
    >>> unread.note("age", find("age_error"), Sample("a", "a.wav", Annotation(labels={"age": ("old",)})))
    >>> counted, seen = unread.sentences()[0].split(": of ")
    >>> counted
    "task 'age': 1 sample has no age_error, since the reference's age cannot be read"
    >>> seen
    "'a' seen 'old', expected one age in years, such as 30, 30-39 or thirties"
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], _Seen] = {}

    def note(self, task: str, metric: Metric, sample: Sample) -> None:
        """Keeps that a metric does not apply to a sample, if it expects something of a label that the sample has.

        A label that is known to be absent (an empty tuple) expects nothing.
        """
        values = sample.reference.labels.get(metric.field, ())
        if not metric.expects or not values:
            return
        if (seen := self._seen.get((task, metric.field))) is None:
            told = ", ".join(f"{value!r:.60}" for value in values)
            one = f"of {sample.id!r} seen {told}, expected {metric.expects}"
            seen = self._seen[task, metric.field] = _Seen({}, {}, one)
        seen.metrics[metric.name] = None
        seen.samples[sample.id] = None

    def sentences(self) -> list[str]:
        """One a task and field: how many samples, which metrics, one of the samples, its value, what was expected."""
        return [
            f"task {task!r}: {len(seen.samples):,} sample{'s have' if len(seen.samples) > 1 else ' has'} no "
            f"{', '.join(seen.metrics)}, since the reference's {field} cannot be read: {seen.one}"
            for (task, field), seen in self._seen.items()
        ]

    def warn(self) -> None:
        """Tells it as an `UnreadReferenceWarning` each, at the line that called the caller of this."""
        for sentence in self.sentences():
            warnings.warn(sentence, UnreadReferenceWarning, stacklevel=3)
