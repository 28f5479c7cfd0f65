"""Word error rate: (substitutions + deletions + insertions) / words of the reference.

Words are what white space separates after normalisation; see `qaeval.text.alignment` for the convention of counting.
Chinese, Cantonese and Japanese are written without such spaces, so there is no row for them, nor, where the language is
not known, for references with Chinese characters or kana: see `cer` and `mer`. Above 1 when more is added than said.
A refusal (`qaeval.text.replies.outcomes`) counts as no words at all.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> case = Case(Annotation(text="It isn't so."), Annotation(text="It is so."), "en", find_profile())
>>> score(case)["deletions"]
Ratio(num=1, den=4)
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("wer", transcript)

METRIC = Metric("wer", "text", score, "lower", summary="word error rate (languages that put spaces between words)")
