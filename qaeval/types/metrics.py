"""How a claim is measured: how texts are normalised, what a metric sees, gives, and how that becomes one value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field as member
from typing import Any, Literal, NamedTuple

from qaeval.types.annotations import Annotation


@dataclass(frozen=True, slots=True)
class Ratio:
    """A numerator over a denominator: summed over samples first, divided last.

    >>> sum([Ratio(1, 4), Ratio(0, 6)], Ratio(0, 0)).value
    0.1
    """

    num: float
    den: float

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.num + other.num, self.den + other.den)

    @property
    def value(self) -> float:
        """``num / den``; not a number when the denominator is 0."""
        return self.num / self.den if self.den else math.nan


Split = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Profile:
    """A named, versioned text normalisation: ``normalise(text, language) -> text``. See `qaeval.text.profiles`.

    ``variants(text, language)`` gives further forms of a hypothesis that mean the same (numbers as they may be spoken),
    normalised too: the one with the least distance to the reference is counted. None: there are no others.
    Two quick looks, at liberty to say no: ``alone(text, normalised, language)``, that a text has no variants; and
    ``settled(text, normalised, language, tokens, split)``, that no variant of it, split into tokens, is nearer to a
    reference of these tokens than its normalised form is.

    >>> lower = Profile("lower-1", lambda text, language: text.lower())
    >>> lower, lower.normalise("Hello There", "en")
    (Profile(name='lower-1'), 'hello there')
    """

    name: str
    normalise: Callable[[str, str], str] = member(repr=False)
    variants: Callable[[str, str], Sequence[str]] | None = member(default=None, repr=False)
    alone: Callable[[str, str, str], bool] = member(default=lambda *texts: False, repr=False)
    settled: Callable[[str, str, str, Sequence[str], Split], bool] = member(default=lambda *given: False, repr=False)


class Case(NamedTuple):
    """What a metric sees of one reply: the truth, the claim, and how texts are to be normalised.

    ``reply`` is the raw text that the claim was read from, ``seconds`` the length of the clip (None: not known).

    >>> lower = Profile("lower-1", lambda text, language: text.lower())
    >>> case = Case(Annotation(text="Hello"), Annotation(text="hello"), "en", lower, "He says: hello", seconds=1.2)
    >>> case.profile.normalise(case.reference.text, case.language) == case.hypothesis.text
    True
    """

    reference: Annotation
    hypothesis: Annotation
    language: str
    profile: Profile
    reply: str = ""
    seconds: float | None = None


Scored = Ratio | Mapping[str, Ratio] | None


@dataclass(frozen=True, slots=True)
class Reducer:
    """How the parts of a metric become one value where that is not sum over sum: a median, macro-F1, kappa, BLEU.

    ``value(parts, num, den)`` gets the names of P parts (never ``""``) and two numpy arrays of shape (..., P); it gives
    an array of shape (...): the leading axes are resamples, so it must not mix them. Numerators and denominators are
    summed over the samples by part; with ``each`` every amount (num / den) has a column of its own instead, with den as
    its weight, as a quantile needs. Not a number where there is nothing to tell. Built-in ones: `qaeval.reducers`.
    """

    name: str
    value: Callable[[Sequence[str], Any, Any], Any] = member(repr=False)
    each: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """A number about one ``field`` of an annotation (``text``, ``events`` or a label).

    ``score(case)`` gives a `Ratio`; or a mapping from part to Ratio, where ``""`` is the metric itself and further
    parts are its counts (``substitutions`` ...); or None when it does not apply to this sample (then there is no row).
    ``better`` is ``lower`` or ``higher``, or ``neither`` where the value tells of the clips and not of a model: then it
    is shown beside the others and never compared. ``unit`` is ``""`` for a plain ratio, from 0 to 1 unless a numerator
    is above its denominator; ``s`` for seconds, ``κ`` (-1 to 1), ``points`` (0 to 100), ``/10`` (1 to 10): see
    `qaeval.stats.intervals.bounds`. ``reduce`` makes the value of many replies from their parts where it is not sum
    over sum; then ``""`` holds what one reply adds to n.
    ``part_units`` has the units of parts that have another than the metric: a share among seconds.
    ``expects`` says what the reference of a label must be, where not every one can be scored: others are told.

    >>> greets = Metric("greets", "text", lambda case: Ratio("hello" in case.hypothesis.text, 1), better="higher")
    >>> raw = Profile("raw-1", lambda text, language: text)
    >>> greets.score(Case(Annotation(text="hello"), Annotation(text="hello, you"), "en", raw)).value
    1.0
    """

    name: str
    field: str
    score: Callable[[Case], Scored] = member(repr=False)
    better: Literal["lower", "higher", "neither"] = "lower"
    unit: str = ""
    summary: str = ""
    reduce: Reducer | None = None
    expects: str = ""
    part_units: Mapping[str, str] = member(default_factory=dict, repr=False)
