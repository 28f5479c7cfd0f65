"""How long answers are: the mean number of tokens (Chinese characters, kana, words between spaces) of an answer.

Lower is called better as a spoken answer has to be listened to, and among equally good answers judges prefer the longer
one: a model must not win by length. By itself it says nothing about quality. The part ``characters`` is the mean number
of characters, spaces not counted. A reply that answers nothing is 0 over 0: `chat_answered` counts it.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> score(Case(Annotation(), Annotation(labels={"response": ("试试 earplugs!",)}), "zh", find_profile()))
{'': Ratio(num=3, den=1), 'characters': Ratio(num=11, den=1)}
"""

from __future__ import annotations

from qaeval.text.normalising.cleaning import drop_symbols, fold
from qaeval.text.tokens import characters, mixed
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio]:
    """The length of an answer."""
    said = "\n".join(case.hypothesis.labels.get("response", ()))
    if not said:
        return {"": Ratio(0, 0)}
    return {"": Ratio(len(mixed(drop_symbols(fold(said)))), 1), "characters": Ratio(len(characters(said)), 1)}


METRIC = Metric(
    "chat_length", "response", score, "lower", "tokens", "mean length of an answer; judge it beside quality"
)
