"""Counting errors between two sequences of tokens, and showing where they are.

Convention: Levenshtein distance with costs 1/1/1. The total is unique; its split into substitutions, deletions and
insertions is not, and is the one that rapidfuzz finds, as in jiwer (sclite weighs 4/3/3: it may split otherwise, and
count an error or two more where texts differ much).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, cast

from rapidfuzz.distance import Levenshtein

Operation = Literal["equal", "substitute", "delete", "insert"]
_OPERATIONS: dict[str, Operation] = {
    "equal": "equal", "replace": "substitute", "delete": "delete", "insert": "insert",
}  # fmt: skip


class Counts(NamedTuple):
    """How many tokens were right, changed, left out and added."""

    hits: int
    substitutions: int
    deletions: int
    insertions: int

    @property
    def errors(self) -> int:
        """Substitutions, deletions and insertions."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def total(self) -> int:
        """The length of the reference, in tokens."""
        return self.hits + self.substitutions + self.deletions


class Chunk(NamedTuple):
    """A stretch of the alignment: what happened, and the tokens of each side (none where added or left out)."""

    operation: Operation
    reference: tuple[str, ...]
    hypothesis: tuple[str, ...]


def count(reference: Sequence[str], hypothesis: Sequence[str]) -> Counts:
    """Hits, substitutions, deletions and insertions that turn the reference into the hypothesis.

    >>> count("欢迎使用", "欢迎来使")
    Counts(hits=3, substitutions=0, deletions=1, insertions=1)
    """
    length, longer = len(reference), len(hypothesis) - len(reference)
    if reference == hypothesis:
        return Counts(length, 0, 0, 0)
    substitutions = Levenshtein.distance(reference, hypothesis) - abs(longer)
    if substitutions < 2:  # else two of them may be a deletion and an insertion
        return _counts(length, substitutions, max(-longer, 0), max(longer, 0))
    operations = [operation for operation, _, _ in _edits(reference, hypothesis)]
    deletions = operations.count("delete")
    return _counts(length, operations.count("replace"), deletions, deletions + longer)


def count_by(
    reference: Sequence[str], hypothesis: Sequence[str], kind: Callable[[str], str], kinds: Sequence[str] | None = None
) -> dict[str, Counts]:
    """`count`, for each kind of token apart, in the order of the kinds in the reference.

    What was substituted or left out is of the kind of the reference's token, what was added is of its own. ``kinds``
    are those of the reference's tokens, where they are known.

    >>> count_by("今天ok", "今a天o", lambda token: "latin" if token.isascii() else "han")["latin"]
    Counts(hits=1, substitutions=0, deletions=1, insertions=1)
    """
    kinds = list(map(kind, reference)) if kinds is None else kinds
    wrong: dict[str, dict[str, int]] = {name: {} for name in dict.fromkeys(kinds)}
    for operation, at, heard_at in _edits(reference, hypothesis) if reference != hypothesis else ():
        name = kind(hypothesis[heard_at]) if operation == "insert" else kinds[at]
        of = wrong.setdefault(name, {})
        of[operation] = of.get(operation, 0) + 1
    return {
        name: _counts(kinds.count(name), of.get("replace", 0), of.get("delete", 0), of.get("insert", 0))
        for name, of in wrong.items()
    }


def _edits(reference: Sequence[str], hypothesis: Sequence[str]) -> list[tuple[str, int, int]]:
    """What changes the reference into the hypothesis: replace, delete, insert; where in the one and in the other."""
    return cast("list[tuple[str, int, int]]", Levenshtein.editops(reference, hypothesis).as_list())


def _counts(length: int, substitutions: int, deletions: int, insertions: int) -> Counts:
    return Counts(length - substitutions - deletions, substitutions, deletions, insertions)


def added(counts: Iterable[Counts]) -> Counts:
    """The sum.

    >>> added([Counts(1, 2, 3, 4), Counts(1, 0, 0, 0)])
    Counts(hits=2, substitutions=2, deletions=3, insertions=4)
    """
    return Counts(*map(sum, zip(*counts, strict=True)))


def count_texts(reference: str, hypothesis: str, split: Callable[[str], Sequence[str]]) -> Counts:
    """`count` of two normalised texts whose tokens ``split`` gives; equal texts are split once and not aligned.

    >>> count_texts("it is so", "it is", str.split)
    Counts(hits=2, substitutions=0, deletions=1, insertions=0)
    """
    if reference == hypothesis:
        return Counts(len(split(reference)), 0, 0, 0)
    return count(split(reference), split(hypothesis))


def align(reference: Sequence[str], hypothesis: Sequence[str]) -> list[Chunk]:
    """The alignment behind `count`, as stretches in order.

    >>> for chunk in align("a b c".split(), "a x c d".split()):
    ...     print(*chunk)
    equal ('a',) ('a',)
    substitute ('b',) ('x',)
    equal ('c',) ('c',)
    insert () ('d',)
    """
    return [
        Chunk(
            _OPERATIONS[op.tag],
            tuple(reference[op.src_start : op.src_end]),
            tuple(hypothesis[op.dest_start : op.dest_end]),
        )
        for op in Levenshtein.opcodes(reference, hypothesis)
    ]
