"""Counting hits, substitutions, deletions and insertions of many pairs, against jiwer on the same strings.

Both get the same lists of strings, so both pay for splitting them into tokens. Utterances are made from a seed:
English of 17.1 words and Chinese of 13.9 characters on average, 45% recognised without an error and a token error rate
of about 5%, as good recognisers have. The two take turns over all pairs, three times, in one process, in CPU seconds.
jiwer counts all pairs in one call (its time includes Python's garbage collection among the alignments that it keeps),
Chinese with its process_characters, which is faster than its process_words on spaced characters.

    python benchmarks/performance/counting.py [--pairs 100000] [--limit 0.0833]

Prints one line a language; the exit status is 1 when a ratio is above the limit or the counts disagree.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence

import jiwer

from qaeval.text.alignment import Counts, count_texts
from qaeval.text.tokens import characters, words

Pairs = list[tuple[str, str]]
ROUNDS = 3


def make(pairs: int, length: float, vocabulary: list[str], joint: str, rng: random.Random) -> Pairs:
    """Pairs of (reference, hypothesis), 55% of which have errors at a rate that makes about 5% in all."""
    made = []
    for _ in range(pairs):
        reference = [rng.choice(vocabulary) for _ in range(max(1, round(rng.gauss(length, length / 3))))]
        hypothesis = list(reference) if rng.random() < 0.45 else list(corrupted(reference, vocabulary, rng))
        made.append((joint.join(reference), joint.join(hypothesis)))
    return made


def corrupted(tokens: list[str], vocabulary: list[str], rng: random.Random) -> list[str]:
    """At least one error; three in five are substitutions, the rest deletions and insertions."""
    hypothesis = list(tokens)
    for _ in range(max(1, round(len(tokens) * rng.gauss(0.09, 0.03)))):
        place, kind = rng.randrange(len(hypothesis) + 1), rng.random()
        end = place if kind > 0.8 else place + 1
        hypothesis[place:end] = [] if 0.6 < kind <= 0.8 else [rng.choice(vocabulary)]
    return hypothesis


def ours(pairs: Pairs, split: Callable[[str], Sequence[str]]) -> Counts:
    """The sums over the pairs, as the metrics count."""
    hits = substitutions = deletions = insertions = 0
    for reference, hypothesis in pairs:
        h, s, d, i = count_texts(reference, hypothesis, split)
        hits, substitutions, deletions, insertions = hits + h, substitutions + s, deletions + d, insertions + i
    return Counts(hits, substitutions, deletions, insertions)


def theirs(pairs: Pairs, process: Callable[[list[str], list[str]], jiwer.WordOutput]) -> Counts:
    """The sums over the pairs, by jiwer in one call (its lists of strings are made from the pairs at once)."""
    output = process([r for r, _ in pairs], [h for _, h in pairs])
    return Counts(output.hits, output.substitutions, output.deletions, output.insertions)


def compare(name: str, pairs: Pairs, split: Callable[[str], Sequence[str]], process: Callable[..., object]) -> float:
    """Prints the CPU seconds of both and gives ours divided by jiwer's."""
    seconds, sums = {"qaeval": 0.0, "jiwer": 0.0}, {}
    for _ in range(ROUNDS):
        for side, measure, how in (("qaeval", ours, split), ("jiwer", theirs, process)):
            start = time.process_time()
            sums[side] = measure(pairs, how)
            seconds[side] += (time.process_time() - start) / ROUNDS
    if sums["qaeval"] != sums["jiwer"]:
        sys.exit(f"{name}: the counts disagree: {sums}")
    ratio = seconds["qaeval"] / seconds["jiwer"]
    rate = sums["qaeval"].errors / sums["qaeval"].total
    print(
        f"{name}: {len(pairs)} pairs, error rate {rate:.3f}, CPU s: qaeval {seconds['qaeval']:.3f}, "
        f"jiwer {seconds['jiwer']:.3f}, ratio {ratio:.4f} = 1/{1 / ratio:.1f}"
    )
    return ratio


def main() -> None:
    """Measures English words and Chinese characters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--limit", type=float, default=1 / 12, help="largest ratio that passes")
    options = parser.parse_args()
    rng = random.Random(1)
    latin = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(1, 9))) for _ in range(8000)]
    han = [chr(0x4E00 + i) for i in range(3000)]
    ratios = [
        compare("en, words", make(options.pairs, 17.1, latin, " ", rng), words, jiwer.process_words),
        compare("zh, characters", make(options.pairs, 13.9, han, "", rng), characters, jiwer.process_characters),
    ]
    sys.exit(max(ratios) > options.limit)


if __name__ == "__main__":
    main()
