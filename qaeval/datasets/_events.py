"""Tables of sound events: one event a row, the rows of a clip gathered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from qaeval.datasets._corpus import Cells, Torn, torn
from qaeval.errors import DatasetError, QaevalError
from qaeval.types import Annotation, Event


class Clip(dict[str, str]):
    """The cells of a clip, and its events."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        super().__init__(cells)
        self.events: list[Event] = []

    @property
    def reference(self) -> Annotation:
        """The events, each once and in the order of time, and the label ``sound``: what is heard in the clip."""
        events = tuple(sorted(set(self.events), key=lambda event: (event.onset, event.offset, event.label)))
        return Annotation(events=events, labels={"sound": tuple(dict.fromkeys(event.label for event in events))})


def gathered(
    rows: Iterable[tuple[str, Cells]], clip: str, onset: str, offset: str, label: str
) -> Iterator[tuple[str, Cells]]:
    """Each clip, in the order of its first row, as a `Clip` whose one cell is its name.

    ``clip`` and the others are columns, times are seconds. A row without times and label says that nothing is heard. A
    clip with a row that cannot be read is torn, for its reference would not be whole. Events of a clip may stand
    anywhere in the table, so all of it is remembered.
    """
    clips: dict[str, tuple[str, Clip | Torn]] = {}
    for place, cells in rows:
        if isinstance(cells, Torn):
            yield place, cells
            continue
        name = cells.get(clip, "").strip()
        where, found = clips.setdefault(name, (place, Clip({clip: name})))
        if isinstance(found, Clip):
            try:
                found.events += _events(cells, clip, onset, offset, label)
            except QaevalError as error:
                clips[name] = where, torn(str(error) if where == place else f"{error} ({place})")
    yield from clips.values()


def _events(cells: Cells, clip: str, onset: str, offset: str, label: str) -> list[Event]:
    missing = [name for name in (clip, onset, offset, label) if name not in cells]
    if missing:
        raise DatasetError(f"expected the columns {', '.join((clip, onset, offset, label))}, seen {', '.join(cells)}")
    if not cells[clip].strip():
        raise DatasetError(f"the cell {clip!r} is empty")
    if not any(cells[name].strip() for name in (onset, offset, label)):
        return []
    return [event(cells[label], cells[onset], cells[offset])]


def event(label: str, onset: str, offset: str) -> Event:
    """An event of the cells of a table; times are seconds. Raises `QaevalError`.

    >>> event("car", "0.500", "2")
    Event(label='car', onset=0.5, offset=2.0)
    """
    if not label.strip():
        raise DatasetError(f"an event from {onset[:20]!r} to {offset[:20]!r} has no label")
    try:
        times = float(onset), float(offset)
    except ValueError:
        raise DatasetError(
            f"event {label[:60]!r}: expected two times in seconds, seen {onset[:20]!r} and {offset[:20]!r}"
        ) from None
    return Event(label.strip(), *times)
