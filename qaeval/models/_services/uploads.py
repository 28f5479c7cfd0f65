"""Files in DashScope's temporary store: each content once for an account and a model, used again until it expires.

An upload is two requests (a certificate, then a form post to the object store) and lives 48 hours; it is used for 47.
What was uploaded is remembered in the user's cache folder, by hashes: no key, no name of a file. Uploads to this
machine (a rehearsal) are remembered in memory only, since they end with the emulator.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval.errors import AudioError, ModelError, QaevalError, TransientError
from qaeval.hosts import host_of, is_loopback
from qaeval.models._services import faults, sending
from qaeval.models._services.rejections import rejection
from qaeval.models.catalogue import Entry
from qaeval.redaction import Secret
from qaeval.types import Audio, Failure

if TYPE_CHECKING:
    from requests import Response

    from qaeval.models._services.wire import Wire

LIFE_S = 47 * 3600.0


class UploadRefusedError(QaevalError):
    """An upload that the service refused for this sample; ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class Uploads:
    """The uploads for one model and one key; ``base`` is the address of the native endpoint."""

    def __init__(
        self, entry: Entry, base: str, key: Secret, wire: Wire, clock: Callable[[], float] = time.time
    ) -> None:
        self._entry = entry
        self._base = base
        self._key = key
        self._wire = wire
        self._clock = clock
        self._lasting = not (entry.rehearsal or is_loopback(base))
        self._known: dict[str, tuple[str, float]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def address(self, audio: Audio) -> str:
        """``oss://`` of the clip, which is uploaded if it is not there. Threads with the same clip upload it once.

        Raises `AudioError`, `ModelError`, `TransientError`; `UploadRefusedError` for a clip that is not taken.
        """
        name = self._name(audio)
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            found = self._known.get(name) or self._remembered(name)
            if found is None or found[1] <= self._clock():
                found = self._upload(audio), self._clock() + LIFE_S
                self._remember(name, found)
            self._known[name] = found
        return found[0]

    def forget(self, audio: Audio) -> None:
        """The service did not find the clip: it is uploaded anew when it is next asked for."""
        name = self._name(audio)
        self._known.pop(name, None)
        self._remember(name, None)

    def _certificate(self) -> dict[str, Any]:
        """The permission to upload; it costs no tokens. Raises as `address` does."""
        response = self._wire.send(
            "GET",
            f"{self._base}/uploads",
            params={"action": "getPolicy", "model": self._entry.name},
            headers={"Authorization": f"Bearer {self._key.value}", "Accept": "application/json"},
        )
        self._check(response)
        try:
            data = response.json()["data"]
            return {str(name): value for name, value in data.items()}
        except (ValueError, LookupError, TypeError, AttributeError):
            raise TransientError(
                f"{host_of(self._base)}: no permission to upload in the answer; another try may help"
            ) from None

    def _name(self, audio: Audio) -> str:
        digest = audio.sha256 or hashlib.sha256(sending.content(audio)).hexdigest()
        account = hashlib.sha256(self._key.value.encode()).hexdigest()
        return f"{self._base}|{account}|{self._entry.name}|{digest}"

    def _upload(self, audio: Audio) -> str:
        from qaeval.models._services.wire import deadline

        content = sending.content(audio)
        with deadline(self._base):
            permit = self._certificate()
            host = self._store(permit)
            _fits(permit, audio, len(content))
            key = f"{permit['upload_dir']}/{hashlib.sha256(content).hexdigest()[:32]}.{sending.format_of(audio)}"
            form = {
                "OSSAccessKeyId": permit["oss_access_key_id"],
                "Signature": permit["signature"],
                "policy": permit["policy"],
                "key": key,
                "x-oss-object-acl": permit["x_oss_object_acl"],
                "x-oss-forbid-overwrite": permit["x_oss_forbid_overwrite"],
                "success_action_status": "200",
                "x-oss-content-type": f"audio/{sending.mime(audio)}",
            }
            self._check(self._wire.send("POST", host, data=form, files={"file": (key.rpartition("/")[2], content)}))
        return f"oss://{key}"

    def _store(self, permit: dict[str, Any]) -> str:
        """The object store that the certificate names: one on this machine for a rehearsal, else reached by TLS."""
        needed = ("upload_host", "upload_dir", "oss_access_key_id", "signature", "policy")
        if missing := [name for name in (*needed, "x_oss_object_acl", "x_oss_forbid_overwrite") if name not in permit]:
            raise TransientError(f"{host_of(self._base)}: the permission to upload lacks {', '.join(missing)}")
        host = str(permit["upload_host"])
        if is_loopback(host) if is_loopback(self._base) else host.startswith("https://"):
            return host
        raise ModelError(f"{host_of(self._base)} names {host} to upload to; expected https://, so nothing was sent")

    def _check(self, response: Response) -> None:
        if response.status_code == 200:
            return
        seen = rejection(response.status_code, response.headers, response.content)
        fault = faults.classify(seen.status, seen.code, seen.message, self._entry)
        raise UploadRefusedError(faults.settle(fault, seen.retry_after))

    def _remembered(self, name: str) -> tuple[str, float] | None:
        found = _read(cache_path()).get(_digest(name)) if self._lasting else None
        return (str(found[0]), float(found[1])) if found else None

    def _remember(self, name: str, found: tuple[str, float] | None) -> None:
        if not self._lasting:
            return
        import filelock

        path = cache_path()
        with contextlib.suppress(OSError):  # a home that cannot be written to: the next run uploads again
            path.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(f"{path}.lock"):
                known = {key: item for key, item in _read(path).items() if item[1] > self._clock()}
                known.pop(_digest(name), None)
                _write(path, known if found is None else known | {_digest(name): list(found)})


def cache_path() -> Path:
    """Where uploads are remembered: below ``QAEVAL_CACHE``, else ``XDG_CACHE_HOME`` or ``~/.cache``."""
    own = os.environ.get("QAEVAL_CACHE")
    folder = Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qaeval"
    return folder / "uploads.json"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _read(path: Path) -> dict[str, list[Any]]:
    """What is remembered; a file that is missing or torn remembers nothing."""
    try:
        known = json.loads(path.read_text("utf-8"))
        return {key: item for key, item in known.items() if isinstance(item[0], str) and isinstance(item[1], float)}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _write(path: Path, known: dict[str, list[Any]]) -> None:
    new = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    new.write_text(json.dumps(known), "utf-8")
    new.replace(path)


def _fits(permit: dict[str, Any], audio: Audio, size: int) -> None:
    most = permit.get("max_file_size_mb")
    if isinstance(most, int | float) and size > most * 1024 * 1024:
        raise AudioError(f"{audio.name}: {size:,} bytes; the service takes uploads of at most {most:g} MB")
