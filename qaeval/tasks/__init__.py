"""The tasks: one file each, whose name is the task's name and which defines ``TASK``.

To add one, put a file here that defines ``TASK = Task(name, needs, prompts, parse, metrics, ...)`` (see
`qaeval.types.Task`); or hand such an object to `qaeval.run`.
"""

from __future__ import annotations

import sys
from typing import cast

from qaeval import registry
from qaeval.types import Task


def names() -> list[str]:
    """The names of the tasks, in alphabetical order.

    >>> "transcribe" in names()
    True
    """
    return registry.names(sys.modules[__name__], "TASK")


def find(name: str) -> Task:
    """The task of that name.

    Raises `UnknownNameError` with the nearest names.

    >>> find("locate").inputs
    ('query',)
    """
    return cast(Task, registry.find(sys.modules[__name__], name, "TASK", "task"))
