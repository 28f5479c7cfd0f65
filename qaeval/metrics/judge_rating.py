"""The mean rating that a judge gives, 1 to 10. A reply without a readable rating is 0 over 0, and counted.

The part ``unparsed`` is the share of those. The rows are the judge's replies: slice by the meta ``judged_model``.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> score(Case(Annotation(), Annotation(labels={"rating": ("7",)}), "", find_profile()))
{'': Ratio(num=7.0, den=1), 'unparsed': Ratio(num=0, den=1)}
"""

from __future__ import annotations

from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio]:
    """The rating."""
    said = case.hypothesis.labels.get("rating", ())
    return {"": Ratio(float(said[0]), 1) if said else Ratio(0, 0), "unparsed": Ratio(int(not said), 1)}


METRIC = Metric("judge_rating", "rating", score, "higher", "/10", "mean rating by a judge, 1 to 10")
