"""How often something is said to be said where nothing was: clips whose reference is empty once it is normalised.

It has rows for such clips only; error rates have none for them, as there is nothing to divide by. A reply that says
that nothing is said (`qaeval.text.unwrap`) makes nothing up. The part ``insertions`` is the number of tokens (Chinese
characters, kana, words) that were made up, over the number of such clips.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> score(Case(Annotation(text="。"), Annotation(text="谢谢观看"), "zh", find_profile()))
{'': Ratio(num=1, den=1), 'insertions': Ratio(num=4, den=1)}
"""

from __future__ import annotations

from qaeval.metrics._rates import texts
from qaeval.text.tokens import mixed
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """1 if anything was said, and how many tokens; None when the reference is not empty."""
    both = texts(case)
    if both is None or both[0]:
        return None
    inserted = len(mixed(both[1]))
    return {"": Ratio(int(inserted > 0), 1), "insertions": Ratio(inserted, 1)}


METRIC = Metric("hallucination", "text", score, "lower", summary="share of clips without speech where words were heard")
