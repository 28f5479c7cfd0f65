"""Weighted quantiles: the median and the ninetieth percentile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qaeval.types import Reducer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SLACK = 1e-9
"""A share of the weight that is reached up to this is reached exactly: sums of weights are rounded."""


def quantile(name: str, share: float) -> Reducer:
    """The amount that ``share`` of the weight lies at or below; if reached exactly, the mean of it and the next amount.

    The amount of a row is num / den, its weight den. That is the median as everyone knows it for a share of 0.5, and
    numpy's method ``averaged_inverted_cdf`` (R. J. Hyndman, Y. Fan, "Sample Quantiles in Statistical Packages",
    American Statistician 50(4), 1996, definition 2) for equal weights: saying everything twice leaves it as it is.

    >>> import numpy as np
    >>> float(quantile("median", 0.5).value("1234", np.array([1.0, 4.0, 2.0, 9.0]), np.ones(4)))
    3.0
    """

    def value(parts: Sequence[str], num: Floats, den: Floats) -> Any:
        import numpy as np

        if not len(parts):
            return np.full(num.shape[:-1], np.nan)
        amounts = np.divide(num, den, out=np.full(num.shape, -np.inf), where=den > 0)
        if not ((amounts == np.maximum.accumulate(amounts, axis=-1)) | (den <= 0)).all():
            order = np.argsort(amounts, axis=-1, kind="stable")
            amounts, den = (np.take_along_axis(each, order, axis=-1) for each in (amounts, den))
        reached = np.cumsum(den, axis=-1)
        total = reached[..., -1:]
        ends = (reached >= (share - _SLACK) * total, reached > (share + _SLACK) * total)
        at = [np.take_along_axis(amounts, np.argmax(end, axis=-1)[..., None], axis=-1) for end in ends]
        return np.where(total > 0, (at[0] + at[1]) / 2, np.nan)[..., 0]

    return Reducer(name, value, each=True)
