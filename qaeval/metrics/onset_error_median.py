"""The median of how far the told beginning of a span is from the true one, in seconds.

Half of the matched spans are within it, of all replies at once (`qaeval.reducers.MEDIAN`), unlike the mean
(`qaeval.metrics.onset_error`) not moved by a few that are far off. Here too replies that name no span are not told
of.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case, Event
>>> truth, told = Annotation(events=(Event("a", 1.0, 2.0),)), Annotation(events=(Event("a", 1.5, 2.0),))
>>> METRIC.score(Case(truth, told, "", find_profile()))
{'': Ratio(num=0.5, den=1), '1': Ratio(num=0.5, den=1)}
"""

from __future__ import annotations

from qaeval.metrics._spans import onset_shift, quantile
from qaeval.reducers import MEDIAN

METRIC = quantile("onset_error_median", onset_shift, MEDIAN, "median error of when a span begins, where it is told")
