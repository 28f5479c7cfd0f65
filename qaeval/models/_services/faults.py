"""What an error of a service means: ask again, this sample cannot work, or this model cannot work.

The codes and messages are those that Alibaba's page "Error messages" of Model Studio lists, as noted in November 2026,
in native and in compatible spelling. Where two cases share a code the message decides.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, NamedTuple

from qaeval.errors import ModelError, TransientError
from qaeval.models.catalogue import Entry, retired_sentence
from qaeval.redaction import redact
from qaeval.types import Failure, ServiceOutcome

Kind = Literal["transient", "sample", "model"]
Verdict = Literal["again", "slower", "once more", "sample", "blocked", "model", "quota", "gone"]
LONGEST = 300
"""Characters of a service's message that are told."""
_READ = 2000
"""Characters of it that are looked at: a server may answer with a page of many megabytes."""


class Fault(NamedTuple):
    """What follows from an error. ``attempts`` is the most that are worth it in all, None: as many as one likes."""

    kind: Kind
    reason: str
    outcome: ServiceOutcome = "failed"
    throttled: bool = False
    attempts: int | None = None


class _Rule(NamedTuple):
    codes: str  # a pattern that the whole code matches, "" for any
    says: str  # a pattern that stands in the message, "" for any
    verdict: Verdict
    advice: str


_KEY = "put a valid key into the environment variable {key_env}{where}"
_PAY = "see the bills and the state of your account in the console of Model Studio"
_SMALLER = "make the clip smaller (fit='transcode', or --fit transcode)"
_SHORTER = "cut or split the clip (fit='cut' or fit='split')"
_FETCH = "the service could not fetch the audio; see that its address can be reached from outside, or send the file"
_SLOW = "it was asked too fast; another try, later, may help"

_RULES = (
    _Rule(
        r"AllocationQuota\.FreeTierOnly",
        "",
        "quota",
        'its free tokens are used up; switch off "use free tier only" in the console (it is paid for then){instead}',
    ),
    _Rule("", "free allocated quota exceeded", "quota", "its free tokens are used up or have expired{instead}"),
    _Rule("", "free tier of the model has been exhausted", "quota", "its free tokens are used up{instead}"),
    _Rule("Arrearage|PrepaidBillOverdue|PostpaidBillOverdue|CommodityNotPurchased", "", "model", _PAY),
    _Rule("", "account is in good standing", "model", _PAY),
    _Rule("InvalidApiKey|invalid_api_key", "", "model", _KEY),
    _Rule("", r"incorrect api.?key|invalid api.?key", "model", _KEY),
    _Rule("NOT AUTHORIZED", "", "model", "the key has no access to this workspace: choose another, or grant it access"),
    _Rule(
        "DataInspectionFailed|data_inspection_failed",
        "",
        "blocked",
        "its content inspection blocks this clip, this question, or the answer; other samples go on",
    ),
    _Rule(r"InvalidParameter\.DataInspection", "", "once more", _FETCH),
    _Rule(r"InvalidURL\.(Timeout|ConnectionRefused)", "", "once more", _FETCH),
    _Rule(
        "", r"(failed|unable) to (download|find) .*(multimodal|media)|download the media resource", "once more", _FETCH
    ),
    _Rule("", "policy expired", "once more", "the permission to upload had expired; another try gets a new one"),
    _Rule("FileAlreadyExists", "", "once more", "another try uses another name"),
    _Rule("", "authorization to access the media", "sample", "renew the signed address of the audio, or send the file"),
    _Rule(
        "", "does not support asynchronous", "model", "it is asked synchronously; check the endpoint in the catalogue"
    ),
    _Rule("", "url error", "model", "the model does not belong to this endpoint; check its protocol in the catalogue"),
    _Rule("", "only support stream", "model", 'say stream = "must" for this model in your catalogue'),
    _Rule("model_not_supported", "", "model", 'say protocol = "dashscope" for this model in your catalogue'),
    _Rule(r"(Endpoint\.)?AccessDenied|access_denied", "", "gone", "check that your account may use it{instead}"),
    _Rule(
        r"(Model|Workspace)\.AccessDenied|AccessDenied\..+", "", "model", "open the model for this key in the console"
    ),
    _Rule("ModelNotFound|model_not_found", "", "gone", "check its name and its region{instead}"),
    _Rule("", r"the model .* does not exist", "gone", "check its name; the server lists what it has under /models"),
    _Rule(
        "",
        r"(temperature|top_p|top_k|max_tokens|seed|\w+_penalty) should be",
        "model",
        "the parameters of the run are out of range; change params",
    ),
    _Rule(
        r"Throttling(\..+)?|limit_requests|limit_burst_rate|insufficient_quota|ModelServingError", "", "slower", _SLOW
    ),
    _Rule("", "requests are being throttled", "slower", _SLOW),
    _Rule(r"BadRequest\.TooLarge|EntityTooLarge", "", "sample", _SMALLER),
    _Rule("", "max bytes per data-uri|too large|exceeds the maximum allowed", "sample", _SMALLER),
    _Rule("", "audio is too long|audio is longer", "sample", _SHORTER),
    _Rule("", "audio is empty", "sample", "the clip is too short or silent of any sample; look at the file"),
    _Rule("", "format is illegal|type is not supported", "sample", "re-encode the clip (fit='transcode')"),
    _Rule("", "range of input length", "sample", "the question and the clip are too long together"),
)


def classify(
    status: int | None, code: str, message: str, entry: Entry | None = None, today: date | None = None
) -> Fault:
    """What an error means; ``status`` is None for one in the middle of a stream, whose status is not reliable.

    ``entry`` says whether the model is known to be retired ``today``, and what the advice is about.

    >>> classify(429, "Throttling.AllocationQuota", "Free allocated quota exceeded.").outcome
    'quota'
    >>> classify(429, "Throttling.AllocationQuota", "Allocated quota exceeded, please increase ...").throttled
    True
    """
    entry = entry or Entry("the model")
    code, message = code[:_READ], message[:_READ]
    rule = next((rule for rule in _RULES if _applies(rule, code, message)), None) or _by_status(status)
    gone = rule.verdict == "gone" and bool(retired_sentence(entry, today or date.today()))
    if rule.verdict == "gone":
        advice = "it is retired" if gone else "it may have been retired, or not be open to this account"
        rule = rule._replace(advice=f"{advice}: {rule.advice}")
    reason = f"{_told(status, code, message)}; {_advice(rule.advice, entry)}"
    return _fault(rule.verdict, f"{entry.name}: {reason}", gone)


def settle(fault: Fault, retry_after: float | None = None) -> Failure:
    """The failure of this sample; raises `TransientError` or `ModelError` for the other kinds."""
    if fault.kind == "transient":
        raise TransientError(fault.reason, retry_after=retry_after, throttled=fault.throttled, attempts=fault.attempts)
    if fault.kind == "model":
        outcome = fault.outcome if fault.outcome != "skipped" else "failed"
        raise ModelError(fault.reason, outcome)
    return Failure(fault.outcome, fault.reason)


def shortened(message: str) -> str:
    r"""A message of a service in one line of at most `LONGEST` characters, without keys or encoded audio.

    >>> shortened("bad: data:audio/wav;base64,UklGRgAAAAA=\n  sk-0123456789abcdef")
    'bad: data:... ***'
    """
    line = re.sub(r"data:[\w/+.-]*;base64,[\w+/=]*", "data:...", " ".join(message.split()))
    line = redact(re.sub(r"[A-Za-z0-9+/=]{200,}", "...", line))
    return line if len(line) <= LONGEST else line[:LONGEST] + "..."


def _applies(rule: _Rule, code: str, message: str) -> bool:
    fits = not rule.codes or re.fullmatch(rule.codes, code, re.IGNORECASE)
    return bool(fits and (not rule.says or re.search(rule.says, message, re.IGNORECASE)))


def _by_status(status: int | None) -> _Rule:
    """What is done about a code and a message that nobody has listed."""
    if status is None or status >= 500 or status in (408, 409, 425):
        return _Rule("", "", "again", "another try may help")
    if status == 429:
        return _Rule("", "", "slower", _SLOW)
    if status == 401:
        return _Rule("", "", "model", _KEY)
    if status == 402:
        return _Rule("", "", "model", _PAY)
    if status == 404 or status < 400:
        return _Rule("", "", "model", "check the address of the endpoint in the catalogue: {url}")
    return _Rule("", "", "sample", "this request cannot work as it is")


def _told(status: int | None, code: str, message: str) -> str:
    head = " ".join(["the service answered", *([str(status)] if status else []), code]).strip()
    return f"{head}: {said}" if (said := shortened(message)) else head


def _advice(advice: str, entry: Entry) -> str:
    instead = f"; the vendor names {entry.replacement} in its place" if entry.replacement else ""
    where = f"; a key is valid in one region only, and this model is asked in {entry.region}"
    places = {
        "key_env": entry.key_env or "that key_env names in the catalogue",
        "where": where if entry.provider == "dashscope" else "",
        "instead": instead,
        "url": entry.base_url or ", ".join(entry.endpoints.values()) or "none is known",
    }
    return advice.format_map(places)


def _fault(verdict: Verdict, reason: str, gone: bool) -> Fault:
    match verdict:
        case "again":
            return Fault("transient", reason)
        case "slower":
            return Fault("transient", reason, throttled=True)
        case "once more":
            return Fault("transient", reason, attempts=2)
        case "sample":
            return Fault("sample", reason)
        case "blocked":
            return Fault("sample", reason, "skipped")
        case "quota":
            return Fault("model", reason, "quota")
        case "gone":
            return Fault("model", reason, "retired" if gone else "failed")
        case "model":
            return Fault("model", reason)
