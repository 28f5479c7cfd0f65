"""Finds what a name means: in a folder of its kind, the file's name is its name. There is no list to edit."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType

from qaeval.errors import UnknownNameError

_MOST, _SOME = 100, 20  # so many names are all told; of more so many


def names(package: ModuleType, attribute: str) -> list[str]:
    """The modules of a package that define ``attribute``, in alphabetical order (this imports them)."""
    found = sorted(info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_"))
    return [name for name in found if hasattr(importlib.import_module(f"{package.__name__}.{name}"), attribute)]


def find(package: ModuleType, name: str, attribute: str, kind: str) -> object:
    """``attribute`` of the module ``name`` of a package.

    Raises `UnknownNameError` with the nearest names when there is no such module.
    """
    known = {info.name for info in pkgutil.iter_modules(package.__path__)}
    module = importlib.import_module(f"{package.__name__}.{name}") if name in known else None
    if module is None or name.startswith("_") or not hasattr(module, attribute):
        raise unknown(kind, name, names(package, attribute))
    found: object = getattr(module, attribute)
    return found


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """The error for a name that nothing bears.

    >>> str(unknown("task", "transcibe", ["locate", "transcribe"]))
    "unknown task 'transcibe'; did you mean 'transcribe'? There are: locate, transcribe"
    """
    return UnknownNameError(f"unknown {kind} {name!r}{nearest(name, known, 0.5)}")


def nearest(name: str, known: Iterable[str], alike: float = 0.6) -> str:
    """The end of a sentence about a name that nothing bears: those that are like it (0 to 1), and what there is.

    >>> nearest("regoin", ["region", "rates"])
    "; did you mean 'region'? There are: rates, region"
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=alike)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
    if len(known) > _MOST:
        return f"{hint} There are {len(known):,}, among them: {', '.join(known[:_SOME])}"
    return f"{hint} There are: {', '.join(known) or 'none'}"
