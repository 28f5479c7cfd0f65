"""The audio of a request: a data URL, bare base64, an http URL on this machine, or an uploaded file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import http.client
import threading
import urllib.parse
from dataclasses import dataclass, field

from qaeval import audio
from qaeval.emulator.refusals import Refusal, bad_url, invalid
from qaeval.emulator.uploads import Uploads
from qaeval.errors import AudioError
from qaeval.hosts import is_loopback_host

NATIVE_URI_BYTES = 10_485_760
COMPATIBLE_URI_BYTES = 20_971_520
_REMEMBERED = 4096
_SECONDS: dict[str, float] = {}
_LOCK = threading.Lock()
_FETCH_S = 10.0
_ILLEGAL = "The audio format is illegal and cannot be opened."


@dataclass(frozen=True, slots=True)
class Clip:
    """Encoded audio that can be decoded: its bytes, their sha256 and its length in seconds."""

    content: bytes = field(repr=False)
    sha256: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request's references are looked up: as whom and for which model, and whether ``oss://`` is resolved."""

    uploads: Uploads = field(repr=False)
    account: str
    model: str
    resolves: bool


def measured(content: bytes, most_bytes: int | None = None) -> Clip:
    """The clip with its length. Raises `Refusal` for one that is too large, empty or no audio."""
    if not content:
        raise invalid("The audio is empty")
    if most_bytes is not None and len(content) > most_bytes:
        raise invalid("Multimodal file size is too large")
    digest = hashlib.sha256(content).hexdigest()
    return Clip(content, digest, seconds_of(content, digest))


def seconds_of(content: bytes, sha256: str) -> float:
    """The length in seconds; each clip is measured once, the oldest are forgotten. Raises `Refusal`."""
    seconds = _SECONDS.get(sha256)
    if seconds is None:
        seconds = _seconds(content)
        with _LOCK:
            _SECONDS[sha256] = seconds
            if len(_SECONDS) > _REMEMBERED:
                del _SECONDS[next(iter(_SECONDS))]
    return seconds


def _seconds(content: bytes) -> float:
    try:
        return audio.probe(content).duration
    except AudioError as error:
        raise invalid("The audio is empty" if "holds no audio" in str(error) else _ILLEGAL) from None


def content_of(reference: str, place: Place) -> bytes:
    """The bytes behind a native reference or the ``data`` of compatible mode. Raises `Refusal`."""
    if reference.startswith("data:"):
        return _of_data_url(reference)
    if reference.startswith("oss://"):
        return _of_upload(reference, place)
    if reference.startswith(("http://", "https://")):
        return fetched(reference)
    raise bad_url()


def check_uri(reference: str, most_bytes: int) -> None:
    """Raises `Refusal` for a data URL that is longer than the service takes."""
    if reference.startswith("data:") and len(reference) > most_bytes:
        code = "InvalidParameter" if most_bytes == NATIVE_URI_BYTES else "BadRequest.TooLarge"
        raise Refusal(400, code, f"Exceeded limit on max bytes per data-uri item : {most_bytes}")


def decoded(text: str) -> bytes:
    """The bytes of base64. Raises `Refusal`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(_ILLEGAL) from None


def _of_data_url(url: str) -> bytes:
    head, comma, body = url.partition(",")
    if not comma or not head.endswith(";base64"):
        raise bad_url()
    return decoded(body)


def _of_upload(reference: str, place: Place) -> bytes:
    if not place.resolves:
        raise bad_url()
    content = place.uploads.read(reference.removeprefix("oss://"), place.account, place.model)
    if content is None:
        raise invalid("Failed to find the requested media resource during the data inspection process.")
    return content


def fetched(url: str) -> bytes:
    """What a server on this machine has at an http URL; redirects are not followed. Raises `Refusal`."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or not is_loopback_host(parts.hostname or ""):
        raise invalid("Failed to download multimodal content. (The emulator fetches http URLs of this machine only.)")
    target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
    try:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_FETCH_S)
        connection.request("GET", target, headers={"User-Agent": "DashScopeUserBot (qaeval emulator)"})
        response = connection.getresponse()
        status, length, content = response.status, response.getheader("Content-Length"), response.read()
        connection.close()
    except TimeoutError:
        raise invalid("Download the media resource timed out during the data inspection process.") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise invalid("Failed to download multimodal content.") from None
    if status != 200:
        raise invalid("Failed to download multimodal content.")
    if length is None:
        raise Refusal(500, "InternalError.Algo", "Missing Content-Length of multimodal url.")
    return content
