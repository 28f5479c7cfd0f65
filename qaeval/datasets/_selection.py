"""Which samples of a dataset are meant: a filter, and a sample of them that grows without changing."""

from __future__ import annotations

import hashlib
import heapq
import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, SupportsIndex, TypeGuard

from qaeval import registry
from qaeval.errors import DatasetError
from qaeval.types import Dataset, Sample

Where = Mapping[str, Any] | Callable[[Sample], bool]
OPTIONS = ("where", "limit", "seed", "stratify")


def select(
    dataset: Dataset, where: Where | None = None, limit: int | None = None, seed: int = 0, stratify: str | None = None
) -> Dataset:
    """The same dataset with fewer samples; its fingerprint says which.

    Args:
        dataset: what to choose from.
        where: values by column: ``{"accent": "us", "age": ["twenties", "thirties"]}``, or a test of the value
            (``{"snr": lambda snr: snr > 10}``), or one function of the sample. Columns are those of meta, ``language``,
            ``id``, and ``labels.NAME``, of which a sample must have one of the values.
        limit: so many samples: a prefix of an order seeded by a hash of the id, so that 200 is contained in 500. They
            come in that order; without a limit all come in the order of the dataset.
        seed: of that order.
        stratify: a column whose values are to come equally often, as far as there are samples of each.

    Raises `DatasetError` for an option that is not so, for a limit below 1, for ``stratify`` without a limit, and while
    reading, for a column that no sample has, a test that fails of a sample, and when no sample is left.

    >>> clips = Dataset("mine", lambda: [Sample(c, f"{c}.wav", meta={"fold": "ab".index(c) + 1}) for c in "ab"])
    >>> [clip.id for clip in select(clips, where={"fold": 2})]
    ['b']
    """
    _check(where, limit, seed, stratify)
    if stratify is not None and limit is None:
        raise DatasetError(f"stratify={stratify!r} chooses among samples: say with limit= how many")
    chosen = _Selection(where, limit, seed, stratify)
    if where is None and limit is None:
        return dataset
    return Dataset(dataset.name, partial(chosen.read, dataset), lambda: f"{dataset.fingerprint} {chosen.told}".strip())


def _check(where: object, limit: object, seed: object, stratify: object) -> None:
    """Raises `DatasetError` for an option that is none, whoever gave it: Python, a benchmark or the command line."""
    if isinstance(where, Mapping):
        if odd := [name for name in where if not isinstance(name, str)]:
            raise DatasetError(f"where: expected names of columns, seen {odd[0]!r:.80}")
    elif where is not None and not callable(where):
        raise DatasetError(
            'where: expected columns with their values, such as {"accent": "us"} (in TOML and after --option '
            f'where={{accent = "us"}}), or a function of the sample, seen {where!r:.80}'
        )
    if limit is not None and not (_is_whole(limit) and operator.index(limit) >= 1):
        raise DatasetError(f"limit: expected a whole number of 1 or more, seen {limit!r:.80}")
    if not _is_whole(seed):
        raise DatasetError(f"seed: expected a whole number, seen {seed!r:.80}")
    if stratify is not None and not (isinstance(stratify, str) and stratify):
        raise DatasetError(f'stratify: expected the name of a column, such as "accent", seen {stratify!r:.80}')


def _is_whole(number: object) -> TypeGuard[SupportsIndex]:
    return hasattr(number, "__index__") and not isinstance(number, bool)


def order(samples: Iterable[Sample], limit: int | None, seed: int) -> Iterator[Sample]:
    """The first ``limit`` samples in an order seeded by a hash of the id, so that 200 is contained in 500.

    Without a limit the samples come in the order of the dataset.
    """
    yield from samples if limit is None else heapq.nsmallest(limit, samples, key=partial(_place, seed))


def _place(seed: int, sample: Sample) -> bytes:
    return hashlib.sha256(f"{seed}:{sample.id}".encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class _Selection:
    where: Where | None
    limit: int | None
    seed: int
    stratify: str | None

    @property
    def told(self) -> str:
        """What was chosen, for a fingerprint."""
        parts = [f"where {_told(self.where)}"] if self.where is not None else []
        if self.limit is not None:
            parts.append(f"limit {self.limit} seed {self.seed}")
        return ", ".join([*parts, *([f"stratified by {self.stratify}"] if self.stratify else [])])

    def read(self, dataset: Dataset) -> Iterator[Sample]:
        """A new pass over what is meant."""
        found = self._filtered(dataset)
        if self.stratify is None or self.limit is None:
            found = order(found, self.limit, self.seed)
        else:
            found = _balanced(found, self.stratify, self.limit, self.seed)
        sample = None
        for sample in found:
            yield sample
        if sample is None:
            raise DatasetError(f"{dataset.name}: no sample is left; {self.told} chose none")

    def _filtered(self, dataset: Dataset) -> Iterator[Sample]:
        if self.where is None or callable(self.where):
            test = self.where
            yield from dataset if test is None else (each for each in dataset if _passes(each, "", test, each))
            return
        unseen = set(self.where)
        for sample in dataset:
            unseen = {name for name in unseen if not _has(sample, name)} if unseen else unseen
            if all(_fits(sample, name, wanted) for name, wanted in self.where.items()):
                yield sample
        if unseen:
            raise registry.unknown("column of the samples in where", unseen.pop(), _columns(dataset))


def _balanced(samples: Iterable[Sample], column: str, limit: int, seed: int) -> Iterator[Sample]:
    """Samples of the strata in turn: the first of each in the seeded order, then the second of each, and so on."""
    strata: defaultdict[Any, list[tuple[bytes, int, Sample]]] = defaultdict(list)
    known = False
    for number, sample in enumerate(samples):
        known = known or _has(sample, column)
        stratum, place = strata[_value(sample, column)], _place(seed, sample)
        kept = (_last(place), number, sample)
        if len(stratum) < limit:
            heapq.heappush(stratum, kept)
        elif kept > stratum[0]:
            heapq.heapreplace(stratum, kept)
    if strata and not known:
        names = (name for stratum in strata.values() for _, _, sample in stratum for name in _names(sample))
        raise registry.unknown("column of the samples in stratify", column, set(names))
    turns = [
        (turn, _place(seed, sample), sample)
        for stratum in strata.values()
        for turn, (_, _, sample) in enumerate(sorted(stratum, key=lambda kept: kept[0], reverse=True))
    ]
    yield from (sample for _, _, sample in heapq.nsmallest(limit, turns, key=lambda turn: turn[:2]))


def _last(place: bytes) -> bytes:
    """A place in the opposite order: a heap gives its smallest away, which here is the one to come last."""
    return bytes(255 - byte for byte in place)


def _value(sample: Sample, column: str) -> Any:
    if column == "id":
        return sample.id
    if column.startswith("labels."):
        return sample.reference.labels.get(column[7:])
    return sample.meta.get(column)


def _has(sample: Sample, column: str) -> bool:
    return column in _names(sample)


def _names(sample: Sample) -> list[str]:
    return ["id", *sample.meta, *(f"labels.{name}" for name in sample.reference.labels)]


def _columns(dataset: Dataset) -> list[str]:
    return sorted({name for sample in dataset for name in _names(sample)})


def _fits(sample: Sample, column: str, wanted: Any) -> bool:
    value = _value(sample, column)
    if callable(wanted):
        return _passes(sample, column, wanted, value)
    values = wanted if isinstance(wanted, Collection) and not isinstance(wanted, str | bytes) else (wanted,)
    return any(one in values for one in value) if isinstance(value, tuple) else value in values


def _passes(sample: Sample, column: str, test: Callable[[Any], object], value: object) -> bool:
    """What the user's test says. Raises `DatasetError` naming the sample where it raises: its value may be missing."""
    try:
        return bool(test(value))
    except Exception as error:
        what = f"of {column!r}, which is {value!r:.80}, " if column else ""
        told = f"where: the test {what}of sample {sample.id!r} raised {type(error).__name__}: {error}"
        raise DatasetError(told) from error


def _told(where: Where) -> str:
    """What identifies a filter: values as they are written, functions by their code."""
    if not isinstance(where, Mapping):
        return _code(where)
    said = {name: _code(wanted) if callable(wanted) else wanted for name, wanted in sorted(where.items())}
    ordered = {
        name: sorted(value, key=repr) if isinstance(value, set | frozenset) else value for name, value in said.items()
    }
    return repr(ordered)


def _code(function: Callable[..., Any]) -> str:
    code = getattr(function, "__code__", None)
    if code is None:
        return repr(getattr(function, "__qualname__", type(function).__qualname__))
    named = [code.co_code, code.co_names, [const for const in code.co_consts if not hasattr(const, "co_code")]]
    return f"function {hashlib.sha256(repr(named).encode()).hexdigest()[:8]}"
