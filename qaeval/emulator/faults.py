"""Faults on request. Which request meets which is drawn from a hash of the seed and the request's number."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from qaeval.errors import QaevalError

FAULTS = {
    "latency": "the answer takes three seconds longer",
    "storm": "429 to each of 8 requests in a row",
    "error_500": "500 InternalError.Algo",
    "error_503": "503 ModelUnavailable",
    "drop_before": "the connection closes when the request has been read; no engine runs",
    "drop_after": "the answer is made and counted, then the connection closes without a byte of it",
    "html": "502 with a page of HTML",
    "no_output": "200 with a body that has no answer in it",
    "torn_json": "200 with half of the JSON",
    "slow_sse": "the frames of a stream come half a second apart",
    "cut_sse": "the connection closes half-way through the answer",
    "stream_error": "an error in the middle of a stream",
    "wrong_usage": "one audio token, however long the clip is",
    "empty": "an answer without text",
}
STORM = 8
"""Requests in a row that a storm refuses."""
SPIKE_S = 3.0
SLOW_S = 0.5


def check(faults: Mapping[str, float]) -> None:
    """Raises `QaevalError` for a fault that does not exist and for probabilities that are none.

    >>> check({"drop": 0.1})
    Traceback (most recent call last):
    qaeval.errors.QaevalError: unknown fault 'drop'; there are: cut_sse, drop_after, drop_before, empty, error_500,
    error_503, html, latency, no_output, slow_sse, storm, stream_error, torn_json, wrong_usage
    """
    for name, probability in faults.items():
        if name not in FAULTS:
            raise QaevalError(f"unknown fault {name!r}; there are: {', '.join(sorted(FAULTS))}")
        if not 0 <= probability <= 1:
            raise QaevalError(f"the fault {name!r} needs a probability from 0 to 1, seen {probability}")
    if (total := sum(faults.values())) > 1:
        raise QaevalError(f"the probabilities of all faults together are at most 1, seen {total:g}")


def drawn(faults: Mapping[str, float], seed: int, number: int) -> str:
    """The fault that request ``number`` (from 0) meets, ``""`` for none.

    A storm is drawn for each `STORM` numbers together, so that its probability is, like the others', a share of all
    requests.

    >>> [drawn({"html": 0.5}, 7, number) for number in range(4)] == [drawn({"html": 0.5}, 7, n) for n in range(4)]
    True
    >>> drawn({}, 7, 0)
    ''
    """
    if not faults:
        return ""
    if _uniform(seed, f"storm {number // STORM}") < faults.get("storm", 0.0):
        return "storm"
    left = _uniform(seed, str(number)) * (1 - faults.get("storm", 0.0))
    for name in sorted(faults.keys() - {"storm"}):
        left -= faults[name]
        if left < 0:
            return name
    return ""


def _uniform(seed: int, what: str) -> float:
    """A number from 0 to 1 (never 1) that only depends on its arguments."""
    digest = hashlib.sha256(f"{seed} {what}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
