"""F1 of sets of labels, from their counts of right, false and missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qaeval.reducers._arithmetic import count, mean_of, ratio, summed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_KINDS = ("tp", "fp", "fn")


def micro_f1(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """2 tp / (2 tp + fp + fn), of counts that were summed first; nan where nothing is true and nothing told."""
    right, false, missed = (count(parts, num, name) for name in _KINDS)
    return ratio(2 * right, 2 * right + false + missed)


def macro_f1_sets(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """The mean F1 of the labels that occur in the references (tp + fn > 0)."""
    import numpy as np

    labels = sorted({part[3:] for part in parts if part[:3] in ("tp:", "fp:", "fn:")})
    place = {label: i for i, label in enumerate(labels)}
    sums = []
    for kind in _KINDS:
        columns = [i for i, part in enumerate(parts) if part.startswith(f"{kind}:")]
        keys = np.array([place[parts[i][3:]] for i in columns], np.int64)
        sums.append(summed(num[..., columns], keys, len(labels)))
    right, false, missed = sums
    return mean_of(ratio(2 * right, 2 * right + false + missed), right + missed > 0)
