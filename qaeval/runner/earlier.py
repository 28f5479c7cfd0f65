"""What earlier calls of a run mean for this one: what they sent in the last minute, and what they spent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from qaeval.runner import canary
from qaeval.runner.bounds import OUTPUT_TOKENS, is_free, total
from qaeval.runner.budget import Accounts, Budgets, spending
from qaeval.runner.pacing import PERIOD_S, Pace
from qaeval.store import replies as stored
from qaeval.store.folder import RunFolder
from qaeval.terms import Terms
from qaeval.types import Model, RateLimits

_LONGEST_CALL_S = 600.0  # a request may have been in flight for so long when a run was killed
_CONTROLS = re.compile(r"^(control/\w+:)+")


def seeded(models: Sequence[Model], limits: bool, folder: RunFolder, cut_off: bool) -> list[Pace]:
    """The pace of each model, with what earlier calls sent in the last minute; a model and its controls share one.

    ``cut_off`` says that an earlier call may have left requests in flight: then each thread's place is taken.
    """
    paces: dict[str, Pace] = {}
    for model in models:
        if (name := _served(model.name)) not in paces:
            paces[name] = Pace(model.rates if limits else RateLimits())
            if limits and model.rates != RateLimits():
                paces[name].seed(_sent(name, model, folder, cut_off))
    return [paces[_served(model.name)] for model in models]


def _served(name: str) -> str:
    """The model that the service sees: a control asks its inner model."""
    return _CONTROLS.sub("", name)


def _sent(name: str, model: Model, folder: RunFolder, cut_off: bool) -> Iterator[tuple[float, int]]:
    """For each request of the last minute how long ago its answer came, in s, and its tokens."""
    now = datetime.now(UTC)
    most = 0
    for age, record in stored.recent([*stored.files(folder.replies), folder.path / canary.NAME], PERIOD_S, now):
        if _served(str(record.get("model", ""))) == name:
            attempts, tokens = record.get("attempts"), total(record.get("usage") or {})
            most = max(most, tokens)
            yield age, tokens
            for _ in range(attempts - 1 if isinstance(attempts, int) else 0):
                yield age, 0
    if cut_off and now.timestamp() - _touched(folder) < _LONGEST_CALL_S:
        for _ in range(model.concurrency):
            yield 0.0, most or model.max_output or OUTPUT_TOKENS


def _touched(folder: RunFolder) -> float:
    """When an earlier call last wrote a reply."""
    return max((path.stat().st_mtime for path in stored.files(folder.replies)), default=0.0)


def accounts(budgets: Budgets, models: Sequence[Model], folder: RunFolder) -> Accounts:
    """The accounts of the budgets, with what every record of the folder has cost; models of earlier calls included.

    Prices are today's, and for models that are not asked today those that run.json has.
    """
    info = folder.read_info() if folder.info_path.exists() else {"models": []}
    prices = {
        model["name"]: Terms.of(model["facts"]).prices
        for model in info["models"]
        if not is_free(model["name"], model["endpoint"], model["reads_prompt"])
    }
    prices |= {model.name: model.prices for model in models if model.name in prices}
    records = chain(stored.read(folder.replies), stored.lines(folder.path / canary.NAME))
    return Accounts(budgets, spending(records, prices))
