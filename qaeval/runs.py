"""A run, opened for reading: what was asked, what came back, and the scores, as often as you like."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval import frames, naming, registry, tables, tasks
from qaeval.errors import UnknownNameError
from qaeval.store import replies
from qaeval.store.folder import RunFolder
from qaeval.store.rows import to_sample
from qaeval.terms import Terms
from qaeval.text import profiles
from qaeval.types import Sample, Task

if TYPE_CHECKING:
    import pandas as pd


class Run:
    """A run's folder, opened for reading: samples, replies and scores as DataFrames.

    ``folder`` is its path, ``info`` what ``run.json`` says of it: the dataset, the models and their facts, the wordings
    of the prompts, versions and dates. Everything is read anew at each call, so a run that goes on can be looked at.

    >>> import qaeval as qa
    >>> run = qa.open_run("results/demo-example")  # of the repository
    >>> run.folder.name, run.info["dataset"]["limit"], run.info["complete"]
    ('demo-example', 24, True)
    """

    def __init__(self, folder: str | Path, tasks: Iterable[Task] = (), audio_root: str | Path | None = None) -> None:
        self._store = RunFolder(folder)
        self.folder = self._store.path
        self.info = self._store.read_info()
        self._own_tasks = {task.name: task for task in tasks}
        self._audio_root = audio_root

    def __repr__(self) -> str:
        state = "" if self.info.get("complete") else ", not complete"
        return f"Run({str(self.folder)!r}, dataset={self.dataset!r}, models={self.models}{state})"

    @property
    def name(self) -> str:
        """What the run is called: as it was named when it was run (a benchmark's name), else as its folder.

        >>> open_run("results/demo-example").name
        'demo-example'
        """
        return str(self.info.get("name") or self.folder.resolve().name or self.dataset)

    @property
    def dataset(self) -> str:
        """The dataset's name.

        >>> open_run("results/demo-example").dataset
        'demo'
        """
        return str(self.info["dataset"]["name"])

    @property
    def models(self) -> list[str]:
        """The names of the models that were asked, in the order of their first asking.

        >>> open_run("results/demo-example").models
        ['whisper/tiny.en', 'whisper/base', 'sphinx/en-us', 'control/majority']
        """
        return [model["name"] for model in self.info["models"]]

    @property
    def is_rehearsal(self) -> bool:
        """Whether replies of the run come from the emulator: by a model's name, or that of one whose it gives again.

        >>> open_run("results/demo-example").is_rehearsal
        False
        """
        facts = [model.get("facts") or {} for model in self.info["models"]]
        names = [*self.models, *(str(known.get("model", "")) for known in facts)]
        return any(known.get("rehearsal") for known in facts) or any(map(naming.is_rehearsal, names))

    @property
    def tasks(self) -> dict[str, Task]:
        """The tasks by name. Raises `UnknownNameError` for one of the user's own that was not passed in.

        >>> list(open_run("results/demo-example").tasks)
        ['transcribe', 'locate']
        """
        return {name: self._own_tasks.get(name) or _task(name) for name in self.info["tasks"]}

    def iter_samples(self) -> Iterator[Sample]:
        """The samples that the last command read, one at a time; those of earlier ones are kept, but not shown.

        The audio of each has its file's path; whether it is there is not looked at.

        >>> next(open_run("results/demo-example").iter_samples()).reference.text
        '今晚落大雨，記得帶遮。'
        """
        return (self._sample(row) for row in self._store.current_samples())

    def sample(self, id: str) -> Sample:
        """The sample of that id. Raises `UnknownNameError` with the nearest ones.

        >>> open_run("results/demo-example").sample("sense-0870").meta["speaker"]
        'librivox-sense'
        """
        known = []
        for row in self._store.current_samples():
            if row["id"] == id:
                return self._sample(row)
            known.append(row["id"])
        raise registry.unknown("sample", id, known)

    def _sample(self, row: dict[str, Any]) -> Sample:
        sample = to_sample(row, self.folder)
        if self._audio_root is None:
            return sample
        clip = dataclasses.replace(sample.audio, source=Path(self._audio_root) / sample.audio.name)
        return dataclasses.replace(sample, audio=clip)

    def samples(self) -> pd.DataFrame:
        """One row a sample: id, audio, duration (s), problem, reference fields, inputs and meta columns.

        >>> table = open_run("results/demo-example").samples()
        >>> table.round(1)[["sample", "duration", "language"]].head(2).values.tolist()
        [['espeak-yue-03', 3.1, 'yue'], ['prompt-leader', 2.8, 'en']]
        """
        return frames.sample_frame(self._store.current_samples())

    def asks(self) -> pd.DataFrame:
        """One row an ask: sample, task, prompt, model, repeat, part, and the key of the reply that answers it.

        A part of a clip that was asked in parts has its ``onset`` and ``offset`` in seconds.

        >>> table = open_run("results/demo-example").asks()
        >>> len(table), table[["sample", "task", "prompt", "model"]].values.tolist()[0]
        (124, ['espeak-yue-03', 'transcribe', 'zh@bcf82abf', 'whisper/tiny.en'])
        """
        here = {row["id"] for row in self._store.current_samples()}
        return frames.ask_frame(row for row in self._store.asks.rows() if row["sample"] in here)

    def replies(self) -> pd.DataFrame:
        """One row an ask (or part of one) with what came back: outcome, flags, text, hypothesis, tokens, cost and more.

        Cost is in CNY, times are in seconds. See `qaeval.frames.reply_frame`.

        Raises `ScoreError` where a task of one's own cannot read a reply.

        >>> table = open_run("results/demo-example").replies()
        >>> table.query("task == 'locate' and outcome == 'ok'")[["sample", "model", "hypothesis"]].values.tolist()[0]
        ['espeak-yue-03', 'control/majority', '大雨 1.82-2.54 s']
        """
        known = (self.iter_samples(), self.asks(), self._latest(), self.tasks)
        return frames.reply_frame(*known, self._terms(), self._seconds())

    def scores(self, profile: str | None = None) -> pd.DataFrame:
        """The long frame of scores, made anew from the stored replies; see `qaeval.tables.score`.

        ``profile`` names the text normalisation (default `qaeval.text.profiles.DEFAULT`).

        Raises `UnknownNameError` for another profile, and `ScoreError` where a task of one's own cannot read a reply or
        a metric fails.

        >>> scores = open_run("results/demo-example").scores()
        >>> rows = scores.query("sample == 'sense-0870' and metric == 'wer' and part == ''")
        >>> rows[["model", "outcome", "num", "den"]].values.tolist()[:2]
        [['whisper/tiny.en', 'answered', 0.0, 22.0], ['whisper/base', 'answered', 0.0, 22.0]]
        """
        chosen = profiles.find_profile(profile or profiles.DEFAULT)
        known = (self.iter_samples(), self.asks(), self._latest(), self.tasks)
        hears = {name: terms.hears for name, terms in self._terms().items()}
        return tables.score(*known, chosen, self.dataset, hears, self._seconds())

    def changes(
        self,
        a: str,
        b: str,
        metric: str,
        task: str | None = None,
        prompt: str | None = None,
        field: str | None = None,
        profile: str | None = None,
    ) -> pd.DataFrame:
        """Two models side by side, one row a sample, worst change first: values, status, reference, both replies.

        It is `qaeval.tables.changes` of the run's scores, with the same errors, and the columns ``reference``,
        ``hypothesis_a`` and ``hypothesis_b`` (`qaeval.frames.with_texts`).

        >>> table = open_run("results/demo-example").changes("tiny.en", "base", "wer")
        >>> table.loc[0, ["sample", "status", "reference", "hypothesis_a"]].tolist()
        ['sonnet-10', 'regressed', 'And only herald to the gaudy spring,', 'and only herald to the gaudy spring.']
        """
        table = tables.changes(self.scores(profile), a, b, metric, task, prompt, field)
        return frames.with_texts(table, self.iter_samples(), self.replies())

    def _terms(self) -> dict[str, Terms]:
        return {model["name"]: Terms.of(model.get("facts") or {}) for model in self.info["models"]}

    def _seconds(self) -> dict[str, float]:
        rows = self._store.current_samples()
        return {row["id"]: row["duration"] for row in rows if row["duration"] is not None}

    def _latest(self) -> dict[str, Any]:
        return {key: replies.from_record(record) for key, record in replies.latest(self._store.replies).items()}


def _task(name: str) -> Task:
    try:
        return tasks.find(name)
    except UnknownNameError as error:
        raise UnknownNameError(f"{error}; if it is a task of your own, pass it: qa.open_run(folder, [task])") from None


def open_run(folder: str | Path, tasks: Iterable[Task] = (), audio_root: str | Path | None = None) -> Run:
    """Opens the folder of an earlier run.

    Args:
        folder: where the run was written.
        tasks: tasks of your own that the run used; those of the package are found by name.
        audio_root: the dataset's folder, where it now lies, when it was moved away from the run.

    Raises:
        RunError: there is no run, it is damaged, or it was written by a newer version.

    >>> import qaeval as qa
    >>> qa.open_run("results/demo-example")  # of the repository
    Run('results/demo-example', dataset='demo',
        models=['whisper/tiny.en', 'whisper/base', 'sphinx/en-us', 'control/majority'])
    """
    return Run(folder, tasks, audio_root)
