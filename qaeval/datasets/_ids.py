"""Unique ids, remembered in little memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Key = str | tuple[str, tuple[tuple[str, str], ...]]
"""What must not come twice: an id, or without ids the name of the audio (with the inputs, where there are any)."""


def key_of(given: str | None, name: str, inputs: Mapping[str, str]) -> Key:
    """The key of a row.

    >>> key_of(None, "a.wav", {"query": "cat"})
    ('a.wav', (('query', 'cat'),))
    """
    return given or ((name, tuple(sorted(inputs.items()))) if inputs else name)


@dataclass(frozen=True, slots=True)
class Identities:
    """What has been seen in one pass, as 64-bit hashes (about 65 bytes a row)."""

    _seen: set[int] = field(default_factory=set)
    _times: dict[int, int] = field(default_factory=dict)

    def is_new(self, key: Key) -> bool:
        """Whether this key is seen for the first time; wrongly false once in 3e7 passes over a million rows."""
        before = len(self._seen)
        self._seen.add(hash(key))
        return len(self._seen) > before

    def id_of(self, key: Key) -> str:
        """The id of a row: its key, or the audio's name with ``#2``, ``#3`` ... as it comes with more inputs.

        >>> ids = Identities()
        >>> [ids.id_of(key_of(None, "a.wav", {"query": query})) for query in ("cat", "dog")]
        ['a.wav', 'a.wav#2']
        """
        if isinstance(key, str):
            return key
        name = key[0]
        times = self._times.get(hash(name), 0) + 1
        while times > 1 and hash(f"{name}#{times}") in self._times:
            times += 1
        id = f"{name}#{times}" if times > 1 else name
        self._times[hash(name)] = times
        self._times.setdefault(hash(id), 1)
        return id
