"""From requests to replies in the journal: one lane a model, resumable at any instant.

``requests``: what is asked; ``hearing``: what a clip is; ``spool``: the samples on their way; ``lane``: one model at
work; ``calling``: one request until its reply, by ``attempts``, ``answers`` (what an ask says), ``retrying``, ``gate``
(how many at once), ``pacing`` (how fast), ``budget`` and ``bounds`` (how much); ``crew`` and ``waiting``: the threads;
``earlier``: what calls before this one sent and spent; ``canary``: has the model changed; ``logbook``: run.log;
``session``: all of it, from taking the lock to the finished tables.
"""

from qaeval.runner.budget import Budget as Budget, Budgets as Budgets
from qaeval.runner.requests import Plan as Plan, fits as fits, missing as missing, places as places
from qaeval.runner.session import execute as execute
