"""Judges: a model compares or rates what other models answered, where no rule can tell what is good.

A judge is asked like any model: over samples made of stored replies, through `qaeval.run`, in a folder of its own, with
its own journal. So it can be interrupted, repeated and read again, and no answer is asked for anew. What it says is
evidence, not truth: read the rates that stand beside it.

What an answer says is untrusted. It stands between lines with a code that it cannot know, so it cannot end its part or
pose as another; the judge is told to follow nothing in it; and answers that speak to a judge are counted (``suspect``).
That a judge heeds an answer all the same cannot be excluded.

>>> import qaeval as qa
>>> run = qa.run(clips, "chat", ["qwen-audio-turbo-latest", "qwen3.5-omni-flash"], "results/chat")  # doctest: +SKIP
>>> qa.judge(run, "qwen-audio-turbo-latest", "qwen3.5-omni-flash", judge="openai/gpt-4o", out="results/judge").summary
... # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from qaeval import naming
from qaeval.errors import RunError
from qaeval.judging import asking, pairwise, pointwise
from qaeval.judging.calls import Judge
from qaeval.runs import Run
from qaeval.tasks import preference, rating
from qaeval.types import Ask, Model, Prompt

if TYPE_CHECKING:
    import pandas as pd


class Judged(NamedTuple):
    """What a judge said: rates, what they are made of (one row a pair or answer), and the judge's run.

    The run is None where all answers were equal and nothing was asked. `judge` and `rate` say what the columns are.
    """

    summary: pd.DataFrame
    rows: pd.DataFrame
    run: Run | None


def judge(
    run: Run,
    a: str,
    b: str,
    *,
    judge: str | Model | Ask,
    out: str | Path,
    task: str = "chat",
    prompt: str | None = None,
    samples: Collection[str] | None = None,
    rubric: str | Prompt = "en",
    audio: bool = False,
    about: Sequence[str] = (),
    human: Mapping[str, str] | None = None,
    repeats: int = 1,
    **options: Any,
) -> Judged:
    """Has a model compare the answers of two models to the same questions, each pair in both orders.

    A model wins a pair only if the judge prefers its answer in both orders; else it is a tie, or ``unparsed`` where a
    verdict could not be read: that is a share of its own, and nothing is guessed. Equal answers are a tie that is not
    asked about; each repeat of the judge counts as a pair. ``summary`` has one row:

    - ``a_share``, ``b_share``, ``tie_share``, ``unparsed_share``, of the ``n`` pairs that were judged; ``unjudged``
      ones (the service failed) are not among them, nor ``unpaired`` answers, whose question the other did not answer
    - ``net``: (wins of a - wins of b) / (both and ties), -1 to 1; ``clusters``, how many speakers, else recordings
    - ``flip_rate``: of the pairs with two readable verdicts, how many were decided by the place of the answer alone;
      ``first_share``: of all verdicts for a place, how many for the first (0.5 without a liking for it)
    - ``parse_failure_rate`` of the judge's replies; ``repeat_agreement``: how often it says the same when asked again
    - ``length_correlation`` (Spearman) of being longer and being preferred; ``longer_wins``, of the decided pairs
    - ``human_agreement``, ``human_kappa`` (Cohen) and ``human_ac1`` (Gwet) with the labels of people: read kappa, since
      raw agreement flatters a judge
    - ``_low`` and ``_high`` of shares, rates and agreements: 95 % intervals over clusters, which stay within what the
      value can be and are no certainty at 0 and 100 % (`qaeval.judging.measures.ratio_interval`); nan with fewer than
      two clusters, and of a kappa below 1 that does not vary, as of a judge who always says the same
    - ``same_family``: the judge may prefer its own family's style; ``suspect``: pairs with an answer that speaks to a
      judge; ``rehearsed``: a reply comes from the emulator; ``rubric``: the prompt with the hash of its wording

    Args:
        run: the run whose replies are judged.
        a: a model of it, by its name or the end of it.
        b: another one.
        judge: a name (``qaeval models``), a `Model`, or a function ``ask(request) -> str``.
        out: the folder of the judge's own run.
        task: whose replies are judged: ``chat``, ``answer``, ``summarize`` ...
        prompt: only replies to this prompt of the task.
        samples: only these clips, by id.
        rubric: ``en`` or ``zh``, or a `Prompt` of one's own with the places context, first and second.
        audio: whether the judge hears the clip; else it gets the words only.
        about: columns of the samples' meta that the judge is told, such as a description of the clip.
        human: people's labels by sample id: ``a``, ``b`` (or the models' names) or ``tie``.
        repeats: how often each question is asked.
        options: further arguments of `qaeval.run`: params, budget, concurrency, catalogue, yes, progress ...

    Raises:
        UnknownNameError: the run has no such model, task, prompt or sample.
        RunError: there is nothing to judge, or as `qaeval.run` does.

    Warns of a judge of a candidate's family (`SelfPreferenceWarning`).

    >>> import qaeval as qa
    >>> from tempfile import TemporaryDirectory
    >>> def short(request):
    ...     return "Yes."
    >>> def helpful(request):
    ...     return "I heard you: the meeting begins at four."
    >>> def fond_of_meetings(request):  # a real one is a model, or a function that asks it
    ...     first, second = request.messages[-1].text.split("ANSWER 2")
    ...     return f'{{"verdict": "{1 if "meeting" in first else 2}"}}'
    >>> with TemporaryDirectory() as top:
    ...     clips = qa.load("demo", language="en", limit=3)
    ...     run = qa.run(clips, "chat", [short, helpful], f"{top}/run", progress=False)
    ...     judged = qa.judge(run, "short", "helpful", judge=fond_of_meetings, out=f"{top}/judge", progress=False)
    >>> judged.summary[["a_share", "b_share", "tie_share", "n", "flip_rate"]].values.tolist()
    [[0.0, 1.0, 0.0, 3.0, 0.0]]
    >>> judged.rows["result"].tolist()
    ['b', 'b', 'b']
    """
    a, b = (naming.model_named(name, run.models) for name in (a, b))
    if a == b:
        raise RunError(f"expected two models to compare, seen {a!r} twice")
    labels = pairwise.labels_of(human, a, b)
    found = asking.answers(run, task, (a, b), prompt, samples)
    pairs = asking.paired(found, a, b)
    if not pairs:
        raise RunError(f"{run.folder}: {a} and {b} have no two replies of the task {task!r} to the same question")
    clips = {sample.id: sample for sample in run.iter_samples()}
    asked = asking.comparisons([pair for pair in pairs if not pair.identical], clips, about)
    by = Judge.of(judge, preference.TASK, rubric, audio, options.get("catalogue"))
    same = by.is_of_family_of(a, b)
    own = by.ask(list(asked), f"{run.dataset}: {task}, {a} or {b}", out, repeats, options)
    rows = pairwise.pair_frame(pairs, by.told(own), repeats, clips, labels)
    facts = {"a": a, "b": b, "judge": by.name, "task": task}
    beside = {"unpaired": len(found) - 2 * len(pairs), "same_family": same, "rehearsed": by.is_rehearsed(run)}
    return _judged([facts | pairwise.tally(rows) | beside | {"rubric": by.prompt.id}], rows, own)


def rate(
    run: Run,
    models: Sequence[str] | str | None = None,
    *,
    judge: str | Model | Ask,
    out: str | Path,
    task: str = "chat",
    prompt: str | None = None,
    samples: Collection[str] | None = None,
    rubric: str | Prompt = "en",
    audio: bool = False,
    about: Sequence[str] = (),
    human: Mapping[tuple[str, str], float] | None = None,
    repeats: int = 1,
    **options: Any,
) -> Judged:
    """Has a model rate each answer of the run's models by itself, from 1 to 10.

    ``summary`` has one row a model: the mean ``rating`` with a 95 % interval over speakers, else recordings, within the
    scale (`qaeval.judging.measures.ratio_interval`); ``n`` ratings that could be read, ``unparsed`` and ``unjudged``
    ones, ``parse_failure_rate``; ``repeat_agreement`` with its interval; ``length_correlation`` (Spearman) of rating
    and length; ``human_correlation`` (Spearman) with people's ratings; and ``same_family``, ``suspect``,
    ``rehearsed``, ``rubric`` as in `judge`. Ratings of models are less reliable than comparisons, and mean nothing
    beside those by another judge or rubric.

    Args:
        run: the run whose replies are rated.
        models: models of it (default: all), by their names or the ends of them.
        judge: a name (``qaeval models``), a `Model`, or a function ``ask(request) -> str``.
        out: the folder of the judge's own run.
        task: whose replies are rated.
        prompt: only replies to this prompt of the task.
        samples: only these clips, by id.
        rubric: ``en`` or ``zh``, or a `Prompt` of one's own with the places context and answer.
        audio: whether the judge hears the clip; else it gets the words only.
        about: columns of the samples' meta that the judge is told.
        human: people's ratings by (sample id, model).
        repeats: how often each question is asked.
        options: further arguments of `qaeval.run`.

    Raises and warns as `judge` does.

    >>> import qaeval as qa
    >>> from tempfile import TemporaryDirectory
    >>> def short(request):
    ...     return "Yes."
    >>> def helpful(request):
    ...     return "I heard you: the meeting begins at four."
    >>> def fond_of_meetings(request):  # a real one is a model, or a function that asks it
    ...     return '{"rating": 9}' if "meeting" in request.messages[-1].text else '{"rating": 3}'
    >>> with TemporaryDirectory() as top:
    ...     clips = qa.load("demo", language="en", limit=3)
    ...     run = qa.run(clips, "chat", [short, helpful], f"{top}/run", progress=False)
    ...     rated = qa.rate(run, judge=fond_of_meetings, out=f"{top}/judge", progress=False)
    >>> rated.summary[["model", "rating", "n"]].values.tolist()
    [['short', 3.0, 3], ['helpful', 9.0, 3]]
    """
    listed = run.models if models is None else [models] if isinstance(models, str) else list(models)
    names = [naming.model_named(name, run.models) for name in listed]
    people = {(str(s), naming.model_named(m, run.models)): float(r) for (s, m), r in (human or {}).items()}
    found = asking.answers(run, task, names, prompt, samples)
    if not found:
        raise RunError(f"{run.folder}: no reply of the task {task!r} to rate, of {', '.join(names)}")
    clips = {sample.id: sample for sample in run.iter_samples()}
    by = Judge.of(judge, rating.TASK, rubric, audio, options.get("catalogue"))
    same = {name: by.is_of_family_of(name) for name in names}
    own = by.ask(list(asking.ratings(found, clips, about)), f"{run.dataset}: {task}, rated", out, repeats, options)
    rows = pointwise.rating_frame(found, by.told(own), repeats, clips, people)
    beside = {"rehearsed": by.is_rehearsed(run), "rubric": by.prompt.id}
    lines = [
        {"model": name, "judge": by.name, "task": task}
        | pointwise.tally(rows[rows["model"] == name])
        | {"same_family": same[name], **beside}
        for name in names
    ]
    return _judged(lines, rows, own)


def _judged(summary: list[dict[str, Any]], rows: pd.DataFrame, own: Run | None) -> Judged:
    import pandas as pd

    return Judged(pd.DataFrame(summary), rows, own)
