"""Sentence error rate: the share of clips whose transcript has any error, as sclite's "S.Err".

A transcript is right when its mixed tokens (`qaeval.metrics.mer`; in a language with spaces: its words) are those of
the reference. Clips whose reference is empty once it is normalised have no row.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> score(Case(Annotation(text="It isn't so."), Annotation(text="it is not so"), "en", find_profile()))
Ratio(num=0, den=1)
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("sentence_error", transcript)

METRIC = Metric("sentence_error", "text", score, "lower", summary="share of transcripts with any error")
