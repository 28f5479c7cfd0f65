"""Character error rate: (substitutions + deletions + insertions) / characters of the reference.

Characters are code points after normalisation; spaces are never counted (jiwer's process_characters counts them), so
where a number is cut is not seen: 3-5天 and 35天 are the same here, and not in `qaeval.metrics.mer`. Above 1 when more
is added than said.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> case = Case(Annotation(text="歡迎使用"), Annotation(text="欢迎 使"), "zh", find_profile())
>>> score(case)[""]
Ratio(num=1, den=4)
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("cer", transcript)

METRIC = Metric("cer", "text", score, "lower", summary="character error rate, spaces not counted")
