"""Settles what the audio of a sample is, before anybody is asked about it: its bytes, its sha256, what they hold."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from qaeval import audio, fitting
from qaeval.errors import AudioError, RunError
from qaeval.fitting import ClipInfo
from qaeval.store.folder import RunFolder
from qaeval.store.rows import from_sample
from qaeval.store.tables import replacing
from qaeval.types import Audio, Sample


class _Known(NamedTuple):
    """What an earlier command found out about a clip; ``columns`` are those of its row."""

    audio: str
    sha256: str
    columns: Mapping[str, Any]


class Hearing:
    """Makes a sample's row. A clip that cannot be heard goes on with the reason.

    Bytes, members of archives and downloads are kept in the run's ``audio`` folder. A clip that was heard once keeps
    its identity, and so its replies, when it can no longer be read; a download is not fetched again. A clip longer than
    ``split_above`` seconds is also searched for pauses, once: where it is split is part of what was asked.
    """

    def __init__(self, folder: RunFolder, stopped: Callable[[], bool], split_above: float = math.inf) -> None:
        self.folder = folder
        self.split_above = split_above
        self._stopped = stopped
        self._root = os.path.realpath(folder.path)
        self._before: dict[str, _Known] | None = None
        self._ways: dict[str, str] = {}  # to the folders of clips

    def row(self, sample: Sample) -> dict[str, Any]:
        """The row of a sample. Raises `RunError` when its audio cannot be kept, `DatasetError` for a bad sample."""
        clip, sha256, problem = sample.audio, sample.audio.sha256, ""
        columns: Mapping[str, Any] = _columns(None)
        try:
            clip, sha256 = self._settle(sample)
            columns = self._columns(sample, clip, sha256)
        except RunError:
            raise
        except Exception as error:  # noqa: BLE001 - a clip that trips a decoder must not end the run
            problem = str(error) if isinstance(error, AudioError) else f"{clip.name}: {type(error).__name__}: {error}"
            if (known := self._known(sample)) and sha256 in ("", known.sha256):
                sha256, columns = known.sha256, known.columns
            sha256 = sha256 or "unreadable:" + hashlib.sha256(sample.id.encode("utf-8", "replace")).hexdigest()
        return from_sample(sample, self._where(clip), sha256, columns, problem)

    def _columns(self, sample: Sample, clip: Audio, sha256: str) -> dict[str, Any]:
        """What the file holds, and where it is quiet if it is to be split."""
        columns = _columns(audio.probe(clip))
        if columns["duration"] > self.split_above:
            known = self._known(sample)
            found = known.columns["pauses"] if known and known.sha256 == sha256 else None
            columns["pauses"] = found or json.dumps(fitting.quiet_places(clip))
        return columns

    def _settle(self, sample: Sample) -> tuple[Audio, str]:
        """The clip as a file, and its sha256."""
        clip = sample.audio
        if isinstance(clip.source, str | Path) and not clip.is_url:
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
            self._before = {
                row["id"]: _Known(row["audio"], row["sha256"], {name: row[name] for name in _HOLDS}) for row in heard
            }
        known = self._before.get(sample.id)
        return known if known and known.audio == sample.audio.name else None

    def _where(self, clip: Audio) -> str:
        """The clip's path as seen from the run's folder, so that both can be moved together."""
        if not isinstance(clip.source, str | Path):
            return ""
        if clip.is_url:
            return str(clip.source)
        folder, name = os.path.split(clip.source)
        if (known := self._ways.get(folder)) is None:
            known = os.path.abspath(folder)
            with contextlib.suppress(ValueError):  # on another drive of Windows: there is no way from here
                known = os.path.relpath(known, self._root)
            known = self._ways[folder] = os.path.join(known, "").replace(os.sep, "/").removeprefix("./")
        return known + name


_HOLDS = ("duration", "format", "pauses")


def _columns(info: audio.AudioInfo | None) -> dict[str, Any]:
    if info is None:
        return dict.fromkeys(_HOLDS)
    holds = {name: getattr(info, name) for name in ("rate", "channels", "codec", "container", "size")}
    return {"duration": info.duration, "format": json.dumps(holds), "pauses": None}


def info_of(row: Mapping[str, Any]) -> ClipInfo | None:
    """What a sample's row says that its file holds; None where it was never read, or written by an older version.

    >>> holds = '{"rate": 8000, "channels": 1, "codec": "mp3", "container": "mp3", "size": 9}'
    >>> info_of({"duration": 2.5, "format": holds, "pauses": None})
    ClipInfo(duration=2.5, rate=8000, channels=1, codec='mp3', container='mp3', size=9, pauses=())
    """
    if row["duration"] is None or not row.get("format"):
        return None
    pauses = json.loads(row["pauses"]) if row.get("pauses") else ()
    return ClipInfo(row["duration"], **json.loads(row["format"]), pauses=tuple((at, level) for at, level in pauses))
