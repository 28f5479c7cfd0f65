"""How many replies become one value where that is not sum over sum: the built-in `Reducer` objects, by name.

A scores frame names the reducer of each metric in its column ``reduce``; `find` gives it back. A metric of one's own
may bring its own: it is known (`remember`) once something was scored by it in this process.

What each needs of the parts of a metric (all are nan where there is nothing to tell):

- `MEDIAN`, `P90`: one part an amount, named as one likes (``"1"``, ``"2"`` ...), ``Ratio(amount, 1)``.
- `MACRO_F1`, `BALANCED_ACCURACY`, `KAPPA`, `QUADRATIC_KAPPA`, `MAJORITY`: parts named by `confusion`, ``Ratio(1, 1)``.
- `MICRO_F1`: parts ``tp``, ``fp``, ``fn``; `MACRO_F1_SETS`: ``tp:<label>``, ``fp:<label>``, ``fn:<label>``; their
  numerators count (denominator 1).
- `BLEU`: ``hypothesis`` and ``reference`` (lengths), ``match-n`` and ``total-n``, n = 1 to 4; `CHRF`: ``match-n``,
  ``hyp-n``, ``ref-n``, n = 1 to 6 (``hyp-n`` is 0 where the reference has no such n-gram, as sacreBLEU counts); the
  numerators count (denominator 1).
"""

from __future__ import annotations

from qaeval import registry
from qaeval.errors import ScoreError
from qaeval.reducers import _classes, _ngrams, _sets
from qaeval.reducers._classes import confused as confused, confusion as confusion
from qaeval.reducers._quantiles import quantile as quantile
from qaeval.types import Reducer

_KNOWN: dict[str, Reducer] = {}


def find(name: str) -> Reducer:
    """The reducer of that name.

    Raises `UnknownNameError`; the reducer of a metric of one's own must have been used in this process.
    """
    if name not in _KNOWN:
        raise registry.unknown(
            "reducer (one's own is known once the run is scored again in this process)", name, _KNOWN
        )
    return _KNOWN[name]


def remember(reducer: Reducer) -> str:
    """Keeps a reducer for `find`, and gives its name. Raises `ScoreError` when another one bears it."""
    if _KNOWN.setdefault(reducer.name, reducer) is not reducer:
        raise ScoreError(f"two reducers have the name {reducer.name!r}; give yours another")
    return reducer.name


MEDIAN = quantile("median", 0.5)
P90 = quantile("p90", 0.9)
MACRO_F1 = Reducer("macro_f1", _classes.macro_f1)
BALANCED_ACCURACY = Reducer("balanced_accuracy", _classes.balanced_accuracy)
KAPPA = Reducer("kappa", _classes.kappa)
QUADRATIC_KAPPA = Reducer("quadratic_kappa", _classes.quadratic_kappa)
MAJORITY = Reducer("majority", _classes.majority)
MICRO_F1 = Reducer("micro_f1", _sets.micro_f1)
MACRO_F1_SETS = Reducer("macro_f1_sets", _sets.macro_f1_sets)
BLEU = Reducer("bleu", _ngrams.bleu)
CHRF = Reducer("chrf", _ngrams.chrf)

_CLASSES = (MACRO_F1, BALANCED_ACCURACY, KAPPA, QUADRATIC_KAPPA, MAJORITY)
for _reducer in (MEDIAN, P90, *_CLASSES, MICRO_F1, MACRO_F1_SETS, BLEU, CHRF):
    remember(_reducer)
