"""Ratios, means and sums along the last axis, with no division by nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def ratio(num: Any, den: Any) -> Any:
    """``num / den``; nan where the denominator is not above 0."""
    import numpy as np

    num, den = np.broadcast_arrays(np.asarray(num, float), np.asarray(den, float))
    return np.divide(num, den, out=np.full(num.shape, np.nan), where=den > 0)


def mean_of(values: Any, counts: Any) -> Any:
    """The mean along the last axis of the values that count."""
    import numpy as np

    return ratio(np.where(counts, values, 0.0).sum(axis=-1), counts.sum(axis=-1))


def summed(counts: NDArray[np.float64], keys: NDArray[np.int64], size: int) -> Any:
    """Sums along the last axis, of the columns with each key below ``size``."""
    import numpy as np

    total = np.zeros((*counts.shape[:-1], size))
    if len(keys):
        order = np.argsort(keys, kind="stable")
        found, starts = np.unique(keys[order], return_index=True)
        total[..., found] = np.add.reduceat(counts[..., order], starts, axis=-1)
    return total


def count(parts: Sequence[str], num: NDArray[np.float64], name: str) -> Any:
    """The numerators of one part; 0 where there is none of that name."""
    import numpy as np

    places = [i for i, part in enumerate(parts) if part == name]
    return num[..., places[0]] if places else np.zeros(num.shape[:-1])
