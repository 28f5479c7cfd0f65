"""What the metrics of labels share: both sides as canonical values, and which class a reply puts a clip into.

A value that the attribute's vocabulary (`qaeval.text.labels.vocabulary`) has a name for is that name; any other, and
all of an attribute without a vocabulary, are compared in one width, case and white space. The order of values never
matters. A field that a reply does not tell is no value: it is wrong wherever the reference has one, and it is never
dropped.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from qaeval.errors import UnknownNameError
from qaeval.reducers import confusion
from qaeval.text.labels.keys import canonical_key
from qaeval.text.labels.vocabulary import OTHER, Vocabulary, find_vocabulary, folded
from qaeval.types import Annotation, Case, Ratio

NONE = "(none)"
"""The class of a reply that names no value."""

SEVERAL = "(several)"
"""The class of a reply that names several values where one was asked for."""


@functools.cache
def vocabulary(field: str) -> Vocabulary | None:
    """The vocabulary of an attribute, None where it has none."""
    try:
        return find_vocabulary(field)
    except UnknownNameError:
        return None


@functools.lru_cache(1 << 16)
def canonical(field: str, value: str) -> str:
    """The name in the attribute's vocabulary (the canonical key), else the value in one width, case and white space.

    >>> canonical("gender", "女性"), canonical("gender", "Ｒobot"), canonical("key", "h-Moll")
    ('female', 'robot', 'B minor')
    """
    known = vocabulary(field)
    name = known.canonical(value) if known else canonical_key(value) if field == "key" else None
    return name or folded(value)


def told(annotation: Annotation, field: str) -> frozenset[str] | None:
    """The values of a field, each once; None where it is not told, empty where it is said that there are none."""
    if field not in annotation.labels:
        return None
    return frozenset(canonical(field, value) for value in annotation.labels[field])


def both(case: Case, field: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """The values of reference and hypothesis (none where it does not tell); None when the reference is not known."""
    reference = told(case.reference, field)
    return None if reference is None else (reference, told(case.hypothesis, field) or frozenset())


def right(case: Case, field: str, agree: Callable[[frozenset[str], frozenset[str]], bool]) -> Ratio | None:
    """1 when what is told agrees with the reference, 0 when it does not or nothing is told."""
    reference = told(case.reference, field)
    if reference is None:
        return None
    hypothesis = told(case.hypothesis, field)
    return Ratio(int(hypothesis is not None and agree(reference, hypothesis)), 1)


def classes(case: Case, field: str) -> tuple[str, str] | None:
    """The true class and the told one; None where the reference is not known or not exactly one value.

    A reply that names no value is in the class `NONE`, one that names several in `SEVERAL`, and one that names what
    the attribute's vocabulary does not have in `qaeval.text.labels.vocabulary.OTHER`, unless the reference says the
    same.
    """
    sides = both(case, field)
    if sides is None or len(sides[0]) != 1:
        return None
    (reference,), hypothesis = sides
    if len(hypothesis) != 1:
        return reference, SEVERAL if hypothesis else NONE
    (value,) = hypothesis
    known = vocabulary(field)
    return reference, OTHER if known and value != reference and value not in known.labels else value


def confused(case: Case, field: str) -> dict[str, Ratio] | None:
    """Whether the classes agree as ``""``, and the pair of them as a part: what the reducers of classes read.

    >>> from qaeval.text.profiles import find_profile
    >>> truth, reply = Annotation(labels={"gender": ("male",)}), Annotation(labels={})
    >>> sorted(confused(Case(truth, reply, "", find_profile()), "gender"))
    ['', 'male → (none)']
    """
    pair = classes(case, field)
    return pair and {"": Ratio(int(pair[0] == pair[1]), 1), confusion(*pair): Ratio(1, 1)}
