"""The share of clips whose key is told exactly: tonic and mode, enharmonic names being the same key (C# is Db).

A reply that tells no key, several, or a mode that is neither major nor minor is wrong. Clips whose reference is none of
the 24 keys (``X``, Dorian ...) have no row. `key_score` gives near keys a part.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, reply = Annotation(labels={"key": ("C# minor",)}), Annotation(labels={"key": ("Db minor",)})
>>> score(Case(truth, reply, "", find_profile()))
Ratio(num=1, den=1)
"""

from __future__ import annotations

from qaeval.metrics._key import EXPECTS, FIELD, one_key
from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> Ratio | None:
    """1 when the one told key is the true one."""
    true = one_key(case.reference)
    return None if true is None else Ratio(int(one_key(case.hypothesis) == true), 1)


METRIC = Metric(
    "key_accuracy", FIELD, score, "higher", summary="share of clips whose key is told exactly", expects=EXPECTS
)
