"""The errors that the services document: HTTP status, code and message, as both protocols write them."""

from __future__ import annotations

from qaeval.errors import QaevalError

_COMPATIBLE_CODES = {
    "InvalidParameter": "invalid_parameter_error",
    "DataInspectionFailed": "data_inspection_failed",
    "InvalidApiKey": "invalid_api_key",
    "AccessDenied": "access_denied",
    "ModelNotFound": "model_not_found",
    "Throttling.RateQuota": "limit_requests",
    "Throttling.BurstRate": "limit_burst_rate",
    "Throttling.AllocationQuota": "insufficient_quota",
}
"""How the compatible mode writes a code; one that is not listed here it writes as the native endpoint does."""
_COMPATIBLE_TYPES = {400: "invalid_request_error", 401: "invalid_request_error", 404: "invalid_request_error"}


class Refusal(QaevalError):
    """An answer that is an error: an HTTP ``status``, the native ``code`` and a message.

    ``retry_after`` is in seconds, None where the service says nothing of it.

    >>> Refusal(404, "ModelNotFound", "The model x does not exist.").compatible_code
    'model_not_found'
    """

    def __init__(self, status: int, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    @property
    def compatible_code(self) -> str:
        """The code in compatible mode."""
        return _COMPATIBLE_CODES.get(self.code, self.code)

    @property
    def compatible_type(self) -> str:
        """The type of the error in compatible mode."""
        return _COMPATIBLE_TYPES.get(self.status, self.compatible_code)


def invalid(message: str) -> Refusal:
    """400: what was sent cannot work."""
    return Refusal(400, "InvalidParameter", message)


def bad_url() -> Refusal:
    """400: neither a data URL nor an address that is understood."""
    return invalid("The provided URL does not appear to be valid. Ensure it is correctly formatted.")


def bad_content() -> Refusal:
    """400: a message whose content is none."""
    return invalid("The item of content should be a message of a certain modal.")


def not_found(model: str) -> Refusal:
    """404: nothing has this name."""
    return Refusal(404, "ModelNotFound", f"The model {model} does not exist or you do not have access to it.")


def retired() -> Refusal:
    """403: what a model answers from the day on which it is retired."""
    return Refusal(403, "Endpoint.AccessDenied", "Workspace endpoint access denied.")


def wrong_key() -> Refusal:
    """401: no key, or one that is not known."""
    return Refusal(401, "InvalidApiKey", "Invalid API-key provided.")


def too_many_requests(retry_after: float | None) -> Refusal:
    """429: more requests than in a minute may be."""
    message = "Requests rate limit exceeded, please try again later."
    return Refusal(429, "Throttling.RateQuota", message, retry_after)


def too_many_tokens(retry_after: float | None) -> Refusal:
    """429: more tokens than in a minute may be."""
    message = "Allocated quota exceeded, please increase your quota limit."
    return Refusal(429, "Throttling.AllocationQuota", message, retry_after)


def too_fast(retry_after: float | None) -> Refusal:
    """429: more in this second than a sixtieth of what may be in a minute."""
    message = (
        "Request rate increased too quickly. To ensure system stability, please adjust your client logic to scale "
        "requests more smoothly over time."
    )
    return Refusal(429, "Throttling.BurstRate", message, retry_after)


def no_quota() -> Refusal:
    """429 for ever: the free quota is used up. It shares its code with `too_many_tokens`."""
    return Refusal(429, "Throttling.AllocationQuota", "Free allocated quota exceeded.")


def internal() -> Refusal:
    """500: the model failed."""
    return Refusal(500, "InternalError.Algo", "inference internal error.")


def unavailable() -> Refusal:
    """503: the model is not there now."""
    return Refusal(503, "ModelUnavailable", "Model is unavailable, please try again later.")
