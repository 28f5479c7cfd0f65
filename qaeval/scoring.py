"""Makes the scores frame: parses each stored reply and lets every metric of its task score it.

Users call `score` as ``qaeval.tables.score``, or have a run call it.
"""

from __future__ import annotations

import reprlib
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from qaeval import registry
from qaeval.errors import ScoreError, UnscoredLanguageWarning, UnsupportedLanguageError
from qaeval.gathering import Gathered, Samples, Scores, UnsoundError, frame, sound
from qaeval.metrics._together import Found, OneOf
from qaeval.metrics._unread import Unread
from qaeval.parts import Said, answer, gathered, one_text, read, worst
from qaeval.scores import SERVICE_OUTCOMES
from qaeval.text.replies.outcomes import outcome as model_outcome
from qaeval.types import Annotation, AudioLimits, Case, Metric, Profile, Ratio, Reply, Sample, Scored, Task

if TYPE_CHECKING:
    import pandas as pd

_NOTHING = Ratio(0, 0)
_AT_ONCE = 64  # replies that are taken through each step together: the processor's cache holds what a step needs


def score(
    samples: Iterable[Sample],
    asks: pd.DataFrame | Iterable[Mapping[str, Any]],
    replies: Mapping[str, Reply],
    tasks: Mapping[str, Task],
    profile: Profile,
    dataset: str,
    hears: Mapping[str, AudioLimits] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Scores every reply with every metric that applies, into the long scores frame.

    ``samples`` is walked once; those without an ask are passed over. ``asks`` has the columns sample, task, prompt,
    model, repeat and key; and part, onset and offset where long clips were asked in parts, which are joined
    (`qaeval.parts`). ``replies`` maps a key to a reply; an ask whose key it lacks is ``pending``. ``hears``, by model,
    is how it counts audio, ``seconds``, by sample, the length of its audio: with both, what the model counted is
    compared with what it was sent.

    Columns: dataset, sample, task, field, prompt, model, repeat, outcome, metric, part, num, den, profile, better,
    unit, fitted (what was done to the audio before it was sent; ``""``: nothing), flags (of the replies, see
    `qaeval.flags`, with spaces between), recording (first 16 digits of the audio's sha256), language, then the samples'
    meta; a meta name that is taken gets the prefix ``meta.``. Rows are in the order of the asks. Text is stored as
    categories in alphabetical order; meta that is neither text nor numbers is stored as text.

    Part ``""`` is the metric itself, other parts are its counts. What is not a reply of the model has a row with part
    ``""`` and ``num = den = 0`` for each metric that applies to the sample, which is found by scoring the reference
    against itself; so has a reply for which such a metric gives None.

    Raises `ScoreError` when a sample is missing or there twice, when an ask is there twice, and when a task's parse or
    a metric fails (it names the sample, the task and the metric); `UnknownNameError` for an unknown task. Warns of
    samples in a language that the profile has no rules for: their texts have rows with ``num = den = 0``; and of those
    whose label a metric cannot read, an age of "old" say: they have no row of it.

    >>> from qaeval.types import Annotation, Metric, Profile, Prompt, Ratio, Reply, Sample, Scored, Task
    >>> exact = Metric("sentence_error", "text", lambda case: Ratio(case.hypothesis.text != case.reference.text, 1))
    >>> task = Task("transcribe", ("text",), (Prompt("en"),), lambda text, sample: Annotation(text=text), (exact,))
    >>> clips = [Sample("a", b"", Annotation(text="hello"), {"speaker": "s1"})]
    >>> asks = [{"sample": "a", "task": "transcribe", "prompt": "en", "model": "m", "repeat": 0, "key": "k"}]
    >>> raw = Profile("raw", lambda text, language: text)
    >>> scores = score(clips, asks, {"k": Reply(text="hallo")}, {"transcribe": task}, raw, "mine")
    >>> scores[["sample", "outcome", "metric", "num", "den", "speaker"]].values.tolist()
    [['a', 'answered', 'sentence_error', 1.0, 1.0, 's1']]
    """
    table, asked = gathered(asks)
    for name in table["task"].unique():
        if name not in tasks:
            raise registry.unknown("task", str(name), tasks)
    where = _Places(table["sample"])
    plans = {name: _Plan(task) for name, task in tasks.items()}
    plan_of = [plans[name] for name in table["task"].tolist()]
    hears_of = [(hears or {}).get(model) for model in table["model"].tolist()]
    fitted, flags = [""] * len(table), [""] * len(table)
    rows, known = Gathered(), Samples()
    waiting: list[_Waiting] = []
    unscored: dict[str, str] = {}
    unread = Unread()
    for sample in samples:
        if not (places := where.of(sample.id)):
            continue
        if sample.id in known.place:
            raise ScoreError(f"two samples have the id {sample.id!r}; ids must be unique in a dataset")
        known.add(sample)
        scorer = _Scorer(sample, profile, (seconds or {}).get(sample.id), rows, unscored, unread)
        for place in places:
            found, plan = answer(asked[place], replies), plan_of[place]
            if found.said is None:
                scorer.add_unanswered(place, plan.task, found.missing)
            elif (alike := scorer.read_before.get((plan, found.said))) is not None:
                alike.append(place)
            else:
                alike = scorer.read_before[plan, found.said] = [place]
                waiting.append((scorer, plan, alike, scorer.read(plan.task, found.said)))
            fitted[place], flags[place] = found.fitted, found.flags(scorer.seconds, hears_of[place])
        if len(waiting) >= _AT_ONCE:
            _score(waiting)
    _score(waiting)
    _warn_of(unscored, profile)
    unread.warn()
    if missing := [name for name in where.number if name not in known.place]:
        raise ScoreError(f"{len(missing)} asked samples are not in the dataset, the first is {missing[0]!r}")
    return frame(rows, table, {"fitted": fitted, "flags": flags}, known, profile.name, dataset)


class _Places:
    """At which places of the table of asks each sample is asked about."""

    def __init__(self, samples: pd.Series) -> None:
        number, names = samples.factorize(use_na_sentinel=False)
        self.number = {name: i for i, name in enumerate(names.tolist())}
        self._places = np.argsort(number, kind="stable").tolist()  # of all samples, one after another
        self._ends = [0, *np.cumsum(np.bincount(number)).tolist()]

    def of(self, sample: str) -> list[int]:
        """Those of one sample, in order."""
        number = self.number.get(sample)
        return [] if number is None else self._places[self._ends[number] : self._ends[number + 1]]


def _warn_of(unscored: Mapping[str, str], profile: Profile) -> None:
    if unscored:
        counts = Counter(unscored.values())
        told = ", ".join(f"{count} in {language!r}" for language, count in sorted(counts.items()))
        warnings.warn(
            f"the texts of these samples have no score, since {profile.name} has no rules for their language: {told}",
            UnscoredLanguageWarning,
            stacklevel=3,
        )


class _Plan:
    """How the replies for a task are scored: which fields have an outcome, and whether all is found out together."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.fields = tuple(dict.fromkeys([metric.field for metric in task.metrics]))
        self.by_name = {m.score.name: m for m in task.metrics if isinstance(m.score, OneOf)}
        together = {m.score.together for m in task.metrics if isinstance(m.score, OneOf)}
        alike = len(self.by_name) == len(task.metrics) and len(together) == len(self.fields) == 1
        self.together = together.pop() if alike else None


_Waiting = tuple["_Scorer", _Plan, list[int], Case]
"""A reply that was read: of which sample, for which task, to the asks at which places of the table, and what was read.

What several models reply in the same words, or one model again, is read and scored once.
"""


def _score(waiting: list[_Waiting]) -> None:
    """Adds the rows of replies, and empties the list."""
    said = [_outcomes(plan, case) for _, plan, _, case in waiting]
    found = [_together(plan, case) for _, plan, _, case in waiting]
    for (scorer, plan, places, case), outcomes, together in zip(waiting, said, found, strict=True):
        if together is None:
            scorer.add(places, plan, case, outcomes)
        else:
            scorer.rows.add_found(places, plan.by_name, outcomes[0], together)
    waiting.clear()


def _outcomes(plan: _Plan, case: Case) -> list[str]:
    reply, hypothesis, language, reference = case.reply, case.hypothesis, case.language, case.reference
    return [model_outcome(reply, hypothesis, field, language, reference) for field in plan.fields]


def _together(plan: _Plan, case: Case) -> Found | None:
    """What is found out together; None where it is not, or where that fails: then each metric is asked."""
    if plan.together is None:
        return None
    try:
        return plan.together(case)
    except Exception:  # noqa: BLE001 - which of them it was is then told
        return None


class _Scorer:
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
        self.read_before: dict[tuple[_Plan, Said], list[int]] = {}
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

    def add(self, places: Iterable[int], plan: _Plan, case: Case, outcomes: Sequence[str]) -> None:
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
