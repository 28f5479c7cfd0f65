"""Counting errors between two sequences of tokens, and showing where they are.

Convention: Levenshtein distance with costs 1/1/1. The total is unique; its split into substitutions, deletions and
insertions is not, and is the one that rapidfuzz finds, as in jiwer (sclite weighs 4/3/3: it may split otherwise, and
count an error or two more where texts differ much).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

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
    length = len(reference)
    if reference == hypothesis:
        return Counts(length, 0, 0, 0)
    operations = [operation for operation, _, _ in Levenshtein.editops(reference, hypothesis).as_list()]
    substitutions = operations.count("replace")
    deletions = operations.count("delete")
    insertions = len(operations) - substitutions - deletions
    return Counts(length - substitutions - deletions, substitutions, deletions, insertions)


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
