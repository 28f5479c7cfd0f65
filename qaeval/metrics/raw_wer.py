"""Word error rate of the reply as it came: nothing is unwrapped, so "The audio says: '...'" counts as insertions.

What harnesses report that score replies as they are; its distance from `qaeval.metrics.wer` is what a model says
around its transcripts. Convention and units as there.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> said = "The audio says: 'go home'"
>>> score(Case(Annotation(text="go home"), Annotation(text="go home"), "en", find_profile(), said))
Ratio(num=3, den=2)
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("raw_wer", transcript)

METRIC = Metric("raw_wer", "text", score, "lower", summary="word error rate of the reply as it came, not unwrapped")
