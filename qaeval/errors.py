"""The errors a user can meet. Each says what is wrong, where, what was expected and seen, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal


class QaevalError(Exception):
    """Any error that qaeval raises on purpose; the command line prints it without a traceback."""


class AudioError(QaevalError):
    """A clip that cannot be read, decoded or written; the message names it."""


class LengthError(AudioError):
    """A clip whose header states another length than the file has; it is cut off, or the header is wrong."""


class DatasetError(QaevalError):
    """A dataset that is not as it should be; the message names the file and the line."""


class UnknownNameError(QaevalError):
    """A name that nothing bears; the message lists the nearest ones."""


class ModelError(QaevalError):
    """A model that cannot work at all: a missing extra or key, wrong weights, no quota left, a retired snapshot.

    Raised from an ``ask``, it stops the model's lane: what is left gets ``outcome`` (failed, quota or retired).
    """

    def __init__(self, reason: str, outcome: Literal["failed", "quota", "retired"] = "failed") -> None:
        super().__init__(reason)
        self.outcome = outcome


class TransientError(QaevalError):
    """Raised from an ``ask``: the service could not answer now, and the same request is worth sending again.

    ``retry_after`` is the wait in seconds that the service asked for; ``throttled`` says that it was asked too fast;
    ``attempts`` is the most attempts in all that are worth it (None: the runner's own number); ``usage`` the tokens
    that the failed attempt is known to have cost.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float | None = None,
        throttled: bool = False,
        attempts: int | None = None,
        usage: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.throttled = throttled
        self.attempts = attempts
        self.usage = dict(usage or {})


class RunError(QaevalError):
    """A run that cannot be started, resumed or read."""


class ScoreError(QaevalError):
    """Scores that cannot be made or must not be compared."""


class UnsupportedLanguageError(ScoreError):
    """A text in a language that the profile has no rules for: it is not scored, rather than wrongly."""


class UnscoredLanguageWarning(UserWarning):
    """Samples whose texts have no score, since the profile has no rules for their language."""


class UnreadReferenceWarning(UserWarning):
    """Samples that some metrics have no row of, since they cannot read what the reference says."""


class FittingWarning(UserWarning):
    """Two models are compared of which one heard a clip as it is, and the other cut, in parts or re-encoded."""


class DatasetWarning(UserWarning):
    """Rows of a dataset were passed over, as asked, for they are not as they should be."""


class SelfPreferenceWarning(UserWarning):
    """A judge is of the family of a model that it judges, and may prefer its family's style."""
