"""Values of a table of confusions: which class was told where which was true."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from qaeval.reducers._arithmetic import mean_of, ratio, summed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_ARROW, _SAFE = "→", "\\→"
_FIRST_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def confusion(reference: str, hypothesis: str) -> str:
    r"""The name of the part that counts replies of one class taken for another; `confused` is its inverse.

    >>> confusion("male", "female"), confusion("a → b", "c")
    ('male → female', 'a \\→ b → c')
    """
    return f" {_ARROW} ".join(label.replace(_ARROW, _SAFE) for label in (reference, hypothesis))


def confused(part: str) -> tuple[str, str] | None:
    """The reference and the hypothesis of a part that `confusion` named; None for any other part.

    >>> confused(confusion("a → b", "c")), confused("hits")
    (('a → b', 'c'), None)
    """
    reference, arrow, hypothesis = part.partition(f" {_ARROW} ")
    return (reference.replace(_SAFE, _ARROW), hypothesis.replace(_SAFE, _ARROW)) if arrow else None


class _Confusions(NamedTuple):
    """Counts by class, (..., classes): in the references, in the hypotheses, and in both at once.

    ``codes`` are the classes of reference and hypothesis of each pair, ``counts`` (..., pairs) how often it occurs.
    """

    classes: list[str]
    codes: NDArray[np.int64]
    counts: Floats
    reference: Floats
    hypothesis: Floats
    hits: Floats

    @property
    def total(self) -> Any:
        return self.counts.sum(axis=-1)


def _confusions(parts: Sequence[str], num: Floats) -> _Confusions:
    import numpy as np

    pairs = {i: pair for i, part in enumerate(parts) if (pair := confused(part))}
    classes = sorted({label for pair in pairs.values() for label in pair})
    place = {label: i for i, label in enumerate(classes)}
    codes = np.array([[place[label] for label in pair] for pair in pairs.values()], np.int64).reshape(-1, 2)
    counts = num[..., list(pairs)]
    alike = codes[:, 0] == codes[:, 1]
    by_reference, by_hypothesis = (summed(counts, codes[:, side], len(classes)) for side in (0, 1))
    hits = summed(counts[..., alike], codes[alike, 0], len(classes))
    return _Confusions(classes, codes, counts, by_reference, by_hypothesis, hits)


def macro_f1(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """Of the classes that occur in the references; one that is only told is a miss of the true class, without an F1.

    As scikit-learn's ``f1_score(average="macro", labels=<classes of the references>)``.
    """
    seen = _confusions(parts, num)
    return mean_of(ratio(2 * seen.hits, seen.reference + seen.hypothesis), seen.reference > 0)


def balanced_accuracy(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """The mean recall of the classes that occur in the references; as scikit-learn's ``balanced_accuracy_score``."""
    seen = _confusions(parts, num)
    return mean_of(ratio(seen.hits, seen.reference), seen.reference > 0)


def majority(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """The accuracy of always telling the class that is commonest in the references."""
    seen = _confusions(parts, num)
    return ratio(seen.reference.max(axis=-1, initial=0), seen.total)


def kappa(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """(observed - expected agreement) / (1 - expected), J. Cohen 1960; an abstention is a class of the hypotheses.

    As scikit-learn's ``cohen_kappa_score``. Nan where all is one class, in references and hypotheses.
    """
    seen = _confusions(parts, num)
    expected = (seen.reference * seen.hypothesis).sum(axis=-1)
    return ratio(seen.hits.sum(axis=-1) * seen.total - expected, seen.total**2 - expected)


def quadratic_kappa(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """1 - observed / expected squared distance, between the first numbers of the class names (``20-29``: 20).

    For equally spaced classes that is the usual quadratic weight of their ranks (J. Cohen 1968; scikit-learn's
    ``cohen_kappa_score(weights="quadratic")`` given all of them). A class without a number, such as an abstention, is
    as far from every other as the references are from each other at most, and so agrees no better than chance. Nan
    where no reference has a number, or all is one class.
    """
    import numpy as np

    seen = _confusions(parts, num)
    found = [_FIRST_NUMBER.search(label) for label in seen.classes]
    at = np.array([float(match[0]) if match else np.nan for match in found])
    occurs = (seen.reference > 0) & ~np.isnan(at)
    ends = [
        np.where(occurs, at, -np.inf).max(axis=-1, initial=-np.inf),
        np.where(occurs, -at, -np.inf).max(axis=-1, initial=-np.inf),
    ]
    farthest = np.square(np.where(occurs.any(axis=-1), ends[0] + ends[1], np.nan))
    apart = np.square(at[:, None] - at)
    nowhere = np.isnan(apart) & ~np.eye(len(at), dtype=bool)
    far = np.where(np.isnan(apart), 0.0, apart)

    def distance(pairs: Any) -> Any:
        return pairs(far) + farthest * pairs(nowhere.astype(float))

    observed = distance(lambda weight: (seen.counts * weight[seen.codes[:, 0], seen.codes[:, 1]]).sum(axis=-1))
    expected = distance(lambda weight: ((seen.reference @ weight) * seen.hypothesis).sum(axis=-1))
    return 1 - ratio(observed * seen.total, expected)
