"""Makes the scores frame: parses each stored reply and lets every metric of its task score it.

Users call `score` as ``qaeval.tables.score``, or have a run call it.
"""

from __future__ import annotations

import math
import reprlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qaeval import registry
from qaeval.errors import ScoreError
from qaeval.scores import COLUMNS, SERVICE_OUTCOMES, clear_of
from qaeval.text.outcomes import outcome as model_outcome
from qaeval.types import Annotation, Case, Metric, Profile, Ratio, Sample, Task

if TYPE_CHECKING:
    import pandas as pd

ASKS = ("sample", "task", "prompt", "model", "repeat", "key")
RECORDING_DIGITS = 16


class ReplyLike(Protocol):
    """What scoring reads of a reply; `qaeval.types.Reply` has it."""

    @property
    def outcome(self) -> str:
        """``ok``, or the service's outcome."""

    @property
    def text(self) -> str | None:
        """What the model said, if the outcome is ``ok``."""


def score(
    samples: Iterable[Sample],
    asks: pd.DataFrame | Iterable[Mapping[str, Any]],
    replies: Mapping[str, ReplyLike],
    tasks: Mapping[str, Task],
    profile: Profile,
    dataset: str,
) -> pd.DataFrame:
    """Scores every reply with every metric that applies, into the long scores frame.

    ``samples`` is walked once; those without an ask are passed over. ``asks`` has the columns sample, task, prompt,
    model, repeat and key. ``replies`` maps a key to a `qaeval.types.Reply` (or what has its ``outcome`` and ``text``);
    an ask whose key it lacks is ``pending``.

    Columns: dataset, sample, task, field, prompt, model, repeat, outcome, metric, part, num, den, profile, better,
    unit, recording (first 16 digits of the audio's sha256), language, then the samples' meta; a meta name that is taken
    gets the prefix ``meta.``. Rows are in the order of the asks. Text is stored as categories in alphabetical order;
    meta that is neither text nor numbers is stored as text.

    Part ``""`` is the metric itself, other parts are its counts. What is not a reply of the model has a row with part
    ``""`` and ``num = den = 0`` for each metric that applies to the sample, which is found by scoring the reference
    against itself; so has a reply for which such a metric gives None.

    Raises `ScoreError` when a sample is missing or there twice, when an ask is there twice, and when a task's parse or
    a metric fails (it names the sample, the task and the metric); `UnknownNameError` for an unknown task.

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
    table = _ask_table(asks)
    for name in table["task"].unique():
        if name not in tasks:
            raise registry.unknown("task", str(name), tasks)
    where = table.groupby("sample", sort=False).indices
    task_of, key_of = table["task"].tolist(), table["key"].tolist()
    gathered = _Gathered()
    about: dict[str, _About] = {}
    for sample in samples:
        if sample.id not in where:
            continue
        if sample.id in about:
            raise ScoreError(f"two samples have the id {sample.id!r}; ids must be unique in a dataset")
        about[sample.id] = _About.of(sample)
        scorer = _Scorer(sample, profile)
        for ask in map(int, where[sample.id]):
            gathered.extend(ask, scorer.rows(tasks[task_of[ask]], replies.get(key_of[ask])))
    if missing := [name for name in where if name not in about]:
        raise ScoreError(f"{len(missing)} asked samples are not in the dataset, the first is {missing[0]!r}")
    return _frame(gathered, table, about, profile.name, dataset)


def _ask_table(asks: pd.DataFrame | Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    table = asks if isinstance(asks, pd.DataFrame) else pd.DataFrame(list(asks))
    if table.empty:
        return pd.DataFrame(columns=list(ASKS), dtype=object)
    if missing := [name for name in ASKS if name not in table.columns]:
        raise ScoreError(f"the asks lack {', '.join(missing)}; expected the columns {', '.join(ASKS)}")
    table = table[list(ASKS)].reset_index(drop=True)
    if (twice := table.duplicated(list(ASKS[:-1]))).any():
        raise ScoreError(f"the same ask is there twice: {table[twice].iloc[0].to_dict()}")
    return table


class _Row(NamedTuple):
    outcome: str
    metric: Metric
    part: str
    ratio: Ratio


class _Scorer:
    """Scores replies about one sample; remembers which metrics apply to it."""

    def __init__(self, sample: Sample, profile: Profile) -> None:
        self.sample = sample
        self.profile = profile
        self._applies: dict[tuple[str, str, str], bool] = {}

    def rows(self, task: Task, reply: ReplyLike | None) -> Iterator[_Row]:
        said = "pending" if reply is None else reply.outcome
        if reply is not None and said == "ok":
            return self._scored(task, reply.text or "")
        if said not in SERVICE_OUTCOMES:
            raise ScoreError(
                f"{self._place(task)}: unknown outcome {said!r}; there are: ok, {', '.join(SERVICE_OUTCOMES)}"
            )
        return (_Row(said, metric, "", Ratio(0, 0)) for metric in task.metrics if self._applicable(task, metric))

    def _scored(self, task: Task, text: str) -> Iterator[_Row]:
        hypothesis = self._parsed(task, text)
        outcomes: dict[str, str] = {}
        for metric in task.metrics:
            parts = self._parts(task, metric, hypothesis)
            if parts is None and self._applicable(task, metric):
                parts = {"": Ratio(0, 0)}
            if parts is None:
                continue
            if metric.field not in outcomes:
                outcomes[metric.field] = model_outcome(text, hypothesis, metric.field, self.sample.language)
            for part, ratio in parts.items():
                yield _Row(outcomes[metric.field], metric, part, ratio)

    def _applicable(self, task: Task, metric: Metric) -> bool:
        at = (task.name, metric.name, metric.field)
        if at not in self._applies:
            self._applies[at] = self._parts(task, metric, self.sample.reference) is not None
        return self._applies[at]

    def _parsed(self, task: Task, text: str) -> Annotation:
        try:
            hypothesis = task.parse(text, self.sample)
        except Exception as error:
            raise ScoreError(f"{self._place(task)}: parse failed on {reprlib.repr(text)}: {_told(error)}") from error
        if not isinstance(hypothesis, Annotation):
            raise ScoreError(f"{self._place(task)}: parse must give an Annotation, seen {reprlib.repr(hypothesis)}")
        return hypothesis

    def _parts(self, task: Task, metric: Metric, hypothesis: Annotation) -> Mapping[str, Ratio] | None:
        case = Case(self.sample.reference, hypothesis, self.sample.language, self.profile)
        try:
            scored = metric.score(case)
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


class _Codes:
    """Values as numbers: what a column of few distinct values takes while it grows."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}
        self._codes = array("i")

    def append(self, value: Any) -> None:
        self._codes.append(self._known.setdefault(value, len(self._known)))

    @property
    def values(self) -> list[Any]:
        return list(self._known)

    @property
    def codes(self) -> NDArray[np.int32]:
        return np.frombuffer(self._codes, np.int32) if self._codes else np.zeros(0, np.int32)


class _Gathered:
    """The rows so far, as columns; of the metric, only what the frame says of it."""

    def __init__(self) -> None:
        self.outcome, self.metric, self.part = _Codes(), _Codes(), _Codes()
        self.ask, self.num, self.den = array("q"), array("d"), array("d")

    def extend(self, ask: int, rows: Iterable[_Row]) -> None:
        for outcome, metric, part, ratio in rows:
            self.ask.append(ask)
            self.outcome.append(outcome)
            self.metric.append((metric.name, metric.field, metric.better, metric.unit))
            self.part.append(part)
            self.num.append(ratio.num)
            self.den.append(ratio.den)


class _About(NamedTuple):
    recording: str
    language: str
    meta: Mapping[str, Any]

    @classmethod
    def of(cls, sample: Sample) -> _About:
        meta = {name: value for name, value in sample.meta.items() if name != "language"}
        return cls(sample.audio.sha256[:RECORDING_DIGITS], sample.language, meta)


def _frame(
    rows: _Gathered, asks: pd.DataFrame, about: Mapping[str, _About], profile: str, dataset: str
) -> pd.DataFrame:
    import pandas as pd

    ask = np.array(rows.ask, np.int64)
    order = np.argsort(ask, kind="stable")
    ask = ask[order]
    known = {name: i for i, name in enumerate(about)}
    sample = np.array([known[name] for name in asks["sample"]], np.int64)[ask]
    one = np.zeros(len(ask), np.int64)
    metric = rows.metric.codes[order]
    columns: dict[str, Any] = {
        "dataset": _category([dataset], one),
        "profile": _category([profile], one),
        "repeat": asks["repeat"].to_numpy(np.int64)[ask],
        "outcome": _category(rows.outcome.values, rows.outcome.codes[order]),
        "part": _category(rows.part.values, rows.part.codes[order]),
        "num": np.array(rows.num)[order],
        "den": np.array(rows.den)[order],
        "recording": _category([of.recording for of in about.values()], sample),
        "language": _category([of.language for of in about.values()], sample),
    }
    for name in ("sample", "task", "prompt", "model"):
        columns[name] = _category(asks[name].tolist(), ask)
    for i, name in enumerate(("metric", "field", "better", "unit")):
        columns[name] = _category([values[i] for values in rows.metric.values], metric)
    meta = list(dict.fromkeys(name for of in about.values() for name in of.meta))
    renamed = clear_of(meta, COLUMNS)
    for name in meta:
        columns[renamed.get(name, name)] = _meta_column([of.meta.get(name) for of in about.values()], sample)
    return pd.DataFrame(columns)[[*COLUMNS, *(name for name in columns if name not in COLUMNS)]]


def _category(values: Sequence[str | None], codes: NDArray[np.integer[Any]]) -> pd.Categorical:
    """A column that holds ``values[code]`` for each code; None is missing."""
    import pandas as pd

    names = sorted({value for value in values if value is not None})
    place: dict[str | None, int] = {None: -1, **{name: i for i, name in enumerate(names)}}
    number = np.array([place[value] for value in values], np.int32)
    return pd.Categorical.from_codes(number[codes], categories=pd.Index(names, dtype="str"))


def _meta_column(values: Sequence[Any], codes: NDArray[np.int64]) -> Any:
    """As numbers or booleans if all known values are; otherwise as text."""
    import pandas as pd

    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    values = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    kinds = {type(value) for value in values if value is not None}
    missing = None in values
    if kinds == {bool}:
        return pd.array(values, dtype="boolean" if missing else "bool").take(codes)
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pd.array(values, dtype="Int64" if missing else "int64").take(codes)
    if float in kinds and kinds <= {int, float}:
        return np.array([math.nan if value is None else float(value) for value in values])[codes]
    return _category([None if value is None else str(value) for value in values], codes)
