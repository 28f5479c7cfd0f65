"""Budgets: the most that a run may spend, of tokens, money and calls, all calls of its folder together.

A request is sent only if what is spent, what those in flight may need, and what it may need itself, fit together. What
earlier calls spent is read from the journal: the usage of every record, at the model's prices. What was in flight when
a run was killed, and attempts that broke off without saying what they used, are not in it; the latter count at their
upper bound while the call lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from qaeval.errors import RunError
from qaeval.naming import model_named
from qaeval.runner.bounds import is_free, total
from qaeval.runner.waiting import Ending
from qaeval.types import Model, Prices

_NANO = 1_000_000_000


class OverBudget(Exception):
    """A request does not fit into a budget; the message says what is spent, what it needs, and how to raise it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most tokens (in and out), money (CNY) and calls (attempts on the wire) that may be spent; None: no limit.

    Raises `RunError` for what is no number above 0.
    """

    tokens: int | None = None
    money: float | None = None
    calls: int | None = None

    def __post_init__(self) -> None:
        for name, kind in (("tokens", int), ("money", int | float), ("calls", int)):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, kind) or not value > 0):
                what = "a number of CNY" if name == "money" else "a whole number"
                raise RunError(f"budget: {name} must be {what} above 0, seen {value!r}")


@dataclass(frozen=True, slots=True)
class Budgets:
    """The budget of a whole run, and those of single models by their names. Local engines spend nothing."""

    run: Budget = Budget()
    models: Mapping[str, Budget] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, Any] | None, models: Sequence[Model]) -> Budgets:
        """What a user says: ``tokens``, ``money``, ``calls``, and the same by name (full or bare) under ``models``.

        Raises `RunError` for an unknown key, a value that is no number above 0, and money for a model whose prices are
        not known; `UnknownNameError` for a model that is not asked.

        >>> Budgets.of({"models": {"turbo": {"calls": 3}}}, [Model("dashscope/turbo", ask=str)]).models
        {'dashscope/turbo': Budget(tokens=None, money=None, calls=3)}
        """
        given = _mapping("budget", given or {})
        by_model = _mapping("budget.models", given.get("models", {}))
        rest = {name: value for name, value in given.items() if name != "models"}
        names = [model.name for model in models]
        found = {model_named(name, names): _budget(f"budget.models.{name}", value) for name, value in by_model.items()}
        budgets = cls(_budget("budget", rest), found)
        for model in models:
            budgets._check(model)
        return budgets

    def _check(self, model: Model) -> None:
        own = self.models.get(model.name)
        free = is_free(model.name, model.endpoint, model.reads_prompt)
        if own and free:
            raise RunError(f"budget.models: {model.name} runs on this machine and spends nothing; leave it out")
        if (self.run.money or (own and own.money)) and model.prices is None and not free:
            raise RunError(
                f"budget: money needs the prices of {model.name}, which are not known; give them in the catalogue, or "
                "limit its tokens or calls instead"
            )

    @property
    def any(self) -> bool:
        """Whether anything is limited."""
        return any(budget != Budget() for budget in (self.run, *self.models.values()))


def _mapping(where: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise RunError(f"{where}: expected a mapping of tokens, money and calls, seen {given!r}")
    return given


def _budget(where: str, given: Any) -> Budget:
    known = ("tokens", "money", "calls")
    for name in _mapping(where, given):
        if name not in known:
            also = ", models" if where == "budget" else ""
            raise RunError(f"{where}: unknown key {name!r}; expected {', '.join(known)}{also}")
    try:
        return Budget(**given)
    except RunError as error:
        raise RunError(str(error).replace("budget", where, 1)) from None


class Cost(NamedTuple):
    """What was spent, or may be: tokens, money in 1e-9 CNY (whole numbers, so that sums are exact), calls."""

    tokens: int = 0
    nanos: int = 0
    calls: int = 0

    @classmethod
    def of(cls, usage: Mapping[str, Any], prices: Prices | None, seconds: float | None, calls: int) -> Cost:
        """The cost of a usage. ``seconds`` is how much audio was sent, which some services charge for."""
        counts = {name: count for name, count in usage.items() if isinstance(count, int)}
        money = prices.cost(counts, seconds or 0.0) if prices and counts else 0.0
        return cls(total(usage), round(money * _NANO), calls)

    def plus(self, other: Cost) -> Cost:
        """The sum."""
        return Cost(self.tokens + other.tokens, self.nanos + other.nanos, self.calls + other.calls)

    def minus(self, other: Cost) -> Cost:
        """The difference."""
        return Cost(self.tokens - other.tokens, self.nanos - other.nanos, self.calls - other.calls)


class _Account:
    """One budget, what is spent of it, and what those in flight may need."""

    def __init__(self, whose: str, budget: Budget, spent: Cost) -> None:
        self.whose = whose
        self.spent = spent
        self.held = Cost()
        nanos = None if budget.money is None else round(budget.money * _NANO)
        self._limits = (budget.tokens, nanos, budget.calls)

    def lacks(self, need: Cost, held: Cost) -> int | None:
        """Which of tokens, money and calls would not suffice; None: all do."""
        wanted = self.spent.plus(held).plus(need)
        for which, (amount, limit) in enumerate(zip(wanted, self._limits, strict=True)):
            if limit is not None and amount > limit:
                return which
        return None

    def reason(self, which: int, need: Cost) -> str:
        unit, scale = (("tokens", 1), ("CNY", _NANO), ("calls", 1))[which]
        limit = (self._limits[which] or 0) / scale
        key = ("tokens", "money", "calls")[which]
        return (
            f"over the budget of {self.whose}: {self.spent[which] / scale:g} of {limit:g} {unit} are spent, and this "
            f"request may need {need[which] / scale:g}; to go on, raise {key!r} in budget="
            + ("" if which == 2 else ", or lower what an answer may have: params={'max_tokens': ...}")
        )


class Accounts:
    """What is spent of the budgets, for the threads of all lanes."""

    def __init__(self, budgets: Budgets, spent: Mapping[str, Cost]) -> None:
        self.changed = threading.Condition(threading.Lock())
        whole = Cost()
        for cost in spent.values():
            whole = whole.plus(cost)
        self._run = [_Account("the run", budgets.run, whole)] if budgets.run != Budget() else []
        self._models = {
            name: _Account(name, budget, spent.get(name, Cost())) for name, budget in budgets.models.items()
        }

    def _of(self, model: str) -> list[_Account]:
        return self._run + ([self._models[model]] if model in self._models else [])

    def reserve(self, model: str, need: Cost, ending: Ending) -> None:
        """Sets aside what a request may need; waits for those in flight where it may fit once they are done.

        Raises `OverBudget` when it does not fit whatever they use, and `Ended`.
        """
        accounts = self._of(model)
        with self.changed:
            while any(account.lacks(need, account.held) is not None for account in accounts):
                for account in accounts:
                    if (which := account.lacks(need, Cost())) is not None:
                        raise OverBudget(account.reason(which, need))
                ending.wait(self.changed)
            for account in accounts:
                account.held = account.held.plus(need)

    def settle(self, model: str, need: Cost, cost: Cost) -> None:
        """Says what a request has spent in the place of what was set aside for it."""
        with self.changed:
            for account in self._of(model):
                account.held = account.held.minus(need)
                account.spent = account.spent.plus(cost)
            self.changed.notify_all()


def spending(records: Iterable[Mapping[str, Any]], prices: Mapping[str, Prices | None]) -> dict[str, Cost]:
    """What the records of a journal have cost, by model; of models that ``prices`` does not name nothing is counted.

    >>> spending([{"model": "m", "usage": {"input_tokens": 9}, "attempts": 2}], {"m": Prices(text_in=2)})
    {'m': Cost(tokens=9, nanos=18000, calls=2)}
    >>> spending([{"model": "m", "usage": {"input_tokens": 9}, "lost": {"input_tokens": 8}}], {"m": None})
    {'m': Cost(tokens=17, nanos=0, calls=1)}
    """
    spent: dict[str, Cost] = {}
    for record in records:
        if (name := str(record.get("model"))) in prices:
            calls = record.get("attempts")
            sent = calls if isinstance(calls, int) else 1
            cost = Cost.of(_usage(record, "usage"), prices[name], record.get("sent_seconds"), sent)
            lost = Cost.of(_usage(record, "lost"), prices[name], None, 0)
            spent[name] = spent.get(name, Cost()).plus(cost).plus(lost)
    return spent


def _usage(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    known = record.get(name)
    return known if isinstance(known, Mapping) else {}
