"""Average absolute shift of both ends of the told spans, in seconds: the mean of |onset error| and |offset error|.

As the literature of word timestamps defines it (X. Shi et al., "Achieving Timestamp Prediction While Recognizing with
Non-Autoregressive End-to-End ASR Model", arXiv 2301.12343: "accumulated averaging shift", over twice the number of
tokens; the word timestamp row of Qwen-Audio's paper, in ms). The script that Qwen-Audio published
(``eval_audio/evaluate_srwt.py``) gives twice as much: it adds both shifts and divides by the number of tokens. It
reads ``<|0.54|>`` tokens below 100 s only, drops replies of another form, and counts tokens that are recognised
rightly, in the order of an alignment of the texts; here spans are matched by their times (`qaeval.metrics.span_iou`).

Replies that name no span are 0 over 0, as in `qaeval.metrics.onset_error`.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("a", 1.0, 2.0),)), Annotation(events=(Event("a", 1.5, 2.0),))
>>> score(Case(truth, told, "", find_profile()))
Ratio(num=0.5, den=2)
"""

from __future__ import annotations

from qaeval.metrics._spans import offset_shift, onset_shift, pairs
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> Ratio | None:
    """The sum of the absolute shifts of onsets and offsets, over twice the number of matched spans."""
    matched = pairs(case)
    if matched is None:
        return None
    return Ratio(sum(abs(onset_shift(pair)) + abs(offset_shift(pair)) for pair in matched), 2 * len(matched))


METRIC = Metric("aas", "events", score, "lower", "s", "average absolute shift of onsets and offsets, where told")
