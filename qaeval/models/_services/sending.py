"""How audio travels: inside the request as base64, as an uploaded file, or as an address that the service fetches.

The forms and their bounds are those of the vendor's guide to Qwen-Audio: base64 for files below 7 MB (encoded they
must stay below 10 MB), uploads up to 10 MB.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Literal

from qaeval.errors import AudioError, ModelError
from qaeval.models.catalogue import Entry
from qaeval.types import Audio, Request

Form = Literal["data", "file", "url"]
DATA_BYTES = 7 * 1024 * 1024
"""A file of this size or larger is uploaded, where it may be."""
FORMATS = {"wav", "mp3", "flac", "ogg", "amr", "aac", "m4a", "3gp", "opus", "webm"}
_MIMES = {"mp3": "mpeg", "m4a": "mp4", "3gp": "3gpp", "opus": "ogg"}


def form(entry: Entry, request: Request) -> Form:
    """How the clip travels to this model. Raises `AudioError` when it cannot."""
    audio = request.audio
    if entry.send == "url":
        if request.fitting or request.span:
            raise AudioError(
                f'{audio.name}: only a part or another form of it fits, and send = "url" sends it as it is'
            )
        address(audio)
        return "url"
    if entry.send != "auto":
        return entry.send
    return "file" if may_upload(entry) and size(audio) >= DATA_BYTES else "data"


def may_upload(entry: Entry) -> bool:
    """Whether there is a place to upload to: DashScope's, whose native endpoint has one."""
    return entry.provider == "dashscope"


def address(audio: Audio) -> str:
    """The http(s) address of a clip. Raises `AudioError` when it has none."""
    for place in (audio.name, audio.source):
        if isinstance(place, str) and place.lower().startswith(("http://", "https://")):
            return place
    raise AudioError(
        f'{audio.name}: the catalogue says send = "url" for this model, and the clip has no http(s) address; '
        'give the dataset addresses, or say send = "auto"'
    )


def content(audio: Audio) -> bytes:
    """The encoded bytes of a clip; one behind a URL is fetched. Raises `AudioError` when there are none."""
    found = audio.source if isinstance(audio.source, bytes) else _read(audio)
    if not found:
        raise AudioError(f"{audio.name}: the file is empty; expected encoded audio")
    return found


def size(audio: Audio) -> int:
    """The size of the encoded clip in bytes. Raises `AudioError` when it cannot be read."""
    if not isinstance(audio.source, str | Path) or audio.is_url:
        return len(content(audio))
    try:
        return Path(audio.source).stat().st_size
    except OSError as error:
        raise _unreadable(audio, error) from None


def base64_text(audio: Audio) -> str:
    """The clip in base64. Raises `AudioError`."""
    return base64.b64encode(content(audio)).decode("ascii")


def data_uri(audio: Audio) -> str:
    """The clip as the vendor's guide writes it, without a media type. Raises `AudioError`."""
    return "data:;base64," + base64_text(audio)


def mime(audio: Audio) -> str:
    """The media type below ``audio/``.

    >>> mime(Audio("a.mp3")), mime(Audio("a.wav"))
    ('mpeg', 'wav')
    """
    return _MIMES.get(format_of(audio), format_of(audio))


def format_of(audio: Audio) -> str:
    """The format by the name of the clip, ``wav`` where it does not say.

    >>> format_of(Audio("clips/a.MP3")), format_of(Audio("https://example.com/a.ogg?x=1")), format_of(Audio(b"RIFF"))
    ('mp3', 'ogg', 'wav')
    """
    suffix = Path(audio.name.partition("?")[0]).suffix.lower().lstrip(".")
    return suffix if suffix in FORMATS else "wav"


def check_size(entry: Entry, request: Request) -> None:
    """Raises `AudioError` for a clip larger than the model takes, `ModelError` where nothing can be uploaded."""
    if not may_upload(entry):
        raise ModelError(f'{entry.name}: this server takes no uploads; say send = "data" or "url" in the catalogue')
    most, seen = entry.audio.size, size(request.audio)
    if most is not None and seen > most:
        raise AudioError(
            f"{request.audio.name}: {entry.name} takes files up to {most:,} bytes, this one has {seen:,}; "
            "re-encode it (fit='transcode')"
        )


def _read(audio: Audio) -> bytes:
    if audio.is_url:
        from qaeval.audio import read

        return read(audio)
    try:
        return Path(audio.source).read_bytes()  # type: ignore[arg-type]  # bytes are told apart before
    except (OSError, ValueError) as error:
        raise _unreadable(audio, error) from None


def _unreadable(audio: Audio, error: Exception) -> AudioError:
    return AudioError(f"{audio.name}: cannot be read: {getattr(error, 'strerror', None) or error}; check the path")
