"""As how many clusters those count that are all alike, where a value is made of classes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from qaeval.reducers import BALANCED_ACCURACY, MACRO_F1, confused
from qaeval.scores import Floats, Ints, sums
from qaeval.stats.resampling import Estimate, Rows, by_group
from qaeval.types import Reducer


def effectives(
    reducers: Mapping[int, Reducer], rows: Rows, group: Ints, found: Mapping[int, Estimate]
) -> dict[int, float]:
    """What `effective` gives of each group of one side, nan where something varies; ``found`` is of `estimates`."""
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
    counted = _clusters_of_classes(rows) if reducer in (BALANCED_ACCURACY, MACRO_F1) else None
    if counted is None or math.isnan(value):
        return math.nan
    clusters, share = counted
    at_bound = bool(np.isclose(value, 1)) or value == 0
    if reducer is BALANCED_ACCURACY:
        return float(len(clusters) / (1 / clusters).sum() if at_bound else clusters.min())
    costs = (1 + share / share.min()) / 2 if value else np.full(len(share), 2.0)
    return float(len(clusters) / (costs / clusters).sum()) if at_bound else math.nan


def _clusters_of_classes(rows: Rows) -> tuple[Floats, Floats] | None:
    """Of each class of the references, as how many clusters it counts, and its weight; None without confusions."""
    pairs = [confused(part) for part in rows.parts]
    classes = {name: place for place, name in enumerate(sorted({pair[0] for pair in pairs if pair}))}
    code = np.array([classes[pair[0]] if pair else -1 for pair in pairs], np.int64)[rows.part]
    which = (code >= 0) & (rows.num > 0)
    if not which.any():
        return None
    size = rows.cluster.max() + 1
    cells, where = np.unique(code[which] * size + rows.cluster[which], return_inverse=True)
    weight = sums(where, rows.num[which], len(cells))
    total, squares = (sums(cells // size, each, len(classes)) for each in (weight, weight**2))
    seen = total > 0
    return total[seen] ** 2 / squares[seen], total[seen]
