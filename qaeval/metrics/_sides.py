"""The two texts of a case, normalised and aligned: what the error rates of transcripts are made from."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from qaeval.text.alignment import Counts, added, count, count_by
from qaeval.text.scripts import only_script, script_of
from qaeval.text.tokens import characters, mixed, words
from qaeval.types import Annotation, Case, Profile, Split

ROUNDS = 16
"""How often the variants of the best form so far are tried in turn: more numbers than one round can combine."""


class Reference:
    """A normalised reference, with what is needed of it for every reply about it."""

    __slots__ = ("_scripts", "_tokens", "script", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.script = only_script(text)
        self._tokens: dict[Split, Sequence[str]] = {}
        self._scripts: list[str] | None = None

    def tokens(self, split: Split) -> Sequence[str]:
        """Its tokens of a kind."""
        if (tokens := self._tokens.get(split)) is None:
            tokens = self._tokens[split] = split(self.text)
        return tokens

    @property
    def scripts(self) -> list[str]:
        """The script of each mixed token."""
        if self._scripts is None:
            self._scripts = list(map(script_of, self.tokens(mixed)))
        return self._scripts


class Sides:
    """A reference, and what ``said`` is to it: counted once for each kind of token."""

    __slots__ = (
        "_alone",
        "_apart",
        "_case",
        "_counts",
        "_errors",
        "_forms",
        "_plain",
        "_said",
        "hypothesis",
        "reference",
        "same",
    )

    def __init__(self, case: Case, reference: Reference, said: str) -> None:
        self.same = said == case.reference.text
        self.reference = reference
        self.hypothesis = reference.text
        if not self.same:
            self.hypothesis = case.profile.normalise(said, case.language)
            self.same = self.hypothesis == reference.text
        self._case = case
        self._said = said
        self._plain: Split | None = None
        self._forms: Sequence[str] | None = None
        self._alone: bool | None = None
        self._apart: dict[str, Counts] | None = None
        self._counts: dict[Split, Counts] = {}
        self._errors: dict[Split, int] = {}

    @property
    def forms(self) -> Sequence[str]:
        """The profile's variants of the hypothesis; none where it is as good as it can be, or as bad."""
        if self._forms is None:
            variants = self._case.profile.variants
            hopeful = variants and not self.same and self.hypothesis and self.reference.text
            self._forms = variants(self._said, self._case.language) if variants and hopeful else ()
        return self._forms

    @property
    def plain(self) -> Split:
        """What mixed tokens are where both texts, and all forms of them, are of one script.

        Then they are the characters, or the words.
        """
        if self._plain is None:
            script = self.reference.script
            alike = script and (self.same or script == only_script(self.hypothesis))
            # In Chinese characters, all forms are; in Latin letters, a form of a number may be digits.
            settled = alike and (not self.forms if script == "latin" or self._case.language == "ja" else True)
            self._plain = (characters if script == "han" else words) if settled else mixed
        return self._plain

    def nearest(self, split: Split) -> Sequence[str]:
        """The tokens of the form of the hypothesis with the least errors (the first of equals).

        The forms are the normalised text and the profile's variants of it: another way to say the same numbers. The
        reference has one form, so what errors are divided by does not depend on the hypothesis.
        """
        best = split(self.hypothesis)
        if self._is_settled(split):
            return best
        tokens, forms = self.reference.tokens(split), self.forms
        least = Levenshtein.distance(tokens, best)
        for _ in range(ROUNDS):
            before, nearest = least, ""
            for form in forms:
                if least and (errors := Levenshtein.distance(tokens, split(form), score_cutoff=least)) < least:
                    least, nearest = errors, form
            if least == before or self._case.profile.variants is None:
                break
            best, forms = split(nearest), self._case.profile.variants(nearest, self._case.language)
        return best

    def _is_settled(self, split: Split) -> bool:
        """Whether no form is nearer than the normalised text, as far as is known or a quick look tells."""
        if self.same or self._forms is not None:
            return not self._forms
        profile, given = self._case.profile, (self._said, self.hypothesis, self._case.language)
        if self._alone is None:
            self._alone = profile.alone(*given)
        return self._alone or profile.settled(*given, self.reference.tokens(split), split)

    def counts(self, split: Split) -> Counts:
        """Hits and errors in tokens of a kind."""
        if split is mixed:
            split = self.plain
        if (counts := self._counts.get(split)) is None:
            counts = self._counts[split] = self._counted(split)
        return counts

    def errors(self, split: Split) -> int:
        """The errors of `counts`, where they alone are asked for: that is less work."""
        if self.same:
            return 0
        if split is mixed:
            split = self.plain
        if (errors := self._errors.get(split)) is None:
            errors = self._errors[split] = Levenshtein.distance(self.reference.tokens(split), self.nearest(split))
        return errors

    def _counted(self, split: Split) -> Counts:
        if self.same:
            return Counts(len(self.reference.tokens(split)), 0, 0, 0)
        if split is mixed:
            return added(self.apart().values())
        return count(self.reference.tokens(split), self.nearest(split))

    def apart(self) -> dict[str, Counts]:
        """The counts of mixed tokens for each script apart; none where they are plainly of one."""
        if self._apart is None:
            self._apart = {} if self.plain is not mixed else self._by_script()
        return self._apart

    def _by_script(self) -> dict[str, Counts]:
        tokens = self.reference.tokens(mixed)
        return count_by(tokens, tokens if self.same else self.nearest(mixed), script_of, self.reference.scripts)


class _Last:
    """The last reference that was normalised: all replies about a sample come one after another."""

    reference: tuple[Annotation | None, Profile | None, str, Reference] = (None, None, "", Reference(""))


def reference_of(case: Case) -> Reference | None:
    """The normalised text of the reference; None where it has none."""
    if case.reference.text is None:
        return None
    annotation, profile, language, reference = _Last.reference
    if annotation is not case.reference or profile is not case.profile or language != case.language:
        reference = Reference(case.profile.normalise(case.reference.text, case.language))
        _Last.reference = case.reference, case.profile, case.language, reference  # as a whole: threads only lose time
    return reference
