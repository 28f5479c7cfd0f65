"""The MIREX score of the musical key: 1 for the key itself, and a part for a near one, the mean over clips.

==== ====================================================
1    the same tonic and mode
0.5  the same mode, a perfect fifth above or below
0.3  the relative key (C major and A minor)
0.2  the parallel key (C major and C minor)
0    any other, no key, or several
==== ====================================================

A fifth below counts like one above. MIREX (wiki, "Audio Key Detection") speaks of the "distance of perfect fifth" and
names no direction; a captain of that task wrote that none was ever meant (mir_eval issue 337). The released mir_eval
(0.8.2) follows an old implementation and gives a fifth below 0 (C major told as F major); since its pull request 427 of
2025 its development version has ``allow_descending_fifths=True`` for what MIREX does. The parts say how often each
relation occurs: to have the number of mir_eval 0.8.2, take half of ``fifth_below`` off.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"key": ("C major",)}), Annotation(labels={"key": ("F major",)})
>>> score(Case(truth, reply, "", find_profile()))[""]
Ratio(num=0.5, den=1)
"""

from __future__ import annotations

from qaeval.metrics._key import EXPECTS, FIELD, one_key
from qaeval.text.labels.keys import tonic
from qaeval.types import Case, Metric, Ratio

POINTS = {"same": 1.0, "fifth_above": 0.5, "fifth_below": 0.5, "relative": 0.3, "parallel": 0.2}
"""What each relation of the told key to the true one counts."""


def score(case: Case) -> dict[str, Ratio] | None:
    """The points over 1, and each relation as a part; None where the reference is none of the 24 keys."""
    true, told = one_key(case.reference), one_key(case.hypothesis)
    if true is None:
        return None
    seen = relation(true, told) if told else ""
    return {"": Ratio(POINTS.get(seen, 0.0), 1), **{name: Ratio(int(name == seen), 1) for name in POINTS}}


def relation(true: str, told: str) -> str:
    """How two canonical keys are related, by the names of `POINTS`; ``""`` for any other relation.

    >>> relation("C major", "A minor"), relation("A minor", "E minor"), relation("C major", "D major")
    ('relative', 'fifth_above', '')
    """
    (pitch, mode), (other, other_mode) = tonic(true), tonic(told)
    up = (other - pitch) % 12
    if mode == other_mode:
        return {0: "same", 7: "fifth_above", 5: "fifth_below"}.get(up, "")
    return {0: "parallel", 9 if mode == "major" else 3: "relative"}.get(up, "")


METRIC = Metric(
    "key_score",
    FIELD,
    score,
    "higher",
    summary="mean points for the key, near ones counting in part (MIREX)",
    expects=EXPECTS,
)
