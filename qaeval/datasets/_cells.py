"""Single cells of a manifest: labels, inputs, events, ids."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from qaeval.datasets._columns import Layout
from qaeval.errors import DatasetError
from qaeval.types import Event

Labels = dict[str, tuple[str, ...]]
Inputs = dict[str, str]


def absent(cell: Any) -> bool:
    """Whether a cell holds nothing: None, or the NaN that data frames write for it."""
    return cell is None or (isinstance(cell, float) and cell != cell)


def empty(cell: Any) -> bool:
    """Whether a cell is absent or holds an empty string or no bytes."""
    return absent(cell) or (isinstance(cell, str | bytes) and not cell)


def shown(cell: object) -> str:
    """A cell and its type, for an error; never long.

    >>> shown(7)
    '7 (int)'
    """
    text = repr(cell)
    return f"{text[:80]}{'...' if len(text) > 80 else ''} ({type(cell).__name__})"


def id_of(cell: object) -> str:
    """The id in a cell."""
    if isinstance(cell, str) and cell:
        return cell
    if empty(cell):
        raise DatasetError("the id is empty")
    raise DatasetError(
        f'id: expected a string, seen {shown(cell)}; write ids as text, or leave the column out: columns={{"id": None}}'
    )


def annotated(layout: Layout, cells: Sequence[Any]) -> tuple[Labels, Inputs]:
    """The labels and inputs of a row. Nothing in the cell: unknown; an empty list of labels: known to be absent."""
    labels = {name: cells[index] for name, index in layout.labels}
    inputs = {name: cells[index] for name, index in layout.inputs}
    for group, index in layout.nested:
        cell = cells[index]
        if not (absent(cell) or isinstance(cell, Mapping)):
            raise DatasetError(f"{group}: expected a mapping, or columns such as {group}.NAME, seen {shown(cell)}")
        (labels if group == "labels" else inputs).update({} if absent(cell) else cell)
    return (
        {name: values for name, cell in labels.items() if (values := labels_of(name, cell)) is not None},
        {name: _input(name, cell) for name, cell in inputs.items() if not empty(cell)},
    )


def _input(name: str, cell: Any) -> str:
    """An input as text; a list of texts (the options of a question) as JSON."""
    cell = _plain(cell)
    if isinstance(cell, list | tuple) and cell and all(isinstance(text, str) for text in cell):
        return json.dumps(cell, ensure_ascii=False)
    return _word(f"inputs.{name}", cell)


def labels_of(name: str, cell: Any) -> tuple[str, ...] | None:
    """The values in a cell of labels; None when nothing is there."""
    cell = _plain(cell)
    if empty(cell):
        return None
    if isinstance(cell, str) and cell.startswith("["):
        cell = _json(f"labels.{name}", cell)
    values = cell if isinstance(cell, list | tuple) else [cell]
    return tuple(_word(f"labels.{name}", value) for value in values)


def _word(name: str, value: Any) -> str:
    """A label or input as text: 120.0 is ``120`` (frames make floats of integers with gaps), true is ``true``."""
    value = _plain(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and value == value:
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    raise DatasetError(f"{name}: expected a string or a number, seen {shown(value)}")


def events_of(cell: Any) -> tuple[Event, ...] | None:
    """The events in a cell, in its order; None when nothing is there."""
    cell = _plain(cell)
    if empty(cell):
        return None
    events = _json("events", cell) if isinstance(cell, str) else cell
    if not isinstance(events, list | tuple):
        raise DatasetError(f"events: expected a list of [label, onset, offset], seen {shown(events)}")
    return tuple(_event(_plain(event)) for event in events)


def _event(event: Any) -> Event:
    if isinstance(event, Mapping):
        event = [event.get("label"), event.get("onset"), event.get("offset")]
    if isinstance(event, list | tuple) and len(event) == 3:
        label, onset, offset = map(_plain, event)
        if isinstance(label, str) and all(type(time) in (int, float) for time in (onset, offset)):
            return Event(label, float(onset), float(offset))
    raise DatasetError(f"events: expected [label, onset, offset] with times in seconds, seen {shown(event)}")


def _json(name: str, cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{name}: not JSON: {error}; seen {shown(cell)}") from None


def _plain(cell: Any) -> Any:
    """What numpy wraps, as data frames do with lists and numbers, without it."""
    return cell.tolist() if hasattr(cell, "tolist") else cell
