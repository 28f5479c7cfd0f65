"""How many replies become one value where that is not sum over sum: the built-in `Reducer` objects, by name.

A scores frame names the reducer of each metric in its column ``reduce``; `find` gives it back. A metric of one's own
may bring its own: it is known (`remember`) once something was scored by it in this process.
"""

from __future__ import annotations

from qaeval import registry
from qaeval.errors import ScoreError
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
