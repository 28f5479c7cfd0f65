"""The closed label sets of data sets of sounds, as ``inputs["choices"]`` needs them (see `qaeval.tasks.sounds`)."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any

from qaeval import registry


@functools.cache
def _sets() -> dict[str, Any]:
    return tomllib.loads((resources.files("qaeval.text.labels") / "label_sets.toml").read_text("utf-8"))


def label_sets() -> list[str]:
    """The names of the sets, in alphabetical order.

    >>> label_sets()
    ['esc10', 'esc50', 'urbansound8k', 'vocalsound']
    """
    return sorted(_sets())


def find_label_set(name: str) -> tuple[str, ...]:
    """The labels of a set, in their data set's spelling and order. Raises `UnknownNameError` with the nearest names.

    >>> ", ".join(find_label_set("vocalsound"))
    'laughter, sigh, cough, throat clearing, sneeze, sniff'
    """
    if name not in _sets():
        raise registry.unknown("label set", name, label_sets())
    return tuple(_sets()[name]["labels"])
