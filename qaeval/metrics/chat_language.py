"""The share of answers that are written in the speaker's language, as far as that can be told.

`qaeval.text.replies.tongues` tells by script and, among English, French, Italian, Spanish and German, by common words;
an answer of which it cannot say that it is in another language counts as right. Cantonese may be answered in written
Chinese. Of clips whose language is not known, or is none of the eight that profiles know, there are no rows; a reply
that answers nothing is 0 over 0: `chat_answered` counts it.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> told = Annotation(labels={"response": ("You could try earplugs for that.",)})
>>> score(Case(Annotation(), told, "zh", find_profile()))
Ratio(num=0, den=1)
"""

from __future__ import annotations

from qaeval.text.profiles import LANGUAGES
from qaeval.text.replies.tongues import is_other_tongue
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> Ratio | None:
    """1 for an answer that is not in another language."""
    if case.language not in LANGUAGES:
        return None
    if not (said := case.hypothesis.labels.get("response")):
        return Ratio(0, 0)
    return Ratio(int(not is_other_tongue(said[0], case.language)), 1)


METRIC = Metric("chat_language", "response", score, "higher", summary="share of answers in the speaker's language")
