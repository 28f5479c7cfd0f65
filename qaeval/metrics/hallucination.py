"""How often something is said to be said where nothing was: clips whose reference is empty once it is normalised.

It has rows for such clips only; error rates have none for them, as there is nothing to divide by. A reply that says
that nothing is said (`qaeval.text.replies.unwrap`) makes nothing up, and neither does a refusal. The part
``insertions`` is the number of tokens (Chinese characters, kana, words) that were made up, over the number of such
clips; ``insertions_per_minute`` is the same number over their length in minutes, where that is known.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> case = Case(Annotation(text="。"), Annotation(text="谢谢观看"), "zh", find_profile(), "谢谢观看", seconds=30.0)
>>> score(case)["insertions_per_minute"].value
8.0
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("hallucination", transcript)

METRIC = Metric("hallucination", "text", score, "lower", summary="share of clips without speech where words were heard")
