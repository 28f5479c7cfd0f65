"""Where the audio of a clip is, a labelled clip, and a dataset of them. Nothing here reads a file or decodes audio."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field as member
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from qaeval.errors import DatasetError
from qaeval.languages import language_code
from qaeval.types.annotations import Annotation


class Stored(Protocol):
    """Encoded audio that is read when it is needed: a file within an archive, say. It raises `AudioError`."""

    def read(self) -> bytes:
        """All of it."""


@dataclass(frozen=True, slots=True)
class Audio:
    """Where a clip's encoded audio is: a path, an http(s) URL, the bytes of the file themselves, or `Stored`.

    ``name`` is what the dataset calls it (a path relative to the dataset's folder); ``sha256`` is the hex digest of the
    encoded bytes, ``""`` until known. Nothing is read or decoded here: see `qaeval.audio`.

    >>> Audio("/corpus/clips/0001.wav", name="clips/0001.wav")
    Audio(name='clips/0001.wav', sha256='')
    >>> Audio(b"RIFF").name, Audio("https://example.org/0001.wav").is_url
    ('<4 bytes>', True)
    """

    source: str | Path | bytes | Stored = member(repr=False)
    name: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            size = f"<{len(self.source)} bytes>" if isinstance(self.source, bytes) else str(self.source)
            object.__setattr__(self, "name", size)

    @property
    def is_url(self) -> bool:
        """Whether the source is an http(s) URL."""
        return isinstance(self.source, str) and is_url(self.source)


def is_url(source: str) -> bool:
    """Whether a text is an http(s) URL.

    >>> is_url("HTTPS://example.org/a.wav"), is_url("clips/http/a.wav")
    (True, False)
    """
    return source[:8].lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled clip.

    ``meta`` becomes columns to slice and cluster by (speaker, dialect, fold ...; ``language``, a tag such as ``en`` or
    ``zh-CN``, is kept as a code and also chooses the normalisation); ``inputs`` fills the prompt (``query`` ...).

    Raises `DatasetError` for an id that is not a text or empty, and for a language that cannot be told.

    >>> Sample("a", "a.wav", Annotation(text="你好"), {"speaker": "s1", "language": "zh-CN"}).meta
    {'speaker': 's1', 'language': 'zh'}
    """

    id: str
    audio: Audio
    reference: Annotation = member(default=Annotation())
    meta: Mapping[str, Any] = member(default_factory=dict)
    inputs: Mapping[str, str] = member(default_factory=dict)

    def __init__(
        self,
        id: str,
        audio: Audio | str | Path | bytes,
        reference: Annotation | None = None,
        meta: Mapping[str, Any] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        if not isinstance(id, str) or not id:
            raise DatasetError(f"a sample's id must be a non-empty string, seen {id!r}")
        meta = meta or {}
        if "language" in meta:
            try:
                code = language_code(meta["language"])
            except DatasetError as error:
                raise DatasetError(f"sample {id!r}: {error}") from None
            meta = meta if code == meta["language"] else {**meta, "language": code}
        put = object.__setattr__
        put(self, "id", id)
        put(self, "audio", audio if isinstance(audio, Audio) else Audio(audio))
        put(self, "reference", reference or Annotation())
        put(self, "meta", meta)
        put(self, "inputs", inputs or {})

    @property
    def language(self) -> str:
        """The language code of the clip, ``""`` when the dataset does not say."""
        return str(self.meta.get("language", ""))


@dataclass(frozen=True)
class Dataset:
    """A named, lazy, re-iterable source of samples in a stable order.

    ``read()`` is called anew for every pass, ``digest()`` once, when the `fingerprint` is first asked for. It shows
    itself by its name alone: the rest takes a pass over the data, such as ``sum(1 for clip in clips)``.

    >>> clips = Dataset("mine", lambda: [Sample("a", "a.wav")], digest=lambda: "v1")
    >>> clips, [clip.id for clip in clips], clips.fingerprint
    (Dataset(name='mine'), ['a'], 'v1')
    """

    name: str
    read: Callable[[], Iterable[Sample]] = member(repr=False)
    digest: Callable[[], str] = member(default=str, repr=False)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.read())

    @cached_property
    def fingerprint(self) -> str:
        """A short text that changes when the data does, ``""`` where nobody knows; it is recorded in the run."""
        return self.digest()
