"""Checks what is said of a model, field by field, against the types of `qaeval.models.catalogue.Entry`."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import math
import re
import types
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from qaeval.errors import ModelError
from qaeval.redaction import redact
from qaeval.registry import nearest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_URL = (r"https?://[^\s/@?#]+(/[^\s@?#]*)?", "a URL such as https://host/api/v1, without a key or a query in it")
_PATTERNS = {
    "provider": (r"[a-z][a-z0-9_]*", "a provider of models, such as dashscope or openai"),
    "retired_on": (_DAY, "a day such as 2026-01-30"),
    "means_retired_on": (rf"unknown|{_DAY}", "a day such as 2026-01-30, or unknown"),
    "date": (rf"\d{{4}}-\d\d|{_DAY}", "a day or a month, such as 2026-11-01 or 2026-11"),
    "key_env": (r"[A-Z_][A-Z0-9_]*", "the name of an environment variable in capitals; a key itself has no place here"),
    "base_url": _URL,
    "endpoints": _URL,
    "aliases": (r"\S+", "a name without spaces"),
    "audio.languages": (r"[a-z]{2,3}", "a lower-case language code such as zh or yue"),
}
"""What a text must look like, by the path of its field; an empty text is allowed where it means that there is none."""
_ABOVE_ZERO = {
    *("context", "max_input", "max_output", "concurrency", "audio.seconds", "audio.size", "audio.tokens_per_second"),
    *("rates.requests_per_minute", "rates.tokens_per_minute"),
}
_HIDDEN = "something else"
_NOT_SAID = {"name", "rehearsal"}  # the table's own name is the model's; only a rehearsal makes a rehearsal


def changed(old: T, changes: Mapping[str, Any], where: str, path: str = "") -> T:
    """A copy of a frozen dataclass with some fields set: tables are merged, all else is replaced.

    ``where`` names the file and the model, ``path`` is that of ``old`` with a dot, for errors. Raises `ModelError` for
    an unknown field, a wrong type or an impossible value.

    >>> from qaeval.types import RateLimits
    >>> changed(RateLimits(60, 100_000), {"requests_per_minute": 90}, "mine.toml: model 'x'", "rates.")
    RateLimits(requests_per_minute=90, tokens_per_minute=100000, per_second=False)
    """
    kinds = _kinds(type(old))
    for name in changes:
        if name not in kinds:
            raise ModelError(
                f"{where}: unknown field {f'{path}{name}'!r}{nearest(name, kinds)}{_unquoted(changes[name])}"
            )
    values = {
        name: _taken(kinds[name], value, getattr(old, name), where, f"{path}{name}") for name, value in changes.items()
    }
    return dataclasses.replace(old, **values)


@functools.cache
def _kinds(cls: type) -> dict[str, Any]:
    return {name: kind for name, kind in typing.get_type_hints(cls).items() if name not in _NOT_SAID}


def _unquoted(value: Any) -> str:
    """A hint for ``[qwen3.5-omni-plus]``, which TOML takes for the table ``5-omni-plus`` of a model ``qwen3``."""
    return '. A model\'s name with a dot needs quotes: ["qwen3.5-omni-plus"]' if isinstance(value, Mapping) else ""


def _taken(kind: Any, value: Any, old: Any, where: str, path: str) -> Any:
    """The value of a field, once it is what the field's type wants."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return changed(old or kind(), _table(value, where, path), where, f"{path}.")  # type: ignore[operator]
    if origin is Mapping:
        said = _table(value, where, path).items()
        return {**old, **{name: _taken(inner[1], item, old.get(name), where, f"{path}.{name}") for name, item in said}}
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise _wrong(where, path, "a list of texts", value)
        return tuple(_text(item, where, path) for item in value)
    if origin is typing.Literal:
        if value not in inner:
            raise _wrong(where, path, " or ".join(map(repr, inner)), value)
        return value
    if origin is types.UnionType:  # a figure, or None
        return None if value is None else _number(inner[0], value, where, path)
    return _plain(kind, value, where, path)


def _plain(kind: type, value: Any, where: str, path: str) -> Any:
    if kind is bool:
        if not isinstance(value, bool):
            raise _wrong(where, path, "true or false", value)
        return value
    return _text(value, where, path) if kind is str else _number(kind, value, where, path)


def _number(kind: type, value: Any, where: str, path: str) -> Any:
    wanted = int if kind is int else int | float
    fits = isinstance(value, wanted) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or value < 0 or (value == 0 and path in _ABOVE_ZERO):
        what = "a whole number" if kind is int else "a number"
        raise _wrong(where, path, f"{what} {'above 0' if path in _ABOVE_ZERO else 'of 0 or more'}", value)
    return value


def _text(value: Any, where: str, path: str) -> str:
    if type(value) is datetime.date:  # as TOML reads a day without quotes
        value = value.isoformat()
    pattern, expected = _PATTERNS.get(path) or _PATTERNS.get(path.rpartition(".")[0], ("", "a text"))
    if not isinstance(value, str) or (pattern and value and not re.fullmatch(pattern, value)):
        seen = _HIDDEN if path == "key_env" else value  # it may be a key
        raise _wrong(where, path, expected, seen)
    return value


def _table(value: Any, where: str, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(where, path, "a table", value)
    return value


def _wrong(where: str, path: str, expected: str, seen: Any) -> ModelError:
    told = seen if seen == _HIDDEN else redact(repr(seen))
    return ModelError(f"{where}: {path}: expected {expected}, seen {told:.80}")
