"""Every error of the services, in both spellings: as a table, and over the wire through the real SDKs."""

from datetime import UTC, date, datetime

import pytest
from effort import within
from scripted import MODELS, Scripted, compatible_error, model_at, native_error, question

from qaeval.errors import ModelError, TransientError
from qaeval.models._services.faults import classify, shortened
from qaeval.models._services.rejections import rejection, retry_after
from qaeval.models.catalogue import Entry

FREE = "Free allocated quota exceeded."
TPM = "Allocated quota exceeded, please increase your quota limit."
TIER = "The free tier of the model has been exhausted. If you wish to continue access the model on a paid basis, ..."

# status, native code, compatible code, message, what it is, and more of it
TABLE = [
    (400, "InvalidParameter", "invalid_parameter_error", "The audio is empty", "failed", ""),
    (400, "InvalidParameter", "invalid_parameter_error", "The audio is too long", "failed", "split"),
    (
        400,
        "InvalidParameter",
        "invalid_parameter_error",
        "The audio format is illegal and cannot be opened.",
        "failed",
        "",
    ),
    (
        400,
        "InvalidParameter",
        "invalid_parameter_error",
        "The file format is illegal and cannot be opened.",
        "failed",
        "",
    ),
    (400, "InvalidParameter", "", "Exceeded limit on max bytes per data-uri item : 10485760", "failed", "smaller"),
    (400, "InvalidParameter", "", "Multimodal file size is too large", "failed", "smaller"),
    (400, "InvalidParameter", "", "The provided URL does not appear to be valid. Ensure it is ...", "failed", ""),
    (400, "InvalidParameter", "", "Failed to download multimodal content.", "twice", "fetch"),
    (
        400,
        "InvalidParameter",
        "",
        "Download the media resource timed out during the data inspection process.",
        "twice",
        "",
    ),
    (
        400,
        "InvalidParameter",
        "",
        "Failed to find the requested media resource during the data inspection.",
        "twice",
        "",
    ),
    (400, "InvalidParameter", "", "Don't have authorization to access the media resource x", "failed", "renew"),
    (400, "InvalidParameter", "", "The item of content should be a message of a certain modal.", "failed", ""),
    (400, "InvalidParameter", "", "Range of input length should be [1, 6000]", "failed", "too long"),
    (400, "InvalidParameter", "", "Temperature should be in [0.0, 2.0)", "model", "params"),
    (400, "InvalidParameter", "", "url error, please check url！", "model", "protocol"),
    (400, "InvalidParameter", "", "This model only support stream mode, please enable the stream ...", "model", "must"),
    (400, "InvalidParameter.DataInspection", "", "Unable to download the media resource during ...", "twice", ""),
    (400, "BadRequest.TooLarge", "", "Payload Too Large.", "failed", "smaller"),
    (
        400,
        "InvalidParameter",
        "",
        "String value length (29000000) exceeds the maximum allowed (28000000)",
        "failed",
        "",
    ),
    (400, "InvalidURL", "", "The input audio is longer than 30s.", "failed", "split"),
    (400, "InvalidURL.ConnectionRefused", "", "refused", "twice", ""),
    (400, "InvalidURL.Timeout", "", "timeout", "twice", ""),
    (400, "InvalidURL", "", "File type is not supported. Allowed types are: .wav, .mp3.", "failed", "re-encode"),
    (400, "DataInspectionFailed", "data_inspection_failed", "Input or output data may contain ...", "skipped", ""),
    (
        400,
        "Arrearage",
        "Arrearage",
        "Access denied, please make sure your account is in good standing.",
        "model",
        "bills",
    ),
    (401, "InvalidApiKey", "invalid_api_key", "Invalid API-key provided.", "model", "DASHSCOPE_API_KEY"),
    (401, "NOT AUTHORIZED", "", "no", "model", "workspace"),
    (403, "AccessDenied", "access_denied", "Access denied.", "model", "retired, or"),
    (403, "AccessDenied", "", "current user api does not support asynchronous calls.", "model", ""),
    (403, "AccessDenied", "", "Invalid according to Policy: Policy expired.", "twice", ""),
    (403, "AccessDenied.Unpurchased", "", "no", "model", "console"),
    (403, "Model.AccessDenied", "", "no", "model", "console"),
    (403, "Workspace.AccessDenied", "", "no", "model", "console"),
    (403, "Endpoint.AccessDenied", "", "Workspace endpoint access denied.", "model", "retired, or"),
    (403, "AllocationQuota.FreeTierOnly", "", TIER, "quota", "free tier only"),
    (404, "ModelNotFound", "model_not_found", "The model x does not exist or you ...", "model", "name"),
    (404, "model_not_supported", "", "Unsupported model x for OpenAI compatibility mode.", "model", "dashscope"),
    (429, "Throttling.RateQuota", "limit_requests", "Requests rate limit exceeded, ...", "throttled", ""),
    (429, "Throttling.BurstRate", "limit_burst_rate", "Request rate increased too quickly.", "throttled", ""),
    (429, "Throttling.AllocationQuota", "insufficient_quota", TPM, "throttled", ""),
    (429, "Throttling.AllocationQuota", "insufficient_quota", "You exceeded your current quota, ...", "throttled", ""),
    (429, "Throttling.AllocationQuota", "insufficient_quota", FREE, "quota", "free tokens"),
    (429, "Throttling", "", "too many", "throttled", ""),
    (429, "Throttling.Concurrency", "", "too many", "throttled", ""),
    (429, "CommodityNotPurchased", "", "no", "model", "bills"),
    (429, "PrepaidBillOverdue", "", "no", "model", "bills"),
    (429, "PostpaidBillOverdue", "", "no", "model", "bills"),
    (429, "Newly.Invented", "", "slow down", "throttled", ""),
    (500, "InternalError", "", "x", "again", ""),
    (500, "InternalError.Algo", "", "inference internal error.", "again", ""),
    (500, "InternalError.Algo", "", "Missing Content-Length of multimodal url.", "again", ""),
    (500, "InternalError.Timeout", "", "x", "again", ""),
    (500, "SystemError", "", "x", "again", ""),
    (500, "RequestTimeOut", "", "Request timed out, please try again later.", "again", ""),
    (503, "ModelUnavailable", "", "x", "again", ""),
    (503, "ModelServingError", "", "Too many requests. Your requests are being throttled due to ...", "throttled", ""),
    (503, "ServiceUnavailable", "", "x", "again", ""),
    (599, "Newly.Invented", "", "x", "again", ""),
    (418, "Newly.Invented", "", "I am a teapot", "failed", "teapot"),
    (402, "Newly.Invented", "", "pay", "model", "bills"),
    (302, "", "", "elsewhere", "model", "address"),
]


pytestmark = pytest.mark.usefixtures("key")
IDS = [f"{row[0]}-{row[1]}-{row[3][:20]}" for row in TABLE]


def outcome(fault):
    """The words of the table for a fault."""
    if fault.kind == "transient":
        return "throttled" if fault.throttled else "twice" if fault.attempts == 2 else "again"
    return {"failed": "model" if fault.kind == "model" else "failed"}.get(fault.outcome, fault.outcome)


@pytest.mark.parametrize(("status", "code", "compatible", "message", "expected", "says"), TABLE, ids=IDS)
def test_each_row_of_the_table(status, code, compatible, message, expected, says):
    for spelling in {code, compatible or code}:
        fault = classify(status, spelling, message, Entry("m"))
        assert outcome(fault) == expected
        assert fault.reason.startswith(f"m: the service answered {status}")
        assert says in fault.reason
        assert "{" not in fault.reason
        assert "is asked again" not in fault.reason  # which would be untrue of the last attempt


def test_the_same_code_is_final_or_not_by_its_message():
    """The one case where a token of a quota that cannot be renewed, or a night of retries, hangs on a word."""
    again = classify(429, "insufficient_quota", TPM)
    final = classify(429, "insufficient_quota", FREE, Entry("m", replacement="n"))
    assert (again.kind, again.throttled) == ("transient", True)
    assert (final.kind, final.outcome) == ("model", "quota")
    assert "the vendor names n" in final.reason


@pytest.mark.parametrize("code", ["Endpoint.AccessDenied", "AccessDenied", "ModelNotFound", "model_not_found"])
def test_denied_is_retired_only_if_the_catalogue_says_so(code):
    gone = Entry("m", status="retired", retired_on="2026-01-30", replacement="n")
    assert classify(403, code, "Access denied.", gone, date(2026, 11, 24)).outcome == "retired"
    alive = classify(403, code, "Access denied.", Entry("m"), date(2026, 11, 24))
    assert alive.outcome == "failed"
    assert "may have been retired" in alive.reason
    soon = Entry("m", status="retired", retired_on="2027-01-01")
    assert classify(403, code, "Access denied.", soon, date(2026, 12, 31)).outcome == "failed"


def test_an_error_in_a_stream_is_told_by_its_code_and_else_tried_again():
    """The SDK reports such errors with status 400, whatever they are."""
    assert outcome(classify(None, "InternalError.Algo", "inference internal error.")) == "again"
    assert outcome(classify(None, "Throttling.RateQuota", "x")) == "throttled"
    assert outcome(classify(None, "DataInspectionFailed", "x")) == "skipped"


def test_what_is_told_is_short_and_has_no_key_and_no_audio():
    told = shortened("bad sk-0123456789abcdef\n" + "data:audio/wav;base64," + "QUJD" * 500 + " " + "UklG" * 500)
    assert told == "bad *** data:... ..."
    assert len(shortened("word " * 1000)) <= 303


def test_a_page_without_end_is_read_in_no_time():
    page = within(5, lambda: rejection(500, {}, b"y" * 20_000_000))
    for told in (page[:3], (500, "y" * 1_000_000, "y" * 1_000_000)):  # the rules are only tried on the beginning
        assert within(5, lambda told=told: classify(*told)).kind == "transient"
    assert rejection(400, {}, b"[" * 100_000)[1:3] == ("", "[" * 2000)


def test_bodies_of_every_form_are_read():
    native = rejection(429, {"Retry-After": "3"}, b'{"code": "Throttling", "message": "slow", "request_id": "r1"}')
    assert (native.code, native.message, native.request_id, native.retry_after) == ("Throttling", "slow", "r1", 3.0)
    event = b'id:1\nevent:error\n:HTTP_STATUS/429\ndata:{"code":"Throttling","message":"slow","request_id":"r1"}\n\n'
    assert rejection(429, {}, event)[:4] == native[:4]
    vllm = rejection(404, {}, b'{"object": "error", "message": "The model `x` does not exist.", "code": 404}')
    assert classify(*vllm[:3]).kind == "model"
    xml = b"<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>"
    assert rejection(403, {"x-oss-request-id": "r2"}, xml)[1:4] == (
        "AccessDenied",
        "Invalid according to Policy: Policy expired.",
        "r2",
    )
    assert rejection(500, {}, b"").message == ""
    assert rejection(400, {}, b'{"error": {"message": ["a", 1], "type": "t"}}')[1:3] == ("t", '["a", 1]')
    assert rejection(400, {}, b"[1]").code == ""
    assert rejection(400, {}, '{"code": "x", "message": "请检查"}'.encode()).message == "请检查"


def test_a_wait_is_read_in_seconds_milliseconds_or_as_a_date():
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert retry_after({"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT"}, now) == 30
    assert retry_after({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, now) == 0
    for nonsense in ("nan", "-1", "inf", "soon", ""):
        assert retry_after({"retry-after": nonsense}) is None


@pytest.mark.parametrize("name", MODELS)
def test_each_row_over_the_wire(name):
    """The SDK's own reading of errors makes no difference: each answer has the outcome of the table."""
    with Scripted() as server:
        ask = model_at(server, name).ask
        for status, code, compatible, message, expected, _ in TABLE:
            spelled = code if name == MODELS[0] else compatible or code
            make = native_error if name == MODELS[0] else compatible_error
            server.answer(make(status, spelled, message, {"Retry-After": "7"}))
            assert asked(ask) == expected, (status, spelled, message)
        assert server.hits == len(TABLE)


def asked(ask):
    try:
        reply = ask(question())
    except TransientError as error:
        if error.retry_after != 7:
            return "no wait"
        return "throttled" if error.throttled else "twice" if error.attempts == 2 else "again"
    except ModelError as error:
        return "model" if error.outcome == "failed" else error.outcome
    assert reply.request_id == "r-1"
    assert reply.raw
    return reply.error.outcome
