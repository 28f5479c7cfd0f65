"""Character error rate of the reply as it came: nothing is unwrapped, so 这段音频说的是 counts as insertions.

What harnesses report that score replies as they are; its distance from `qaeval.metrics.cer` is what a model says
around its transcripts. Convention and units as there.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> truth = Annotation(text="欢迎使用阿里云")
>>> score(Case(truth, truth, "zh", find_profile(), "这段音频说的是:'欢迎使用阿里云'"))
Ratio(num=7, den=7)
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("raw_cer", transcript)

METRIC = Metric("raw_cer", "text", score, "lower", summary="character error rate of the reply as it came")
