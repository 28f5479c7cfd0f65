"""Models: what answers requests. A model's name is ``provider/rest``; each provider is a module of this folder.

A provider module has ``load(rest) -> Model``, a one-line ``SUMMARY`` and ``EXAMPLES``, full names of models that it
makes. It is found by its file's name; there is no list to edit. Loading is cheap: weights are read at the first ask.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any, cast

from qaeval import registry
from qaeval.errors import UnknownNameError
from qaeval.types import Model


def find(name: str) -> Model:
    """The model that ``provider/rest`` names.

    Raises `UnknownNameError` with the nearest names when nothing bears the name, and `ModelError` when the model cannot
    be made (a missing extra or file).

    >>> find("control/majority")
    Model(name='control/majority', concurrency=8, reads_prompt=False, endpoint='', facts={'control': 'majority'})
    """
    provider, _, rest = name.partition("/")
    try:
        load = cast(Callable[[str], Model], registry.find(sys.modules[__name__], provider, "load", "model provider"))
    except UnknownNameError:
        raise registry.unknown("model", name, names()) from None
    return load(rest)


def names() -> list[str]:
    """Names of models that the providers give as examples, in alphabetical order.

    >>> "whisper/base" in names()
    True
    """
    return sorted(name for provider in _providers() for name in _constant(provider, "EXAMPLES", ()))


def summaries() -> dict[str, str]:
    """What each provider offers, in one line.

    >>> sorted(summaries())[:1]
    ['control']
    """
    return {provider: str(_constant(provider, "SUMMARY", "")) for provider in _providers()}


def _providers() -> list[str]:
    return registry.names(sys.modules[__name__], "load")


def _constant(provider: str, name: str, default: Any) -> Any:
    return getattr(importlib.import_module(f"{__name__}.{provider}"), name, default)
