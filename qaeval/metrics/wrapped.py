"""How often a reply is not the transcript alone: text was read out of it, as '...' is out of 这段音频说的是:'...'.

A measure of how well instructions are followed, not of hearing: with a prompt that asks for nothing but the words,
lower is better. White space around the words is not counted. Which rule read a reply stands in the run's replies
(`qaeval.text.replies.unwrap`); what wrapping costs without unwrapping is told by ``raw_wer``, ``raw_cer`` and
``raw_mer``.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case
>>> score(Case(Annotation(text="a"), Annotation(text="a"), "en", find_profile(), "The audio says: 'a'"))
Ratio(num=1, den=1)
"""

from __future__ import annotations

from qaeval.metrics._together import OneOf
from qaeval.metrics._transcripts import transcript
from qaeval.types import Metric

score = OneOf("wrapped", transcript)

METRIC = Metric("wrapped", "text", score, "lower", summary="share of replies that are not the transcript alone")
