"""The encoded bytes of a clip, wherever they are."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from qaeval.errors import AudioError
from qaeval.types import Audio

Source: TypeAlias = Audio | str | Path | bytes


def read(audio: Source) -> bytes:
    """All encoded bytes of a clip, as they are. Raises `AudioError`.

    A URL is fetched anew by each call of any function; ``Audio(read(url), name)`` keeps what was fetched.

    >>> read(b"RIFF")
    b'RIFF'
    """
    with opened(named(audio)) as file:
        return file.read()


def sha256(audio: Source) -> str:
    """The hex digest of a clip's encoded bytes; an `Audio` that carries its digest is believed. Raises `AudioError`.

    >>> sha256(b"RIFF")[:8]
    'a40ff3d5'
    """
    audio = named(audio)
    if audio.sha256:
        return audio.sha256
    with opened(audio) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def named(audio: Source) -> Audio:
    """The clip as an `Audio`. Raises `AudioError` for anything but a path, a URL, bytes or what reads them."""
    audio = audio if isinstance(audio, Audio) else Audio(audio)
    if not (isinstance(audio.source, (str, Path, bytes)) or hasattr(audio.source, "read")):
        raise AudioError(f"{audio.name}: expected a path, an http(s) URL or bytes, seen {type(audio.source).__name__}")
    return audio


@contextlib.contextmanager
def opened(audio: Audio) -> Iterator[io.BytesIO | io.BufferedReader]:
    """A seekable binary file over the clip's bytes; a file on disk is not read into memory. Raises `AudioError`."""
    source = audio.source
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif audio.is_url:
        from qaeval.audio.urls import download  # brings ssl and http, which take 50 ms to load

        yield io.BytesIO(download(str(source), audio.name))
    elif not isinstance(source, (str, Path)):
        yield io.BytesIO(source.read())
    else:
        with _open_path(source, audio.name) as file:
            yield file


def _open_path(path: str | Path, name: str) -> io.BufferedReader:
    if isinstance(path, str) and re.match(r"[A-Za-z][\w+.-]+://", path):
        raise AudioError(f"{name}: expected a path or an http(s) URL; other addresses are not read")
    try:
        mode = os.stat(path).st_mode  # before opening: opening a pipe would wait for its writer
        if stat.S_ISREG(mode):
            return open(path, "rb")
        reason = "is a folder" if stat.S_ISDIR(mode) else "is not a regular file"
    except FileNotFoundError:
        reason = "there is no such file"
    except (OSError, ValueError) as error:
        reason = f"cannot be opened: {getattr(error, 'strerror', None) or error}"
    raise AudioError(f"{name}: {reason}; expected an audio file; check the path")
