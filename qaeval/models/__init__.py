"""Models: what answers requests. A model's name is ``provider/rest``; each provider is a module of this folder.

A provider module has ``load(rest) -> Model``, a one-line ``SUMMARY`` and ``EXAMPLES``, full names of models that it
makes. It is found by its file's name; there is no list to edit. Loading is cheap: weights are read at the first ask.
A ``load(rest, catalogue)`` with a second argument is given the `qaeval.models.catalogue.Catalogue` of the call, too.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from qaeval import registry
from qaeval.errors import UnknownNameError
from qaeval.types import Model

if TYPE_CHECKING:
    from qaeval.models.catalogue import Catalogue


def find(name: str, catalogue: Catalogue | None = None) -> Model:
    """The model that ``provider/rest`` names, or that bears the name in the catalogue (None: `read_catalogue`'s).

    Raises `UnknownNameError` with the nearest names when nothing bears the name, and `ModelError` when the model cannot
    be made (a missing extra or file, a catalogue file that is wrong).

    >>> find("control/majority")
    Model(name='control/majority', concurrency=8, reads_prompt=False, endpoint='', facts={'control': 'majority'})
    """
    provider, _, rest = name.partition("/")
    if not _is_provider(provider):
        provider, rest = _in_catalogue(name, catalogue)
    load = cast(Callable[..., Model], registry.find(sys.modules[__name__], provider, "load", "model provider"))
    if len(inspect.signature(load).parameters) < 2:
        return load(rest)
    return load(rest, _given(catalogue))


def _is_provider(name: str) -> bool:
    there = not name.startswith("_") and name in {info.name for info in pkgutil.iter_modules(__path__)}
    return there and hasattr(importlib.import_module(f"{__name__}.{name}"), "load")


def _in_catalogue(name: str, catalogue: Catalogue | None) -> tuple[str, str]:
    """The provider of a model of the catalogue, and its name on the wire."""
    known = _given(catalogue)
    try:
        entry = known.find(name)
    except UnknownNameError:
        raise registry.unknown("model", name, {*names(), *known.names()}) from None
    return entry.provider, entry.name


def _given(catalogue: Catalogue | None) -> Catalogue:
    from qaeval.models.catalogue import read_catalogue  # it needs this package to be there already

    return read_catalogue() if catalogue is None else catalogue


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
