"""What the metrics of written answers share: the reference's texts, and both sides as tokens to be compared.

A summary, a translation or an answer need not be in the language that is spoken in the clip. It is normalised by the
rules of that language unless its script is another one; then by no language's.
"""

from __future__ import annotations

from collections.abc import Iterator

from qaeval.text.replies.outcomes import is_off_language
from qaeval.text.tokens import mixed
from qaeval.types import Case


def references(case: Case, field: str) -> tuple[str, ...]:
    """The texts of the reference that say something, each as good as the other."""
    return tuple(text for text in case.reference.labels.get(field, ()) if text.strip())


def hypothesis(case: Case, field: str) -> str:
    """The text of the hypothesis, ``""`` where it has none."""
    return "\n".join(case.hypothesis.labels.get(field, ()))


def language_of(text: str, spoken: str) -> str:
    """The language whose rules a text is normalised by, in a clip where ``spoken`` is.

    >>> language_of("他们谈到了天气和晚饭。", "zh"), language_of("They talk about the weather.", "zh")
    ('zh', '')
    """
    return "" if is_off_language(text, spoken) else spoken


def tokens(case: Case, text: str, language: str) -> list[str]:
    """Chinese characters, kana, and words between spaces, of the text normalised by the case's profile."""
    return mixed(case.profile.normalise(text, language))


def forms(case: Case, text: str, language: str) -> Iterator[list[str]]:
    """The tokens of a text, and of each further form of it that means the same by the case's profile."""
    yield tokens(case, text, language)
    if case.profile.variants:
        yield from map(mixed, case.profile.variants(text, language))
