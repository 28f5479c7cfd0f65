"""chrF of translations, 0 to 100: exactly what ``sacrebleu.corpus_chrf`` gives for all replies together.

Signature ``case:mixed|eff:yes|nc:6|nw:0|space:no``: character n-grams up to 6, no words, beta 2, spaces left out
(M. Popović 2015; sacrebleu 2). It needs no tokeniser, so languages compare better than by BLEU. The texts are not
normalised by a profile. Of several references the one with the highest chrF counts. A reply without a translation is
an empty one.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, told = (Annotation(labels={"translation": (text,)}) for text in ("It rains.", "It rained."))
>>> found = score(Case(truth, told, "zh", find_profile()))
>>> found["match-1"], found["hyp-1"], found["ref-1"]
(Ratio(num=7, den=1), Ratio(num=9, den=1), Ratio(num=8, den=1))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qaeval.metrics._written import hypothesis, references
from qaeval.reducers import CHRF
from qaeval.types import Case, Metric, Ratio

ORDERS = range(1, 7)


def score(case: Case) -> dict[str, Ratio] | None:
    """The n-grams of both sides and those they share, as counts; None where there is no reference."""
    truths = references(case, "translation")
    if not truths:
        return None
    said = _ngrams(hypothesis(case, "translation"))
    found = [_counts(said, _ngrams(truth)) for truth in truths]
    counted = found[0] if len(found) == 1 else max(found, key=_value)
    return {"": Ratio(1, 1), **{part: Ratio(count, 1) for part, count in counted.items()}}


def _ngrams(text: str) -> list[Counter[str]]:
    text = "".join(text.split())
    return [Counter(text[i : i + n] for i in range(len(text) - n + 1)) for n in ORDERS]


def _counts(said: Sequence[Counter[str]], truth: Sequence[Counter[str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for n, ours, theirs in zip(ORDERS, said, truth, strict=True):
        counts |= {
            f"match-{n}": (ours & theirs).total(),
            f"hyp-{n}": ours.total() if theirs else 0,  # sacrebleu's rule: no n-gram could have matched
            f"ref-{n}": theirs.total(),
        }
    return counts


def _value(counts: dict[str, int]) -> float:
    import numpy as np

    amounts = np.array(list(counts.values()), float)
    return float(CHRF.value(list(counts), amounts, np.ones_like(amounts)))


METRIC = Metric(
    "chrf",
    "translation",
    score,
    "higher",
    "points",
    "chrF2 of translations, as sacrebleu (case:mixed|eff:yes|nc:6|nw:0|space:no)",
    reduce=CHRF,
)
