"""Settles what the audio of a sample is, before anybody is asked about it: its bytes, its sha256, its duration."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from qaeval import audio
from qaeval.errors import AudioError, RunError
from qaeval.store.folder import RunFolder
from qaeval.store.rows import from_sample
from qaeval.store.tables import replacing
from qaeval.types import Audio, Sample


class _Known(NamedTuple):
    """What an earlier command found out about a clip. Seconds."""

    audio: str
    sha256: str
    duration: float | None


class Hearing:
    """Makes a sample's row. A clip that cannot be heard goes on with the reason.

    Bytes and downloads are kept in the run's ``audio`` folder. A clip that was heard once keeps its identity, and so
    its replies, when it can no longer be read; a download is not fetched again.
    """

    def __init__(self, folder: RunFolder, stopped: Callable[[], bool]) -> None:
        self.folder = folder
        self._stopped = stopped
        self._root = os.path.realpath(folder.path)
        self._before: dict[str, _Known] | None = None

    def row(self, sample: Sample) -> dict[str, Any]:
        """The row of a sample. Raises `RunError` when its audio cannot be kept, `DatasetError` for a bad sample."""
        clip, sha256, duration, problem = sample.audio, sample.audio.sha256, None, ""
        try:
            clip, sha256 = self._settle(sample)
            duration = audio.probe(clip).duration
        except RunError:
            raise
        except Exception as error:  # noqa: BLE001 - a clip that trips a decoder must not end the run
            problem = str(error) if isinstance(error, AudioError) else f"{clip.name}: {type(error).__name__}: {error}"
            if not sha256 and (known := self._known(sample)):
                sha256, duration = known.sha256, known.duration
            sha256 = sha256 or "unreadable:" + hashlib.sha256(sample.id.encode("utf-8", "replace")).hexdigest()
        return from_sample(sample, self._where(clip), sha256, duration, problem)

    def _settle(self, sample: Sample) -> tuple[Audio, str]:
        """The clip as a file, and its sha256."""
        clip = sample.audio
        if not isinstance(clip.source, bytes) and not clip.is_url:
            return clip, audio.sha256(clip)
        if clip.is_url and (known := self._known(sample)) and (kept := self._kept(known.sha256)).exists():
            return dataclasses.replace(clip, source=kept, sha256=known.sha256), known.sha256
        content = audio.read(clip)
        sha256 = hashlib.sha256(content).hexdigest()
        kept = self._kept(sha256)
        if not kept.exists() and not self._stopped():
            with self.folder.writing():
                kept.parent.mkdir(exist_ok=True)
                with replacing(kept) as temporary:
                    temporary.write_bytes(content)
        return dataclasses.replace(clip, source=kept, sha256=sha256), sha256

    def _kept(self, sha256: str) -> Path:
        return self.folder.audio / sha256[:32]

    def _known(self, sample: Sample) -> _Known | None:
        """What is known of the clip from before, if it is the same by name; looked up when first needed."""
        if self._before is None:
            rows = self.folder.samples.stored()
            heard = (row for row in rows if not row["sha256"].startswith("unreadable:"))
            self._before = {row["id"]: _Known(row["audio"], row["sha256"], row["duration"]) for row in heard}
        known = self._before.get(sample.id)
        return known if known and known.audio == sample.audio.name else None

    def _where(self, clip: Audio) -> str:
        """The clip's path as seen from the run's folder, so that both can be moved together."""
        if isinstance(clip.source, bytes):
            return ""
        if clip.is_url:
            return str(clip.source)
        path = os.path.abspath(clip.source)
        with contextlib.suppress(ValueError):  # on another drive of Windows: there is no way from here
            path = os.path.relpath(path, self._root)
        return path.replace(os.sep, "/")
