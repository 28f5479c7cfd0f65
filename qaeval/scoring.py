"""Makes the scores frame: parses each stored reply and lets every metric of its task score it.

Users call `score` as ``qaeval.tables.score``, or have a run call it.
"""

from __future__ import annotations

import math
import reprlib
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from qaeval import registry
from qaeval.errors import ScoreError, UnscoredLanguageWarning, UnsupportedLanguageError
from qaeval.flags import flags_of
from qaeval.gathering import About, Gathered, Row, frame
from qaeval.parts import Part, gathered, one_text, read, worst
from qaeval.scores import SERVICE_OUTCOMES
from qaeval.text.outcomes import outcome as model_outcome
from qaeval.types import Annotation, AudioLimits, Case, Metric, Profile, Ratio, Reply, Sample, Task

if TYPE_CHECKING:
    import pandas as pd


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
    samples in a language that the profile has no rules for: their texts have rows with ``num = den = 0``.

    >>> from qaeval.types import Annotation, Metric, Profile, Prompt, Ratio, Reply, Sample, Task
    >>> exact = Metric("sentence_error", "text", lambda case: Ratio(case.hypothesis.text != case.reference.text, 1))
    >>> task = Task("transcribe", ("text",), (Prompt("en"),), lambda text, sample: Annotation(text=text), (exact,))
    >>> clips = [Sample("a", b"", Annotation(text="hello"), {"speaker": "s1"})]
    >>> asks = [{"sample": "a", "task": "transcribe", "prompt": "en", "model": "m", "repeat": 0, "key": "k"}]
    >>> raw = Profile("raw", lambda text, language: text)
    >>> scores = score(clips, asks, {"k": Reply(text="hallo")}, {"transcribe": task}, raw, "mine")
    >>> scores[["sample", "outcome", "metric", "num", "den", "speaker"]].values.tolist()
    [['a', 'answered', 'sentence_error', 1.0, 1.0, 's1']]
    """
    table, parts = gathered(asks)
    for name in table["task"].unique():
        if name not in tasks:
            raise registry.unknown("task", str(name), tasks)
    where = table.groupby("sample", sort=False).indices
    task_of, model_of = table["task"].tolist(), table["model"].tolist()
    fitted, flags = [""] * len(table), [""] * len(table)
    rows = Gathered()
    about: dict[str, About] = {}
    unscored: Counter[str] = Counter()
    for sample in samples:
        if sample.id not in where:
            continue
        if sample.id in about:
            raise ScoreError(f"two samples have the id {sample.id!r}; ids must be unique in a dataset")
        about[sample.id] = About.of(sample)
        scorer = _Scorer(sample, profile, (seconds or {}).get(sample.id))
        for place in map(int, where[sample.id]):
            ask = _Ask(parts[place], [replies.get(part.key) for part in parts[place]])
            rows.extend(place, scorer.rows(tasks[task_of[place]], ask))
            fitted[place] = ask.fitted
            flags[place] = ask.flags((seconds or {}).get(sample.id), (hears or {}).get(model_of[place]))
        if scorer.unscored:
            unscored[sample.language] += 1
    _warn_of(unscored, profile)
    if missing := [name for name in where if name not in about]:
        raise ScoreError(f"{len(missing)} asked samples are not in the dataset, the first is {missing[0]!r}")
    return frame(rows, table.assign(fitted=fitted, flags=flags), about, profile.name, dataset)


def _warn_of(unscored: Counter[str], profile: Profile) -> None:
    if unscored:
        told = ", ".join(f"{count} in {language!r}" for language, count in sorted(unscored.items()))
        warnings.warn(
            f"the texts of these samples have no score, since {profile.name} has no rules for their language: {told}",
            UnscoredLanguageWarning,
            stacklevel=3,
        )


class _Ask(NamedTuple):
    """The parts of one ask, and what came back for each."""

    parts: Sequence[Part]
    replies: Sequence[Reply | None]

    @property
    def outcomes(self) -> list[str]:
        """Of each part."""
        return ["pending" if reply is None else reply.outcome for reply in self.replies]

    @property
    def fitted(self) -> str:
        """What was done to the audio before it was sent, part by part."""
        return " | ".join([reply.fitted for reply in self.replies if reply is not None and reply.fitted])

    def flags(self, seconds: float | None, hears: AudioLimits | None) -> str:
        """The flags of its replies, if all parts have one of the model."""
        told = zip(self.parts, self.replies, strict=True)
        raised = [flag for part, r in told if r is not None for flag in flags_of(r, part.seconds or seconds, hears)]
        return " ".join(sorted(set(raised))) if raised and worst(self.outcomes) == "ok" else ""


class _Scorer:
    """Scores replies about one sample; remembers which metrics apply to it."""

    def __init__(self, sample: Sample, profile: Profile, seconds: float | None) -> None:
        self.sample = sample
        self.profile = profile
        self.seconds = seconds
        self.unscored = False  # whether the profile has no rules for its language
        self._applies: dict[tuple[str, str, str], bool] = {}

    def rows(self, task: Task, ask: _Ask) -> Iterator[Row]:
        if missing := [outcome for outcome in ask.outcomes if outcome != "ok"]:
            return self._unanswered(task, missing)
        texts = [(reply.text or "") if reply else "" for reply in ask.replies]
        return self._scored(task, list(zip([part.start for part in ask.parts], texts, strict=True)))

    def _unanswered(self, task: Task, outcomes: Sequence[str]) -> Iterator[Row]:
        for outcome in outcomes:
            if outcome not in SERVICE_OUTCOMES:
                raise ScoreError(
                    f"{self._place(task)}: unknown outcome {outcome!r}; there are: ok, {', '.join(SERVICE_OUTCOMES)}"
                )
        said = worst(outcomes)
        return (Row(said, metric, "", Ratio(0, 0)) for metric in task.metrics if self._applicable(task, metric))

    def _scored(self, task: Task, said: Sequence[tuple[float, str]]) -> Iterator[Row]:
        text = said[0][1] if len(said) == 1 else one_text(text for _, text in said)
        hypothesis = read(said, partial(self._parsed, task))
        outcomes: dict[str, str] = {}
        for metric in task.metrics:
            parts = self._parts(task, metric, hypothesis, text)
            if parts is None and self._applicable(task, metric):
                parts = {"": Ratio(0, 0)}
            if parts is None:
                continue
            if metric.field not in outcomes:
                outcomes[metric.field] = model_outcome(
                    text, hypothesis, metric.field, self.sample.language, self.sample.reference
                )
            for part, ratio in parts.items():
                yield Row(outcomes[metric.field], metric, part, ratio)

    def _applicable(self, task: Task, metric: Metric) -> bool:
        at = (task.name, metric.name, metric.field)
        if at not in self._applies:
            self._applies[at] = (
                self._parts(task, metric, self.sample.reference, self.sample.reference.text or "") is not None
            )
        return self._applies[at]

    def _parsed(self, task: Task, text: str) -> Annotation:
        try:
            hypothesis = task.parse(text, self.sample)
        except Exception as error:
            raise ScoreError(f"{self._place(task)}: parse failed on {reprlib.repr(text)}: {_told(error)}") from error
        if not isinstance(hypothesis, Annotation):
            raise ScoreError(f"{self._place(task)}: parse must give an Annotation, seen {reprlib.repr(hypothesis)}")
        return hypothesis

    def _parts(self, task: Task, metric: Metric, hypothesis: Annotation, reply: str) -> Mapping[str, Ratio] | None:
        sample = self.sample
        case = Case(sample.reference, hypothesis, sample.language, self.profile, reply, self.seconds)
        try:
            scored = metric.score(case)
        except UnsupportedLanguageError:
            self.unscored = True
            return {"": Ratio(0, 0)}
        except Exception as error:
            raise ScoreError(f"{self._place(task)}, metric {metric.name!r}: {_told(error)}") from error
        parts = {"": scored} if isinstance(scored, Ratio) else scored
        if parts is None or (isinstance(parts, Mapping) and "" in parts and all(map(_sound, parts.values()))):
            return parts
        raise ScoreError(
            f"{self._place(task)}, metric {metric.name!r}: expected a Ratio of finite numbers with a denominator"
            " not below 0, a mapping from part to such Ratios with the part '', or None;"
            f" seen {reprlib.repr(scored)}"
        )

    def _place(self, task: Task) -> str:
        return f"sample {self.sample.id!r}, task {task.name!r}"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _sound(ratio: object) -> bool:
    return isinstance(ratio, Ratio) and math.isfinite(ratio.num) and math.isfinite(ratio.den) and ratio.den >= 0
