"""The metrics: one small file each, whose name is the metric's name and which defines ``METRIC``.

To add one, put a file here that defines ``METRIC = Metric(name, field, score, ...)`` (see `qaeval.types.Metric`) and
name it in a task. Files whose name begins with ``_`` hold what several metrics share.
"""

from __future__ import annotations

import sys
from typing import cast

from qaeval import registry
from qaeval.types import Metric


def names() -> list[str]:
    """The names of the metrics, in alphabetical order.

    >>> "wer" in names()
    True
    """
    return registry.names(sys.modules[__name__], "METRIC")


def find(name: str) -> Metric:
    """The metric of that name.

    Raises `UnknownNameError` with the nearest names.

    >>> find("cer").better
    'lower'
    """
    return cast(Metric, registry.find(sys.modules[__name__], name, "METRIC", "metric"))
