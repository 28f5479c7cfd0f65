"""Options of loaders, checked against what their signatures say: whoever gave them, Python, a TOML file, a command."""

from __future__ import annotations

import difflib
import inspect
import numbers
import os
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from qaeval.errors import DatasetError
from qaeval.types import Dataset

_EXPECTED: dict[object, str] = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Path: "a path",
    Mapping: "names with their values",
    tuple: "a list",
    Sequence: "a list",
    Iterable: "samples",
    Dataset: "a dataset",
}
"""What is said of the kinds that are checked; a value of any other is for the loader to judge."""


def checked(
    load: Callable[..., Dataset], args: Sequence[object], options: Mapping[str, object], known: Sequence[str]
) -> None:
    """Raises `DatasetError` where a loader cannot be called so: with the nearest name, or what it expects.

    ``known`` are the options that every loader has besides its own.

    >>> def load(source: str, *, fold: int | None = None) -> Dataset: ...
    >>> checked(load, ["x"], {"fold": "one"}, ["limit"])
    Traceback (most recent call last):
    qaeval.errors.DatasetError: the loader '_options': fold: expected a whole number, seen 'one' (str)
    """
    signature = inspect.signature(load)
    name = load.__module__.rpartition(".")[2]
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    own = ", ".join(signature.parameters) or "none"
    takes = f"its options are: {own}; those of all: {', '.join(known)}"
    for option in () if inspect.Parameter.VAR_KEYWORD in kinds else options.keys() - signature.parameters.keys():
        near = difflib.get_close_matches(option, [*signature.parameters, *known])
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ";"
        raise DatasetError(f"the loader {name!r} cannot be called so: it has no option {option!r}{hint} {takes}")
    try:
        bound = signature.bind(*args, **options)
    except TypeError as error:
        raise DatasetError(f"the loader {name!r} cannot be called so: {error}; {takes}") from None
    hints = _hints(load)
    for option, value in bound.arguments.items():
        is_release = option == "source" and Path in get_args(hints.get(option))  # a loader shows what one looks like
        if option in hints and not is_release and (expected := _lacks(value, hints[option])):
            text = f"; as a string: {str(value)!r}" if "a string" in expected and type(value) in (int, float) else ""
            seen = f"{value!r:.80} ({type(value).__name__}){text}"
            raise DatasetError(f"the loader {name!r}: {option}: expected {expected}, seen {seen}")


def _hints(load: Callable[..., Dataset]) -> dict[str, Any]:
    """What the parameters are to be; nothing where a name in them is for type checkers only, but for pandas."""
    try:
        return get_type_hints(load, localns={"pd": types.SimpleNamespace(DataFrame=object)})
    except NameError:
        return {}


def _lacks(value: object, hint: Any) -> str:
    """What was expected instead of the value; ``""`` where it is of that kind, or of one that is not checked.

    >>> _lacks(3, str | None), _lacks(None, str | None), _lacks(True, int), _lacks([1, 2], int | tuple)
    ('a string', '', 'a whole number', '')
    """
    union = get_origin(hint) in (Union, types.UnionType)
    wanted = [get_origin(one) or one for one in (get_args(hint) if union else [hint])]
    kinds = [kind for kind in wanted if kind is not types.NoneType]
    if any(kind not in _EXPECTED for kind in kinds) or any(_is_one(value, kind) for kind in wanted):
        return ""
    return " or ".join(_EXPECTED[kind] for kind in kinds if not (kind is str and Path in kinds))


def _is_one(value: object, kind: Any) -> bool:
    is_bool = type(value).__name__ in ("bool", "bool_")  # numpy's, too
    if kind is bool or is_bool:
        return is_bool and kind is bool
    if kind is int:
        return hasattr(value, "__index__")
    if kind is float:
        return isinstance(value, numbers.Real)
    if kind is Path:
        return isinstance(value, os.PathLike)
    if kind in (tuple, Sequence):
        return isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return isinstance(value, kind) if isinstance(kind, type) else False
