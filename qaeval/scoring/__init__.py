"""Makes the scores frame: parses each stored reply and lets every metric of its task score it.

Users call `score` as ``qaeval.tables.score``, or have a run call it.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qaeval import registry
from qaeval.errors import ScoreError, UnscoredLanguageWarning
from qaeval.metrics._together import Found
from qaeval.metrics._unread import Unread
from qaeval.scoring.frame import Samples, frame
from qaeval.scoring.parts import answer, gathered
from qaeval.scoring.rows import Gathered
from qaeval.scoring.scorer import Plan, Scorer
from qaeval.text.replies.outcomes import outcome as model_outcome
from qaeval.types import AudioLimits, Case, Profile, Reply, Sample, Task

if TYPE_CHECKING:
    import pandas as pd

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
    (`qaeval.scoring.parts`). ``replies`` maps a key to a reply; an ask whose key it lacks is ``pending``. ``hears``, by
    model, is how it counts audio, ``seconds``, by sample, the length of its audio: with both, what the model counted is
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
    plans = {name: Plan(task) for name, task in tasks.items()}
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
        scorer = Scorer(sample, profile, (seconds or {}).get(sample.id), rows, unscored, unread)
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


_Waiting = tuple[Scorer, Plan, list[int], Case]
"""A reply that was read: of which sample, for which task, to the asks at which places of the table, and what was read.

What several models reply in the same words, or one model again, is read and scored once.
"""


def _score(waiting: list[_Waiting]) -> None:
    """Adds the rows of replies, and empties the list."""
    said = [_outcomes(plan, case) for _, plan, _, case in waiting]
    cases = [_as_scored(plan, case, outcomes) for (_, plan, _, case), outcomes in zip(waiting, said, strict=True)]
    found = [_together(plan, case) for (_, plan, _, _), case in zip(waiting, cases, strict=True)]
    for (scorer, plan, places, _), case, outcomes, together in zip(waiting, cases, said, found, strict=True):
        if together is None:
            scorer.add(places, plan, case, outcomes)
        else:
            scorer.rows.add_found(places, plan.by_name, outcomes[0], together)
    waiting.clear()


def _outcomes(plan: Plan, case: Case) -> list[str]:
    reply, hypothesis, language, reference = case.reply, case.hypothesis, case.language, case.reference
    return [model_outcome(reply, hypothesis, field, language, reference) for field in plan.fields]


def _as_scored(plan: Plan, case: Case, outcomes: Sequence[str]) -> Case:
    """A refusal transcribes nothing: its words are no insertions, and all of the reference is missing."""
    if "refused" in outcomes and ("text", "refused") in zip(plan.fields, outcomes, strict=True):
        return case._replace(hypothesis=dataclasses.replace(case.hypothesis, text=""))
    return case


def _together(plan: Plan, case: Case) -> Found | None:
    """What is found out together; None where it is not, or where that fails: then each metric is asked."""
    if plan.together is None:
        return None
    try:
        return plan.together(case)
    except Exception:  # noqa: BLE001 - which of them it was is then told
        return None
