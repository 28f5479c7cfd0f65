"""BLEU and chrF of a corpus, from the counts of its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qaeval.reducers._arithmetic import count, mean_of, ratio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def bleu(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """Corpus BLEU, 0 to 100, as sacreBLEU's default: up to 4-grams, smoothing ``exp``, no effective order.

    K. Papineni et al. 2002; M. Post, "A Call for Clarity in Reporting BLEU Scores", WMT 2018. Nan without references.
    """
    import numpy as np

    said, truth = count(parts, num, "hypothesis"), count(parts, num, "reference")
    doubled, logarithms = np.ones(num.shape[:-1]), np.zeros(num.shape[:-1])
    whole, some = said > 0, np.zeros(num.shape[:-1], bool)
    for n in range(1, 5):
        match, total = count(parts, num, f"match-{n}"), count(parts, num, f"total-{n}")
        doubled = np.where(match > 0, doubled, 2 * doubled)
        smoothed = np.where(match > 0, match, 1 / doubled)  # without a match: half of one, then a quarter ...
        logarithms = logarithms + np.log(np.where(total > 0, ratio(smoothed, total), 1.0))
        whole, some = whole & (total > 0), some | (match > 0)
    brevity = np.minimum(0.0, 1 - np.where(said > 0, ratio(truth, said), 1.0))
    score = np.where(whole & some, 100 * np.exp(brevity + logarithms / 4), 0.0)
    return np.where(truth > 0, score, np.nan)


def chrf(parts: Sequence[str], num: Floats, den: Floats) -> Any:
    """Corpus chrF2, 0 to 100, as sacreBLEU's default: character 1- to 6-grams, beta 2, no words, effective order.

    M. Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015. Nan without references.
    """
    import numpy as np

    orders = [[count(parts, num, f"{kind}-{n}") for n in range(1, 7)] for kind in ("match", "hyp", "ref")]
    match, said, truth = (np.stack(counts, axis=-1) for counts in orders)
    effective = (said > 0) & (truth > 0)
    precision, recall = (np.nan_to_num(mean_of(ratio(match, of), effective)) for of in (said, truth))
    score = np.nan_to_num(ratio(100 * 5 * precision * recall, 4 * precision + recall))
    return np.where(truth[..., 0] > 0, score, np.nan)
