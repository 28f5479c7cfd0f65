"""The judge: which model, by which rubric, and its run."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from qaeval import naming
from qaeval.errors import RunError, SelfPreferenceWarning
from qaeval.judging.measures import Told
from qaeval.launch import running
from qaeval.launch.choices import models_of, positive
from qaeval.registry import unknown
from qaeval.runner.requests import places
from qaeval.runs import Run
from qaeval.types import Ask, Dataset, Model, Prompt, Sample, Task

_FAMILIES = ("qwen", "qwq", "gpt", "gemini", "claude", "llama", "mistral", "deepseek", "glm", "kimi", "whisper")
_OWN_CHOICES = ("tasks", "prompts", "models", "dataset", "limit", "seed")


class Judge(NamedTuple):
    """A model that judges, its task, and the rubric that it is asked by."""

    model: Model
    task: Task
    prompt: Prompt

    @classmethod
    def of(cls, wanted: str | Model | Ask, task: Task, rubric: str | Prompt, audio: bool, catalogue: Any) -> Judge:
        """What is meant. Raises `UnknownNameError` for an unknown name, `RunError` for a judge or rubric of no use.

        A rubric of one's own says itself whether the clip is sent (``Prompt.audio``).
        """
        (model,) = models_of([wanted], None, running.catalogue_of(catalogue))
        if not model.reads_prompt:
            raise RunError(f"{model.name} reads no prompt, so it cannot judge; expected a language model")
        if isinstance(rubric, Prompt):
            if lacking := [name for name in task.inputs if name not in places(rubric)]:
                raise RunError(f"rubric {rubric.name!r}: it has no place for {', '.join(lacking)}")
            return cls(model, task, rubric)
        known = {prompt.name: prompt for prompt in task.prompts}
        name = f"{rubric}-audio" if audio and not rubric.endswith("-audio") else rubric
        if name not in known:
            raise unknown(f"rubric of the task {task.name!r}", name, known)
        return cls(model, task, known[name])

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    def is_of_family_of(self, *candidates: str) -> bool:
        """Whether the judge and a candidate are of one family, by their names; warns if so."""
        kin = [name for name in candidates if family(name) == family(self.name)]
        if kin:
            warnings.warn(
                f"{self.name} is of the same family as {', '.join(kin)}, which it judges: it may prefer answers like "
                "its own; take a judge of another family where there is one",
                SelfPreferenceWarning,
                stacklevel=3,
            )
        return bool(kin)

    def is_rehearsed(self, run: Run) -> bool:
        """Whether what is judged, or the judge, is of a rehearsal."""
        return run.is_rehearsal or naming.is_rehearsal(self.name) or bool(self.model.facts.get("rehearsal"))

    def ask(
        self, samples: Sequence[Sample], name: str, out: str | Path, repeats: int, options: Mapping[str, Any]
    ) -> Run | None:
        """The judge's run over the samples, None where there are none. Raises as `qaeval.run` does."""
        positive("repeats", repeats)
        if wrong := sorted(set(_OWN_CHOICES) & options.keys()):
            raise RunError(f"a judge is not told {', '.join(wrong)}: name the samples that are to be judged (samples=)")
        if not samples:
            return None
        digest = hashlib.sha256("\0".join(repr(dict(sample.inputs)) for sample in samples).encode("utf-8", "replace"))
        data = Dataset(name, lambda: samples, digest=lambda: digest.hexdigest()[:16])
        return running.run(data, self.task, self.model, out, prompts=self.prompt, repeats=repeats, **options)

    def told(self, run: Run | None) -> dict[tuple[str, int], Told]:
        """What it said, by sample and repeat."""
        if run is None:
            return {}
        rows = run.replies()
        rows = rows[(rows["model"] == self.name) & (rows["prompt"] == self.prompt.id)]
        samples = {sample.id: sample for sample in run.iter_samples()}
        found = {}
        for row in rows.to_dict("records"):
            read = self.task.parse(row["text"], samples[row["sample"]]).labels if row["outcome"] == "ok" else {}
            value = next((values[0] for values in read.values() if values), None)
            found[str(row["sample"]), int(row["repeat"])] = Told(str(row["outcome"]), value)
        return found


def family(model: str) -> str:
    """The family of a model, as far as its name tells.

    >>> family("dashscope/qwen3.5-omni-flash"), family("openai/Qwen/Qwen2-Audio-7B-Instruct"), family("openai/gpt-4o")
    ('qwen', 'qwen', 'gpt')
    >>> family("control/silence:mine"), family("replay/results/cv:dashscope/qwen-audio-turbo")
    ('mine', 'qwen')
    """
    name = model.rpartition(":")[2] if model.startswith(("control/", "replay/")) else model
    last = name.rpartition("/")[2].lower()
    found = next((known for known in _FAMILIES if known in last), None)
    return found or re.match(r"[a-z_]*", last)[0] or last  # type: ignore[index]  # it matches the empty text, too
