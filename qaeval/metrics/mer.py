"""Mixed error rate, for speech that switches between Chinese or Japanese and a language with spaces.

A token is a Chinese character, a kana, or a run of anything else between spaces (a Latin word, a number), as in the
SEAME and ASCEND evaluations. In a language with spaces it is the word error rate. Not jiwer's ``mer``, the match error
rate.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> case = Case(Annotation(text="打开wifi"), Annotation(text="打开WiFi吧"), "zh", find_profile())
>>> score(case)["insertions"]
Ratio(num=1, den=3)
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("mer", transcript)

METRIC = Metric("mer", "text", score, "lower", summary="mixed error rate: Chinese characters and kana, and words")
