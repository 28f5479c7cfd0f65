"""Mixed error rate of the reply as it came: nothing is unwrapped, so what a model says around it counts as insertions.

Convention and units as in `qaeval.metrics.mer`.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> truth = Annotation(text="打开wifi")
>>> score(Case(truth, truth, "zh", find_profile(), "内容:打开wifi"))
Ratio(num=2, den=3)
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("raw_mer", transcript)

METRIC = Metric("raw_mer", "text", score, "lower", summary="mixed error rate of the reply as it came")
