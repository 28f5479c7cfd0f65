"""Datasets that are opened without being read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from qaeval.types import Dataset, Sample


class LazyDataset(Dataset):
    """A dataset whose fingerprint is worked out when it is first asked for, since that reads all of the data.

    ``digest()`` gives the bytes to fingerprint in pieces; ``options`` are what else decides what the samples are.
    """

    __slots__ = ("_digest", "_found", "_options")
    _digest: Callable[[], Iterable[bytes]]
    _options: object
    _found: str

    def __init__(
        self,
        name: str,
        read: Callable[[], Iterable[Sample]],
        digest: Callable[[], Iterable[bytes]],
        options: object = (),
    ) -> None:
        put = object.__setattr__
        put(self, "name", name)
        put(self, "read", read)
        put(self, "_digest", digest)
        put(self, "_options", options)
        put(self, "_found", "")

    def __reduce__(self) -> tuple[type[LazyDataset], tuple[Any, ...]]:
        return LazyDataset, (self.name, self.read, self._digest, self._options)

    @property
    def fingerprint(self) -> str:
        """16 hex digits of a sha256 over the data and the options."""
        if not self._found:
            object.__setattr__(self, "_found", fingerprint(self._digest(), self._options))
        return self._found


def fingerprint(pieces: Iterable[bytes], options: object) -> str:
    """16 hex digits of a sha256.

    >>> fingerprint([b"a", b"b"], ()) == fingerprint([b"ab"], ())
    True
    """
    digest = hashlib.sha256(repr(options).encode("utf-8", "surrogatepass") + b"\0")
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()[:16]


def packed(value: Any) -> bytes:
    """Bytes that differ when a cell does; audio is taken as it is.

    >>> packed("1") == packed(1)
    False
    """
    if isinstance(value, bytes):
        return b"b%d:" % len(value) + value
    if isinstance(value, Mapping):
        return b"{" + b"".join(packed(key) + packed(item) for key, item in value.items()) + b"}"
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return b"[" + b"".join(map(packed, value)) + b"]"
    return f"{value!r};".encode("utf-8", "surrogatepass")
