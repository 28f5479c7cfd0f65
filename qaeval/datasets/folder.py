"""Folders: all audio files below one, with transcripts beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qaeval.datasets._audio import AudioFolder, Missing
from qaeval.datasets._fingerprint import fingerprint, packed
from qaeval.datasets._lines import check_encoding, lines
from qaeval.datasets._rows import EmptyText, Reading
from qaeval.errors import DatasetError
from qaeval.types import Annotation, Dataset, Sample

SUFFIXES = (
    *(".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".mp4", ".webm", ".amr", ".awb", ".3gp"),
    *(".wma", ".aif", ".aiff", ".aifc", ".au", ".caf", ".gsm", ".sph"),
)
"""What an audio file's name ends in, in any case; all other files are passed over."""


def load(
    source: str | Path,
    *,
    name: str | None = None,
    language: str | None = None,
    empty_text: EmptyText = "error",
    missing: Missing = "error",
    follow_links: bool = False,
    encoding: str | None = None,
) -> Dataset:
    """All audio files below a folder, in the order of their names, folder by folder.

    The path relative to the folder is the id; the subfolder becomes the meta column ``folder`` (``.`` at the top). A
    file ``a.txt`` beside ``a.wav`` is its transcript, without the white space around it; a clip that has none has no
    reference. Hidden files and folders are passed over. The options are those of `qaeval.datasets.manifest.load`.

    Raises `DatasetError` naming the file: one that is a link out of the folder, a folder that is a link, a transcript
    that is empty or not in its encoding, no audio at all. The fingerprint covers names, sizes and transcripts.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as top:
    ...     os.mkdir(f"{top}/dogs")
    ...     _ = Path(top, "dogs", "a.wav").write_bytes(b"RIFF")
    ...     _ = Path(top, "dogs", "a.txt").write_text("woof")
    ...     [(clip.id, clip.reference.text, clip.meta) for clip in load(top)]
    [('dogs/a.wav', 'woof', {'folder': 'dogs'})]
    """
    path = Path(source)
    if not path.is_dir():
        raise DatasetError(f"{path}: {'not a folder' if path.exists() else 'no such folder'}")
    check_encoding(encoding)
    reading = Reading.of(language, None, empty_text)
    clips = Folder(path, reading, AudioFolder.of(path, None, missing, follow_links), encoding)
    digest = partial(fingerprint, clips.content, (reading, encoding))
    return Dataset(name or path.resolve().name or "root", clips.read, digest)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with the way to understand it."""

    path: Path
    reading: Reading
    audio: AudioFolder
    encoding: str | None

    def read(self) -> Iterator[Sample]:
        """A new pass over all clips."""
        found = self.audio.fresh()
        name = None
        for name, transcript in self._files():
            try:
                audio = found.find(name, 0)
                text = None if transcript is None else self.reading.text(self._text(transcript))
            except DatasetError as error:
                raise DatasetError(f"{self.path / name}: {error}") from None
            meta = {"folder": name.rpartition("/")[0] or "."}
            if self.reading.language:
                meta["language"] = self.reading.language
            yield Sample(name, audio, Annotation(text), meta)
        if name is None:
            raise DatasetError(f"{self.path}: no audio files below it; looked for {', '.join(SUFFIXES)}")

    def content(self) -> Iterator[bytes]:
        """Names, sizes and transcripts, for a fingerprint."""
        for name, transcript in self._files():
            path = self.path / name
            size = path.stat().st_size if path.exists() else -1
            yield packed((name, size, None if transcript is None else self._text(transcript)))

    def _text(self, transcript: str) -> str:
        return "".join(lines(self.path / transcript, self.encoding)).strip()

    def _files(self) -> Iterator[tuple[str, str | None]]:
        """Names of clips and of the transcripts beside them, relative to the folder."""
        waiting = [self._listed("")]
        while waiting:
            entry = next(waiting[-1], None)
            if entry is None:
                waiting.pop()
            elif entry[1]:
                waiting.append(self._listed(entry[0] + "/"))
            else:
                yield entry[0], entry[2]

    def _listed(self, inside: str) -> Iterator[tuple[str, bool, str | None]]:
        """Name, whether it is a folder, and transcript of all that matters in one folder."""
        try:
            with os.scandir(self.path / inside) as entries:
                found = sorted((entry for entry in entries if entry.name[0] != "."), key=lambda entry: entry.name)
        except OSError as error:
            raise DatasetError(f"{self.path / inside}: {error.strerror}") from None
        names = {entry.name for entry in found if entry.name.endswith(".txt")}
        for entry in found:
            stem, suffix = os.path.splitext(entry.name)
            if _is_folder(entry):
                self._check_link(entry)
                yield inside + entry.name, True, None
            elif suffix.lower() in SUFFIXES:
                yield inside + _utf8(entry), False, inside + stem + ".txt" if stem + ".txt" in names else None

    def _check_link(self, entry: os.DirEntry[str]) -> None:
        if not entry.is_symlink():
            return
        if not self.audio.follow_links:
            raise DatasetError(f"{entry.path}: a link to a folder; follow_links=True goes there")
        real, here = os.path.realpath(entry.path), os.path.realpath(os.path.dirname(entry.path))
        if os.path.commonpath([real, here]) == real:
            raise DatasetError(f"{entry.path}: a link to a folder above itself")


def _utf8(entry: os.DirEntry[str]) -> str:
    try:
        entry.path.encode()
    except UnicodeEncodeError:
        raise DatasetError(f"{entry.path!r}: the file's name is not UTF-8; rename it") from None
    return entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it, or what it links to, is a folder. Raises `DatasetError` for a link that leads to itself."""
    try:
        return entry.is_dir()
    except OSError as error:
        raise DatasetError(f"{entry.path}: {error.strerror}") from None
