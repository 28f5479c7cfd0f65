"""Word error rate: (substitutions + deletions + insertions) / words of the reference.

Words are what white space separates after normalisation; see `qaeval.text.alignment` for the convention of counting.
Chinese, Cantonese and Japanese are written without such spaces, so there is no row for them, nor, where the language is
not known, for references with Chinese characters or kana: see `cer` and `mer`. Above 1 when more is added than said.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> case = Case(Annotation(text="It isn't so."), Annotation(text="It is so."), "en", find_profile())
>>> score(case)["deletions"]
Ratio(num=1, den=4)
"""

from __future__ import annotations

from qaeval.metrics._rates import error_rate
from qaeval.text.tokens import UNSPACED, has_cjk, words
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """The rate and its counts, over the words of the reference."""
    if case.language in UNSPACED or (not case.language and has_cjk(case.reference.text or "")):
        return None
    return error_rate(case, words)


METRIC = Metric("wer", "text", score, "lower", summary="word error rate (languages that put spaces between words)")
