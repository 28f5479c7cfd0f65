"""How the replies about one sample are scored: each metric that applies is asked, or what they find out together."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from functools import partial

from qaeval.errors import ScoreError, UnsupportedLanguageError
from qaeval.metrics._together import OneOf
from qaeval.metrics._unread import Unread
from qaeval.scores import SERVICE_OUTCOMES
from qaeval.scoring.parts import Said, one_text, read, worst
from qaeval.scoring.rows import Gathered, Scores, UnsoundError, sound
from qaeval.types import Annotation, Case, Metric, Profile, Ratio, Sample, Scored, Task

_NOTHING = Ratio(0, 0)


class Plan:
    """How the replies for a task are scored: which fields have an outcome, and whether all is found out together."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.fields = tuple(dict.fromkeys([metric.field for metric in task.metrics]))
        self.by_name = {m.score.name: m for m in task.metrics if isinstance(m.score, OneOf)}
        together = {m.score.together for m in task.metrics if isinstance(m.score, OneOf)}
        alike = len(self.by_name) == len(task.metrics) and len(together) == len(self.fields) == 1
        self.together = together.pop() if alike else None


class Scorer:
    """Scores replies about one sample; remembers which metrics apply to it."""

    def __init__(
        self,
        sample: Sample,
        profile: Profile,
        seconds: float | None,
        rows: Gathered,
        unscored: dict[str, str],
        unread: Unread,
    ) -> None:
        self.sample = sample
        self.language = sample.language
        self.profile = profile
        self.seconds = seconds
        self.rows = rows
        self.unscored = unscored  # the languages of samples, by id, that the profile has no rules for
        self.read_before: dict[tuple[Plan, Said], list[int]] = {}
        self.unread = unread
        self._truth: Case | None = None
        self._applies: dict[tuple[str, str, str], bool] = {}

    def read(self, task: Task, said: Said) -> Case:
        """Reads what a model said of the clip."""
        if isinstance(said, str):
            text, hypothesis = said, self._parsed(task, said)
        else:
            text, hypothesis = one_text(text for _, text in said), read(said, partial(self._parsed, task))
        return Case(self.sample.reference, hypothesis, self.language, self.profile, text, self.seconds)

    def add_unanswered(self, place: int, task: Task, outcomes: Sequence[str]) -> None:
        """Adds a row for each metric that applies, since there is no reply of the model."""
        for outcome in outcomes:
            if outcome not in SERVICE_OUTCOMES:
                raise ScoreError(
                    f"{self._place(task)}: unknown outcome {outcome!r}; there are: ok, {', '.join(SERVICE_OUTCOMES)}"
                )
        metrics = [metric for metric in task.metrics if self._applicable(task, metric)]
        self.rows.add(place, metrics, [worst(outcomes)] * len(metrics), [_NOTHING] * len(metrics))

    def add(self, places: Iterable[int], plan: Plan, case: Case, outcomes: Sequence[str]) -> None:
        """Adds the rows of a reply to several asks; the fields of the plan have these outcomes."""
        task, outcome_of = plan.task, dict(zip(plan.fields, outcomes, strict=True))
        # All are asked about the reply before any is asked about the reference: some keep what they found out last.
        given = [self._scored(task, metric, case) for metric in task.metrics]
        metrics: list[Metric] = []
        scored: list[Scores] = []
        for metric, found in zip(task.metrics, given, strict=True):
            if found is not None or self._applicable(task, metric):
                metrics.append(metric)
                scored.append(_NOTHING if found is None else found)
        try:
            for place in places:
                self.rows.add(place, metrics, [outcome_of[metric.field] for metric in metrics], scored)
        except UnsoundError as error:
            raise self._unsound(task, error.metric, error.found) from None

    def _applicable(self, task: Task, metric: Metric) -> bool:
        at = (task.name, metric.name, metric.field)
        if (applies := self._applies.get(at)) is None:
            if self._truth is None:
                truth = self.sample.reference
                self._truth = Case(truth, truth, self.language, self.profile, truth.text or "", self.seconds)
            found = self._scored(task, metric, self._truth)
            if found is not None and not sound(found):
                raise self._unsound(task, metric, found)
            applies = self._applies[at] = found is not None
            if not applies:
                self.unread.note(task.name, metric, self.sample)
        return applies

    def _parsed(self, task: Task, text: str) -> Annotation:
        try:
            hypothesis = task.parse(text, self.sample)
        except Exception as error:
            raise ScoreError(f"{self._place(task)}: parse failed on {reprlib.repr(text)}: {_told(error)}") from error
        if not isinstance(hypothesis, Annotation):
            raise ScoreError(f"{self._place(task)}: parse must give an Annotation, seen {reprlib.repr(hypothesis)}")
        return hypothesis

    def _scored(self, task: Task, metric: Metric, case: Case) -> Scored:
        try:
            return metric.score(case)
        except UnsupportedLanguageError:
            self.unscored[self.sample.id] = self.language
            return _NOTHING
        except Exception as error:
            raise ScoreError(f"{self._place(task)}, metric {metric.name!r}: {_told(error)}") from error

    def _unsound(self, task: Task, metric: Metric, found: object) -> ScoreError:
        return ScoreError(
            f"{self._place(task)}, metric {metric.name!r}: expected a Ratio of finite numbers with a denominator"
            " not below 0, a mapping from part to such Ratios with the part '', or None;"
            f" seen {reprlib.repr(found)}"
        )

    def _place(self, task: Task) -> str:
        return f"sample {self.sample.id!r}, task {task.name!r}"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
