"""The key of a service: from the environment, or from the key file of the dashscope SDK. It is a `Secret` at once."""

from __future__ import annotations

import os
from pathlib import Path

from qaeval.errors import ModelError
from qaeval.hosts import is_loopback
from qaeval.models.catalogue import Entry
from qaeval.redaction import Secret

REHEARSAL = "rehearsal"
"""What is sent as the key to the emulator, and to a server on this machine that needs none."""


class NoSecret(Secret):
    """What is sent where no key is needed. It may be read by anyone, so it is not masked in texts."""

    def __init__(self, value: str = REHEARSAL) -> None:
        self.value = value


def key_of(entry: Entry, url: str) -> Secret:
    """The key for an entry whose endpoint is ``url``. Raises `ModelError` when there is none, or it cannot be one."""
    if entry.rehearsal:
        return NoSecret()
    if not entry.key_env:  # the catalogue says that there is none
        return NoSecret("no-key")
    value, place = _environment(entry.key_env)
    if not value and entry.key_env == "DASHSCOPE_API_KEY":
        value, place = _key_file()
    if value:
        return _checked(Secret(value), place)
    if entry.provider != "dashscope" and is_loopback(url):
        return NoSecret("no-key")
    raise ModelError(_missing(entry))


def _environment(name: str) -> tuple[str, str]:
    return os.environ.get(name, "").strip(), f"the environment variable {name}"


def _key_file() -> tuple[str, str]:
    """The key of the file that the dashscope SDK reads too."""
    named = os.environ.get("DASHSCOPE_API_KEY_FILE_PATH", "")
    path = Path(named).expanduser() if named else Path.home() / ".dashscope" / "api_key"
    if not named and not path.is_file():
        return "", ""
    try:
        return path.read_text("utf-8").strip(), str(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ModelError(f"{path}: the key cannot be read: {reason}; see DASHSCOPE_API_KEY_FILE_PATH") from None


def _checked(key: Secret, place: str) -> Secret:
    """The key, if it can stand in a header; else an error that does not show it."""
    if all(33 <= ord(letter) <= 126 for letter in key.value):
        return key
    raise ModelError(
        f"{place}: expected a key of plain letters, digits and signs, seen white space or others inside it"
    )


def _missing(entry: Entry) -> str:
    file = ", or put it into ~/.dashscope/api_key" if entry.key_env == "DASHSCOPE_API_KEY" else ""
    what = f"for the region {entry.region}" if entry.provider == "dashscope" else "of the server"
    return (
        f"{entry.provider}/{entry.name} needs a key {what}: expected in the environment variable {entry.key_env}, "
        f"which is not set; do: export {entry.key_env}=..., in the shell that starts qaeval{file}. "
        "To try it without a key: --rehearse"
    )
