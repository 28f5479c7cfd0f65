"""From requests to replies in the journal: one lane a model, resumable at any instant.

``requests``: what is asked; ``hearing``: what a clip is; ``spool``: the samples on their way; ``lane``: one model at
work; ``crew``: the threads; ``session``: all of it, from taking the lock to the finished tables.
"""

from qaeval.runner.requests import Plan as Plan, fits as fits, missing as missing, places as places
from qaeval.runner.session import execute as execute
