"""What clusters that are all alike leave open, where a value is made of classes: balanced accuracy and macro-F1."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from qaeval.reducers import BALANCED_ACCURACY, MACRO_F1, confused
from qaeval.scores import Floats, Ints, sums
from qaeval.stats.clustered import Estimate, Rows, by_group
from qaeval.types import Reducer

_NOISE = 1e-18
"""A variance below this is rounding."""


class _Answers(NamedTuple):
    """A model's answers, one a row: the classes that are true and told (-1: not one that is ever true), and weights."""

    true: Ints
    told: Ints
    cluster: Ints
    num: Floats


class _Side(NamedTuple):
    """A model's answers: what was told by class, and by cell (the clips of one class in one cluster) clips and hits."""

    told: Floats
    clips: Floats
    hits: Floats


class _Classes(NamedTuple):
    """The classes of the references: the class of each cell, and the same cells of each side."""

    number: int
    owner: Ints
    sides: list[_Side]

    def sums(self, cells: Floats) -> Floats:
        """By class."""
        return sums(self.owner, cells, self.number)

    @property
    def clips(self) -> Floats:
        """Of each class, how many: of all sides."""
        return self.sums(np.sum([side.clips for side in self.sides], axis=0))

    @property
    def clusters(self) -> Floats:
        """Of each class, as how many clusters of equal weight those count that it is in (L. Kish 1965)."""
        clips = np.sum([side.clips for side in self.sides], axis=0)
        counted: Floats = self.sums(clips) ** 2 / self.sums(clips**2)
        return counted


def effectives(
    reducers: Mapping[int, Reducer], rows: Rows, group: Ints, found: Mapping[int, Estimate]
) -> dict[int, float]:
    """What `effective` gives of each group of one side, nan where something varies; ``found`` are its estimates."""
    those = by_group(rows, group)
    return {
        number: effective(reducer, those(number), found[number].values[0]) if found[number].error == 0 else math.nan
        for number, reducer in reducers.items()
    }


def effective(reducer: Reducer, rows: Rows, value: float) -> float:
    """As how many clusters those of rows that are all alike count, for `qaeval.stats.intervals.bounded_interval`.

    Let class c of K count as ``G_c`` clusters of equal weight (L. Kish), with the share ``p_c`` of the clips. At least
    ``q_c = a ** (1 / G_c)`` of it is then as seen, for a = 0.025, in all classes at once: to see all of them alike is
    no more probable than to see one alike. From that follow limits which hold however the classes go together:

    - balanced accuracy of 0 or 1: a recall is off by ``1 - q_c`` at most, the mean by no more than with the harmonic
      mean of ``G_c``; between them, as of a model that always says the same: the least ``G_c``
    - macro-F1 of 1: what is wrong costs the precision of another class too, that of the rarest most:
      ``K / sum((1 + p_c / min(p)) / (2 G_c))``; of 0: what is right counts in numerator and denominator:
      ``K / sum(2 / G_c)``

    Nan for all else, of which nothing bounds what may happen in further clusters: kappa (what chance gives would change
    too), macro-F1 between 0 and 1, F1 of sets (false labels are without number), BLEU and chrF (so are false words),
    quantiles (amounts have no largest), the majority (a property of the clips). An accuracy beside them tells more.

    All is said of the classes that were seen: of one that was not, no data can tell.
    """
    counted = _classes(reducer, [rows])
    if counted is None or math.isnan(value):
        return math.nan
    clusters, share = counted.clusters, counted.clips
    at_bound = bool(np.isclose(value, 1)) or value == 0
    if reducer is BALANCED_ACCURACY:
        return float(len(clusters) / (1 / clusters).sum() if at_bound else clusters.min())
    costs = (1 + share / share.min()) / 2 if value else np.full(len(share), 2.0)
    return float(len(clusters) / (costs / clusters).sum()) if at_bound else math.nan


def least_error(reducer: Reducer, sides: Sequence[Rows]) -> float:
    """A standard error of one side's value, or of second minus first, to which rare classes add what they may hide.

    Of a class with few clips that are all right, no resample has one wrong; yet its recall is not known to be 1. The
    errors of the recalls are added up here as if classes had nothing to do with each other. That of a class which
    varies between clusters is the one of the delta method (`qaeval.stats`), or, if less, that of Jeffreys' posterior
    of a share: ``Beta(G d + 1/2, G (1 - d) + 1/2)``, for G clusters (L. Kish) and the share d of clips that are wrong
    (of two sides: on which they differ). That of a class which does not vary is the latter. L. D. Brown, T. T. Cai, A.
    DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16(2), 2001, for the prior.

    A macro-F1 changes with a recall by the slope of the class's F1, ``2 n (n + f) / (n + t) ** 2`` with n true, t told
    and f falsely told clips. 0 for all other reducers.
    """
    counted = _classes(reducer, sides)
    if counted is None:
        return 0.0
    deviation, apart, slope = np.zeros(len(counted.owner)), np.zeros(len(counted.owner)), np.zeros(counted.number)
    for sign, side in zip((-1, 1)[-len(sides) :], counted.sides, strict=True):
        clips, right = np.maximum(counted.sums(side.clips), 1e-12), counted.sums(side.hits)
        deviation += sign * (side.hits - (right / clips)[counted.owner] * side.clips) / clips[counted.owner]
        apart += sign * (side.hits if len(sides) > 1 else side.clips - side.hits)
        steep = 2 * clips * (clips + side.told - right) / (clips + side.told) ** 2
        slope = np.maximum(slope, steep if reducer is MACRO_F1 else 1.0)
    size = np.bincount(counted.owner)
    variance = size / np.maximum(size - 1, 1) * counted.sums(deviation**2)
    open_ = _variance(counted.clusters, counted.sums(np.abs(apart)) * len(sides) / counted.clips)
    variance = np.where(variance > _NOISE, np.minimum(variance, open_), open_)
    return float(np.sqrt((slope**2 * variance).sum())) / counted.number


def _variance(clusters: Floats, share: Floats) -> Floats:
    """Of Jeffreys' posterior of a share that was seen in so many clusters."""
    share = np.clip(share, 0, 1)
    against: Floats = (clusters * share + 0.5) * (clusters * (1 - share) + 0.5)
    return against / ((clusters + 1) ** 2 * (clusters + 2))


def _classes(reducer: Reducer, sides: Sequence[Rows]) -> _Classes | None:
    """None for a reducer of other parts, and without confusions."""
    if reducer not in (BALANCED_ACCURACY, MACRO_F1):
        return None
    pairs = [[confused(part) for part in side.parts] for side in sides]
    names = {name: place for place, name in enumerate(sorted({pair[0] for of in pairs for pair in of if pair}))}
    size = 1 + max(side.cluster.max(initial=0) for side in sides)
    answers = [_answers(side, of, names) for side, of in zip(sides, pairs, strict=True)]
    cells, where = np.unique(np.concatenate([of.true * size + of.cluster for of in answers]), return_inverse=True)
    if not len(cells):
        return None
    seen, owner = np.unique(cells // size, return_inverse=True)
    starts = np.cumsum([len(of.true) for of in answers])[:-1]
    tables = [
        _Side(
            sums(of.told[of.told >= 0], of.num[of.told >= 0], len(names))[seen],
            sums(cell, of.num, len(cells)),
            sums(cell, of.num * (of.told == of.true), len(cells)),
        )
        for of, cell in zip(answers, np.split(where, starts), strict=True)
    ]
    return _Classes(len(seen), owner, tables)


def _answers(side: Rows, pairs: Sequence[tuple[str, str] | None], names: Mapping[str, int]) -> _Answers:
    true = np.array([names[pair[0]] if pair else -1 for pair in pairs], np.int64)[side.part]
    told = np.array([names.get(pair[1], -1) if pair else -1 for pair in pairs], np.int64)[side.part]
    which = (true >= 0) & (side.num > 0)
    return _Answers(true[which], told[which], side.cluster[which], side.num[which])
