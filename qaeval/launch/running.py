"""`qaeval.run`: names become objects, and the objects are asked."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from qaeval import runner
from qaeval._version import __version__
from qaeval.datasets._selection import order
from qaeval.errors import RunError
from qaeval.launch.choices import Models, Prompts, checked, dataset_of, models_of, plain, positive, questions, readers
from qaeval.launch.precautions import look_ahead
from qaeval.models.catalogue import Catalogue, read_catalogue
from qaeval.runner.budget import Budgets
from qaeval.runner.requests import Plan
from qaeval.runner.spool import distinct
from qaeval.runs import Run
from qaeval.store.folder import RunFolder
from qaeval.types import Dataset, Model, Prompt, Sample, Task


def run(
    dataset: Dataset | Iterable[Sample] | str,
    tasks: Sequence[str | Task] | str | Task,
    models: Models,
    out: str | Path,
    *,
    prompts: Prompts | None = None,
    limit: int | None = None,
    seed: int = 0,
    repeats: int = 1,
    params: Mapping[str, Any] | None = None,
    fit: Literal["refuse", "transcode", "cut", "split"] = "refuse",
    budget: Mapping[str, Any] | None = None,
    concurrency: int | None = None,
    limits: Literal["catalogue"] | None = "catalogue",
    catalogue: Catalogue | Mapping[str, Mapping[str, Any]] | str | Path | None = None,
    canary: int = 0,
    yes: bool = False,
    retired: bool = False,
    moved: bool = False,
    progress: bool = True,
    resume: str = "",
    name: str = "",
) -> Run:
    """Asks each model each task about each sample and keeps every reply; goes on where an earlier call stopped.

    Args:
        dataset: what `qaeval.load` gives or takes, or any iterable of `Sample`.
        tasks: names (``qaeval tasks``) or `Task` objects. A sample is asked the tasks whose needs its reference fills.
        models: names (``qaeval models``), `Model` objects, or plain functions ``ask(request) -> str``.
        out: the run's folder. Running again with the same folder asks only what has no reply yet.
        prompts: names of the tasks' prompts or `Prompt` objects, for all tasks or by task; default: each task's first.
        limit: how many samples, a prefix of an order seeded by ``seed`` (200 is contained in 500).
        seed: of that order.
        repeats: how often each question is asked.
        params: sampling parameters, as the model's service names them.
        fit: what happens to clips that a service would cut or refuse: ``refuse`` skips them and says why;
            ``transcode`` re-encodes what is too large or of another format; ``cut`` also cuts what is too long (the
            replies are flagged); ``split`` instead asks about its parts.
        budget: the most that may be spent in this folder, by all calls together: ``tokens``, ``money`` (CNY) and
            ``calls``; the same by model under ``models``, as ``{"calls": 100, "models": {NAME: {"tokens": 5000}}}``.
        concurrency: requests in flight a model; default: what each model says of itself.
        limits: None switches the catalogue's limits on requests and tokens a minute off, for a server of one's own.
        catalogue: changes to what is known of the models (``qaeval models``): a TOML file, or fields by model name.
        canary: how many questions a model are asked again when a run goes on, to notice that it has changed.
        yes: agree that the audio is sent to the services that the models belong to.
        retired: ask models that the catalogue calls retired.
        moved: go on although an alias means another snapshot by now.
        progress: show bars and the final counts.
        resume: the command to print when the run is interrupted.
        name: what the run is called, as in the title of its report; default: as before, or as its folder.

    Raises:
        RunError: the folder is in use, cannot be written, or holds a run over another dataset; a model is retired;
            an alias has moved; nobody agreed to send the audio.
        ModelError: a model cannot work: no key, a wrong one, a missing extra.
        UnknownNameError: a name that nothing bears.
        DatasetError: the dataset is not as it should be, or no sample has what the tasks need.
        KeyboardInterrupt: after an interrupt, when the requests in flight have come home.

    >>> import qaeval as qa
    >>> from tempfile import TemporaryDirectory
    >>> def mine(request):
    ...     return "He was not an ill disposed young man."
    >>> clips = qa.load("demo", language="en", limit=3)
    >>> with TemporaryDirectory() as folder:
    ...     run = qa.run(clips, "transcribe", [mine, "control/majority"], folder, progress=False)
    ...     replies = run.replies()
    >>> replies.groupby("model")["outcome"].value_counts().to_dict()
    {('control/majority', 'ok'): 3, ('mine', 'ok'): 3}
    """
    data = dataset_of(dataset)
    asked = questions(tasks, prompts)
    plan = Plan(asked, positive("repeats", repeats), plain(params or {}), fit, readers(asked))
    chosen = models_of(models, concurrency, catalogue_of(catalogue))
    budgets = Budgets.of(budget, chosen)
    limit = None if limit is None else positive("limit", limit)
    canary = positive("canary", canary) if canary else 0
    folder = RunFolder(out)
    old = _earlier(folder)
    asks = canary > 0 or not _is_done(old, plan, chosen, limit)
    agreed = look_ahead(old, folder.path, data.name, chosen, asks=asks, retired=retired, moved=moved, yes=yes)
    if progress:
        _tell_of_change(old, folder, data)
    about = {"name": data.name, "fingerprint": data.fingerprint, "limit": limit, "seed": seed}
    runner.execute(
        checked(order(data if limit is None else distinct(data), limit, seed), plan, limit),
        plan,
        chosen,
        folder,
        save_info=_recorder(folder, name, about, plan, chosen, agreed),
        budgets=budgets,
        limits=limits is not None,
        canary=canary,
        progress=progress,
        resume=resume,
    )
    return Run(out, [*(task for task, _ in plan.tasks), *plan.readers.values()])


def catalogue_of(given: Catalogue | Mapping[str, Mapping[str, Any]] | str | Path | None) -> Catalogue:
    """The catalogue that is meant: itself, the shipped one with changes, or with those of a file."""
    if isinstance(given, Catalogue):
        return given
    if isinstance(given, Mapping):
        return read_catalogue().overriding(given)
    return read_catalogue(given)


def _earlier(folder: RunFolder) -> dict[str, Any]:
    """What run.json says of earlier calls; nothing before the first."""
    return folder.read_info() if folder.info_path.exists() else {}


def _is_done(old: Mapping[str, Any], plan: Plan, chosen: Sequence[Model], limit: int | None) -> bool:
    """Whether an earlier call asked all of this and got its replies; then neither a key nor a network is needed."""
    if not old.get("complete") or old.get("failed") or old["dataset"].get("limit") != limit:
        return False
    prompts = {prompt.id for _, prompts in plan.tasks for prompt in prompts}
    asked = {name for task in old["tasks"].values() for name in task}
    same = (old.get("repeats"), old.get("params"), old.get("fit")) == (plan.repeats, dict(plan.params), plan.fit)
    return same and prompts <= asked and {model.name for model in chosen} <= {model["name"] for model in old["models"]}


def _tell_of_change(old: Mapping[str, Any], folder: RunFolder, data: Dataset) -> None:
    before = old.get("dataset", {})
    if before.get("name") == data.name and before.get("fingerprint") not in (None, data.fingerprint):
        print(
            f"The dataset {data.name!r} is not the one that {folder.path} was begun with: replies are kept, and the "
            "tables show the samples of this call."
        )


def _recorder(
    folder: RunFolder,
    name: str,
    asked: dict[str, Any],
    plan: Plan,
    chosen: Sequence[Model],
    agreed: Mapping[str, str],
) -> Callable[[dict[str, Any]], None]:
    """Writes what this call asks into run.json, beside what earlier calls asked."""

    def save(changes: dict[str, Any]) -> None:
        old = _earlier(folder)
        if old and old["dataset"]["name"] != asked["name"]:
            raise RunError(
                f"{folder.path} holds a run over the dataset {old['dataset']['name']!r}, not {asked['name']!r}; "
                "choose another folder (out=...)"
            )
        folder.write_info({**_info(old, name, asked, plan, chosen), "agreed": dict(agreed), **changes})

    return save


def _info(old: dict[str, Any], name: str, asked: dict[str, Any], plan: Plan, chosen: Sequence[Model]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    models = {model["name"]: model for model in old.get("models", [])}
    models |= {model.name: _facts(model, plan) for model in chosen}
    return {
        "qaeval": __version__,
        "python": platform.python_version(),
        "created": old.get("created", now),
        "changed": now,
        **({"name": called} if (called := name or old.get("name")) else {}),
        "dataset": asked,
        "tasks": _wordings(old.get("tasks", {}), plan),
        "models": list(models.values()),
        "repeats": plan.repeats,
        "params": dict(plan.params),
        "fit": plan.fit,
    }


def _wordings(old: Mapping[str, Mapping[str, Any]], plan: Plan) -> dict[str, dict[str, Any]]:
    """What each task was asked by, in all calls: a prompt is one of every task that its replies are scored by."""
    said = {name: dict(prompts) for name, prompts in old.items()}
    for task, prompts in plan.tasks:
        for prompt in prompts:
            for name in (task.name, *(other for other in prompt.also if other in plan.readers)):
                said.setdefault(name, {})[prompt.id] = _wording(prompt)
    return said


def _wording(prompt: Prompt) -> dict[str, Any]:
    return {"text": prompt.text, "system": prompt.system} | ({} if prompt.audio else {"audio": False})


def _facts(model: Model, plan: Plan) -> dict[str, Any]:
    return {
        "name": model.name,
        "endpoint": model.endpoint,
        "reads_prompt": model.reads_prompt,
        "params": dict(plan.params),
        "facts": dict(model.facts),
    }
