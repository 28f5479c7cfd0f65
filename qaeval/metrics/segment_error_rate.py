"""Error rate of labels in segments of one second: (substitutions + deletions + insertions) / true labels.

As sed_eval's segment-based error rate (A. Mesaros et al., "Metrics for Polyphonic Sound Event Detection", Applied
Sciences 6(6), 2016, after G. E. Poliner, D. P. W. Ellis, 2007): in each segment a missed label and a false one are a
substitution, what is left over of either are deletions or insertions. Above 1 when more is told than true. Segments
are those of `qaeval.metrics.segment_f1`. The parts are the three kinds of errors.

A clip in which nothing is true adds its insertions and no true label, as in sed_eval: over all clips they count, alone
such a clip has no rate.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> truth, told = Annotation(events=(Event("Dog", 0.0, 2.0),)), Annotation(events=(Event("Cat", 1.0, 3.0),))
>>> {part: ratio.num for part, ratio in score(Case(truth, told, "", find_profile())).items()}
{'': 3, 'substitutions': 1, 'deletions': 1, 'insertions': 1}
"""

from __future__ import annotations

from qaeval.metrics._events import sides, stretches
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """The errors, and each kind, over the true labels of all segments; None where those are not known."""
    both = sides(case)
    if both is None:
        return None
    total = substituted = deleted = inserted = 0
    for segments, true, told in stretches(*both):
        missed, false = len(true - told), len(told - true)
        substituted += segments * min(missed, false)
        deleted += segments * max(0, missed - false)
        inserted += segments * max(0, false - missed)
        total += segments * len(true)
    errors = {"substitutions": substituted, "deletions": deleted, "insertions": inserted}
    return {"": Ratio(sum(errors.values()), total), **{part: Ratio(number, total) for part, number in errors.items()}}


METRIC = Metric("segment_error_rate", "events", score, "lower", summary="error rate of labels in segments of 1 s")
