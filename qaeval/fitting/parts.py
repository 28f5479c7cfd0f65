"""Where a clip that is too long is parted."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

NEAR_S = 10.0
"""How far before the latest place, in seconds, a quieter one is looked for: never more than a third of the limit."""

Pauses = Iterable[tuple[float, float]]


def spans(duration: float, limit: float, pauses: Pauses = ()) -> list[tuple[float, float]]:
    """The parts of a clip, (onset, offset) in seconds to the millisecond, each at most ``limit`` long.

    They cover the clip without a gap or an overlap. Each ends at the quietest of the ``pauses`` (seconds, level) near
    its latest end, of equally quiet ones at the last; without any, at the latest end. The last part is never shorter
    than that search reaches, so that no scrap is left.

    >>> spans(70, 30, [(12.0, -60), (25.5, -50), (28.2, -40), (52.0, -55)])
    [(0.0, 25.5), (25.5, 52.0), (52.0, 70.0)]
    >>> spans(31, 30)
    [(0.0, 21.0), (21.0, 31.0)]
    """
    end, longest = math.ceil(round(duration * 1000, 3)), math.floor(limit * 1000)  # whole milliseconds: sums are exact
    near = min(round(NEAR_S * 1000), longest // 3)
    quiet = [(level, -round(at * 1000)) for at, level in pauses]
    bounds = [0]
    while end - bounds[-1] > longest:
        latest = min(bounds[-1] + longest, end - near)
        earliest = bounds[-1] + longest - near
        _, at = min((place for place in quiet if earliest <= -place[1] <= latest), default=(0.0, -latest))
        bounds.append(-at)
    bounds.append(end)
    return [(onset / 1000, offset / 1000) for onset, offset in itertools.pairwise(bounds)]
