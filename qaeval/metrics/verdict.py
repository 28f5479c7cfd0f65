"""The share of a judge's replies whose verdict can be read; the rest is kept as unparsed and decides nothing.

The parts ``first``, ``second`` and ``tie`` are the shares of all replies with that verdict. When every pair is asked in
both orders, as `qaeval.judge` does, a judge without a liking for a place says first as often as second.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> score(Case(Annotation(), Annotation(labels={"preference": ("first",)}), "", find_profile()))["first"]
Ratio(num=1, den=1)
"""

from __future__ import annotations

from qaeval.types import Case, Metric, Ratio

VERDICTS = ("first", "second", "tie")


def score(case: Case) -> dict[str, Ratio]:
    """1 for a verdict, and which."""
    said = case.hypothesis.labels.get("preference", ())
    return {"": Ratio(len(said), 1), **{verdict: Ratio(int(verdict in said), 1) for verdict in VERDICTS}}


METRIC = Metric("verdict", "preference", score, "higher", summary="share of a judge's replies with a readable verdict")
