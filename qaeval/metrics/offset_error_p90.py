"""The 90th percentile of how far the told end of a span is from the true one, in seconds.

Nine of ten matched spans are within it, of all replies at once (`qaeval.reducers.P90`), unlike the mean
(`qaeval.metrics.offset_error`) not moved by a few that are far off. Here too replies that name no span are not told
of.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Case, Event
>>> truth, told = Annotation(events=(Event("a", 1.0, 2.0),)), Annotation(events=(Event("a", 1.0, 2.5),))
>>> METRIC.score(Case(truth, told, "", find_profile()))
{'': Ratio(num=0.5, den=1), '1': Ratio(num=0.5, den=1)}
"""

from __future__ import annotations

from qaeval.metrics._spans import offset_shift, quantile
from qaeval.reducers import P90

METRIC = quantile("offset_error_p90", offset_shift, P90, "what 9 of 10 errors of when a span ends are within")
