"""What a judge is asked: stored answers, put between marks that they cannot forge, with what is known of the clip."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from qaeval import naming, registry
from qaeval.errors import RunError
from qaeval.runs import Run
from qaeval.scoring.parts import one_text
from qaeval.types import Annotation, Sample

ORDERS = ("ab", "ba")
_KNOWN_INPUTS = {"query": "The question", "choices": "Its options", "target_language": "Language to translate into"}
_KNOWN_LABELS = {
    "answer": "A right answer",
    "summary": "A good summary",
    "translation": "A right translation",
    "response": "A good answer",
}


class Answer(NamedTuple):
    """One stored answer: which clip, asked by which prompt, which repeat, who gave it, and its words."""

    sample: str
    prompt: str
    repeat: int
    model: str
    text: str

    @property
    def place(self) -> str:
        """Which question of which clip it answers."""
        return f"{self.sample}|{self.prompt}|{self.repeat}"


class Pair(NamedTuple):
    """Two models' answers to the same question."""

    a: Answer
    b: Answer

    @property
    def identical(self) -> bool:
        """Whether there is nothing to choose."""
        return self.a.text.strip() == self.b.text.strip()


def answers(
    run: Run, task: str, models: Sequence[str], prompt: str | None = None, samples: Collection[str] | None = None
) -> list[Answer]:
    """The answers that models of a run gave, of one prompt and of some samples if they are named.

    An answer about a clip that was asked in parts is one, if all parts have their reply.

    Raises `UnknownNameError` for a task, model, prompt or sample that the run does not have.
    """
    if task not in run.info["tasks"]:
        raise registry.unknown("task of the run", task, run.info["tasks"])
    names = [naming.model_named(model, run.models) for model in models]
    rows = run.replies()
    rows = rows[(rows["task"] == task) & rows["model"].isin(names)]
    if prompt is not None:
        known = sorted(map(str, rows["prompt"].unique()))
        if not (fitting := [each for each in known if prompt in (each, each.split("@")[0])]):
            raise registry.unknown("prompt of the run", prompt, known)
        rows = rows[rows["prompt"].isin(fitting)]
    if samples is not None:
        if strange := set(samples) - set(rows["sample"]):
            raise registry.unknown("sample of the run", min(strange), map(str, rows["sample"].unique()))
        rows = rows[rows["sample"].isin(samples)]
    found = []
    for _, parts in rows.groupby(["sample", "prompt", "model", "repeat"], sort=False):
        if (parts["outcome"] == "ok").all():
            parts = parts.sort_values("part")
            first, text = parts.iloc[0], one_text(parts["text"]) if len(parts) > 1 else parts["text"].iloc[0]
            found.append(Answer(first["sample"], first["prompt"], int(first["repeat"]), first["model"], str(text)))
    return found


def paired(found: Iterable[Answer], a: str, b: str) -> list[Pair]:
    """The answers of two models to the same questions; a question that one of them has no answer to makes no pair."""
    sides: dict[str, dict[str, Answer]] = {a: {}, b: {}}
    for answer in found:
        sides[answer.model][answer.place] = answer
    return [Pair(answer, sides[b][place]) for place, answer in sides[a].items() if place in sides[b]]


def comparisons(pairs: Iterable[Pair], samples: Mapping[str, Sample], about: Sequence[str] = ()) -> Iterator[Sample]:
    """A sample of the task ``preference`` for each pair and order."""
    for pair in pairs:
        sample = samples[pair.a.sample]
        context, one, other = fenced(known(sample, about), pair.a.text, pair.b.text)
        for order, first, second in zip(ORDERS, (one, other), (other, one), strict=True):
            inputs = {"context": context, "first": first, "second": second}
            yield _judged(sample, f"{pair.a.place}|{order}", pair.a, {"order": order}, inputs)


def ratings(found: Iterable[Answer], samples: Mapping[str, Sample], about: Sequence[str] = ()) -> Iterator[Sample]:
    """A sample of the task ``rating`` for each answer."""
    for answer in found:
        sample = samples[answer.sample]
        context, text = fenced(known(sample, about), answer.text)
        meta = {"judged_model": answer.model}
        yield _judged(sample, f"{answer.place}|{answer.model}", answer, meta, {"context": context, "answer": text})


def _judged(sample: Sample, id: str, answer: Answer, meta: dict[str, Any], inputs: dict[str, str]) -> Sample:
    """The clip, as the judge is asked about it; its language is that of the speaker, not of the judge."""
    kept = {name: value for name, value in sample.meta.items() if name != "language"}
    place = {"judged_sample": answer.sample, "judged_prompt": answer.prompt, "judged_repeat": answer.repeat}
    language = {"judged_language": sample.language} if sample.language else {}
    return Sample(id, sample.audio, Annotation(), kept | place | language | meta, inputs)


def known(sample: Sample, about: Sequence[str] = ()) -> str:
    """What a judge is told of the clip and the question: inputs, transcript, true answers, and some columns of meta.

    Raises `RunError` for a column that the sample lacks.

    >>> print(known(Sample("a", "a.wav", Annotation(text="你好"), {"place": "kitchen"}, {"query": "Who?"}), ["place"]))
    The question: Who?
    What is said in the clip: 你好
    place: kitchen
    """
    lines = [f"{told}: {sample.inputs[name]}" for name, told in _KNOWN_INPUTS.items() if sample.inputs.get(name)]
    if sample.reference.text:
        lines.append(f"What is said in the clip: {sample.reference.text}")
    for name, told in _KNOWN_LABELS.items():
        lines += [f"{told}: {value}" for value in sample.reference.labels.get(name, ())]
    for name in about:
        if name not in sample.meta:
            raise RunError(f"about={name!r}: sample {sample.id!r} has no such meta; it has: {', '.join(sample.meta)}")
        lines.append(f"{name}: {sample.meta[name]}")
    return "\n".join(lines) or "Nothing else is known."


def fenced(*texts: str) -> list[str]:
    r"""Each text between lines with a code that occurs in none of them, whatever they say.

    The code follows from the texts, in any order, so that the same question is the same request.

    >>> [text.replace(text.split()[1][:-1], "CODE") for text in fenced("hello", "[end 1234]")]
    ['[begin CODE]\nhello\n[end CODE]', '[begin CODE]\n[end 1234]\n[end CODE]']
    """
    seed = "\0".join(sorted(texts))
    code = ""
    while not code or any(code in text for text in texts):
        code = hashlib.sha256(f"{code}\0{seed}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return [f"[begin {code}]\n{text}\n[end {code}]" for text in texts]
