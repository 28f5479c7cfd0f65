"""The errors a user can meet. Each says what is wrong, where, what was expected and seen, and what to do."""

from __future__ import annotations


class QaevalError(Exception):
    """Any error that qaeval raises on purpose; the command line prints it without a traceback."""


class AudioError(QaevalError):
    """A clip that cannot be read, decoded or written; the message names it."""


class DatasetError(QaevalError):
    """A dataset that is not as it should be; the message names the file and the line."""


class UnknownNameError(QaevalError):
    """A name that nothing bears; the message lists the nearest ones."""


class ModelError(QaevalError):
    """A model that cannot be made: a missing extra, wrong weights, a name it does not know."""


class RunError(QaevalError):
    """A run that cannot be started, resumed or read."""


class ScoreError(QaevalError):
    """Scores that cannot be made or must not be compared."""


class UnsupportedLanguageError(ScoreError):
    """A text in a language that the profile has no rules for: it is not scored, rather than wrongly."""


class UnscoredLanguageWarning(UserWarning):
    """Samples whose texts have no score, since the profile has no rules for their language."""
