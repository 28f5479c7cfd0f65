"""How often the intervals of values that are not sum over sum hold the truth: many studies, simulated with speakers.

Speakers differ: each has an accuracy (beta-distributed, mean 2/3), a class that wrong answers lean to, and a factor on
the errors of times (lognormal, beside a lognormal error a clip). Classes are as unequal as emotions in a corpus (40,
25, 15, 12 and 8 %). The second model of a comparison has the same speakers and the same mean, but each speaker suits
one of the two better; the true difference is 0. The truth of a single value is that of a hundred thousand speakers.

In lines marked "rare", 5 % of the clips are of the second of two classes. The first model tells 97 % of the common and
92 % of the rare class rightly, the second the other way round (logits of speakers and of clips vary), so that a study
may have no wrong answer of the rare class at all.

    python benchmarks/coverage.py [--studies 1000] [--speakers 8 20 50 200] [--clips 10]

Prints, a line a reducer and number of speakers, the share of 95 % intervals that hold the truth: of single values, and
of differences. Each share has a standard error of about 0.7 points at 1000 studies.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from qaeval import reducers
from qaeval.reducers import confusion
from qaeval.stats.clustered import Estimate, Rows
from qaeval.stats.intervals import Spread, bounded_interval, bounds, interval
from qaeval.stats.resampling import estimate
from qaeval.types import Reducer

SHARES = (0.40, 0.25, 0.15, 0.12, 0.08)
Study = Callable[[np.random.Generator, int, int], list[Rows]]
PARTS = [confusion(f"class {i}", f"class {j}") for i in range(len(SHARES)) for j in range(len(SHARES))]
BOTH = 2
RARE = 0.05
TELLS = ((0.97, 0.92), (0.92, 0.97))


def classes(rng: np.random.Generator, speakers: int, clips: int) -> list[Rows]:
    """Both models' answers to the same clips, as parts of a confusion."""
    shape, kinds = (speakers, clips), len(SHARES)
    truth = rng.choice(kinds, shape, p=SHARES)
    accuracy, lean = rng.beta(8, 4, (speakers, 1)), rng.integers(0, kinds, (speakers, 1))
    sides = []
    for _ in range(BOTH):
        taste = np.clip(accuracy + rng.normal(0, 0.05, (speakers, 1)), 0, 1)
        other = np.where(rng.random(shape) < 0.5, lean, rng.integers(0, kinds, shape))
        told = np.where(rng.random(shape) < taste, truth, other)
        sides.append(rows(speakers, clips, truth * kinds + told, np.ones(shape)))
    return sides


def rare(rng: np.random.Generator, speakers: int, clips: int) -> list[Rows]:
    """The same, of two classes, of which one is rare."""
    truth = (rng.random((speakers, clips)) < RARE).astype(int)
    ease = rng.normal(0, 0.5, (speakers, 1)) + rng.normal(0, 1, (speakers, clips))
    sides = []
    for tells in TELLS:
        share = np.array(tells)[truth]
        right = rng.random((speakers, clips)) < 1 / (1 + (1 - share) / share * np.exp(-ease))
        told = np.where(right, truth, 1 - truth)
        sides.append(rows(speakers, clips, truth * len(SHARES) + told, np.ones((speakers, clips))))
    return sides


def times(rng: np.random.Generator, speakers: int, clips: int) -> list[Rows]:
    """Both models' errors, in seconds, on the same clips."""
    hard = rng.normal(0, 0.5, (speakers, 1)) + rng.normal(0, 0.5, (speakers, clips))
    sides = []
    for _ in range(BOTH):
        taste = rng.normal(0, 0.2, (speakers, 1))
        error = np.exp(hard + taste + rng.normal(0, 1, (speakers, clips)))
        sides.append(rows(speakers, clips, np.zeros((speakers, clips), int), error))
    return sides


def rows(speakers: int, clips: int, part: np.ndarray, num: np.ndarray) -> Rows:
    """What `qaeval.stats.resampling` takes: a row a clip."""
    cluster = np.repeat(np.arange(speakers), clips)
    return Rows(PARTS, part.ravel(), cluster, num.ravel(), np.ones(num.size))


def holds(found: Estimate, truth: float, unit: str) -> float:
    """Whether the interval holds the truth (nan: there is none); of a single value, within its bounds."""
    noise = Spread(np.array([found.error]), np.array([found.clusters]))
    if len(found.values) > 1:
        low, high = interval(np.array([found.values[1] - found.values[0]]), noise)
    else:
        within = bounds(["lower"], [unit], [""], np.array([False]), np.array([False]))
        low, high = bounded_interval(np.array(found.values), noise, within, np.array([np.nan]))
    return np.nan if np.isnan(low[0]) else float(low[0] <= truth <= high[0])


def simulate(make: Study, reducer: Reducer, speakers: int, clips: int, studies: int) -> tuple[float, float]:
    """The shares of intervals that hold the truth, of single values and of differences."""
    rng, many = np.random.default_rng(speakers), make(np.random.default_rng(1), 100_000, clips)
    first, second = estimate(reducer, [side._replace(cluster=np.zeros(len(side.num), int)) for side in many]).values
    difference = second - first if make is rare else 0.0
    unit = "s" if reducer.each else "κ" if reducer.name == "kappa" else ""
    held = []
    for _ in range(studies):
        a, b = make(rng, speakers, clips)
        held.append((holds(estimate(reducer, [a]), first, unit), holds(estimate(reducer, [a, b]), difference, unit)))
    return float(np.nanmean([one for one, _ in held])), float(np.nanmean([two for _, two in held]))


_OF_CLASSES = ("macro_f1", "balanced_accuracy")
STUDIES: list[tuple[str, Study]] = [
    *((name, classes) for name in (*_OF_CLASSES, "kappa")),
    *((name, rare) for name in _OF_CLASSES),
    *((name, times) for name in ("median", "p90")),
]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--speakers", type=int, nargs="+", default=[8, 20, 50, 200])
    parser.add_argument("--clips", type=int, default=10, help="of each speaker")
    given = parser.parse_args()
    print(f"{'reducer':22} {'speakers':>8} {'value':>7} {'difference':>10}")
    for name, make in STUDIES:
        for speakers in given.speakers:
            single, difference = simulate(make, reducers.find(name), speakers, given.clips, given.studies)
            shown = f"{name}, rare" if make is rare else name
            print(f"{shown:22} {speakers:8} {single:7.1%} {difference:10.1%}", flush=True)


if __name__ == "__main__":
    main()
