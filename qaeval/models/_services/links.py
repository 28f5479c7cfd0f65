"""One service as a model's threads share it: its address, key, connections and uploads; and how its errors end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from qaeval.models._services import faults, sending
from qaeval.models._services.rejections import Rejection
from qaeval.models._services.uploads import Uploads
from qaeval.models.catalogue import Entry
from qaeval.naming import EMULATOR
from qaeval.redaction import Secret, redacted
from qaeval.types import Audio, Message, Reply, Request

if TYPE_CHECKING:
    from qaeval.models._services.wire import Wire

OSS_HEADER = {"X-DashScope-OssResourceResolve": "enable"}


class Sent(NamedTuple):
    """How a clip travels in a request: its form, and the reference where it is an address."""

    form: sending.Form
    address: str


@dataclass(frozen=True, slots=True)
class Link:
    """What is needed to talk to a model of a service. ``url`` is the base address of its protocol."""

    entry: Entry
    url: str
    key: Secret
    wire: Wire
    uploads: Uploads

    def sent(self, request: Request) -> Sent:
        """How the clip travels; it is uploaded if it must be, and not looked at where no turn has it.

        Raises `AudioError`, what uploads raise, and UnicodeEncodeError for a question that no request can hold.
        """
        for turn in request.messages:
            turn.text.encode("utf-8")
        if not has_audio(self.entry, request):
            return Sent("data", "")
        form = sending.form(self.entry, request)
        if form == "file":
            sending.check_size(self.entry, request)
            return Sent(form, self.uploads.address(request.audio))
        return Sent(form, sending.address(request.audio) if form == "url" else "")

    def failure(self, seen: Rejection, sent: Sent, audio: Audio) -> Reply:
        """The reply for an error of this sample; raises `TransientError` or `ModelError` for the other kinds."""
        fault = faults.classify(seen.status, seen.code, seen.message, self.entry)
        if sent.form == "file" and fault.attempts is not None:  # the service did not find what was uploaded
            self.uploads.forget(audio)
        failure = faults.settle(fault, seen.retry_after)
        return Reply(error=failure, raw=plain(seen.body), request_id=seen.request_id)


def streams(entry: Entry, request: Request) -> bool:
    """Whether the answer is asked for as a stream: as the model must, else as the run's ``params`` or the entry say."""
    if entry.stream != "may":
        return entry.stream == "must"
    return bool(request.params.get("stream", entry.streams))


def turns(entry: Entry, request: Request) -> list[Message]:
    """The turns of the conversation; a recogniser gets its context, which a system message is, and the audio."""
    if entry.asr_options:
        return [*(turn for turn in request.messages if turn.role == "system"), Message("user", with_audio=True)]
    return list(request.messages) or [Message("user", with_audio=True)]


def has_audio(entry: Entry, request: Request) -> bool:
    """Whether the clip is sent in any turn."""
    return any(turn.with_audio for turn in turns(entry, request))


def asr_options(request: Request) -> dict[str, Any]:
    """What a recogniser is told: the language where it is known, and what ``params`` say."""
    known = {"language": request.language} if request.language else {}
    return {**known, **(request.params.get("asr_options") or {})}


_LONG = 1000  # characters that a text below "audio" or "data" may have


def marked(raw: dict[str, Any], headers: Any) -> Any:
    """A body that may be kept: without audio and keys, and with the emulator's mark if it comes from there."""
    mark = headers.get(EMULATOR)
    return plain({**raw, "emulator": raw.get("emulator", mark)} if mark else raw)


def plain(value: Any) -> Any:
    """A body without encoded audio and keys.

    >>> plain({"audio": {"data": "A" * 2000, "id": "x"}})
    {'audio': {'data': '<2000 characters>', 'id': 'x'}}
    """
    return redacted(value if len(str(value)) <= _LONG else _without_audio(value))


def _without_audio(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(item) if name in ("data", "audio") else _without_audio(item) for name, item in value.items()}
    return [_without_audio(item) for item in value] if isinstance(value, list) else value


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return f"<{len(value)} characters>" if len(value) > _LONG else value
    return _without_audio(value)
