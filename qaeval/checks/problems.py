"""What is wrong with a sample: its clip, what was said of the clip, its reference, and that it is there twice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from qaeval.audio.looking import Look
from qaeval.audio.opening import SLACK_S
from qaeval.checks.columns import Columns
from qaeval.checks.fits import REFUSED
from qaeval.checks.labels import Finding
from qaeval.checks.references import reference_problems
from qaeval.checks.tags import odd_language
from qaeval.types import Sample

SILENT_DBFS = -60.0
"""A clip is silent where its loudest sample is below."""
CLIPPED_SHARE = 0.001
"""A clip is clipped where more of its samples are at full scale, beside others that are (`qaeval.audio.levels`)."""
LENGTH_S = SLACK_S
"""Meta ``duration`` and the true length may differ by so many seconds."""

PROBLEMS = (
    REFUSED,
    *("missing", "unreadable", "wrong length", "silent", "clipped", "not numbers", "duplicate"),
    *("no reference", "empty text", "wrong encoding", "odd characters", "other script", "too fast", "too slow"),
    *("bad choices", "unknown label", "odd event", "event past the end", "overlapping events"),
    *("query not in text", "query in text", "unknown language", "other spelling"),
)
"""All that can be wrong with a sample, or with a row that is none, whatever the model."""


class Problems:
    """Finds what is wrong, sample after sample; it remembers a few bytes of each, to know it again."""

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[str, int]] = {}
        self._columns = Columns()

    def of(self, sample: Sample, look: Look) -> list[Finding]:
        """Each problem and its reason."""
        seconds = look.info.duration if look.info else None
        found = [(look.problem, look.reason)] if look.problem else []
        found += [*_of_length(sample, seconds), *_of_levels(look), *self._repeated(sample, look)]
        self._columns.add(sample)
        if odd := odd_language(sample.language):
            found.append(("unknown language", odd))
        return [*found, *reference_problems(sample, seconds)]

    def of_columns(self) -> dict[str, str]:
        """The problem ``other spelling`` of all that was seen: the reason by the id of a sample."""
        return self._columns.findings()

    def _repeated(self, sample: Sample, look: Look) -> Iterator[Finding]:
        """Whether the same bytes, or the same samples in another file, were there with the same inputs."""
        inputs = hash(tuple(sorted(sample.inputs.items()))).to_bytes(8, signed=True)
        digests = {"bytes": look.digest, "decoded samples": look.levels.digest if look.levels else b""}
        labels = tuple(sorted((name, *values) for name, values in sample.reference.labels.items()))
        told = hash((sample.reference.text, sample.reference.events, labels))
        first = None
        for what, digest in digests.items():
            if digest:
                other, reference = self._seen.setdefault(digest[:16] + inputs, (sample.id, told))
                if first is None and other != sample.id:
                    first = what, other, reference
        if first is not None:
            differs = "" if first[2] == told else ", and another reference"
            yield "duplicate", f"it has the same {first[0]} as {first[1]!r}{differs}"


def _of_length(sample: Sample, seconds: float | None) -> Iterator[Finding]:
    said: Any = sample.meta.get("duration")
    if said is None or said == "" or seconds is None:
        return
    try:
        stated = float(said)
    except (TypeError, ValueError):
        yield "wrong length", f"meta duration is {said!r:.40}, no number of seconds; the clip has {seconds:.3f} s"
        return
    if not abs(stated - seconds) <= LENGTH_S:
        yield "wrong length", f"meta duration is {stated:g} s, the clip has {seconds:.3f} s"


def _of_levels(look: Look) -> Iterator[Finding]:
    if (levels := look.levels) is None:
        return
    if levels.odd:
        yield "not numbers", f"{levels.odd} of its samples are no finite numbers"
    if levels.peak < SILENT_DBFS:
        peak = "it is digital silence" if levels.peak == -math.inf else f"its loudest sample has {levels.peak:.1f} dBFS"
        yield "silent", f"{peak}, expected at least {SILENT_DBFS:g} dBFS"
    if levels.clipped > CLIPPED_SHARE:
        yield "clipped", f"{levels.clipped:.2%} of its samples are at full scale, expected at most {CLIPPED_SHARE:.1%}"
