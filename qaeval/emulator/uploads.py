"""Uploaded files: a signed policy, a form post to the object store, and ``oss://`` references that expire.

A policy is valid for five minutes, a file for 48 hours, both for one account and one model. The signature is that of
OSS's form upload: HMAC-SHA1 over the base64 of the policy. The account, the model and the end stand in the policy, so
that nothing is kept for a policy that nobody uses. Files lie in a temporary folder, each content once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import tempfile
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qaeval.emulator.refusals import Refusal, too_many_requests
from qaeval.emulator.windows import Window

POLICY_S = 300
FILE_S = 48 * 3600
MOST_MB = 100
FIELDS = ("OSSAccessKeyId", "Signature", "policy", "key", "x-oss-object-acl", "x-oss-forbid-overwrite")
_KEY_ID = "LTAIemulator"


@dataclass(frozen=True, slots=True)
class _Stored:
    sha256: str
    account: str
    model: str
    ends: float


class Uploads:
    """The object store, used by several threads at once; ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float], per_second: int | None = None) -> None:
        self._clock = clock
        self._per_second = per_second
        self._secret = secrets.token_bytes(16)
        self._folder: tempfile.TemporaryDirectory[str] | None = None  # made with the first file
        self._stored: dict[str, _Stored] = {}
        self._rates: dict[tuple[str, str], Window] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Removes the files."""
        if self._folder is not None:
            self._folder.cleanup()

    def policy(self, account: str, model: str, host: str) -> dict[str, Any]:
        """The ``data`` of a certificate for one account and model. Raises `Refusal` when they come too fast."""
        self._pace(account, model)
        folder = f"dashscope-instant/{account}/{uuid.uuid4()}"
        ends = self._clock() + POLICY_S
        terms = {"account": account, "model": model, "ends": ends, "conditions": [["starts-with", "$key", folder]]}
        policy = base64.b64encode(json.dumps(terms).encode()).decode()
        return {
            "policy": policy,
            "signature": self._sign(policy),
            "upload_dir": folder,
            "upload_host": host,
            "expire_in_seconds": POLICY_S,
            "max_file_size_mb": MOST_MB,
            "capacity_limit_mb": 999999999,
            "oss_access_key_id": _KEY_ID,
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        }

    def store(self, form: Mapping[str, str], content: bytes) -> None:
        """Keeps a file that was posted with a valid policy. Raises `Refusal` with OSS's codes."""
        terms = self._terms(form)
        key = form["key"]
        if not key.startswith(terms["conditions"][0][2] + "/"):
            raise Refusal(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed")
        if len(content) > MOST_MB * 1024 * 1024:
            raise Refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
        digest = hashlib.sha256(content).hexdigest()
        with self._lock:
            self._forget()
            if key in self._stored and form["x-oss-forbid-overwrite"] == "true":
                raise Refusal(409, "FileAlreadyExists", "The object you specified already exists.")
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="qaeval-emulator-")
            path = Path(self._folder.name, digest)
            if not path.exists():
                path.write_bytes(content)
            self._stored[key] = _Stored(digest, terms["account"], terms["model"], self._clock() + FILE_S)

    def read(self, key: str, account: str, model: str) -> bytes | None:
        """The file, None when there is none that this account may use with this model now."""
        stored = self._stored.get(key)
        if stored is None or (stored.account, stored.model) != (account, model) or stored.ends <= self._clock():
            return None
        assert self._folder is not None  # there is a file in it
        return Path(self._folder.name, stored.sha256).read_bytes()

    def _terms(self, form: Mapping[str, str]) -> dict[str, Any]:
        if missing := [name for name in FIELDS if not form.get(name)]:
            raise Refusal(400, "InvalidArgument", f"The form lacks the fields: {', '.join(missing)}.")
        if form["OSSAccessKeyId"] != _KEY_ID:
            raise Refusal(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist.")
        if not hmac.compare_digest(form["Signature"].encode(), self._sign(form["policy"]).encode()):
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
        terms: dict[str, Any] = json.loads(base64.b64decode(form["policy"]))
        if terms["ends"] <= self._clock():
            raise Refusal(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
        return terms

    def _sign(self, policy: str) -> str:
        return base64.b64encode(hmac.new(self._secret, policy.encode(), hashlib.sha1).digest()).decode()

    def _pace(self, account: str, model: str) -> None:
        if self._per_second is None:
            return
        with self._lock:
            window = self._rates.setdefault((account, model), Window(1.0))
            now = self._clock()
            if window.within(now) >= self._per_second:
                raise too_many_requests(None)
            window.add(now, 1)

    def _forget(self) -> None:
        """Forgets what has expired: the oldest come first. Their bytes stay until the end: others may have the same."""
        now = self._clock()
        while self._stored and next(iter(self._stored.values())).ends <= now:
            del self._stored[next(iter(self._stored))]
