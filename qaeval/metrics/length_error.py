"""How far the length of a text is from that of the reference, as a part of it: |reply - reference| / reference.

Lengths are in tokens (Chinese characters, kana, words between spaces) of the texts normalised by the profile; of
several references the nearest length counts, the shorter of two equally near, as in BLEU. Summed over the replies
first. The part ``ratio`` is the length of the replies over that of the references: 1.5 is half as long again. A reply
without a text has the length 0.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, told = (Annotation(labels={"summary": (text,)}) for text in ("two people talk", "they talk"))
>>> on("summary").score(Case(truth, told, "en", find_profile()))
{'': Ratio(num=1, den=3), 'ratio': Ratio(num=2, den=3)}
"""

from __future__ import annotations

import functools

from qaeval.metrics._written import hypothesis, language_of, references, tokens
from qaeval.types import Case, Metric, Ratio


@functools.cache
def on(field: str) -> Metric:
    """The metric of one label that holds texts."""

    def score(case: Case) -> dict[str, Ratio] | None:
        lengths = [pair for truth in references(case, field) if (pair := _lengths(case, truth, field))[0]]
        if not lengths:
            return None
        true, told = min(lengths, key=lambda pair: (abs(pair[1] - pair[0]), pair[0]))
        return {"": Ratio(abs(told - true), true), "ratio": Ratio(told, true)}

    return Metric("length_error", field, score, "lower", summary="how much longer or shorter than the reference")


def _lengths(case: Case, truth: str, field: str) -> tuple[int, int]:
    language = language_of(truth, case.language)
    return len(tokens(case, truth, language)), len(tokens(case, hypothesis(case, field), language))


METRIC = on("summary")
