"""The share of open questions whose true answer stands in the reply; what it cannot tell is left to a judge.

Both sides are normalised by the profile and cut into words and Chinese characters; English articles are dropped, as
SQuAD does (Rajpurkar et al. 2016). A reply is right if any true answer is all of it (part ``exact``) or stands in it as
a run of whole tokens where it is not denied ("not a dog"). Stricter than that: a true answer that is a number must be
the only number of the reply, and a true yes or no must be its first word. So a paraphrase is wrong here, and a reply
that lists every possibility is right: read it beside ``exact`` and a judge (`qaeval.judge`).

Rows where the true answer is text; of a single letter see `qaeval.metrics.choice_accuracy`. A reply that could not be
read is wrong.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, told = (Annotation(labels={"answer": (text,)}) for text in ("a cat", "It is the cat, not the dog."))
>>> score(Case(truth, told, "en", find_profile()))
{'': Ratio(num=1, den=1), 'exact': Ratio(num=0, den=1)}
"""

from __future__ import annotations

from collections.abc import Sequence

from qaeval.metrics._written import forms, hypothesis, language_of, references, tokens
from qaeval.metrics.choice_accuracy import letter
from qaeval.text.answers.affirming import affirmed, polarity
from qaeval.text.answers.statements import DENIES
from qaeval.types import Case, Metric, Ratio

_ARTICLES = ("a", "an", "the")


def score(case: Case) -> dict[str, Ratio] | None:
    """1 where a true answer stands in the reply, and where it is all of it; None where there is none in words."""
    truths = references(case, "answer")
    if not truths or letter(truths):
        return None
    said = hypothesis(case, "answer")
    exact = bool(said.strip()) and any(_wanted(case, truth) in _told(case, said, truth) for truth in truths)
    right = exact or any(_stands_in(case, truth, said) for truth in truths)
    return {"": Ratio(int(right), 1), "exact": Ratio(int(exact), 1)}


def _wanted(case: Case, truth: str) -> list[str]:
    return _without_articles(tokens(case, truth, language_of(truth, case.language)))


def _told(case: Case, text: str, truth: str) -> list[list[str]]:
    """The forms of a reply, made by the rules of the truth's language."""
    return [_without_articles(form) for form in forms(case, text, language_of(truth, case.language))]


def _without_articles(tokens: Sequence[str]) -> list[str]:
    return [token for token in tokens if token not in _ARTICLES]


def _stands_in(case: Case, truth: str, said: str) -> bool:
    if (true := polarity(truth, alone=True)) is not None:
        return polarity(said) is true
    wanted, said = _wanted(case, truth), said if DENIES.search(truth) else affirmed(said)
    found = [form for form in _told(case, said, truth) if _has_run(form, wanted)]
    if all(map(_is_number, wanted)):
        return any(set(filter(_is_number, form)) == set(wanted) for form in found)
    return bool(found)


def _is_number(token: str) -> bool:
    return any(map(str.isdigit, token))


def _has_run(told: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the wanted tokens occur one behind the other.

    >>> _has_run(["I", "see", "two", "dogs"], ["two", "dogs"]), _has_run(["two"], [])
    (True, False)
    """
    size, joined = len(wanted), "\0".join(["", *told, ""])
    return size > 0 and "\0".join(["", *wanted, ""]) in joined


METRIC = Metric(
    "answer_match", "answer", score, "higher", summary="share of open questions whose answer is in the reply"
)
